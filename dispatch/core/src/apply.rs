//! From a record to the next state. Applying cannot fail: what a decision let through holds all that is needed, and an
//! entity that is not there is passed over, as it would be when an old journal is replayed after an archive.
//!
//! Each event is applied by the context it belongs to, in that context's `apply.rs`. Timers are set and ended there and
//! nowhere else, so that a replay rebuilds them.

use crate::event::Record;
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
