//! What has happened to reminders 提醒.

use crate::contexts::events;
use crate::kernel::about::{About, Fate};
use crate::kernel::fact::Fact;
use crate::kernel::id::{IncidentId, ReminderId, SeatId, WordsId};
use crate::kernel::kind::vocabulary;
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;

vocabulary! {
    /// How a reminder ended.
    ReminderEnd {
        /// What it reminded of was done.
        Done,
        /// It was taken back: nothing has to be done any more.
        Cleared,
        /// Its incident was closed or cancelled.
        IncidentEnded,
    }
}

events! {
    ($) reminder_events

    /// A reminder was set.
    ReminderSet "reminder_set" (Made reminder, Told incident) {
        /// Its id, given by the centre.
        reminder: ReminderId,
        /// The incident it is about.
        incident: IncidentId,
        /// The seat that is reminded.
        seat: SeatId,
        /// When it comes up, microseconds UTC.
        due: Time,
        /// What is to be done; absent where nothing was said.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// It went where its incident was merged into, over with a shift, or to another time.
    ReminderMoved "reminder_moved" (Changed reminder, Told incident) {
        /// The reminder that moved.
        reminder: ReminderId,
        /// The incident it is about now.
        incident: IncidentId,
        /// The seat that is reminded now.
        seat: SeatId,
        /// When it comes up now, microseconds UTC.
        due: Time,
    }
    /// It was done or cleared, or its incident ended.
    ReminderEnded "reminder_ended" {
        /// The reminder that ended.
        reminder: ReminderId,
        /// The incident it was about.
        incident: IncidentId,
        /// How it ended.
        how: ReminderEnd,
    }
}

impl Fact for ReminderEnded {
    fn about(&self) -> About {
        About::ended(self.reminder, &AreaPath::default()).and(self.incident, Fate::Told)
    }
}
