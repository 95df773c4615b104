//! Committed truth (D3) and the node's time that goes with it (D7).
//!
//! Leaves out: the writer's speculative state, which nobody but the writer sees.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use dispatch_core::event::Record;
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;

use crate::clock::Clock;

/// State as it is committed, and the node's clock. Clones share both.
#[derive(Clone, Debug)]
pub struct Truth {
    state: Arc<RwLock<State>>,
    clock: Clock,
}

impl Truth {
    /// What the journal was opened with, at the clock it names.
    pub fn new(state: State, clock: Clock) -> Self {
        Self { state: Arc::new(RwLock::new(state)), clock }
    }

    /// Reads committed state. Hold it briefly: commits wait.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The node's time, microseconds UTC: never behind what is committed.
    pub fn now(&self) -> Time {
        self.clock.now().max(self.state().now)
    }

    /// The node's one clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Takes in a commit, before it is shown to anybody; what has ended is held once with the writer's state, which is
    /// `decided`. Only the driver does.
    pub fn take_in(&self, records: &[Record], decided: &State) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for record in records {
            dispatch_core::apply(&mut state, record);
        }
        state.share_ended(decided, records);
    }

    /// The writer read its state, `decided`, from the store again: what both say is held once. Only the driver does.
    pub fn share(&self, decided: &State) {
        self.state.write().unwrap_or_else(PoisonError::into_inner).share_all(decided);
    }

    /// Begins anew from another state: the journal went on without this node's writer. Only the driver does.
    pub fn replace(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }
}
