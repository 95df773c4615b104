//! What has happened to supports.

use crate::contexts::events;
use crate::kernel::about::{About, Fate};
use crate::kernel::fact::Fact;
use crate::kernel::id::{DeskId, IncidentId, SupportId, UnitId, WordsId};
use crate::kernel::kind::Priority;
use crate::response::support::SupportReason;

events! {
    ($) support_events

    /// A desk asks for a unit of another.
    SupportRequested "support_requested" {
        /// Its id.
        support: SupportId,
        /// The unit asked for.
        unit: UnitId,
        /// The desk that asks.
        by: DeskId,
        /// The desk that commands the unit.
        of: DeskId,
        /// The incident it is asked for.
        incident: IncidentId,
        /// The incident's priority.
        priority: Priority,
    }
    /// Granted or (parent desk) taken: the unit's commanding desk changes.
    SupportGranted "support_granted" {
        /// Which.
        support: SupportId,
        /// The unit that is lent.
        unit: UnitId,
        /// Taken by the parent desk.
        taken: bool,
    }
    /// Refused.
    SupportRefused "support_refused" {
        /// Which.
        support: SupportId,
        /// Why.
        reason: SupportReason,
        /// More about it.
        #[serde(default)] words: Option<WordsId>,
    }
    /// The unit is its own desk's again, or the request was withdrawn.
    SupportEnded "support_ended" {
        /// Which.
        support: SupportId,
        /// The unit that was asked for.
        unit: UnitId,
    }
}

impl Fact for SupportRequested {
    fn about(&self) -> About {
        About::made(self.support).and(self.incident, Fate::Named).and(self.unit.clone(), Fate::Named)
    }
}

impl Fact for SupportGranted {
    fn about(&self) -> About {
        About::changed(self.support).and(self.unit.clone(), Fate::Changed)
    }
}

impl Fact for SupportRefused {
    fn about(&self) -> About {
        About::changed(self.support)
    }
}

impl Fact for SupportEnded {
    fn about(&self) -> About {
        About::changed(self.support).and(self.unit.clone(), Fate::Changed)
    }
}
