//! What can be asked about feedbacks.

use crate::contexts::commands;
use crate::kernel::id::{FeedbackId, IncidentId, OrderId, WordsId};
use crate::response::feedback::{Disposition, FeedbackKind, ReturnReason};

commands! {
    ($) feedback_commands

    /// Gives feedback on it.
    ///
    /// 反馈.
    GiveFeedback give_feedback (post "incidents" {incident} "feedback" on incident; text May; by Patrol) {
        /// Which incident.
        incident: IncidentId,
        /// On which order.
        #[serde(default)] order: Option<OrderId>,
        /// What it is.
        kind: FeedbackKind,
        /// The result, for that kind.
        #[serde(default)] disposition: Option<Disposition>,
        /// What was said.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Accepts a result or returns it.
    ///
    /// 审核通过 or 退回补正.
    ReviewFeedback review_feedback (post "incidents" {incident} "review" on incident; text May; by ShiftLead; seen expected_version of incident) {
        /// Which incident.
        incident: IncidentId,
        /// The version on screen.
        #[serde(default)] expected_version: Option<u32>,
        /// Which feedback.
        feedback: FeedbackId,
        /// Accepted.
        accept: bool,
        /// Why it is returned.
        #[serde(default)] reason: Option<ReturnReason>,
        /// What is to be put right, as a words record.
        #[serde(default)] words: Option<WordsId>,
    }
}
