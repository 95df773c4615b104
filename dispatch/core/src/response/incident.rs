//! An incident 警情: what happened and must be answered. Its status (EIDO) is derived, several may hold at once.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub(crate) mod ending;
pub mod event;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::kernel::act::Act;
use crate::kernel::id::{AlarmId, DeskId, IncidentId, OrderId, RecommendationId, SeatId, TypeCode, WordsId};
use crate::kernel::kind::IncidentState;
use crate::kernel::kind::{Mode, Priority, vocabulary};
use crate::kernel::place::{AreaPath, Place};
use crate::kernel::time::Time;
use crate::response::automatic::AutomaticOrder;
use crate::response::feedback::Feedback;

vocabulary! {
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
