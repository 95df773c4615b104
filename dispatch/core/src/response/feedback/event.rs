//! Events of feedback and its review.

use crate::contexts::events;
use crate::kernel::about::{About, Shown};
use crate::kernel::fact::Fact;
use crate::kernel::id::{FeedbackId, IncidentId, OrderId, WordsId};
use crate::kernel::kind::vocabulary;

vocabulary! {
    /// What a piece of feedback is.
    FeedbackKind {
        /// 到场反馈: what the unit finds on arrival.
        Arrival,
        /// 过程反馈: how the work goes on.
        Progress,
        /// 结果反馈, with a disposition.
        Result,
    }
    /// 处警结果: what the work came to.
    Disposition {
        /// Dealt with on the spot.
        Resolved,
        /// Help was given to those who needed it.
        Assisted,
        /// Settled between the parties.
        Mediated,
        /// A case was opened.
        CaseOpened,
        /// Handed to another agency.
        HandedOver,
        /// Nothing was found at the place.
        NothingFound,
        /// The alarm turned out to be false.
        FalseAlarm,
    }
    /// Why a result is returned 退回补正.
    ReturnReason {
        /// It leaves out something that is needed.
        Incomplete,
        /// It contradicts what is known.
        Contradictory,
        /// The disposition does not fit.
        Disposition,
        /// Another reason; the words beside it may say which.
        Other,
    }
}

events! {
    ($) feedback_events

    /// 反馈: a unit, or an operator for it, reported on an incident.
    FeedbackGiven "feedback_given" {
        /// The incident that is reported on.
        incident: IncidentId,
        /// Id of the feedback, given by the centre.
        feedback: FeedbackId,
        /// Whether it tells of the arrival, the progress or the result.
        kind: FeedbackKind,
        /// The order it reports on, when it does.
        #[serde(default, skip_serializing_if = "Option::is_none")] order: Option<OrderId>,
        /// 处警结果, for a result.
        #[serde(default, skip_serializing_if = "Option::is_none")] disposition: Option<Disposition>,
        /// What was said or typed, as a words record; absent when nothing was.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// A result was accepted 审核通过, or returned to be put right 退回补正.
    FeedbackReviewed "feedback_reviewed" {
        /// The incident that the result belongs to.
        incident: IncidentId,
        /// The result that was reviewed.
        feedback: FeedbackId,
        /// Whether it was accepted; false returned it.
        accepted: bool,
        /// Why it was returned.
        #[serde(default, skip_serializing_if = "Option::is_none")] reason: Option<ReturnReason>,
        /// What is to be put right.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
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
