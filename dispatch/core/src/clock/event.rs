//! Events of the clock: the journal is opened, a timer runs out.

use crate::contexts::events;
use crate::kernel::about::{About, Fate};
use crate::kernel::fact::Fact;
use crate::kernel::id::{JournalId, TimerKey};
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
    /// A timer ran out: who must act next. It escalates seat, shift lead, parent desk.
    TimerExpired "timer_expired" {
        /// The timer that ran out, and what it was set on.
        timer: TimerKey,
        /// Who must act.
        escalation: Escalation,
        /// When it escalates again, if it does.
        #[serde(default, skip_serializing_if = "Option::is_none")] next_at: Option<Time>,
    }
}

impl Fact for JournalOpened {
    fn about(&self) -> About {
        About::nothing()
    }
}

impl Fact for TimerExpired {
    fn about(&self) -> About {
        About::nothing().and(self.timer.waits_for(), Fate::Told)
    }
}
