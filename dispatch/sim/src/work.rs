//! What is to be done in the room, most urgent first, and whose it is.

use dispatch_core::kernel::id::{AlarmId, DeskId, FeedbackId, IncidentId, OrderId, SeatId, SupportId};
use dispatch_core::kernel::kind::{OrderState, Priority, Role};
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::alarm::{Alarm, AlarmState};
use dispatch_core::response::incident::Incident;

use crate::moment::seconds_between;
use crate::room::Room;

/// An order that is not signed after this long is phoned about, s.
const PHONE_AFTER_S: f64 = 45.0;

/// One piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// A ringing alarm.
    Answer(AlarmId),
    /// The rest of a call answered at the operators' own seat.
    Talk(AlarmId),
    /// An order nobody signs.
    Phone(OrderId),
    /// An incident without an open order.
    Dispatch(IncidentId),
    /// Another desk wants a unit.
    Support(SupportId),
    /// A unit lent for an incident that is over.
    Return(SupportId),
    /// A caller to be called back.
    CallBack(AlarmId),
    /// A result to be looked at.
    Review(IncidentId, FeedbackId),
    /// An incident with an accepted result.
    Close(IncidentId),
}

/// Work with what decides who takes it up and when.
#[derive(Debug, Clone)]
pub struct Item {
    /// What is to be done, and on what.
    pub work: Work,
    /// Which desk answers for it.
    pub desk: DeskId,
    /// In which role it is done.
    pub role: Role,
    /// How urgent: priority, then how long it has waited.
    pub rank: (Priority, i64),
    /// Since when it waits.
    pub since: Time,
    /// The seat that holds it already.
    pub holder: Option<SeatId>,
}

/// Everything to be done, most urgent first. Ties are broken by id.
pub fn list(room: &Room, now: Time) -> Vec<Item> {
    let alarms = room.alarms.values().map(of_alarm);
    let incidents = room.incidents.values().filter_map(|incident| of_incident(room, incident));
    let supports = room.supports.values().map(|support| Item {
        work: Work::Support(support.id),
        desk: support.of.clone(),
        role: Role::Dispatcher,
        rank: (support.priority, support.at.0),
        since: support.at,
        holder: None,
    });
    let over = |support: &&dispatch_core::response::support::Support| {
        !room.incidents.contains_key(&support.incident)
            && room.units.get(&support.unit).is_some_and(|unit| unit.free)
    };
    let lent = room.lent.values().filter(over);
    let lent = lent.map(|support| Item {
        work: Work::Return(support.id),
        desk: support.by.clone(),
        role: Role::Dispatcher,
        rank: (Priority::P3, support.at.0),
        since: support.at,
        holder: None,
    });
    let mut items: Vec<Item> =
        alarms.chain(incidents).chain(supports).chain(lent).chain(unsigned(room, now)).collect();
    items.sort_by(|a, b| a.rank.cmp(&b.rank).then(a.work.cmp(&b.work)));
    items
}

fn of_alarm(alarm: &Alarm) -> Item {
    let (work, since, priority) = match alarm.state {
        AlarmState::Ringing => (Work::Answer(alarm.id), alarm.received_at, Priority::P1),
        AlarmState::Answered => (Work::Talk(alarm.id), alarm.received_at, Priority::P1),
        AlarmState::Settled => {
            (Work::CallBack(alarm.id), alarm.settled_at.unwrap_or(alarm.received_at), Priority::P3)
        }
    };
    Item {
        work,
        desk: alarm.desk.clone(),
        role: Role::CallTaker,
        rank: (priority, since.0),
        since,
        holder: alarm.answered.as_ref().map(|(_, seat)| seat.clone()),
    }
}

fn of_incident(room: &Room, incident: &Incident) -> Option<Item> {
    let open = room.open_orders(incident.id).next().is_some();
    let (work, priority) = if let Some(feedback) = Room::pending_result(incident) {
        (Work::Review(incident.id, feedback), Priority::P3)
    } else if open {
        return None;
    } else if Room::has_accepted_result(incident) {
        (Work::Close(incident.id), Priority::P3)
    } else if room.is_carried_out(incident.id) {
        // The crew still owes its result.
        return None;
    } else {
        (Work::Dispatch(incident.id), incident.priority)
    };
    Some(Item {
        work,
        desk: incident.desk.clone(),
        role: Role::Dispatcher,
        rank: (priority, incident.created_at.0),
        since: incident.created_at,
        holder: incident.claimed_by.clone(),
    })
}

fn unsigned(room: &Room, now: Time) -> impl Iterator<Item = Item> + '_ {
    let waiting = move |order: &&dispatch_core::response::order::Order| {
        matches!(order.state, OrderState::Sent | OrderState::Delivered)
            && matches!(order.target, Target::Unit(_))
            && !order.recall_pending
            && seconds_between(order.created_at, now) > PHONE_AFTER_S
    };
    room.orders.values().filter(waiting).map(move |order| Item {
        work: Work::Phone(order.id),
        desk: order.desk.clone(),
        role: Role::Dispatcher,
        rank: (Priority::P1, order.created_at.0),
        since: order.created_at,
        holder: room.incidents.get(&order.incident).and_then(|incident| incident.claimed_by.clone()),
    })
}
