//! From a record to the next state. Applying cannot fail: what a decision let through holds all that is needed, and an
//! entity that is not there is passed over, as it would be when an old journal is replayed after an archive.
//!
//! Each event is applied by the context it belongs to, in that context's `apply.rs`. Timers are set and ended there and
//! nowhere else, so that a replay rebuilds them.

use crate::event::Record;
use crate::kernel::act::{ACTS_MAX, Act};
use crate::reactions;
use crate::state::State;

/// How an event changes the state.
pub(crate) trait Apply {
    /// Changes the state. `record` is the whole row, with who acted and when.
    fn apply(&self, state: &mut State, record: &Record);
}

/// Applies one record. Records are applied in the order of their sequence, each once.
pub fn apply(state: &mut State, record: &Record) {
    state.seq = record.seq;
    state.now = state.now.max(record.recorded_at);
    record.event.apply(state, record);
    reactions::follow(state, record);
}

/// Forgets the last act if the record repeats it, so that repeats do not push out what people did.
pub(crate) fn forget_same(acts: &mut Vec<Act>, record: &Record) {
    acts.pop_if(|last| last.what == record.event.name());
}

/// Remembers who made a version of an alarm, an incident or an order.
pub(crate) fn remember(acts: &mut Vec<Act>, version: u32, record: &Record) {
    if acts.len() >= ACTS_MAX {
        acts.remove(0);
    }
    acts.push(Act {
        version,
        what: record.event.name().to_owned(),
        actor: record.actor.clone(),
        seat: record.seat.clone(),
        at: record.recorded_at,
    });
}
