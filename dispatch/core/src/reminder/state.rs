//! What reminders keep of the centre's state, and what their events make of it.

use super::event::{ReminderEnded, ReminderMoved, ReminderSet};
use crate::apply::Apply;
use crate::contexts::keeps;
use crate::event::Record;
use crate::kernel::id::{ReminderId, TimerKey};
use crate::kernel::marked::MarkedTable;
use crate::reminder::Reminder;
use crate::state::State;

keeps! {
    /// Reminders that are neither done nor cleared.
    ReminderState in reminder, for tests reminder_mut {
        /// Those that stand, each under its id.
        reminders: MarkedTable<ReminderId, Reminder>,
    }
}

impl ReminderState {
    /// Moves what they are set for with the clock.
    pub(crate) fn move_due(&mut self, us: i64) {
        self.reminders.change_all(|reminder| reminder.due = reminder.due.moved(us));
    }
}

impl ReminderSet {
    /// The reminder as it is set with this record.
    pub fn reminder(&self, record: &Record) -> Reminder {
        Reminder {
            id: self.reminder,
            version: 1,
            incident: self.incident,
            mode: record.mode,
            seat: self.seat.clone(),
            due: self.due,
            words: self.words,
            by: record.actor.clone(),
            at: record.recorded_at,
        }
    }
}

impl Apply for ReminderSet {
    fn apply(&self, state: &mut State, record: &Record) {
        state.timers.set(TimerKey::Reminder(self.reminder), self.due);
        state.reminder.reminders.insert(self.reminder, self.reminder(record));
    }
}

impl Apply for ReminderMoved {
    fn apply(&self, state: &mut State, _record: &Record) {
        let key = TimerKey::Reminder(self.reminder);
        let timers = &mut state.timers;
        state.reminder.reminders.change(&self.reminder, |reminder| {
            reminder.version += 1;
            reminder.incident = self.incident;
            if reminder.due != self.due {
                timers.set(key, self.due);
            } else if reminder.seat != self.seat {
                // One that is up stays up; who took the seat over must act.
                timers.hand_to(key, &self.seat);
            }
            reminder.seat = self.seat.clone();
            reminder.due = self.due;
        });
    }
}

impl Apply for ReminderEnded {
    fn apply(&self, state: &mut State, _record: &Record) {
        state.timers.cancel(TimerKey::Reminder(self.reminder));
        state.reminder.reminders.remove(&self.reminder);
    }
}
