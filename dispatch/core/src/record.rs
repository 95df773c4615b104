//! From an event to a row of the journal: everything about how it came to be.

use crate::command::Envelope;
use crate::event::{Event, Record};
use crate::kernel::about::About;
use crate::kernel::entity::EntityId;
use crate::kernel::id::IncidentId;
use crate::kernel::kind::Mode;
use crate::kernel::time::Time;
use crate::state::State;

/// Makes the record of one event of a command. `state` is the state just before this event, so that the mode of an
/// entity made by an earlier event of the same command is known.
///
/// The desk is that of the seat; a seat nobody knows is left out (only an alarm is taken from one). A time claimed by
/// the sender stays as claimed; without one the event occurred when it was decided.
pub fn record(state: &State, envelope: &Envelope, event: Event, seq: u64, now: Time) -> Record {
    let seat = envelope.seat.as_ref().and_then(|seat| state.register().seats.get_key_value(seat));
    Record {
        seq,
        command: envelope.id,
        desk: seat.map(|(_, seat)| seat.desk.clone()),
        seat: seat.map(|(id, _)| id.clone()),
        actor: envelope.actor.clone(),
        on_behalf_of: envelope.on_behalf_of.clone(),
        channel: envelope.channel,
        mode: mode(state, &event.about()),
        occurred_at: envelope.occurred_at.unwrap_or(now),
        recorded_at: now,
        event,
    }
}

/// The mode of what an event is about; actual for the centre's own housekeeping.
fn mode(state: &State, about: &About) -> Mode {
    about.mode.or_else(|| about.named().find_map(|id| mode_of(state, id))).unwrap_or(Mode::Actual)
}

/// The mode of an entity that has one.
fn mode_of(state: &State, id: &EntityId) -> Option<Mode> {
    let of_incident = |id: &IncidentId| state.incidents().get(id).map(|incident| incident.mode);
    match id {
        EntityId::Alarm(id) => state.alarms().get(id).map(|alarm| alarm.mode),
        EntityId::Incident(id) => of_incident(id),
        EntityId::Order(id) => state.orders().get(id).map(|order| order.mode),
        EntityId::Recommendation(id) => {
            state.recommendations().get(id).and_then(|known| of_incident(&known.incident))
        }
        EntityId::Support(id) => state.supports().get(id).and_then(|support| of_incident(&support.incident)),
        EntityId::Unit(_)
        | EntityId::Technical(_)
        | EntityId::Suppression(_)
        | EntityId::Handover(_)
        | EntityId::Point(_) => None,
    }
}
