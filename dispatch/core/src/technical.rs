//! A technical alarm 告警: device, link, geofence or rule. It has its own list and may be shelved or suppressed;
//! a person's alarm never is.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;
pub mod mark;
pub(crate) mod state;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{ActorId, PointId, SeatId, SuppressionId, TechnicalId, UnitId, WordsId};
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;

pub use self::event::{Shelf, ShelfReason, TechnicalKind};

/// 抑制: the technical alarms of one source are kept off the list until a time, those that come later too. It stands
/// by itself: clearing an alarm does not end it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Suppression {
    /// Its id, given by the centre.
    pub id: SuppressionId,
    /// This kind only; none is every kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<TechnicalKind>,
    /// The point that is the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<PointId>,
    /// The unit that is the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// Where in the tree.
    pub area: AreaPath,
    /// Who suppressed it.
    pub by: ActorId,
    /// At which seat.
    pub seat: SeatId,
    /// Why the source is kept off the list.
    pub reason: ShelfReason,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<WordsId>,
    /// When it was suppressed, microseconds UTC.
    pub at: Time,
    /// Until when; then it ends by itself.
    pub until: Time,
}

/// A technical alarm as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Technical {
    /// Its id, given by the centre.
    pub id: TechnicalId,
    /// Rises by one with every event on it.
    pub version: u32,
    /// What is wrong: a device, a link, a geofence or a rule.
    pub kind: TechnicalKind,
    /// A short code of the cause, translated on screen.
    pub cause: String,
    /// The point concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<PointId>,
    /// The unit concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// Where in the tree.
    pub area: AreaPath,
    /// The device that raised it, if that is neither a unit nor an alarm point: it alone takes it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ActorId>,
    /// When it was first seen, microseconds UTC.
    pub first_at: Time,
    /// When it was last seen, microseconds UTC.
    pub last_at: Time,
    /// How often it was seen, from 1.
    pub count: u32,
    /// Put aside, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shelf: Option<Shelf>,
    /// When it was cleared, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleared_at: Option<Time>,
}
