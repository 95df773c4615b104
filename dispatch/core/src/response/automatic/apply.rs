//! 自动派警: the countdown of an incident. As soon as an incident may be ordered automatically its timer is due at once:
//! the tick that finds it announces the order, and from then on the timer is the countdown. Before the announcement
//! the timer comes and goes with the rule; afterwards only its own events move it.

use crate::event::{Event, Record};
use crate::kernel::id::IncidentId;
use crate::kernel::time::Time;
use crate::kernel::timer::TimerKey;
use crate::response::automatic::AutomaticOrder;
use crate::response::automatic::allowed;
use crate::response::incident::apply::act;
use crate::state::State;

pub(crate) fn apply(state: &mut State, record: &Record) {
    match &record.event {
        Event::AutomaticOrderAnnounced { incident, due_at, targets, recommendation } => {
            let announced = AutomaticOrder {
                due_at: Some(*due_at),
                targets: targets.clone(),
                recommendation: Some(*recommendation),
                ended: None,
                refusal: None,
            };
            change(state, *incident, record, announced);
            state.timers.set(TimerKey::Automatic(*incident), *due_at);
        }
        Event::AutomaticOrderEnded { incident, why, refusal } => {
            let before = state.incidents.get(incident).and_then(|known| known.automatic.clone());
            let ended = AutomaticOrder {
                ended: Some(*why),
                refusal: refusal.as_deref().cloned(),
                ..before.unwrap_or_default()
            };
            change(state, *incident, record, ended);
            state.timers.cancel(TimerKey::Automatic(*incident));
        }
        _ => {}
    }
}

fn change(state: &mut State, id: IncidentId, record: &Record, to: AutomaticOrder) {
    act(state, id, record);
    if let Some(incident) = state.incidents.get_mut(&id) {
        incident.automatic = Some(to);
    }
}

/// Brings the timers of the incidents an event concerns in line with the rule.
pub(crate) fn follow(state: &mut State, record: &Record) {
    let concerned: Vec<IncidentId> = match &record.event {
        Event::IncidentCreated { incident, .. } => vec![incident.id],
        Event::OrderCreated { order } => vec![order.incident],
        Event::IncidentClaimed { incident, .. }
        | Event::IncidentClassified { incident, .. }
        | Event::IncidentMoved { incident, .. }
        | Event::IncidentNoted { incident, .. }
        | Event::IncidentCancelled { incident, .. }
        | Event::IncidentClosed { incident }
        | Event::IncidentHandedOver { incident, .. } => vec![*incident],
        Event::IncidentMerged { incident, into, .. } => vec![*incident, *into],
        Event::RegionAdopted { .. } | Event::AutomaticSet { .. } => state.incidents.keys().copied().collect(),
        _ => return,
    };
    for id in concerned {
        refresh(state, id, record.recorded_at);
    }
}

fn refresh(state: &mut State, id: IncidentId, now: Time) {
    let key = TimerKey::Automatic(id);
    let Some(incident) = state.incidents.get(&id).filter(|incident| incident.automatic.is_none()) else {
        return;
    };
    let may = allowed(&state.register, incident).is_some();
    match (may, state.timers.get(key).is_some()) {
        (true, false) => state.timers.set(key, now),
        (false, true) => state.timers.cancel(key),
        _ => {}
    }
}
