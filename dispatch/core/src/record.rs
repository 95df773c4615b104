//! From an event to a row of the journal: everything about how it came to be.

use crate::command::Envelope;
use crate::event::{ClockCorrected, Event, Record};
use crate::kernel::about::About;
use crate::kernel::id::EntityId;
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
    // A correction belongs to the time it brings.
    let at = event.get::<ClockCorrected>().map_or(now, |corrected| corrected.to);
    Record {
        seq,
        command: envelope.id,
        desk: seat.map(|(_, seat)| seat.desk.clone()),
        seat: seat.map(|(id, _)| id.clone()),
        actor: envelope.actor.clone(),
        on_behalf_of: envelope.on_behalf_of.clone(),
        channel: envelope.channel,
        mode: mode(state, &event.about()),
        occurred_at: envelope.occurred_at.unwrap_or(at),
        recorded_at: at,
        event,
    }
}

/// The mode of what an event is about; actual for the centre's own housekeeping.
fn mode(state: &State, about: &About) -> Mode {
    about.mode.or_else(|| about.named().find_map(|id| mode_of(state, id))).unwrap_or(Mode::Actual)
}

/// The mode of an entity that has one: its own where it is an alarm, else that of its incident.
fn mode_of(state: &State, id: &EntityId) -> Option<Mode> {
    let alarm = id.as_alarm().and_then(|id| state.alarms().get(&id));
    let incident = || state.incidents().get(&id.incident(state)?);
    alarm.map(|alarm| alarm.mode).or_else(|| incident().map(|incident| incident.mode))
}
