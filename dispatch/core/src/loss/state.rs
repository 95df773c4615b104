//! What losses keep of the centre's state, and what their events make of it.

use std::collections::BTreeMap;

use super::event::{LossAccepted, LossFound};
use crate::apply::Apply;
use crate::contexts::keeps;
use crate::event::Record;
use crate::kernel::id::LossId;
use crate::loss::Loss;
use crate::state::State;

keeps! {
    /// Losses that nobody has accepted.
    LossState in loss, for tests loss_mut {
        /// Those that stand, each under its id.
        losses: BTreeMap<LossId, Loss>,
    }
}

impl State {
    /// Whether nothing but calls for help is taken, because the journal has lost something and nobody goes on without it.
    pub fn is_halted(&self) -> bool {
        !self.losses().is_empty()
    }
}

impl LossFound {
    /// The loss as it is noticed with this record.
    pub fn found(&self, record: &Record) -> Loss {
        Loss {
            id: self.loss,
            kind: self.kind,
            journal: self.journal,
            witnessed: self.witnessed,
            witnessed_at: self.witnessed_at,
            found: self.found,
            found_at: self.found_at,
            at: record.recorded_at,
        }
    }
}

impl Apply for LossFound {
    fn apply(&self, state: &mut State, record: &Record) {
        state.loss.losses.insert(self.loss, self.found(record));
    }
}

impl Apply for LossAccepted {
    fn apply(&self, state: &mut State, _record: &Record) {
        state.loss.losses.remove(&self.loss);
    }
}
