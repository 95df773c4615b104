//! Feedback 反馈 on an incident, and its review by the responsible desk: closing rests on a result it accepted.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{ActorId, FeedbackId, OrderId, WordsId};
use crate::kernel::kind::vocabulary;
use crate::kernel::time::Time;

pub use self::event::{Disposition, FeedbackKind, ReturnReason};

vocabulary! {
    /// Whether the responsible desk accepted a result.
    Review {
        /// Not looked at yet.
        Pending,
        /// 审核通过: the desk accepted it; the incident can be closed on it.
        Accepted,
        /// 退回补正: the desk returned it to be put right.
        Returned,
    }
}

/// A piece of feedback 反馈.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Feedback {
    /// Its id, given by the centre.
    pub id: FeedbackId,
    /// Whether it tells of the arrival, the progress or the result.
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
    /// When the centre recorded it.
    pub at: Time,
    /// The unit or operator that gave it.
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
