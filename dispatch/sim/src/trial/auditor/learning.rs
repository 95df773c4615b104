//! How the auditor's tables follow the journal, event by event.

mod alarm;
mod incident;
mod order;
mod register;
mod support;
mod view;

use dispatch_core::event::{
    DutySet, Event, Record, ReminderMoved, ServiceSet, ShiftHandoverAccepted, ShiftHandoverEnded,
    TechnicalCleared, TechnicalShelved, TechnicalUnshelved, TimerExpired, UnitBack,
};
use dispatch_core::kernel::about::Fate;
use dispatch_core::kernel::id::{AlarmId, DeskId, EntityId, IncidentId, OrderId, TimerKey, UnitId};
use dispatch_core::kernel::kind::Duty;
use dispatch_core::kernel::time::LocalDay;

use super::tables::{Call, Car, Countdown, Guess, Life, Task};

impl Guess {
    pub(super) fn learn(&mut self, record: &Record) {
        self.follow_ids(&record.event);
        match &record.event {
            Event::AlarmRaised { .. }
            | Event::AlarmRepeated { .. }
            | Event::AlarmAnswered { .. }
            | Event::AlarmSaved { .. }
            | Event::DuplicatesOffered { .. }
            | Event::AlarmSettled { .. }
            | Event::CallBackClosed { .. }
            | Event::AlarmArchived { .. } => self.learn_alarm(record),
            Event::OrderCreated { .. }
            | Event::OrderAdvanced { .. }
            | Event::OrderUnstacked { .. }
            | Event::OrderRecalled { .. }
            | Event::NoticeSigned { .. }
            | Event::LifeConfirmed { .. }
            | Event::CallerReleased { .. } => self.learn_order(record),
            Event::SupportRequested { .. }
            | Event::SupportGranted { .. }
            | Event::SupportRefused { .. }
            | Event::SupportEnded { .. } => self.learn_support(record),
            Event::DutySet(DutySet { unit, duty }) => self.car(unit, |car| {
                car.duty = *duty;
                car.returning &= *duty != Duty::Off;
            }),
            Event::ServiceSet(ServiceSet { unit, out_of_service, .. }) => {
                self.car(unit, |car| car.broken = *out_of_service);
            }
            Event::UnitBack(UnitBack { unit }) => self.car(unit, |car| car.returning = false),
            Event::RegionAdopted { .. }
            | Event::UnitRegistered { .. }
            | Event::UnitRetired { .. }
            | Event::PointRegistered { .. }
            | Event::PointRetired { .. }
            | Event::TestWindowSet { .. }
            | Event::AutomaticSet { .. }
            | Event::TimersSet { .. } => self.learn_register(record),
            Event::TechnicalRaised(raised) => {
                self.technicals.insert(raised.technical, raised.technical(record));
            }
            Event::TechnicalShelved(TechnicalShelved { technical, shelf }) => {
                if let Some(known) = self.technicals.get_mut(technical) {
                    known.shelf = Some(shelf.clone());
                }
            }
            Event::TechnicalUnshelved(TechnicalUnshelved { technical }) => {
                if let Some(known) = self.technicals.get_mut(technical) {
                    known.shelf = None;
                }
            }
            Event::TechnicalCleared(TechnicalCleared { technical, .. }) => {
                drop(self.technicals.remove(technical));
            }
            Event::SourceSuppressed(suppressed) => {
                self.suppressions.insert(suppressed.suppression, suppressed.suppression(record));
            }
            Event::SourceUnsuppressed(ended) => drop(self.suppressions.remove(&ended.suppression)),
            Event::ShiftHandoverOffered(offered) => {
                self.handovers.insert(offered.handover, offered.handover(record));
            }
            Event::ShiftHandoverEnded(ShiftHandoverEnded { handover, .. }) => {
                drop(self.handovers.remove(handover));
            }
            Event::ShiftHandoverAccepted(ShiftHandoverAccepted {
                handover,
                to,
                incidents,
                alarms,
                orders,
                ..
            }) => {
                self.handovers.remove(handover);
                for id in incidents {
                    self.life(*id, |life| life.claimed_by = Some(to.clone()));
                }
                for id in alarms {
                    self.call(*id, |call| call.answered_by = Some(to.clone()));
                }
                for id in orders {
                    self.task(*id, |task| task.seat = Some(to.clone()));
                }
            }
            // Where it is now, and whose: all that is known of it stands in the event it was born by.
            Event::ReminderMoved(ReminderMoved { reminder, incident, seat, due }) => {
                if let Some(Event::ReminderSet(set)) = self.born.get_mut(&EntityId::Reminder(*reminder)) {
                    (set.incident, set.seat, set.due) = (*incident, seat.clone(), *due);
                }
                self.all_stale();
            }
            // Nothing the model rests on changes by it, but perhaps a version.
            Event::TimerExpired(TimerExpired { timer, .. }) => {
                if let TimerKey::Delivered(order) = timer {
                    self.overdue.insert(*order);
                }
                self.all_stale();
            }
            Event::LossFound(found) => drop(self.losses.insert(found.loss)),
            Event::LossAccepted(accepted) => drop(self.losses.remove(&accepted.loss)),
            Event::ClockCorrected(corrected) => self.move_times(corrected.moves()),
            Event::JournalOpened { .. } | Event::TechnicalRepeated { .. } | Event::WordsErased { .. } => {}
            _ => self.learn_incident(record),
        }
    }

    /// Whatever waits for a time waits as long as before.
    fn move_times(&mut self, us: i64) {
        let settled = self.alarms.values_mut().filter_map(|call| call.settled_at.as_mut());
        let ended = self.incidents.values_mut().filter_map(|life| life.ended_at.as_mut());
        let sent = self.orders.values_mut().filter_map(|task| task.sent_at.as_mut());
        let shelves = self.technicals.values_mut().filter_map(|technical| technical.shelf.as_mut());
        let ends = self.suppressions.values_mut().map(|known| &mut known.until);
        let asked = self.supports.values_mut().map(|support| &mut support.at);
        let times = settled.chain(ended).chain(sent).chain(shelves.map(|shelf| &mut shelf.until));
        times.chain(ends).chain(asked).chain(self.windows.values_mut()).for_each(|at| *at = at.moved(us));
        for born in self.born.values_mut() {
            if let Event::ReminderSet(set) = born {
                set.due = set.due.moved(us);
            }
        }
        for life in self.incidents.values_mut() {
            if let Countdown::Counting(due_at) = &mut life.countdown {
                *due_at = due_at.moved(us);
            }
        }
    }

    /// Who is born and who leaves, as the event itself says.
    fn follow_ids(&mut self, event: &Event) {
        for (id, fate) in event.about().entities {
            match fate {
                Fate::Made => {
                    self.ids.insert(id.clone());
                    self.born.insert(id, event.clone());
                }
                Fate::Gone(_) => drop(self.born.remove(&id)),
                Fate::Changed | Fate::Told | Fate::Named => {}
            }
        }
    }

    fn number(&mut self, alarm: bool, desk: &DeskId, day: LocalDay) {
        let last = self.numbers.entry((alarm, desk.clone())).or_insert((day, 0));
        *last = if last.0 == day { (day, last.1 + 1) } else { (day, 1) };
    }

    fn forget(&mut self, alarm: AlarmId) {
        self.alarms.remove(&alarm);
        self.presses.retain(|_, of| *of != alarm);
    }

    fn call(&mut self, id: AlarmId, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.alarms.get_mut(&id) {
            call.version.stale = true;
            change(call);
        }
    }

    fn life(&mut self, id: IncidentId, change: impl FnOnce(&mut Life)) {
        if let Some(life) = self.incidents.get_mut(&id) {
            life.version.stale = true;
            change(life);
        }
    }

    /// What changes an order changes its incident.
    fn task(&mut self, id: OrderId, change: impl FnOnce(&mut Task)) {
        let Some(task) = self.orders.get_mut(&id) else { return };
        task.version.stale = true;
        change(task);
        let incident = task.incident;
        self.life(incident, |_| {});
    }

    fn car(&mut self, id: &UnitId, change: impl FnOnce(&mut Car)) {
        if let Some(car) = self.units.get_mut(id) {
            change(car);
        }
    }

    fn all_stale(&mut self) {
        self.incidents.values_mut().for_each(|life| life.version.stale = true);
        self.orders.values_mut().for_each(|task| task.version.stale = true);
        self.alarms.values_mut().for_each(|call| call.version.stale = true);
    }
}
