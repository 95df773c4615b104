//! Events of the clock: the journal is opened, the machine's clock is believed again, a timer runs out.

use crate::contexts::events;
use crate::kernel::about::{About, Fate, Shown};
use crate::kernel::fact::Fact;
use crate::kernel::id::{EntityId, IncidentId, JournalId, TimerKey};
use crate::kernel::time::Time;
use crate::kernel::timer::Escalation;

events! {
    ($) clock_events

    /// The first row: which journal this is and what clock it runs on.
    JournalOpened "journal_opened" {
        /// Id of the journal.
        journal: JournalId,
        /// `wall`, or `scaled:<origin µs>:<rate per mille>`.
        clock: String,
    }
    /// The machine's clock is taken for right after it was in doubt. Whatever is due moves with it, and only here may
    /// `recorded_at` go back (D7).
    ClockCorrected "clock_corrected" {
        /// The time the centre went by.
        from: Time,
        /// The time it goes by from now on: what the machine's clock shows.
        to: Time,
    }
    /// A timer ran out: who must act next. It escalates seat, shift lead, parent desk.
    TimerExpired "timer_expired" {
        /// The timer that ran out, and what it was set on.
        timer: TimerKey,
        /// Who must act.
        escalation: Escalation,
        /// The incident that what waits belongs to, or is.
        #[serde(default, skip_serializing_if = "Option::is_none")] incident: Option<IncidentId>,
        /// When it escalates again, if it does.
        #[serde(default, skip_serializing_if = "Option::is_none")] next_at: Option<Time>,
    }
}

impl Fact for JournalOpened {
    fn about(&self) -> About {
        About::nothing()
    }
}

impl ClockCorrected {
    /// How far every time to come moves, microseconds; negative where it comes sooner.
    pub fn moves(&self) -> i64 {
        self.to.apart(self.from)
    }
}

impl Fact for ClockCorrected {
    fn about(&self) -> About {
        About::nothing().shows(Shown::WhateverIsDue)
    }
}

impl Fact for TimerExpired {
    fn about(&self) -> About {
        let waits = self.timer.waits_for();
        let incident = self.incident.map(EntityId::Incident).filter(|incident| *incident != waits);
        About::nothing().and(waits, Fate::Told).each(incident.as_slice(), &Fate::Told)
    }
}
