//! What the stream says, taken into the world: orders reach their units, operators see the room, callers' alarms find
//! their incidents. The centre's word is the truth; whatever the world believed gives way.

use std::collections::BTreeSet;

use dispatch_core::kernel::id::{AlarmId, IncidentId, OrderId};
use dispatch_core::kernel::kind::IncidentState;
use dispatch_core::kernel::target::Target;
use dispatch_core::response::feedback::{FeedbackKind, Review};
use dispatch_core::response::incident::Incident;
use dispatch_core::response::order::Order;
use dispatch_core::view::View;

use crate::crew::Assignment;
use crate::desk_act;
use crate::scene::Scene;
use crate::world::World;

/// Time at a scene whose kind nobody knows, s.
const WORK_S: f64 = 1_800.0;

/// One commit.
pub(crate) fn commit(world: &mut World, views: &[View]) {
    for view in views {
        world.room.hear(view);
        hear_alarm(world, view);
        if let Some(view) = view.as_unit()
            && let Some(&at) = world.by_id.get(&view.unit.id)
        {
            let now = world.now();
            world.units[at].set_duty(view.unit.duty, now);
            world.rebook(at);
        }
    }
    let mut told: BTreeSet<OrderId> = BTreeSet::new();
    for view in views {
        if let Some(view) = view.as_order() {
            told.insert(view.order.id);
            tell(world, &view.order);
        }
    }
    for view in views {
        if let Some(view) = view.as_incident() {
            for order in orders_of(world, view.incident.id) {
                if told.insert(order.id) {
                    tell(world, &order);
                }
            }
            ask_again(world, &view.incident, false);
        }
    }
}

/// Everything alive.
pub(crate) fn snapshot(world: &mut World, views: &[View]) {
    world.room = crate::room::Room::default();
    let now = world.now();
    world.operators.begin_anew(now);
    commit(world, views);
    for at in 0..world.units.len() {
        let gone: Vec<OrderId> =
            world.units[at].orders().filter(|order| !world.room.orders.contains_key(order)).collect();
        for order in gone {
            world.units[at].forget(order, now);
        }
        world.rebook(at);
    }
    for view in views {
        if let Some(view) = view.as_incident() {
            ask_again(world, &view.incident, true);
        }
        if let Some(view) = view.as_unit()
            && let Some(&at) = world.by_id.get(&view.unit.id)
        {
            world.units[at].come_back(view.unit.returning, now);
            world.rebook(at);
        }
        if let Some(view) = view.as_technical()
            && view.technical.cleared_at.is_none()
        {
            world.faults.found(view.technical.id, now);
        }
    }
    world.rebook_others();
}

/// What a caller's conversation came to, and its end.
fn hear_alarm(world: &mut World, view: &View) {
    if let Some(view) = view.as_alarm()
        && let Some(incident) = desk_act::made_of(&view.alarm)
    {
        world.made.insert(view.alarm.id, incident);
        let said = world.conversations.get(&view.alarm.id);
        if let Some(happening) = said.and_then(|said| said.happening) {
            world.happenings.entry(happening).or_insert(incident);
        }
    }
    if let Some(gone) = view.as_gone().filter(|gone| gone.of == "alarm")
        && let Ok(id) = gone.id.parse().map(AlarmId)
    {
        world.conversations.remove(&id);
        world.made.remove(&id);
    }
}

fn orders_of(world: &World, incident: IncidentId) -> Vec<Order> {
    world.room.open_orders(incident).cloned().collect()
}

/// Passes an order on to its unit.
fn tell(world: &mut World, order: &Order) {
    let Target::Unit(unit) = &order.target else {
        return;
    };
    let Some(&at) = world.by_id.get(unit) else {
        return;
    };
    if order.state.is_ended() {
        world.seen.remove(&order.id);
    } else if world.seen.insert(order.id) {
        world.tally.orders += 1;
    }
    let incident = world.room.incidents.get(&order.incident);
    let news = assignment(order, incident, &world.scene);
    let now = world.now();
    world.units[at].hear(&news, now);
    world.rebook(at);
}

fn assignment(order: &Order, incident: Option<&Incident>, scene: &Scene) -> Assignment {
    let place = incident.map(|incident| &incident.place);
    let area = || {
        let incident = incident?;
        let mut named = incident.place.area.iter().chain(incident.area.0.last());
        named.find_map(|code| scene.areas.get(code)).copied()
    };
    let kind =
        incident.and_then(|incident| incident.incident_type.as_ref()).and_then(|code| scene.type_of(code));
    Assignment {
        order: order.id,
        incident: order.incident,
        scene: place.and_then(|place| place.coord).or_else(area),
        work_s: kind.map_or(WORK_S, |kind| kind.plot.work_s),
        state: order.state,
        notice: order.recall_pending || order.supplement_pending,
        recalled: order.recall_pending,
    }
}

/// Results that were returned are written again; after a start also those that were never written.
fn ask_again(world: &mut World, incident: &Incident, started: bool) {
    if incident.state != IncidentState::Active {
        return;
    }
    let results = |order: OrderId| {
        let of = incident.feedback.iter().filter(move |feedback| feedback.order == Some(order));
        of.filter(|feedback| feedback.kind == FeedbackKind::Result)
    };
    let owed: Vec<(OrderId, usize)> = world
        .room
        .cleared
        .iter()
        .filter(|(_, (of, _))| *of == incident.id)
        .filter(|(order, _)| match results(**order).next_back() {
            Some(last) => last.review == Review::Returned,
            None => started,
        })
        .filter_map(|(order, (_, unit))| Some((*order, *world.by_id.get(unit)?)))
        .collect();
    let now = world.now();
    for (order, at) in owed {
        world.units[at].report_again(incident.id, order, now);
        world.rebook(at);
    }
}
