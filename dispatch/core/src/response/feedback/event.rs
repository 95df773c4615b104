//! What has happened to feedbacks.

use crate::contexts::events;
use crate::kernel::about::{About, Shown};
use crate::kernel::fact::Fact;
use crate::kernel::id::{FeedbackId, IncidentId, OrderId, WordsId};
use crate::response::feedback::Disposition;
use crate::response::feedback::FeedbackKind;
use crate::response::feedback::ReturnReason;

events! {
    ($) feedback_events

    /// 反馈.
    FeedbackGiven "feedback_given" {
        /// On which incident.
        incident: IncidentId,
        /// Its id.
        feedback: FeedbackId,
        /// What it is.
        kind: FeedbackKind,
        /// The order it reports on, when it does.
        #[serde(default, skip_serializing_if = "Option::is_none")] order: Option<OrderId>,
        /// 处警结果, for a result.
        #[serde(default, skip_serializing_if = "Option::is_none")] disposition: Option<Disposition>,
        /// What was said.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// 审核通过 or 退回补正.
    FeedbackReviewed "feedback_reviewed" {
        /// Which incident.
        incident: IncidentId,
        /// Which.
        feedback: FeedbackId,
        /// Accepted.
        accepted: bool,
        /// Why it was returned.
        #[serde(default)] reason: Option<ReturnReason>,
        /// What is to be put right.
        #[serde(default)] words: Option<WordsId>,
    }
}

impl Fact for FeedbackGiven {
    fn about(&self) -> About {
        About::changed(self.incident).of_feedback(self.feedback).shows(Shown::OrdersOf(self.incident))
    }
}

impl Fact for FeedbackReviewed {
    fn about(&self) -> About {
        About::changed(self.incident).of_feedback(self.feedback)
    }
}
