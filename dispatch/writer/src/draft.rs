//! The batch being decided and the one in flight. At most one is in flight; the next is decided meanwhile (D3).

use std::sync::Arc;

use dispatch_core::seek::live_map::Geography;
use dispatch_core::state::State;
use dispatch_store::Batch;

use crate::lanes::Waiting;
use crate::limits::Limits;

/// Decided, applied to the speculative state, not sent.
#[derive(Debug, Default)]
pub struct Draft {
    /// The batch so far, without its views, which are made when it is sealed.
    pub batch: Batch,
    /// How many commands are in it.
    pub commands: usize,
    /// The alarms among them, whole, to be kept if the commit fails.
    pub alarms: Vec<Waiting>,
    /// The ground of a region adopted in it.
    pub geography: Option<Box<Geography>>,
}

impl Draft {
    /// Whether another command may come in; `careful` is one command at a time, after a failure.
    pub fn has_room(&self, limits: &Limits, careful: bool) -> bool {
        let commands_max = if careful { 1 } else { limits.batch_commands_max };
        self.commands < commands_max && self.batch.records.len() < limits.batch_records_max
    }
}

/// A batch on its way.
#[derive(Debug)]
pub struct Flight {
    /// Number of the batch, by which its outcome is reported.
    pub id: u64,
    /// The records, answers and views it commits.
    pub batch: Arc<Batch>,
    /// The head it continues.
    pub prev: u64,
    /// The alarms in it.
    pub alarms: Vec<Waiting>,
    /// The ground of a region adopted in it.
    pub geography: Option<Box<Geography>>,
    /// The state after it, when a snapshot is due with it.
    pub snapshot: Option<Arc<State>>,
}

impl Flight {
    /// The head it leads to.
    pub fn head(&self) -> u64 {
        self.batch.head().unwrap_or(self.prev)
    }
}
