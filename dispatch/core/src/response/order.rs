//! An order 处警指令: an incident given to a target. Once sent it is never undone: it is recalled, and the recall is
//! signed. State order is enforced, clocks are not.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub(crate) mod dispatch;
pub mod event;
pub mod mark;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{DeskId, IncidentId, OrderId, RecommendationId, SeatId, WordsId};
use crate::kernel::kind::{Mode, OrderState};
use crate::kernel::place::AreaPath;
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::response::acts::Acts;

pub use self::event::{EndReason, Eta, OverrideReason, Said, Stamp, StampSource, VoiceWay};

impl EndReason {
    /// Whether only the centre itself says so.
    pub fn is_of_centre(self) -> bool {
        matches!(self, Self::NotSigned | Self::Diverted)
    }
}

/// An order as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a word of its own on the wire, several hold at once"
)]
pub struct Order {
    /// Its id, given by the centre.
    pub id: OrderId,
    /// Rises by one with every event on it.
    pub version: u32,
    /// The incident it is given for.
    pub incident: IncidentId,
    /// Fixed by the incident.
    pub mode: Mode,
    /// Codes from the league down of the incident; follows it while the order is open.
    pub area: AreaPath,
    /// The unit, desk or agency it goes to.
    pub target: Target,
    /// The order given to the desk that gave this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrderId>,
    /// How far it has come.
    pub state: OrderState,
    /// The desk that gave it.
    pub desk: DeskId,
    /// The seat that gave it; none for an automatic order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<SeatId>,
    /// What the operator saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommendation: Option<RecommendationId>,
    /// Rank in it, from 1; none if it was not among the candidates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u16>,
    /// Why the recommendation was overruled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_reason: Option<OverrideReason>,
    /// More about why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_words: Option<WordsId>,
    /// The order this unit is drawn from: it stays committed there until this one is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverted_from: Option<OrderId>,
    /// It waits behind the unit's active order.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub stacked: bool,
    /// ETA expected when it was given or the incident last moved, milliseconds, high estimate; 0 is not known.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub eta_high_ms: u32,
    /// ETA expected, best estimate.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub eta_ms: u32,
    /// When it was made.
    pub created_at: Time,
    /// Every stamp, in order of arrival.
    pub stamps: Vec<Stamp>,
    /// Recalled, and the recall not signed yet.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub recall_pending: bool,
    /// 静默: come without siren or radio talk, and do not call the caller.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub silent: bool,
    /// 补充警情 sent and not signed again.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub supplement_pending: bool,
    /// Why it was declined, failed or recalled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<EndReason>,
    /// More about why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_words: Option<WordsId>,
    /// Last sign of life 平安确认.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_of_life: Option<Said>,
    /// The last recall or 补充警情 that was signed, and by whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice_signed: Option<Said>,
    /// The caller's number or name, released for this order by an operator and shown to its unit only (D13).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caller: Vec<WordsId>,
    /// The last acts on it, newest last, at most 16.
    #[serde(default, skip_serializing_if = "Acts::is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = Vec<crate::kernel::act::Act>))]
    pub acts: Acts,
}

impl Order {
    /// The first stamp of a state, if it was reached.
    pub fn stamp(&self, state: OrderState) -> Option<&Stamp> {
        self.stamps.iter().find(|stamp| stamp.state == state && !stamp.beside)
    }
}
