//! Feedback 反馈 on an incident, and its review by the responsible desk: closing rests on a result it accepted.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{ActorId, FeedbackId, OrderId, WordsId};
use crate::kernel::kind::vocabulary;
use crate::kernel::time::Time;

vocabulary! {
    /// What a piece of feedback is.
    FeedbackKind {
        /// 到场反馈.
        Arrival,
        /// 过程反馈.
        Progress,
        /// 结果反馈, with a disposition.
        Result,
    }
    /// 处警结果.
    Disposition {
        /// Dealt with on the spot.
        Resolved,
        /// Help given.
        Assisted,
        /// Settled between the parties.
        Mediated,
        /// A case was opened.
        CaseOpened,
        /// Handed to another agency.
        HandedOver,
        /// Nothing found.
        NothingFound,
        /// A false alarm.
        FalseAlarm,
    }
    /// Why a result is returned 退回补正.
    ReturnReason {
        /// Something is missing.
        Incomplete,
        /// It contradicts what is known.
        Contradictory,
        /// The disposition does not fit.
        Disposition,
        /// Another reason; the words beside it may say which.
        Other,
    }
    /// Whether the responsible desk accepted a result.
    Review {
        /// Not looked at yet.
        Pending,
        /// 审核通过.
        Accepted,
        /// 退回补正.
        Returned,
    }
}

/// A piece of feedback 反馈.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Feedback {
    /// Its id.
    pub id: FeedbackId,
    /// What it is.
    pub kind: FeedbackKind,
    /// The order it reports on, when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderId>,
    /// The result, for that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
    /// What was said, apart from the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<WordsId>,
    /// When.
    pub at: Time,
    /// By whom.
    pub by: ActorId,
    /// Whether it was accepted; only a result needs that.
    pub review: Review,
    /// Why it was returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_because: Option<ReturnReason>,
    /// What is to be put right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_words: Option<WordsId>,
}
