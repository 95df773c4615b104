//! Commands that give feedback and review it.

use crate::contexts::commands;
use crate::kernel::id::{FeedbackId, IncidentId, OrderId, WordsId};
use crate::response::feedback::{Disposition, FeedbackKind, ReturnReason};

commands! {
    ($) feedback_commands

    /// Gives feedback on it.
    ///
    /// 反馈: a unit, or an operator for it, reports on arrival, on progress or the result.
    GiveFeedback give_feedback (post "incidents" {incident} "feedback" on incident; text May; by Patrol over Reported(incident, order)) {
        /// The incident that is reported on.
        incident: IncidentId,
        /// The order it reports on; absent when it is about the incident as a whole.
        #[serde(default, skip_serializing_if = "Option::is_none")] order: Option<OrderId>,
        /// Whether it tells of the arrival, the progress or the result.
        kind: FeedbackKind,
        /// The result, for that kind.
        #[serde(default, skip_serializing_if = "Option::is_none")] disposition: Option<Disposition>,
        /// What was said or typed, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Accepts a result or returns it.
    ///
    /// The responsible desk accepts it 审核通过, or returns it to be put right 退回补正.
    ReviewFeedback review_feedback (post "incidents" {incident} "review" on incident; text May; by ShiftLead over Responsible(incident); seen expected_version of incident) {
        /// The incident that the result belongs to.
        incident: IncidentId,
        /// The version on screen; without one the command is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")] expected_version: Option<u32>,
        /// The result that is reviewed.
        feedback: FeedbackId,
        /// Whether it is accepted; false returns it.
        accept: bool,
        /// Why it is returned.
        #[serde(default, skip_serializing_if = "Option::is_none")] reason: Option<ReturnReason>,
        /// What is to be put right, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
}
