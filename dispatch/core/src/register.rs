//! What stands still until somebody changes it by a command: areas, desks, seats, units, points, types, run cards
//! and timers. It is journalled whole when a region is adopted (D10); nothing referenced is deleted, it is retired.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;
pub mod landing;
pub mod recorded;
pub mod run_card;
pub mod speaker;
pub(crate) mod state;
pub mod view;

use crate::kernel::place::AreaPath;

pub use self::recorded::{
    Area, Automatic, ByPriority, Desk, Hours, IncidentType, Kind, Names, Organisation, PointEntry, Register,
    RunCard, Seat, Timers, UnitEntry,
};

/// The most capability kinds and authority classes a region may have together: they share one mask (D16).
pub const KINDS_MAX: usize = 40;

impl Register {
    /// The timers that hold in an area: those of the class of the lowest area of the path that is known, else those that
    /// hold everywhere.
    pub fn timers_in(&self, area: &AreaPath) -> &Timers {
        let lowest = area.0.iter().rev().find_map(|code| self.areas.get(code));
        let of_class = lowest.and_then(|area| self.class_timers.get(area.class.as_ref()?));
        of_class.unwrap_or(&self.timers)
    }
}

impl IncidentType {
    /// How automatic orders are allowed; never for a weapon or a sensitive type, whatever an entry says.
    pub fn automatic(&self) -> Option<&Automatic> {
        self.automatic.as_ref().filter(|_| !self.weapon && !self.sensitive)
    }
}

impl Hours {
    /// Whether a minute of the day lies in it.
    pub fn holds(self, minute: u16) -> bool {
        let (after, before) = (self.from <= minute, minute < self.until);
        if self.from < self.until { after && before } else { after || before }
    }
}
