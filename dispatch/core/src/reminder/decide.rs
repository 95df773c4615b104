//! Reminders: set, done, cleared, and what becomes of them with their incident or their seat's shift.

use crate::command::{ClearReminder, FinishReminder, PostponeReminder, SetReminder};
use crate::decide::{Deciding, Decision, bound};
use crate::event::{
    Event, IncidentCancelled, IncidentClosed, IncidentMerged, ReminderEnded, ReminderMoved, ReminderSet,
    ShiftHandoverAccepted,
};
use crate::kernel::id::{IncidentId, ReminderId, SeatId};
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::time::Time;
use crate::reminder::mark::ReminderMark;
use crate::reminder::{Reminder, ReminderEnd};

/// How far ahead a reminder may fall due, milliseconds: a day.
pub const AHEAD_MAX_MS: u32 = 24 * 60 * 60 * 1_000;

/// The most reminders that can be set on one incident; a merge may bring more of them together.
pub const REMINDERS_MAX: usize = 16;

impl<'a> Deciding<'a> {
    /// For the own seat, or for one whose desk may act on the incident too.
    pub(crate) fn set_reminder(&mut self, set: &SetReminder) -> Decision {
        let incident = self.active("incident", set.incident)?;
        let acting = self.acting()?;
        let named = set.to.as_ref().unwrap_or(acting.seat);
        let known = self.state.register().seats.get(named);
        let desk = &known.ok_or_else(|| Refusal::unknown("to", "seat", named))?.desk;
        if !self.is_over(desk, &incident.desk, &incident.area) {
            return Err(Refusal::invalid("to", Rule::SeatOverIncident));
        }
        self.check_due(set.due)?;
        if self.reminders_of(incident.id).count() >= REMINDERS_MAX {
            return Err(Refusal::invalid("incident", Rule::AtMost { max: bound(REMINDERS_MAX) }));
        }
        let made = ReminderSet {
            reminder: ReminderId(self.minter.mint()),
            incident: incident.id,
            seat: named.clone(),
            due: set.due,
            words: set.words,
        };
        self.push(made);
        Ok(())
    }

    pub(crate) fn postpone_reminder(&mut self, postpone: &PostponeReminder) -> Decision {
        let reminder = self.reminder(postpone.reminder)?;
        self.check_due(postpone.due)?;
        if postpone.due == reminder.due {
            return Err(Refusal::NoChange);
        }
        self.push(ReminderMoved { due: postpone.due, ..reminder.moved(reminder.incident, &reminder.seat) });
        Ok(())
    }

    pub(crate) fn finish_reminder(&mut self, finish: &FinishReminder) -> Decision {
        let done = self.reminder(finish.reminder)?.ended(ReminderEnd::Done);
        self.push(done);
        Ok(())
    }

    pub(crate) fn clear_reminder(&mut self, clear: &ClearReminder) -> Decision {
        let cleared = self.reminder(clear.reminder)?.ended(ReminderEnd::Cleared);
        self.push(cleared);
        Ok(())
    }

    pub(crate) fn reminder(&self, id: ReminderId) -> Result<&'a Reminder, Refusal> {
        self.state.reminders().get(&id).ok_or_else(|| Refusal::unknown("reminder", "reminder", id))
    }

    fn check_due(&self, due: Time) -> Decision {
        match due {
            due if due <= self.now => Err(Refusal::invalid("due", Rule::LiesBehind)),
            due if due > self.now.plus_ms(AHEAD_MAX_MS) => Err(Refusal::invalid("due", Rule::WithinADay)),
            _ => Ok(()),
        }
    }

    fn reminders_of(&self, incident: IncidentId) -> impl Iterator<Item = &'a Reminder> {
        self.state.reminders().bearing(ReminderMark::Of(incident))
    }

    /// What an event of this decision makes of reminders.
    pub(crate) fn reminders_after(&self, event: &Event) -> Vec<Event> {
        let closed = event.get::<IncidentClosed>().map(|closed| closed.incident);
        let ended = closed.or(event.get::<IncidentCancelled>().map(|cancelled| cancelled.incident));
        let ended = ended.into_iter().flat_map(|id| self.reminders_of(id));
        let ended = ended.map(|reminder| reminder.ended(ReminderEnd::IncidentEnded).into());
        let merged = event.get::<IncidentMerged>().into_iter().flat_map(|merged| {
            let own = self.reminders_of(merged.incident);
            own.map(|reminder| reminder.moved(merged.into, &reminder.seat).into())
        });
        let signed = event.get::<ShiftHandoverAccepted>().into_iter().flat_map(|signed| {
            let own = self.state.reminders().bearing(ReminderMark::At(signed.from.clone()));
            own.map(|reminder| reminder.moved(reminder.incident, &signed.to).into())
        });
        ended.chain(merged).chain(signed).collect()
    }
}

impl Reminder {
    fn ended(&self, how: ReminderEnd) -> ReminderEnded {
        ReminderEnded { reminder: self.id, incident: self.incident, how }
    }

    fn moved(&self, incident: IncidentId, seat: &SeatId) -> ReminderMoved {
        ReminderMoved { reminder: self.id, incident, seat: seat.clone(), due: self.due }
    }
}
