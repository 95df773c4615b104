//! The first row of a journal: its id and its clock (D7). Also the envelope of what a store records by itself.

use dispatch_core::event::{Event, JournalOpened, Record};
use dispatch_core::kernel::id::{CommandId, JournalId};
use dispatch_core::kernel::kind::{Channel, Mode};
use dispatch_core::kernel::time::Time;
use uuid::Uuid;

use crate::batch::Batch;
use crate::store::{AppendOutcome, StoreError};

/// What the first row of a journal says (D7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// Id of the journal.
    pub journal: JournalId,
    /// The command the row is filed under.
    pub command: CommandId,
    /// `wall`, or `scaled:<origin µs>:<rate per mille>`.
    pub clock: String,
    /// When, by that clock.
    pub at: Time,
}

impl Genesis {
    /// A new journal on this clock.
    pub fn new(clock: impl Into<String>, at: Time) -> Self {
        Self {
            journal: JournalId(Uuid::now_v7()),
            command: CommandId(Uuid::now_v7()),
            clock: clock.into(),
            at,
        }
    }

    /// A batch of the row alone, at a sequence.
    pub(crate) fn batch(&self, seq: u64) -> Batch {
        let opened = JournalOpened { journal: self.journal, clock: self.clock.clone() }.into();
        let record = housekeeping(seq, self.command, self.at, opened);
        Batch { records: vec![record], ..Batch::default() }
    }

    /// What came of writing it to an empty journal.
    pub(crate) fn written(outcome: AppendOutcome) -> Result<(), StoreError> {
        match outcome.committed() {
            Ok(_) => Ok(()),
            Err(why) => Err(StoreError::Impossible(format!("the first row could not be written: {why}"))),
        }
    }
}

/// A record of the centre's own doing.
pub(crate) fn housekeeping(seq: u64, command: CommandId, at: Time, event: Event) -> Record {
    Record {
        seq,
        command,
        desk: None,
        seat: None,
        actor: "system".into(),
        on_behalf_of: None,
        channel: Channel::System,
        mode: Mode::Actual,
        occurred_at: at,
        recorded_at: at,
        event,
    }
}
