//! Support 支援: a desk asks for a unit of another, and commands it while the request is granted or taken.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;
pub mod mark;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{DeskId, IncidentId, SupportId, UnitId, WordsId};
use crate::kernel::kind::{Priority, vocabulary};
use crate::kernel::time::Time;

pub use self::event::SupportReason;

vocabulary! {
    /// How far a support request has come.
    SupportState {
        /// Asked for and not answered yet.
        Open,
        /// Granted: the asking desk may order the unit.
        Granted,
        /// Refused, with a reason.
        Refused,
        /// Taken by the parent desk after the time for priority 1.
        Taken,
        /// Over: the unit is its own desk's again.
        Ended,
    }
}

impl SupportReason {
    /// Whether only the centre itself says so.
    pub fn is_of_centre(self) -> bool {
        matches!(self, Self::LentToAnother | Self::UnitRetired)
    }
}

/// A request of one desk for a unit of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Support {
    /// Its id, given by the centre.
    pub id: SupportId,
    /// Rises by one with every event on it.
    pub version: u32,
    /// The unit asked for.
    pub unit: UnitId,
    /// The desk that asks.
    pub by: DeskId,
    /// The desk that commands the unit.
    pub of: DeskId,
    /// The incident the unit is asked for.
    pub incident: IncidentId,
    /// The incident's priority when it was asked.
    pub priority: Priority,
    /// How far it has come.
    pub state: SupportState,
    /// When it was asked.
    pub at: Time,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_because: Option<SupportReason>,
    /// More about why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_words: Option<WordsId>,
}
