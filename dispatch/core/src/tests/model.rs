//! An independent model: a few flat tables filled from events alone, from which status, guards, numbers and timers
//! can be told without any of the code under test.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Event, Record};
use crate::id::{AlarmId, IncidentId, OrderId, UnitId};
use crate::incident::IncidentStatus;
use crate::order::{OrderState, Target};
use crate::state::State;
use crate::timer::TimerKey;

#[derive(Default)]
pub struct Model {
    ringing: BTreeSet<AlarmId>,
    incidents: BTreeMap<IncidentId, Life>,
    orders: BTreeMap<OrderId, Task>,
    serials: BTreeMap<(&'static str, String), u32>,
}

#[derive(Default)]
struct Life {
    ended: Option<IncidentStatus>,
    claimed: bool,
    moved: bool,
    reopened_at: Option<u64>,
}

struct Task {
    incident: IncidentId,
    unit: Option<UnitId>,
    state: OrderState,
    diverted_from: Option<OrderId>,
    born: u64,
}

impl Task {
    fn open(&self) -> bool {
        use OrderState::{Delivered, Enroute, OnScene, Queued, Sent, Signed, Staged};
        matches!(self.state, Queued | Sent | Delivered | Signed | Enroute | Staged | OnScene)
    }

    fn signed(&self) -> bool {
        matches!(
            self.state,
            OrderState::Signed | OrderState::Enroute | OrderState::Staged | OrderState::OnScene
        )
    }
}

impl Model {
    /// Takes in what happened, and says what should not have.
    pub fn learn(&mut self, record: &Record) {
        match &record.event {
            Event::AlarmRaised { alarm, .. } => {
                self.count("alarm", &alarm.number);
                self.ringing.insert(alarm.id);
            }
            Event::AlarmAnswered { alarm, .. } | Event::AlarmSettled { alarm, .. } => {
                self.ringing.remove(alarm);
            }
            Event::IncidentCreated { incident, .. } => {
                self.count("incident", &incident.number);
                self.incidents.insert(incident.id, Life::default());
            }
            Event::IncidentClaimed { incident, .. } => self.life(*incident).claimed = true,
            Event::IncidentHandedOver { incident, .. } => self.life(*incident).claimed = false,
            Event::IncidentMoved { incident, .. } => self.life(*incident).moved = true,
            Event::IncidentClosed { incident } => self.end(*incident, IncidentStatus::Closed),
            Event::IncidentCancelled { incident, .. } => self.end(*incident, IncidentStatus::Cancelled),
            Event::IncidentMerged { incident, into, orders, .. } => {
                for order in orders {
                    self.orders.get_mut(order).expect("known").incident = *into;
                }
                self.end(*incident, IncidentStatus::Closed);
            }
            Event::IncidentReopened { incident, .. } => {
                let life = self.life(*incident);
                assert!(life.ended.is_some(), "only what has ended is taken up again");
                *life = Life { reopened_at: Some(record.seq), moved: life.moved, ..Life::default() };
            }
            Event::IncidentArchived { incident, .. } => {
                assert!(self.life(*incident).ended.is_some(), "only what has ended leaves");
                self.incidents.remove(incident);
                self.orders.retain(|_, task| task.incident != *incident);
            }
            Event::OrderCreated { order } => {
                assert!(self.life(order.incident).ended.is_none(), "an ended incident takes no order");
                let unit = match &order.target {
                    Target::Unit(unit) => Some(unit.clone()),
                    _ => None,
                };
                let (incident, diverted_from) = (order.incident, order.diverted_from);
                let task =
                    Task { incident, unit, state: OrderState::Queued, diverted_from, born: record.seq };
                self.orders.insert(order.id, task);
            }
            Event::OrderAdvanced { order, stamp, .. } if !stamp.beside => {
                let task = self.orders.get_mut(order).expect("known");
                assert!(task.open(), "what has ended is never revived");
                task.state = stamp.state;
            }
            Event::OrderUnstacked { order } => {
                self.orders.get_mut(order).expect("known").state = OrderState::Sent;
            }
            Event::TimerExpired { timer, .. } => assert!(self.waits(*timer), "{timer:?} runs for nothing"),
            _ => {}
        }
    }

    fn life(&mut self, id: IncidentId) -> &mut Life {
        self.incidents.get_mut(&id).expect("events name incidents that are alive")
    }

    fn end(&mut self, id: IncidentId, how: IncidentStatus) {
        let open = self.orders.values().any(|task| task.incident == id && task.open());
        assert!(!open, "an incident ends without open orders");
        self.life(id).ended = Some(how);
    }

    fn count(&mut self, kind: &'static str, number: &str) {
        let (day, serial) = number.rsplit_once('-').expect("a number has a serial");
        let last = self.serials.entry((kind, day.to_owned())).or_default();
        *last += 1;
        assert_eq!(serial.parse::<u32>(), Ok(*last), "{kind} {number}: numbers have no gap");
    }

    fn waits(&self, key: TimerKey) -> bool {
        let task = |id| self.orders.get(&id);
        let life = |id| self.incidents.get(&id);
        match key {
            TimerKey::Answer(id) => self.ringing.contains(&id),
            TimerKey::Claim(id) => life(id).is_some_and(|life| life.ended.is_none() && !life.claimed),
            TimerKey::FirstOrder(id) => {
                let on_the_way =
                    |task: &Task| task.incident == id && task.open() && task.state != OrderState::Queued;
                life(id).is_some_and(|life| life.ended.is_none()) && !self.orders.values().any(on_the_way)
            }
            TimerKey::Delivered(id) => task(id).is_some_and(|task| task.state == OrderState::Sent),
            TimerKey::Signed(id) => {
                task(id).is_some_and(|task| matches!(task.state, OrderState::Sent | OrderState::Delivered))
            }
            TimerKey::Departed(id) => task(id).is_some_and(|task| task.state == OrderState::Signed),
            TimerKey::Arrival(id) => {
                task(id).is_some_and(|task| matches!(task.state, OrderState::Signed | OrderState::Enroute))
            }
            TimerKey::SignOfLife(id) => task(id).is_some_and(Task::signed),
            TimerKey::Notice(id) => task(id).is_some_and(Task::open),
            TimerKey::Feedback(id) => task(id).is_some_and(|task| task.state == OrderState::Cleared),
            _ => true,
        }
    }

    /// Compares the state with what the events alone tell.
    pub fn compare(&self, state: &State) {
        assert!(state.incidents.keys().eq(self.incidents.keys()), "the same incidents are alive");
        assert!(state.orders.keys().eq(self.orders.keys()), "the same orders are alive");
        for (id, task) in &self.orders {
            assert_eq!(state.orders[id].state, task.state, "{id}");
        }
        for (id, life) in &self.incidents {
            let mut told = crate::status::incident_status(state, &state.incidents[id]);
            told.sort();
            assert_eq!(told, self.words(*id, life), "{id}");
        }
        for unit in state.units.keys() {
            self.one_active_order(unit);
        }
    }

    fn words(&self, id: IncidentId, life: &Life) -> Vec<IncidentStatus> {
        let counts = |task: &&Task| {
            task.incident == id && (task.open() || life.reopened_at.is_none_or(|seq| task.born > seq))
        };
        let tasks: Vec<&Task> = self.orders.values().filter(counts).collect();
        let mut words = BTreeSet::new();
        if let Some(how) = life.ended {
            words.insert(how);
        } else {
            words.insert(IncidentStatus::Active);
            if !tasks.iter().any(|task| task.signed() || task.state == OrderState::Cleared) {
                words.insert(IncidentStatus::AwaitingResponse);
            }
            if tasks.iter().any(|task| task.open() && task.state != OrderState::Queued) {
                words.insert(IncidentStatus::ResourcesAssigned);
            }
            if tasks.iter().any(|task| task.state == OrderState::Enroute) {
                words.insert(IncidentStatus::ResourcesEnroute);
            }
            if tasks.iter().any(|task| task.state == OrderState::OnScene) {
                words.insert(IncidentStatus::ResourcesOnscene);
            }
        }
        if life.moved {
            words.insert(IncidentStatus::NewLocation);
        }
        if life.reopened_at.is_some() {
            words.insert(IncidentStatus::ReOpened);
        }
        words.into_iter().collect()
    }

    /// One order sent and open, and beside it at most one unsigned that it was asked to leave that for.
    fn one_active_order(&self, unit: &UnitId) {
        let held = self.orders.iter().filter(|(_, task)| {
            task.unit.as_ref() == Some(unit) && task.open() && task.state != OrderState::Queued
        });
        let held: Vec<(&OrderId, &Task)> = held.collect();
        match held.as_slice() {
            [] | [_] => {}
            [(one, first), (other, second)] => {
                let leaves =
                    |task: &Task, left: &OrderId| task.diverted_from == Some(*left) && !task.signed();
                assert!(leaves(first, other) || leaves(second, one), "{unit} has two orders");
            }
            more => panic!("{unit} has {} orders", more.len()),
        }
    }
}
