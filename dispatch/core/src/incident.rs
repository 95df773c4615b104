//! An incident 警情: what happened and must be answered. Its status (EIDO) is derived, several may hold at once.

use serde::{Deserialize, Serialize};

use crate::id::{
    ActorId, AlarmId, DeskId, FeedbackId, IncidentId, OrderId, RecommendationId, SeatId, TypeCode, WordsId,
};
use crate::kind::{Mode, Priority, vocabulary};
use crate::order::Target;
use crate::place::{AreaPath, Place};
use crate::refusal::Refusal;
use crate::time::Time;

vocabulary! {
    /// What an incident's life has come to; the rest of its status is derived from its orders.
    IncidentState {
        /// 处置中.
        Active,
        /// 已撤销.
        Cancelled,
        /// 已办结.
        Closed,
        /// 并入: REPLACED by another.
        Replaced,
    }
    /// EIDO status words, several at once.
    IncidentStatus {
        /// 待响应: no order is signed; it stays in the queue.
        AwaitingResponse,
        /// 处置中.
        Active,
        /// 已派警.
        ResourcesAssigned,
        /// 途中.
        ResourcesEnroute,
        /// 已到场.
        ResourcesOnscene,
        /// 位置变更.
        NewLocation,
        /// 重新处置.
        ReOpened,
        /// 已撤销.
        Cancelled,
        /// 已办结.
        Closed,
    }
    /// How two incidents belong together.
    LinkKind {
        /// 关联.
        Related,
        /// This one was merged into the other.
        ReplacedBy,
        /// The other was merged into this one, or this one reopens it.
        Replacing,
        /// 拆分: this one was split from the other.
        SplitFrom,
        /// The other was split from this one.
        SplitInto,
    }
    /// Why an incident was cancelled.
    CancelReason {
        /// Nothing had happened.
        NothingFound,
        /// 误报.
        FalseAlarm,
        /// Made by mistake.
        Mistake,
        /// Passed to another agency.
        Transferred,
        /// Test or exercise over.
        ExerciseOver,
    }
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
    /// How an automatic order 自动派警 ended, or why it was not begun.
    AutomaticEnd {
        /// It was given.
        Given,
        /// 停止: a person stopped it.
        Stopped,
        /// A person gave an order.
        Dispatched,
        /// 接手.
        Claimed,
        /// The type was changed.
        Reclassified,
        /// The place was changed.
        Moved,
        /// 移交.
        HandedOver,
        /// 报警人撤销.
        CallerWithdrew,
        /// Merged into another incident.
        Merged,
        /// 撤销.
        Cancelled,
        /// 办结.
        Closed,
        /// The register allows it no longer.
        Forbidden,
        /// The run card could not be met.
        Unfilled,
        /// The guards of a dispatch refused.
        Refused,
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

/// A link to another incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Link {
    /// How.
    pub kind: LinkKind,
    /// To which.
    pub incident: IncidentId,
}

/// The automatic order 自动派警 of an incident: its countdown, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AutomaticOrder {
    /// When it is given, unless somebody acts before; none where it was not even announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// To whom, as it stood at the announcement; when due, it goes to whom is best then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// Why these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<RecommendationId>,
    /// How it ended, if it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<AutomaticEnd>,
    /// What the guards of a dispatch said, where they refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<Object>))]
    pub refusal: Option<Refusal>,
}

impl AutomaticOrder {
    /// Whether its countdown is running.
    pub fn counts(&self) -> bool {
        self.due_at.is_some() && self.ended.is_none()
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

/// Who did the last thing, for the answer to a stale command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Act {
    /// The version it made.
    pub version: u32,
    /// The event's name.
    pub what: String,
    /// Who.
    pub actor: ActorId,
    /// At which seat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<SeatId>,
    /// When.
    pub at: Time,
}

/// An incident as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of its own on the wire, several hold at once"
)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// Rises by one with every event on it or on its orders.
    pub version: u32,
    /// Desk code + local date + serial, given by the issuing desk; never changes.
    pub number: String,
    /// Actual, exercise or test.
    pub mode: Mode,
    /// What its life has come to.
    pub state: IncidentState,
    /// 主责单位.
    pub desk: DeskId,
    /// Codes from the league down.
    pub area: AreaPath,
    /// Where.
    pub place: Place,
    /// The type; flagged while missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident_type: Option<TypeCode>,
    /// How long it takes precedence.
    pub priority: Priority,
    /// Alarms that tell of it, first first.
    pub alarms: Vec<AlarmId>,
    /// The seat that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<SeatId>,
    /// Its orders, first first.
    pub orders: Vec<OrderId>,
    /// Links to others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Notes, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<WordsId>,
    /// Feedback, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feedback: Vec<Feedback>,
    /// The recommendation made at its birth or after the last change of place, type or order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<RecommendationId>,
    /// When the first alarm was received.
    pub received_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// Its place changed after its birth.
    #[serde(default)]
    pub moved: bool,
    /// It was closed or cancelled and taken up again.
    #[serde(default)]
    pub reopened: bool,
    /// 报警人撤销: the caller no longer wants help; a note, never a close.
    #[serde(default)]
    pub caller_withdrew: bool,
    /// When it was last taken up again; orders made before it count no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_at: Option<Time>,
    /// When it was closed or cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Time>,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_because: Option<CancelReason>,
    /// 自动派警: its countdown, or how it ended; none where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic: Option<AutomaticOrder>,
    /// The last acts on it, newest last, at most 16.
    pub acts: Vec<Act>,
    /// 静默: a silent alarm tells of it. Nobody calls back or reads aloud, crews come without siren (D13).
    #[serde(default)]
    pub silent: bool,
    /// Priority-1 or SOS pinned first.
    #[serde(default)]
    pub sos: bool,
}
