//! Reminders: set at a desk that may act on the incident, and ended there or where that incident is now.

use dispatch_core::command::{ClearReminder, FinishReminder, PostponeReminder, SetReminder};
use dispatch_core::event::{Event, ReminderSet};
use dispatch_core::kernel::id::{EntityId, IncidentId, ReminderId};
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::incident::LinkKind;

use super::Ruling;

/// How far ahead one may fall due, milliseconds.
const A_DAY_MS: u32 = 86_400_000;

/// How many of one incident stand at the most.
const OF_INCIDENT: usize = 16;

impl Ruling<'_> {
    pub(super) fn set_reminder(&mut self, it: &SetReminder) {
        let Some(life) = self.active("incident", it.incident) else { return };
        let Some((seat, _)) = self.over_life(life) else { return };
        match self.guess.seats.get(it.to.as_ref().unwrap_or(seat)) {
            Some(desk) => {
                let over = self.guess.is_over(desk, &life.desk, &life.area);
                self.way.invalid_if(!over, "to", &Rule::SeatOverIncident);
            }
            None => self.way.bar("unknown to"),
        }
        self.falls_due(it.due);
        let standing = self.guess.born.values().filter_map(reminder);
        let own = standing.filter(|known| self.is_now(known.incident) == it.incident).count();
        let max = u32::try_from(OF_INCIDENT).unwrap_or(u32::MAX);
        self.way.invalid_if(own >= OF_INCIDENT, "incident", &Rule::AtMost { max });
    }

    fn falls_due(&mut self, due: Time) {
        self.way.invalid_if(due <= self.at, "due", &Rule::LiesBehind);
        self.way.invalid_if(due > self.at.plus_ms(A_DAY_MS), "due", &Rule::WithinADay);
    }

    pub(super) fn postpone_reminder(&mut self, it: &PostponeReminder) {
        self.reminder(it.reminder);
        self.falls_due(it.due);
        let known = self.guess.born.get(&EntityId::Reminder(it.reminder)).and_then(reminder);
        self.way.bar_if(known.is_some_and(|known| known.due == it.due), "no_change");
    }

    pub(super) fn finish_reminder(&mut self, it: &FinishReminder) {
        self.reminder(it.reminder);
    }

    pub(super) fn clear_reminder(&mut self, it: &ClearReminder) {
        self.reminder(it.reminder);
    }

    /// It is ended by a seat of its desk, or by one over its incident where that is now.
    fn reminder(&mut self, id: ReminderId) {
        let known = self.guess.born.get(&EntityId::Reminder(id)).and_then(reminder);
        let Some(known) = known else { return self.way.bar("unknown reminder") };
        let Some((_, desk)) = self.acting() else { return };
        let life = self.guess.incidents.get(&self.is_now(known.incident));
        let own = self.guess.seats.get(&known.seat);
        if let Some(life) = life.filter(|_| own != Some(desk)) {
            self.over_life(life);
        }
    }

    /// The incident that goes on for another: the last it was merged into.
    fn is_now(&self, incident: IncidentId) -> IncidentId {
        let links = self.guess.incidents.get(&incident).map(|life| &life.links);
        let merged = links.into_iter().flatten().find(|(kind, _)| *kind == LinkKind::ReplacedBy);
        merged.map_or(incident, |(_, into)| self.is_now(*into))
    }
}

fn reminder(born: &Event) -> Option<&ReminderSet> {
    born.get::<ReminderSet>()
}
