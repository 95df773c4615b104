//! An incident 警情: what happened and must be answered. Its status (EIDO) is derived, several may hold at once.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub(crate) mod ending;
pub mod event;
pub mod mark;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{AlarmId, DeskId, IncidentId, OrderId, RecommendationId, SeatId, TypeCode, WordsId};
use crate::kernel::kind::{IncidentState, Mode, Priority, vocabulary};
use crate::kernel::place::{AreaPath, Place};
use crate::kernel::time::Time;
use crate::response::acts::Acts;
use crate::response::automatic::AutomaticOrder;
use crate::response::feedback::Feedback;

pub use self::event::{CancelReason, LinkKind};

vocabulary! {
    /// EIDO status words, several at once.
    IncidentStatus {
        /// 待响应: no order is signed; it stays in the queue.
        AwaitingResponse,
        /// 处置中: it goes on.
        Active,
        /// 已派警: an order is sent and not ended.
        ResourcesAssigned,
        /// 途中: a unit is on its way.
        ResourcesEnroute,
        /// 已到场: a unit is at the scene.
        ResourcesOnscene,
        /// 位置变更: its place was changed.
        NewLocation,
        /// 重新处置: it was ended and taken up again.
        ReOpened,
        /// 已撤销: it was cancelled.
        Cancelled,
        /// 已办结: it was closed, or another incident replaced it.
        Closed,
    }
}

/// A link to another incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Link {
    /// How the two belong together, seen from this one.
    pub kind: LinkKind,
    /// The incident at the other end.
    pub incident: IncidentId,
}

/// What an incident had when it was last taken up again: orders of its that ended, and its feedback, count no more. No
/// time says so, for the clock may have been corrected since (D7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// How many of its orders were there, in the order they were given.
    pub orders: u32,
    /// How much of its feedback was there.
    pub feedback: u32,
}

/// An incident as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of its own on the wire, several hold at once"
)]
pub struct Incident {
    /// Its id, given by the centre.
    pub id: IncidentId,
    /// Rises by one with every event on it or on its orders.
    pub version: u32,
    /// Desk code + local date + serial, given by the issuing desk; never changes.
    pub number: String,
    /// Actual, exercise or test.
    pub mode: Mode,
    /// What its life has come to.
    pub state: IncidentState,
    /// 主责单位: the desk that is responsible for it.
    pub desk: DeskId,
    /// Codes from the league down.
    pub area: AreaPath,
    /// Where it happened, as far as known.
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
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub moved: bool,
    /// It was closed or cancelled and taken up again.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub reopened: bool,
    /// 报警人撤销: the caller no longer wants help; a note, never a close.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub caller_withdrew: bool,
    /// When it was last taken up again.
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
    #[cfg_attr(feature = "schema", schema(value_type = Vec<crate::kernel::act::Act>))]
    pub acts: Acts,
    /// 静默: a silent alarm tells of it. Nobody calls back or reads aloud, crews come without siren (D13).
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub silent: bool,
    /// Priority-1 or SOS pinned first.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub sos: bool,
}
