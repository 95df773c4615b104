//! How the auditor's tables follow the journal, event by event.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch_core::alarm::{AlarmState, CallBackResult};
use dispatch_core::event::{Event, Record};
use dispatch_core::id::{AlarmId, DeskId, IncidentId, OrderId, SupportId, UnitId};
use dispatch_core::incident::{FeedbackKind, Incident, IncidentState, LinkKind, Review};
use dispatch_core::order::{Order, OrderState, Stamp};
use dispatch_core::place::AreaPath;
use dispatch_core::register::Register;
use dispatch_core::time::Time;
use dispatch_core::timer::TimerKey;
use dispatch_core::unit::{Duty, SupportState};
use dispatch_core::view::View;

use super::tables::{Call, Car, Countdown, Guess, Life, Task, Told, Version};

impl Guess {
    pub(super) fn learn(&mut self, record: &Record) {
        let now = record.recorded_at;
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
            Event::DutySet { unit, duty } => self.car(unit, |car| {
                car.duty = *duty;
                car.returning &= *duty != Duty::Off;
            }),
            Event::ServiceSet { unit, out_of_service, .. } => {
                self.car(unit, |car| car.broken = *out_of_service);
            }
            Event::UnitBack { unit } => self.car(unit, |car| car.returning = false),
            Event::RegionAdopted { .. }
            | Event::UnitRegistered { .. }
            | Event::UnitRetired { .. }
            | Event::PointRegistered { .. }
            | Event::PointRetired { .. }
            | Event::TestWindowSet { .. }
            | Event::AutomaticSet { .. }
            | Event::TimersSet { .. } => self.learn_register(record),
            Event::TechnicalRaised { technical } => {
                self.technicals.insert(technical.id, (**technical).clone());
            }
            Event::TechnicalShelved { technical, shelf } => {
                if let Some(known) = self.technicals.get_mut(technical) {
                    known.shelf = Some(shelf.clone());
                }
            }
            Event::TechnicalUnshelved { technical } => {
                if let Some(known) = self.technicals.get_mut(technical) {
                    known.shelf = None;
                }
            }
            Event::TechnicalCleared { technical, .. } => drop(self.technicals.remove(technical)),
            Event::SourceSuppressed { suppression } => {
                self.suppressions.insert(suppression.id, (**suppression).clone());
            }
            Event::SourceUnsuppressed { suppression } => drop(self.suppressions.remove(&suppression.id)),
            Event::ShiftHandoverOffered { handover } => {
                self.handovers.insert(handover.id, (**handover).clone());
            }
            Event::ShiftHandoverEnded { handover, .. } => drop(self.handovers.remove(handover)),
            Event::ShiftHandoverAccepted { handover, to, incidents, alarms, orders, .. } => {
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
            // Nothing the model rests on changes by it, but perhaps a version.
            Event::TimerExpired { timer, .. } => {
                if let TimerKey::Delivered(order) = timer {
                    self.overdue.insert(*order);
                }
                self.touch_all();
            }
            Event::JournalOpened { .. } | Event::TechnicalRepeated { .. } | Event::WordsErased { .. } => {}
            _ => self.learn_incident(record, now),
        }
    }

    fn learn_alarm(&mut self, record: &Record) {
        match &record.event {
            Event::AlarmRaised { alarm, press, day } => {
                if let Some(press) = press {
                    self.presses.insert(press.clone(), alarm.id);
                }
                self.number(true, &alarm.desk, *day);
                self.ids.insert(alarm.id.to_string());
                let call = Call {
                    state: AlarmState::Ringing,
                    version: Version::default(),
                    source: alarm.source,
                    mode: alarm.mode,
                    unit: alarm.unit.clone(),
                    incident: None,
                    desk: alarm.desk.clone(),
                    area: alarm.area.clone(),
                    place: alarm.place.clone(),
                    incident_type: alarm.incident_type.clone(),
                    silent: alarm.silent,
                    answered_by: None,
                    owed: false,
                    settled_at: None,
                    caller: alarm.caller,
                };
                self.alarms.insert(alarm.id, call);
            }
            Event::AlarmRepeated { alarm, place, area, silent, .. } => {
                self.call(*alarm, |call| {
                    call.place = place.clone().unwrap_or_else(|| call.place.clone());
                    call.area = area.clone().unwrap_or_else(|| call.area.clone());
                    call.silent |= silent;
                });
                self.touch_all();
            }
            Event::AlarmAnswered { alarm, seat } => self.call(*alarm, |call| {
                call.state = AlarmState::Answered;
                call.answered_by = Some(seat.clone());
            }),
            Event::AlarmSaved { alarm, incident_type, place, area, caller, .. } => {
                self.call(*alarm, |call| {
                    call.incident_type = incident_type.clone().or(call.incident_type.take());
                    call.place = place.clone().unwrap_or_else(|| call.place.clone());
                    call.area = area.clone().unwrap_or_else(|| call.area.clone());
                    call.caller = caller.or(call.caller);
                });
            }
            Event::DuplicatesOffered { alarm, .. } => self.call(*alarm, |_| {}),
            Event::AlarmSettled { alarm, outcome, call_back, .. } => {
                self.call(*alarm, |call| {
                    call.state = AlarmState::Settled;
                    call.incident = outcome.incident;
                    call.owed = *call_back;
                    call.settled_at = Some(record.recorded_at);
                });
                match outcome.incident {
                    Some(incident) => self.life(incident, |life| {
                        if !life.alarms.contains(alarm) {
                            life.alarms.push(*alarm);
                        }
                    }),
                    None => self.presses.retain(|_, of| of != alarm),
                }
            }
            Event::CallBackClosed { alarm, result } => {
                let reached = *result == CallBackResult::Reached;
                let seat = record.seat.clone();
                self.call(*alarm, |call| {
                    call.owed = false;
                    if reached {
                        call.state = AlarmState::Answered;
                        call.settled_at = None;
                        call.answered_by = seat.or(call.answered_by.take());
                    }
                });
            }
            Event::AlarmArchived { alarm, .. } => self.forget(*alarm),
            _ => {}
        }
    }

    fn learn_incident(&mut self, record: &Record, now: Time) {
        match &record.event {
            Event::IncidentCreated { incident, day } => self.born(incident, *day),
            Event::RecommendationRecorded { recommendation } => {
                self.life(recommendation.incident, |_| {});
                self.recommendations.insert(recommendation.id, Arc::new((**recommendation).clone()));
            }
            Event::IncidentClaimed { incident, seat } => {
                self.life(*incident, |life| life.claimed_by = Some(seat.clone()));
            }
            Event::IncidentClassified { incident, incident_type, priority } => self.life(*incident, |life| {
                life.incident_type.clone_from(incident_type);
                life.priority = *priority;
            }),
            Event::IncidentMoved { incident, place, area, notified, .. } => {
                self.life(*incident, |life| (life.place, life.area) = (place.clone(), area.clone()));
                let open: Vec<OrderId> = self.open_orders(*incident).map(|(id, _)| id).collect();
                self.lead(&open, area, notified);
            }
            Event::IncidentNoted { incident, words, caller_withdrew, notified, .. } => {
                self.life(*incident, |life| {
                    life.notes.insert(*words);
                    life.withdrawn |= *caller_withdrew;
                });
                self.notify(notified);
            }
            Event::IncidentSilenced { incident, notified } => {
                self.life(*incident, |life| life.silent = true);
                self.touch_all();
                self.notify(notified);
            }
            Event::IncidentsLinked { incident, other, kind } => self.link(*incident, *other, *kind),
            Event::IncidentMerged { incident, into, orders, area, priority, notified, .. } => {
                self.link(*incident, *into, LinkKind::ReplacedBy);
                self.merge(*incident, *into, orders);
                self.life(*into, |life| life.priority = *priority);
                self.lead(orders, area, notified);
                self.end(*incident, IncidentState::Replaced, now);
            }
            Event::IncidentSplit { incident, new, alarms } => {
                self.link(*incident, *new, LinkKind::SplitInto);
                self.life(*incident, |life| life.alarms.retain(|alarm| !alarms.contains(alarm)));
                for alarm in alarms {
                    self.call(*alarm, |call| call.incident = Some(*new));
                }
            }
            Event::IncidentCancelled { incident, .. } => self.end(*incident, IncidentState::Cancelled, now),
            Event::IncidentClosed { incident } => self.end(*incident, IncidentState::Closed, now),
            Event::IncidentReopened { incident, words } => self.life(*incident, |life| {
                (life.state, life.reopened) = (IncidentState::Active, true);
                (life.reopened_at, life.ended_at, life.claimed_by) = (Some(now), None, None);
                life.notes.extend(*words);
            }),
            // It stays as it ended; what goes on was made just before.
            Event::IncidentReplaced { .. } => {}
            Event::IncidentArchived { incident, alarms, orders, recommendations, supports, .. } => {
                self.incidents.remove(incident);
                for alarm in alarms {
                    self.forget(*alarm);
                }
                self.orders.retain(|order, _| !orders.contains(order));
                self.recommendations.retain(|known, _| !recommendations.contains(known));
                self.supports.retain(|support, _| !supports.contains(support));
            }
            Event::IncidentHandedOver { incident, desk, .. } => self.life(*incident, |life| {
                life.claimed_by = None;
                life.desk = desk.clone();
            }),
            Event::AutomaticOrderAnnounced { incident, due_at, .. } => {
                self.life(*incident, |life| life.countdown = Countdown::Counting(*due_at));
            }
            Event::AutomaticOrderEnded { incident, .. } => {
                self.life(*incident, |life| life.countdown = Countdown::Over);
            }
            Event::FeedbackGiven { incident, feedback } => {
                let is_result = feedback.kind == FeedbackKind::Result;
                let told = Told { is_result, review: feedback.review, at: feedback.at };
                self.life(*incident, |life| {
                    life.feedback.insert(feedback.id, told);
                });
            }
            Event::FeedbackReviewed { incident, feedback, accepted, .. } => self.life(*incident, |life| {
                if let Some(told) = life.feedback.get_mut(feedback) {
                    told.review = if *accepted { Review::Accepted } else { Review::Returned };
                }
            }),
            _ => self.touch_all(),
        }
    }

    fn born(&mut self, incident: &Incident, day: dispatch_core::time::LocalDay) {
        self.number(false, &incident.desk, day);
        self.ids.insert(incident.id.to_string());
        let life = Life {
            state: IncidentState::Active,
            version: Version::default(),
            mode: incident.mode,
            desk: incident.desk.clone(),
            area: incident.area.clone(),
            place: incident.place.clone(),
            incident_type: incident.incident_type.clone(),
            priority: incident.priority,
            silent: incident.silent,
            claimed_by: None,
            alarms: incident.alarms.clone(),
            feedback: BTreeMap::new(),
            notes: incident.notes.iter().copied().collect(),
            links: incident.links.iter().map(|link| (link.kind, link.incident)).collect(),
            orders: BTreeSet::new(),
            withdrawn: false,
            reopened: incident.reopened,
            reopened_at: None,
            ended_at: None,
            countdown: Countdown::Untried,
        };
        self.incidents.insert(incident.id, life);
    }

    fn link(&mut self, one: IncidentId, other: IncidentId, kind: LinkKind) {
        let mirrored = match kind {
            LinkKind::Related => LinkKind::Related,
            LinkKind::ReplacedBy => LinkKind::Replacing,
            LinkKind::Replacing => LinkKind::ReplacedBy,
            LinkKind::SplitFrom => LinkKind::SplitInto,
            LinkKind::SplitInto => LinkKind::SplitFrom,
        };
        for (at, kind, to) in [(one, kind, other), (other, mirrored, one)] {
            self.life(at, |life| {
                life.links.insert((kind, to));
            });
        }
    }

    fn merge(&mut self, from: IncidentId, into: IncidentId, orders: &[OrderId]) {
        let mut alarms = Vec::new();
        self.life(from, |life| {
            alarms = std::mem::take(&mut life.alarms);
            life.orders.retain(|order| !orders.contains(order));
        });
        for alarm in &alarms {
            self.call(*alarm, |call| call.incident = Some(into));
        }
        self.life(into, |life| {
            life.alarms.extend(alarms);
            life.orders.extend(orders);
        });
        for order in orders {
            self.task(*order, |task| task.incident = into);
        }
        for support in self.supports.values_mut().filter(|support| support.incident == from) {
            support.incident = into;
        }
    }

    fn end(&mut self, incident: IncidentId, how: IncidentState, now: Time) {
        let mut alarms = Vec::new();
        self.life(incident, |life| {
            (life.state, life.ended_at) = (how, Some(now));
            alarms.clone_from(&life.alarms);
        });
        self.presses.retain(|_, of| !alarms.contains(of));
    }

    /// Open orders lead to another place.
    fn lead(&mut self, orders: &[OrderId], area: &AreaPath, notified: &[OrderId]) {
        for order in orders {
            self.task(*order, |task| task.area = area.clone());
        }
        self.notify(notified);
    }

    fn notify(&mut self, notified: &[OrderId]) {
        for order in notified {
            self.task(*order, |task| task.supplement = true);
        }
    }

    fn learn_order(&mut self, record: &Record) {
        match &record.event {
            Event::OrderCreated { order } => self.given(order),
            Event::OrderAdvanced { order, stamp, .. } => self.advance(*order, stamp),
            Event::OrderUnstacked { order } => {
                let (at, by) = (record.recorded_at, record.actor.clone());
                self.task(*order, |task| {
                    task.state = OrderState::Sent;
                    task.said.push((OrderState::Sent, at, by, true));
                });
            }
            Event::OrderRecalled { order, .. } => self.task(*order, |task| task.recalled = true),
            Event::NoticeSigned { order, .. } => self.task(*order, |task| task.supplement = false),
            Event::CallerReleased { order, words } => {
                self.task(*order, |task| task.caller.clone_from(words));
            }
            Event::LifeConfirmed { order, .. } => self.task(*order, |_| {}),
            _ => {}
        }
    }

    fn given(&mut self, order: &Order) {
        let task = Task {
            incident: order.incident,
            target: order.target.clone(),
            state: order.state,
            version: Version::default(),
            mode: order.mode,
            desk: order.desk.clone(),
            seat: order.seat.clone(),
            area: order.area.clone(),
            diverts: order.diverted_from.is_some(),
            recalled: false,
            supplement: false,
            created_at: order.created_at,
            said: Vec::new(),
            caller: order.caller.clone(),
        };
        self.orders.insert(order.id, task);
        self.ids.insert(order.id.to_string());
        self.life(order.incident, |life| {
            life.orders.insert(order.id);
        });
    }

    fn advance(&mut self, id: OrderId, stamp: &Stamp) {
        let unit = self.orders.get(&id).and_then(Task::unit).cloned();
        let was_active = unit.as_ref().is_some_and(|unit| self.held(unit).active == Some(id));
        let mut moved = false;
        self.task(id, |task| {
            task.said.push((stamp.state, stamp.at, stamp.by.clone(), !stamp.beside));
            if stamp.beside {
                return;
            }
            task.state = stamp.state;
            if task.is_taken_up() || !task.is_open() {
                task.diverts = false;
            }
            if !task.is_open() {
                (task.recalled, task.supplement) = (false, false);
                let rolled =
                    |state| matches!(state, OrderState::Enroute | OrderState::Staged | OrderState::OnScene);
                moved = task.said.iter().any(|(state, _, _, got_there)| *got_there && rolled(*state))
                    || task.state == OrderState::Cleared;
            }
        });
        let over = !stamp.beside && self.orders.get(&id).is_some_and(|task| !task.is_open());
        if let Some(unit) = unit.filter(|_| over && was_active) {
            self.car(&unit, |car| car.returning |= moved);
            // What drew it away is what it is on now.
            if let Some(next) = self.held(&unit).divert {
                self.task(next, |task| task.diverts = false);
            }
        }
    }

    fn learn_support(&mut self, record: &Record) {
        match &record.event {
            Event::SupportRequested { support } => {
                self.supports.insert(support.id, (**support).clone());
            }
            Event::SupportGranted { support, unit, taken } => {
                let by = self.supports.get(support).map(|support| support.by.clone());
                self.answered(*support, if *taken { SupportState::Taken } else { SupportState::Granted });
                self.commanded(unit, by);
            }
            Event::SupportRefused { support, .. } => self.answered(*support, SupportState::Refused),
            Event::SupportEnded { support, unit } => {
                let lent = self.lent(unit).filter(|lent| lent.id == *support);
                let of = lent.map(|lent| lent.of.clone());
                self.answered(*support, SupportState::Ended);
                self.commanded(unit, of);
            }
            _ => {}
        }
    }

    fn answered(&mut self, support: SupportId, to: SupportState) {
        if let Some(support) = self.supports.get_mut(&support) {
            support.state = to;
        }
    }

    fn commanded(&mut self, unit: &UnitId, desk: Option<DeskId>) {
        self.car(unit, |car| car.desk = desk.unwrap_or_else(|| car.desk.clone()));
    }

    fn learn_register(&mut self, record: &Record) {
        match &record.event {
            Event::RegionAdopted { hash, register, duties } => {
                self.region.clone_from(hash);
                self.adopt(register, duties);
            }
            Event::UnitRegistered { unit, entry } => self.enter(unit, entry, Duty::OnCall),
            Event::UnitRetired { unit } => {
                if let Some(car) = self.units.remove(unit) {
                    self.retired.insert(unit.clone(), car.entry);
                }
            }
            Event::PointRegistered { point, entry } => {
                self.points.insert(point.clone(), (**entry).clone());
            }
            Event::PointRetired { point } => {
                self.windows.remove(point);
                if let Some(entry) = self.points.get_mut(point) {
                    entry.retired = true;
                }
            }
            Event::TestWindowSet { point, until } => drop(self.windows.insert(point.clone(), *until)),
            Event::AutomaticSet { incident_type, automatic } => {
                if let Some(known) = self.types.get_mut(incident_type) {
                    known.automatic.clone_from(automatic);
                }
            }
            Event::TimersSet { area_class, timers } => match area_class {
                Some(class) => drop(self.class_timers.insert(class.clone(), timers.clone())),
                None => self.timers = timers.clone(),
            },
            _ => {}
        }
    }

    fn adopt(&mut self, register: &Register, duties: &[(UnitId, Duty)]) {
        self.desks.clone_from(&register.desks);
        self.label_level = register.label_level;
        self.seats = register.seats.iter().map(|(id, seat)| (id.clone(), seat.desk.clone())).collect();
        self.agencies = register.agencies.keys().map(ToString::to_string).collect();
        self.areas = register.areas.keys().map(ToString::to_string).collect();
        self.types.clone_from(&register.types);
        self.cards.clone_from(&register.run_cards);
        self.points.clone_from(&register.points);
        self.timers = register.timers.clone();
        self.class_timers.clone_from(&register.class_timers);
        self.area_classes = register.area_classes.keys().cloned().collect();
        for (id, entry) in &register.units {
            if entry.retired {
                self.units.remove(id);
                self.retired.insert(id.clone(), entry.clone());
            } else {
                let duty = duties.iter().find(|(unit, _)| unit == id).map_or(Duty::OnCall, |(_, duty)| *duty);
                self.enter(id, entry, duty);
            }
        }
    }

    fn enter(&mut self, unit: &UnitId, entry: &dispatch_core::register::UnitEntry, duty: Duty) {
        self.retired.remove(unit);
        let lent = self.lent(unit).is_some();
        let desk = entry.desk.clone();
        let fresh = || Car { entry: entry.clone(), duty, broken: None, desk: desk.clone(), returning: false };
        let car = self.units.entry(unit.clone()).or_insert_with(fresh);
        car.entry = entry.clone();
        if !lent {
            car.desk = desk;
        }
    }

    fn number(&mut self, alarm: bool, desk: &DeskId, day: dispatch_core::time::LocalDay) {
        let last = self.numbers.entry((alarm, desk.clone())).or_insert((day, 0));
        *last = if last.0 == day { (day, last.1 + 1) } else { (day, 1) };
    }

    fn forget(&mut self, alarm: AlarmId) {
        self.alarms.remove(&alarm);
        self.presses.retain(|_, of| *of != alarm);
    }

    fn call(&mut self, id: AlarmId, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.alarms.get_mut(&id) {
            call.version.touched = true;
            change(call);
        }
    }

    fn life(&mut self, id: IncidentId, change: impl FnOnce(&mut Life)) {
        if let Some(life) = self.incidents.get_mut(&id) {
            life.version.touched = true;
            change(life);
        }
    }

    /// What touches an order touches its incident.
    fn task(&mut self, id: OrderId, change: impl FnOnce(&mut Task)) {
        let Some(task) = self.orders.get_mut(&id) else { return };
        task.version.touched = true;
        change(task);
        let incident = task.incident;
        self.life(incident, |_| {});
    }

    fn car(&mut self, id: &UnitId, change: impl FnOnce(&mut Car)) {
        if let Some(car) = self.units.get_mut(id) {
            change(car);
        }
    }

    fn touch_all(&mut self) {
        self.incidents.values_mut().for_each(|life| life.version.touched = true);
        self.orders.values_mut().for_each(|task| task.version.touched = true);
        self.alarms.values_mut().for_each(|call| call.version.touched = true);
    }

    /// What views say of what a commit touched: versions, and what an incident is called until somebody has taken it up.
    pub(super) fn look(&mut self, views: &[View]) -> Result<(), String> {
        for view in views {
            match view {
                View::Incident(view) => {
                    let id = view.incident.id;
                    if let Some(life) = self.incidents.get_mut(&id) {
                        life.version.tell(view.incident.version);
                    }
                    self.is_in_queue(id, &view.status)?;
                }
                View::Alarm(view) => {
                    if let Some(call) = self.alarms.get_mut(&view.alarm.id) {
                        call.version.tell(view.alarm.version);
                    }
                }
                View::Order(view) => {
                    if let Some(task) = self.orders.get_mut(&view.order.id) {
                        task.version.tell(view.order.version);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// An incident waits in the queue until one order of its present life is signed (D14).
    fn is_in_queue(
        &self,
        id: IncidentId,
        status: &[dispatch_core::incident::IncidentStatus],
    ) -> Result<(), String> {
        let Some(life) = self.incidents.get(&id) else { return Ok(()) };
        let present = |task: &&Task| {
            task.incident == id && (task.is_open() || life.reopened_at.is_none_or(|at| task.created_at >= at))
        };
        let mut taken = self.orders.values().filter(present);
        let taken = taken.any(|task| task.is_taken_up() || task.state == OrderState::Cleared);
        let waits = status.contains(&dispatch_core::incident::IncidentStatus::AwaitingResponse);
        if waits == (life.is_active() && !taken) {
            return Ok(());
        }
        Err(format!(
            "D14: incident {id} is {status:?} while it is {}",
            if taken { "taken up" } else { "not" }
        ))
    }
}
