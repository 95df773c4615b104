//! What must be true of every state, defined once: the same predicate in tests, in the simulator and in production.
//! It reads the whole state, so production asks at its start and in `verify`, not at every commit.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::id::{
    AlarmId, EntityId, IncidentId, OrderId, SupportId, TechnicalId, TimerKey, UnitId, timer_rows,
};
use crate::kernel::kind::{IncidentState, OrderState};
use crate::kernel::target::Target;
use crate::response::alarm::{Alarm, AlarmState, CallBack};
use crate::response::incident::Incident;
use crate::response::order::Order;
use crate::response::support::SupportState;
use crate::response::unit::Unit;
use crate::state::State;
use crate::view::View;

/// One rule that does not hold for one entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The rule, as a sentence.
    pub rule: &'static str,
    /// The entity it does not hold for.
    pub id: String,
}

/// Everything that is not as it must be, by rule.
pub fn violations(state: &State) -> Vec<Violation> {
    let mut broken = Broken(Vec::new());
    let holders = holders(state);
    state.alarms().values().for_each(|alarm| check_alarm(state, alarm, &mut broken));
    state.incidents().values().for_each(|incident| check_incident(state, incident, &mut broken));
    state.orders().values().for_each(|order| check_order(state, order, &holders, &mut broken));
    state.units().values().for_each(|unit| check_unit(state, unit, &mut broken));
    check_register(state, &mut broken);
    check_numbers(state, &mut broken);
    for row in state.timers.rows() {
        broken.unless(stands(state, row.key), "a timer stands only for what waits", format!("{:?}", row.key));
    }
    broken.0.sort();
    broken.0
}

struct Broken(Vec<Violation>);

impl Broken {
    fn unless(&mut self, holds: bool, rule: &'static str, id: impl std::fmt::Display) {
        if !holds {
            self.0.push(Violation { rule, id: id.to_string() });
        }
    }
}

/// How many places hold each order: a unit's active order, its pending divert, its stack.
fn holders(state: &State) -> BTreeMap<OrderId, Vec<&UnitId>> {
    let mut holders: BTreeMap<OrderId, Vec<&UnitId>> = BTreeMap::new();
    for unit in state.units().values() {
        for order in unit.active.iter().chain(&unit.divert).chain(&unit.stacked) {
            holders.entry(*order).or_default().push(&unit.id);
        }
    }
    holders
}

fn check_alarm(state: &State, alarm: &Alarm, broken: &mut Broken) {
    let settled = alarm.state == AlarmState::Settled;
    let id = alarm.id;
    broken.unless(
        settled == alarm.outcome.is_some(),
        "an alarm is settled exactly when it has an outcome",
        id,
    );
    let rings = state.timers.get(TimerKey::Answer(id)).is_some();
    broken.unless(rings == (alarm.state == AlarmState::Ringing), "a ringing alarm has its answer timer", id);
    let talks = state.timers.get(TimerKey::Settle(id)).is_some();
    let answered = alarm.state == AlarmState::Answered;
    broken.unless(talks == answered, "an answered alarm has its timer until it is settled", id);
    if let Some(incident) = alarm.outcome.as_ref().and_then(|outcome| outcome.incident) {
        let lists = state.incidents().get(&incident).is_some_and(|incident| incident.alarms.contains(&id));
        broken.unless(lists, "an alarm is listed by the incident it belongs to", id);
    } else if settled {
        let leaves = state.timers.get(TimerKey::AlarmArchive(id)).is_some();
        broken.unless(leaves, "a settled alarm without an incident leaves state in time", id);
    }
}

fn check_incident(state: &State, incident: &Incident, broken: &mut Broken) {
    let id = incident.id;
    let ended = incident.state != IncidentState::Active;
    let open = crate::response::status::open_orders(state, incident).next().is_some();
    broken.unless(!(ended && open), "an ended incident has no open order", id);
    let leaves = state.timers.get(TimerKey::Archive(id)).is_some();
    broken.unless(ended == leaves, "an incident leaves state in time exactly when it is ended", id);
    broken.unless(ended == incident.ended_at.is_some(), "an ended incident says when it ended", id);
    let orders: BTreeSet<&OrderId> = incident.orders.iter().collect();
    broken.unless(orders.len() == incident.orders.len(), "an incident lists an order once", id);
    for order in &incident.orders {
        let own = state.orders().get(order).is_some_and(|order| order.incident == id);
        broken.unless(own, "an order listed by an incident is its own", order);
    }
    for alarm in &incident.alarms {
        let own = state
            .alarms()
            .get(alarm)
            .and_then(|alarm| alarm.outcome.as_ref())
            .and_then(|outcome| outcome.incident);
        broken.unless(own == Some(id), "an alarm listed by an incident belongs to it", alarm);
    }
    let claimed = state.timers.get(TimerKey::Claim(id)).is_some();
    broken.unless(!claimed || incident.claimed_by.is_none(), "a claimed incident waits for no claim", id);
    broken.unless(
        incident.acts.len() <= crate::kernel::act::ACTS_MAX,
        "an incident remembers its last acts only",
        id,
    );
    check_automatic(state, incident, broken);
    let last = incident.acts.last().map(|act| act.version);
    broken.unless(last == Some(incident.version), "the last act made the version", id);
}

/// The timer of an automatic order stands exactly while one may be announced or counts down, and then the rule holds:
/// a type that is allowed and has no weapon, a confirmed place, nobody who has acted.
fn check_automatic(state: &State, incident: &Incident, broken: &mut Broken) {
    let id = incident.id;
    let may = crate::response::automatic::allowed(state.register(), incident).is_some();
    let due = state.timers.get(TimerKey::Automatic(id)).is_some();
    let counts = crate::response::automatic::counts(incident);
    let begins = may && incident.automatic.is_none();
    broken.unless(due == (begins || counts), "an automatic order is due exactly where one may be given", id);
    broken.unless(may || !counts, "an automatic order counts down only where one may be given", id);
}

fn check_order(state: &State, order: &Order, holders: &BTreeMap<OrderId, Vec<&UnitId>>, broken: &mut Broken) {
    let id = order.id;
    let listed = state.incidents().get(&order.incident).is_some_and(|incident| incident.orders.contains(&id));
    broken.unless(listed, "an order is listed by its incident", id);
    let held = holders.get(&id).map_or(&[][..], Vec::as_slice);
    let open_of = match &order.target {
        Target::Unit(unit) if !order.state.is_ended() => Some(unit),
        _ => None,
    };
    let expected: Vec<&UnitId> = open_of.into_iter().collect();
    broken.unless(held == expected, "an open order to a unit is held by it once, any other by nobody", id);
    broken.unless(
        order.stacked == (order.state == OrderState::Queued) || order.state.is_ended(),
        "an order is queued exactly while it is stacked",
        id,
    );
    let silent = state.incidents().get(&order.incident).is_some_and(|incident| incident.silent);
    broken.unless(
        order.silent || !silent || order.state.is_ended(),
        "an open order of a silent incident is silent",
        id,
    );
    let last = order.acts.last().map(|act| act.version);
    broken.unless(last == Some(order.version), "the last act made the version of an order", id);
    broken.unless(!order.recall_pending || !order.state.is_ended(), "an ended order waits for no recall", id);
    let reached =
        order.stamps.iter().rev().find(|stamp| !stamp.beside).map_or(OrderState::Queued, |stamp| stamp.state);
    broken.unless(reached == order.state, "an order is where its last stamp says", id);
    let first_end = order.stamps.iter().filter(|stamp| !stamp.beside && stamp.state.is_ended()).count();
    broken.unless(
        first_end == usize::from(order.state.is_ended()),
        "an order ends once and is not revived",
        id,
    );
}

fn check_unit(state: &State, unit: &Unit, broken: &mut Broken) {
    let id = &unit.id;
    let order = |id: &OrderId| state.orders().get(id);
    let active = unit.active.as_ref().map(order);
    let sent = active.is_none_or(|order| order.is_some_and(|order| order.state != OrderState::Queued));
    broken.unless(sent, "an active order was sent", id);
    broken.unless(
        unit.divert.is_none() || unit.active.is_some(),
        "a unit is diverted from an order it has",
        id,
    );
    let queued = |stacked: &OrderId| order(stacked).is_some_and(|order| order.state == OrderState::Queued);
    broken.unless(unit.stacked.iter().all(queued), "a stacked order is queued", id);
    let idle_stack = unit.active.is_none() && !unit.stacked.is_empty() && unit.out_of_service.is_none();
    broken.unless(!idle_stack, "a free unit in service has nothing stacked", id);
    let on_duty = unit.duty != crate::kernel::kind::Duty::Off;
    broken.unless(on_duty || unit.active.is_none(), "a unit off duty has no order", id);
    let entry = state.register().units.get(id);
    broken.unless(entry.is_some_and(|entry| !entry.retired), "a live unit is registered", id);
    let lent = state.supports().values().find(|support| {
        support.unit == *id && matches!(support.state, SupportState::Granted | SupportState::Taken)
    });
    let desk = lent.map(|support| &support.by).or(entry.map(|entry| &entry.desk));
    broken.unless(
        desk == Some(&unit.desk),
        "a unit is commanded by its own desk or the one it is lent to",
        id,
    );
    let calls = |incident: &&Incident| {
        let mut alarms = incident.alarms.iter().filter_map(|alarm| state.alarms().get(alarm));
        incident.state == IncidentState::Active
            && alarms.any(|alarm| {
                alarm.source == crate::response::alarm::AlarmSource::Sos && alarm.unit.as_ref() == Some(id)
            })
    };
    let calls = state.incidents().values().any(|incident| calls(&incident));
    broken.unless(calls == unit.sos, "a unit shows its SOS exactly while one is open", id);
}

fn check_register(state: &State, broken: &mut Broken) {
    for (slot, unit) in state.slots().iter().enumerate() {
        let entry = state.register().units.get(unit);
        broken.unless(entry.is_some_and(|entry| entry.slot as usize == slot), "a unit is at its slot", unit);
    }
    broken.unless(
        state.slots().len() == state.register().units.len(),
        "every unit of the register has a slot",
        "slots",
    );
    for (press, alarm) in state.presses().iter() {
        broken.unless(state.alarms().contains_key(alarm), "an open press has its alarm", press);
    }
}

fn check_numbers(state: &State, broken: &mut Broken) {
    let mut seen = BTreeSet::new();
    for alarm in state.alarms().values() {
        broken.unless(seen.insert(&alarm.number), "an alarm's number is its own", &alarm.number);
    }
    seen.clear();
    for incident in state.incidents().values() {
        broken.unless(seen.insert(&incident.number), "an incident's number is its own", &incident.number);
    }
}

macro_rules! stands {
    ($( $name:ident $holds:ident $acts:ident )*) => {
        /// Whether what a timer waits for is still waited for.
        fn stands(state: &State, key: TimerKey) -> bool {
            match key { $( TimerKey::$name(id) => $holds(state, id), )* }
        }
    };
}
timer_rows! { stands }

/// It is alive, and the incident it belongs to, if it does to one, goes on.
fn is_alive(state: &State, id: impl Into<EntityId>) -> bool {
    let id = id.into();
    View::of(state, &id).is_some() && id.incident(state).is_none_or(|incident| goes_on(state, incident))
}

fn alarm(state: &State, id: AlarmId, holds: impl FnOnce(&Alarm) -> bool) -> bool {
    state.alarms().get(&id).is_some_and(holds)
}

fn rings(state: &State, id: AlarmId) -> bool {
    alarm(state, id, |alarm| alarm.state == AlarmState::Ringing)
}

fn is_answered(state: &State, id: AlarmId) -> bool {
    alarm(state, id, |alarm| alarm.state == AlarmState::Answered)
}

fn is_settled(state: &State, id: AlarmId) -> bool {
    alarm(state, id, |alarm| alarm.state == AlarmState::Settled)
}

fn is_owed(state: &State, id: AlarmId) -> bool {
    alarm(state, id, |alarm| alarm.call_back.as_ref().is_some_and(CallBack::is_owed))
}

fn goes_on(state: &State, id: IncidentId) -> bool {
    state.incidents().get(&id).is_some_and(|incident| incident.state == IncidentState::Active)
}

fn is_ended(state: &State, id: IncidentId) -> bool {
    state.incidents().get(&id).is_some_and(|incident| incident.state != IncidentState::Active)
}

fn has_no_order(state: &State, id: IncidentId) -> bool {
    let sent = |order: &Order| order.state != OrderState::Queued;
    let open = |incident: &Incident| crate::response::status::open_orders(state, incident).any(sent);
    goes_on(state, id) && state.incidents().get(&id).is_some_and(|incident| !open(incident))
}

fn order(state: &State, id: OrderId, holds: impl FnOnce(&Order) -> bool) -> bool {
    state.orders().get(&id).is_some_and(holds)
}

fn is_sent(state: &State, id: OrderId) -> bool {
    order(state, id, |order| order.state == OrderState::Sent)
}

fn is_unsigned(state: &State, id: OrderId) -> bool {
    order(state, id, |order| matches!(order.state, OrderState::Sent | OrderState::Delivered))
}

fn is_signed(state: &State, id: OrderId) -> bool {
    order(state, id, |order| order.state == OrderState::Signed)
}

fn is_on_its_way(state: &State, id: OrderId) -> bool {
    order(state, id, |order| matches!(order.state, OrderState::Signed | OrderState::Enroute))
}

fn is_in_hand(state: &State, id: OrderId) -> bool {
    order(state, id, |order| order.state.is_signed_open())
}

fn lacks_result(state: &State, id: OrderId) -> bool {
    order(state, id, |order| order.state == OrderState::Cleared && goes_on(state, order.incident))
}

fn has_notice(state: &State, id: OrderId) -> bool {
    order(state, id, |order| !order.state.is_ended() && (order.recall_pending || order.supplement_pending))
}

fn is_open(state: &State, id: SupportId) -> bool {
    state.supports().get(&id).is_some_and(|support| support.state == SupportState::Open)
}

fn is_shelved(state: &State, id: TechnicalId) -> bool {
    state.technicals().get(&id).is_some_and(|technical| technical.shelf.is_some())
}
