//! An independent model: a few flat tables filled from events alone, from which status, guards, numbers and timers
//! can be told without any of the code under test.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{
    AlarmAnswered, AlarmRaised, AlarmSettled, AutomaticOrderAnnounced, AutomaticOrderEnded, AutomaticSet,
    Event, IncidentArchived, IncidentCancelled, IncidentClaimed, IncidentClassified, IncidentClosed,
    IncidentHandedOver, IncidentMerged, IncidentMoved, IncidentNoted, IncidentReopened, IncidentReplaced,
    OrderAdvanced, OrderUnstacked, Record, RegionAdopted, TimerExpired,
};
use crate::kernel::id::{AlarmId, IncidentId, OrderId, TimerKey, TypeCode, UnitId};
use crate::kernel::kind::{Mode, OrderState};
use crate::kernel::place::Place;
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::register::IncidentType;
use crate::response::automatic::AutomaticEnd;
use crate::response::incident::{Incident, IncidentStatus, LinkKind};
use crate::response::order::Order;
use crate::state::State;

#[derive(Default)]
pub struct Model {
    ringing: BTreeSet<AlarmId>,
    incidents: BTreeMap<IncidentId, Life>,
    orders: BTreeMap<OrderId, Task>,
    serials: BTreeMap<(&'static str, String), u32>,
    /// Archived incidents that were taken up again.
    replaced: BTreeSet<IncidentId>,
    /// Types of which orders may be given without an operator.
    automatic: BTreeSet<TypeCode>,
    /// Types of weapons, and sensitive ones.
    never: BTreeSet<TypeCode>,
}

#[derive(Default)]
struct Life {
    ended: Option<IncidentStatus>,
    claimed: bool,
    moved: bool,
    reopened_at: Option<u64>,
    /// It takes up again what was archived.
    replacing: bool,
    countdown: Countdown,
}

/// What is known of an incident that decides whether the centre may order by itself.
#[derive(Default)]
struct Countdown {
    of_type: Option<TypeCode>,
    confirmed: bool,
    /// A person has it: an order was given, the caller withdrew, it was taken up again; or it is a test.
    in_hand: bool,
    tried: Tried,
    due: Option<Time>,
}

#[derive(Default, PartialEq)]
enum Tried {
    #[default]
    Not,
    Yes,
    Given,
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
            Event::AlarmRaised(AlarmRaised { alarm, number, .. }) => {
                self.count("alarm", number);
                self.ringing.insert(*alarm);
            }
            Event::AlarmAnswered(AlarmAnswered { alarm, .. })
            | Event::AlarmSettled(AlarmSettled { alarm, .. }) => {
                self.ringing.remove(alarm);
            }
            Event::IncidentCreated(created) => self.born(&created.incident(record.recorded_at)),
            Event::IncidentClaimed(IncidentClaimed { incident, .. }) => self.life(*incident).claimed = true,
            Event::IncidentHandedOver(IncidentHandedOver { incident, .. }) => {
                self.life(*incident).claimed = false;
            }
            Event::IncidentMoved(IncidentMoved { incident, place, .. }) => {
                let life = self.life(*incident);
                life.moved = true;
                life.countdown.confirmed = is_confirmed(place);
            }
            Event::IncidentClassified(IncidentClassified { incident, incident_type, .. }) => {
                self.life(*incident).countdown.of_type.clone_from(incident_type);
            }
            Event::IncidentNoted(IncidentNoted { incident, caller_withdrew: true, .. }) => {
                self.life(*incident).countdown.in_hand = true;
            }
            Event::IncidentClosed(IncidentClosed { incident }) => self.end(*incident, IncidentStatus::Closed),
            Event::IncidentCancelled(IncidentCancelled { incident, .. }) => {
                self.end(*incident, IncidentStatus::Cancelled);
            }
            Event::IncidentMerged(IncidentMerged { incident, into, orders, .. }) => {
                for order in orders {
                    let task = self.orders.get_mut(order).expect("known");
                    // It is of the present life of the incident it came to.
                    (task.incident, task.born) = (*into, record.seq);
                }
                self.life(*into).countdown.in_hand |= !orders.is_empty();
                self.end(*incident, IncidentStatus::Closed);
            }
            Event::ClockCorrected(corrected) => {
                let lives = self.incidents.values_mut();
                lives
                    .filter_map(|life| life.countdown.due.as_mut())
                    .for_each(|due| *due = due.moved(corrected.moves()));
            }
            Event::IncidentReopened(IncidentReopened { incident, .. }) => {
                self.taken_up_again(*incident, record.seq);
            }
            Event::IncidentArchived(IncidentArchived { incident, .. }) => {
                assert!(self.life(*incident).ended.is_some(), "only what has ended leaves");
                self.incidents.remove(incident);
                self.orders.retain(|_, task| task.incident != *incident);
            }
            Event::IncidentReplaced(IncidentReplaced { incident, by, .. }) => {
                assert!(!self.incidents.contains_key(incident), "what is alive is not replaced");
                assert!(self.replaced.insert(*incident), "an incident is replaced once");
                assert!(self.life(*by).replacing);
            }
            Event::OrderCreated(created) => self.ordered(&created.order(record.recorded_at), record.seq),
            Event::OrderAdvanced(OrderAdvanced { order, stamp, .. }) if !stamp.beside => {
                let task = self.orders.get_mut(order).expect("known");
                assert!(task.open(), "what has ended is never revived");
                task.state = stamp.state;
            }
            Event::OrderUnstacked(OrderUnstacked { order }) => {
                self.orders.get_mut(order).expect("known").state = OrderState::Sent;
            }
            Event::TimerExpired(TimerExpired { timer, .. }) => {
                assert!(self.waits(*timer), "{timer:?} runs for nothing");
            }
            _ => self.learn_automatic(record),
        }
    }

    fn learn_automatic(&mut self, record: &Record) {
        match &record.event {
            Event::RegionAdopted(RegionAdopted { register, .. }) => {
                let types = || register.types.iter();
                self.never = of(types().filter(|(_, entry)| entry.weapon || entry.sensitive));
                self.automatic = of(types().filter(|(_, entry)| entry.automatic.is_some()));
            }
            Event::AutomaticSet(AutomaticSet { incident_type, automatic: None }) => {
                self.automatic.remove(incident_type);
            }
            Event::AutomaticSet(AutomaticSet { incident_type, .. }) => {
                self.automatic.insert(incident_type.clone());
            }
            Event::AutomaticOrderAnnounced(AutomaticOrderAnnounced { incident, due_at, .. }) => {
                assert!(self.may_order_itself(*incident), "{incident} is a person's");
                assert!(due_at.ms_since(record.recorded_at) >= 5_000, "time enough to stop it");
                let countdown = &mut self.life(*incident).countdown;
                let unwatched = countdown.due.is_some_and(|due| record.recorded_at.ms_since(due) > 10_000);
                assert!(countdown.tried == Tried::Not || unwatched, "it is tried once");
                (countdown.tried, countdown.due) = (Tried::Yes, Some(*due_at));
            }
            Event::AutomaticOrderEnded(AutomaticOrderEnded { incident, why, .. }) => {
                self.automatic_ended(record, *incident, *why);
            }
            _ => {}
        }
    }

    fn born(&mut self, incident: &Incident) {
        self.count("incident", &incident.number);
        let countdown = Countdown {
            of_type: incident.incident_type.clone(),
            confirmed: is_confirmed(&incident.place),
            in_hand: incident.reopened || incident.mode == Mode::Test,
            ..Countdown::default()
        };
        let replacing = incident.links.iter().any(|link| link.kind == LinkKind::Replacing);
        self.incidents.insert(incident.id, Life { replacing, countdown, ..Life::default() });
    }

    fn ordered(&mut self, order: &Order, seq: u64) {
        let life = self.life(order.incident);
        assert!(life.ended.is_none(), "an ended incident takes no order");
        assert!(
            order.seat.is_some() || life.countdown.tried == Tried::Given,
            "only a countdown orders by itself"
        );
        life.countdown.in_hand = true;
        let unit = match &order.target {
            Target::Unit(unit) => Some(unit.clone()),
            _ => None,
        };
        let (incident, diverted_from) = (order.incident, order.diverted_from);
        let task = Task { incident, unit, state: OrderState::Queued, diverted_from, born: seq };
        self.orders.insert(order.id, task);
    }

    fn taken_up_again(&mut self, id: IncidentId, seq: u64) {
        let life = self.life(id);
        assert!(life.ended.is_some(), "only what has ended is taken up again");
        let countdown = Countdown { in_hand: true, ..std::mem::take(&mut life.countdown) };
        let (moved, replacing) = (life.moved, life.replacing);
        *life = Life { reopened_at: Some(seq), moved, replacing, countdown, ..Life::default() };
    }

    fn life(&mut self, id: IncidentId) -> &mut Life {
        self.incidents.get_mut(&id).expect("events name incidents that are alive")
    }

    fn end(&mut self, id: IncidentId, how: IncidentStatus) {
        let open = self.orders.values().any(|task| task.incident == id && task.open());
        assert!(!open, "an incident ends without open orders");
        self.life(id).ended = Some(how);
    }

    fn may_order_itself(&self, id: IncidentId) -> bool {
        let life = &self.incidents[&id];
        let Countdown { of_type: Some(code), confirmed: true, in_hand: false, .. } = &life.countdown else {
            return false;
        };
        let allowed = self.automatic.contains(code) && !self.never.contains(code);
        allowed && life.ended.is_none() && !life.claimed
    }

    fn automatic_ended(&mut self, record: &Record, id: IncidentId, why: AutomaticEnd) {
        let may = self.may_order_itself(id);
        let countdown = &mut self.life(id).countdown;
        let due = countdown.due.take();
        countdown.tried = Tried::Yes;
        match why {
            AutomaticEnd::Given => {
                assert!(may, "{id} was given though it is a person's");
                assert!(due.is_some_and(|due| due <= record.recorded_at), "{id} was given too soon");
                assert_eq!((record.actor.as_str(), &record.seat), ("system", &None));
                countdown.tried = Tried::Given;
            }
            AutomaticEnd::Unfilled | AutomaticEnd::Refused => assert!(record.seat.is_none()),
            AutomaticEnd::Forbidden => {}
            _ => assert!(due.is_some() && record.seat.is_some(), "{why:?}: a person stops what counts down"),
        }
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
        assert!(state.incidents().keys().eq(self.incidents.keys()), "the same incidents are alive");
        assert!(state.orders().keys().eq(self.orders.keys()), "the same orders are alive");
        for (id, task) in &self.orders {
            assert_eq!(state.orders()[id].state, task.state, "{id}");
        }
        for (id, life) in &self.incidents {
            let mut told = crate::response::status::incident_status(state, &state.incidents()[id]);
            told.sort();
            assert_eq!(told, self.words(*id, life), "{id}");
        }
        for (id, life) in &self.incidents {
            let shown = state.incidents()[id].automatic.as_ref();
            let due = shown.filter(|automatic| automatic.ended.is_none()).and_then(|shown| shown.due_at);
            assert_eq!(due, life.countdown.due, "{id}: the countdown that is shown");
            assert!(due.is_none() || self.may_order_itself(*id), "{id}: a countdown over a person's head");
        }
        for unit in state.units().keys() {
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
        if life.reopened_at.is_some() || life.replacing {
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

fn is_confirmed(place: &Place) -> bool {
    place.coord.is_some() && place.confirmed_by.is_some()
}

fn of<'t>(types: impl Iterator<Item = (&'t TypeCode, &'t IncidentType)>) -> BTreeSet<TypeCode> {
    types.map(|(code, _)| code.clone()).collect()
}
