//! From an event to a row of the journal: everything about how it came to be.

use crate::command::Envelope;
use crate::event::{Event, Record};
use crate::kernel::id::{AlarmId, IncidentId, OrderId, SupportId};
use crate::kernel::kind::Mode;
use crate::kernel::time::Time;
use crate::kernel::timer::TimerKey;
use crate::state::State;

/// Makes the record of one event of a command. `state` is the state just before this event, so that the mode of an
/// entity made by an earlier event of the same command is known.
///
/// The desk is that of the seat; a seat nobody knows is left out (only an alarm is taken from one). A time claimed by
/// the sender stays as claimed; without one the event occurred when it was decided.
pub fn record(state: &State, envelope: &Envelope, event: Event, seq: u64, now: Time) -> Record {
    let seat = envelope.seat.as_ref().and_then(|seat| state.register.seats.get_key_value(seat));
    Record {
        seq,
        command: envelope.id,
        desk: seat.map(|(_, seat)| seat.desk.clone()),
        seat: seat.map(|(id, _)| id.clone()),
        actor: envelope.actor.clone(),
        on_behalf_of: envelope.on_behalf_of.clone(),
        channel: envelope.channel,
        mode: mode(state, &event),
        occurred_at: envelope.occurred_at.unwrap_or(now),
        recorded_at: now,
        event,
    }
}

/// The mode of the entity an event concerns; actual for the centre's own housekeeping.
fn mode(state: &State, event: &Event) -> Mode {
    let found = match event {
        Event::AlarmRaised { alarm, .. } => Some(alarm.mode),
        Event::IncidentCreated { incident, .. } => Some(incident.mode),
        Event::IncidentReplaced { archived, .. } => Some(archived.incident.mode),
        Event::OrderCreated { order } => Some(order.mode),
        Event::IncidentArchived { mode, .. } | Event::AlarmArchived { mode, .. } => Some(*mode),
        Event::RecommendationRecorded { recommendation } => of_incident(state, recommendation.incident),
        Event::SupportRequested { support } => of_incident(state, support.incident),
        Event::AlarmRepeated { alarm, .. }
        | Event::AlarmAnswered { alarm, .. }
        | Event::AlarmSaved { alarm, .. }
        | Event::DuplicatesOffered { alarm, .. }
        | Event::AlarmSettled { alarm, .. }
        | Event::CallBackClosed { alarm, .. } => of_alarm(state, *alarm),
        Event::IncidentClaimed { incident, .. }
        | Event::IncidentClassified { incident, .. }
        | Event::IncidentMoved { incident, .. }
        | Event::IncidentNoted { incident, .. }
        | Event::IncidentSilenced { incident, .. }
        | Event::IncidentsLinked { incident, .. }
        | Event::IncidentMerged { incident, .. }
        | Event::IncidentSplit { incident, .. }
        | Event::IncidentCancelled { incident, .. }
        | Event::IncidentClosed { incident }
        | Event::IncidentReopened { incident, .. }
        | Event::IncidentHandedOver { incident, .. }
        | Event::AutomaticOrderAnnounced { incident, .. }
        | Event::AutomaticOrderEnded { incident, .. }
        | Event::FeedbackGiven { incident, .. }
        | Event::FeedbackReviewed { incident, .. } => of_incident(state, *incident),
        Event::OrderAdvanced { order, .. }
        | Event::OrderUnstacked { order }
        | Event::OrderRecalled { order, .. }
        | Event::NoticeSigned { order, .. }
        | Event::LifeConfirmed { order, .. }
        | Event::CallerReleased { order, .. } => of_order(state, *order),
        Event::SupportGranted { support, .. }
        | Event::SupportRefused { support, .. }
        | Event::SupportEnded { support, .. } => of_support(state, *support),
        Event::TimerExpired { timer, .. } => of_timer(state, *timer),
        _ => None,
    };
    found.unwrap_or(Mode::Actual)
}

fn of_alarm(state: &State, id: AlarmId) -> Option<Mode> {
    state.alarms.get(&id).map(|alarm| alarm.mode)
}

fn of_incident(state: &State, id: IncidentId) -> Option<Mode> {
    state.incidents.get(&id).map(|incident| incident.mode)
}

fn of_order(state: &State, id: OrderId) -> Option<Mode> {
    state.orders.get(&id).map(|order| order.mode)
}

fn of_support(state: &State, id: SupportId) -> Option<Mode> {
    state.supports.get(&id).and_then(|support| of_incident(state, support.incident))
}

fn of_timer(state: &State, key: TimerKey) -> Option<Mode> {
    match key {
        TimerKey::Answer(alarm)
        | TimerKey::Settle(alarm)
        | TimerKey::CallBack(alarm)
        | TimerKey::AlarmArchive(alarm) => of_alarm(state, alarm),
        TimerKey::Claim(incident)
        | TimerKey::FirstOrder(incident)
        | TimerKey::Automatic(incident)
        | TimerKey::Archive(incident) => of_incident(state, incident),
        TimerKey::Delivered(order)
        | TimerKey::Signed(order)
        | TimerKey::Departed(order)
        | TimerKey::Arrival(order)
        | TimerKey::SignOfLife(order)
        | TimerKey::Feedback(order)
        | TimerKey::Notice(order) => of_order(state, order),
        TimerKey::Support(support) => of_support(state, support),
        TimerKey::Shelf(_) | TimerKey::Suppression(_) => None,
    }
}
