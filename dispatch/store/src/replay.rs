//! State made again from the journal: what opening, verification and restore share. Replaying knows no commands, only
//! records; a commit's views are made from the state after its last record, as the writer made them.

use dispatch_core::event::Record;
use dispatch_core::state::State;
use dispatch_core::view::View;

use crate::store::StoreError;

/// A state being replayed.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// The state so far.
    pub state: State,
}

impl Replay {
    /// Goes on from a state.
    pub fn from(state: State) -> Self {
        Self { state }
    }

    /// Applies one record, which has to be the next.
    pub fn apply(&mut self, record: &Record) -> Result<(), StoreError> {
        if record.seq != self.state.seq + 1 {
            let detail = format!("row {} follows row {}", record.seq, self.state.seq);
            return Err(StoreError::corrupt("the journal has a gap", detail));
        }
        dispatch_core::apply(&mut self.state, record);
        if self.state.seq != record.seq {
            return Err(StoreError::corrupt(
                "the state does not count its records",
                format!("at row {}", record.seq),
            ));
        }
        Ok(())
    }

    /// Applies the records of one commit and makes its views.
    pub fn commit(&mut self, records: &[Record]) -> Result<Vec<View>, StoreError> {
        records.iter().try_for_each(|record| self.apply(record))?;
        Ok(dispatch_core::changed_views(&self.state, records))
    }

    /// Hash of the state so far.
    pub fn hash(&self) -> [u8; 32] {
        dispatch_core::state_hash(&self.state)
    }
}
