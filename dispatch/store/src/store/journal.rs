//! The journal: its one way in, and how a node begins with it.

use std::future::Future;
use std::path::Path;

use dispatch_core::state::State;

use super::StoreError;
use super::concern::concern;
use crate::batch::{Batch, Content, StoredAnswer};

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendOutcome {
    /// It is durable.
    Committed {
        /// The head after it.
        head: u64,
        /// The head of the audit chain after it.
        audit: [u8; 32],
    },
    /// Nothing of it is in the database, now or ever.
    NotCommitted {
        /// What the database said.
        why: String,
    },
    /// It may be in the database or not: open again and look the ids up.
    Unknown {
        /// What the database said, if it said anything.
        why: String,
    },
}

impl AppendOutcome {
    /// Nothing is written between a failed commit and the next opening.
    pub(crate) fn closed() -> Self {
        Self::NotCommitted { why: StoreError::closed().to_string() }
    }

    /// The head after it; an error that says why when it is not known to be durable.
    pub fn committed(self) -> Result<u64, StoreError> {
        match self {
            Self::Committed { head, .. } => Ok(head),
            Self::NotCommitted { why } | Self::Unknown { why } => Err(StoreError::Impossible(why)),
        }
    }
}

/// What a node starts from: the newest valid snapshot with the tail replayed.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Everything alive after the last row.
    pub state: State,
    /// Sequence of the last row.
    pub head: u64,
    /// Hash of the last row and all before it.
    pub audit_head: [u8; 32],
    /// Sequence of the newest snapshot; 0 when there is none.
    pub snapshot_seq: u64,
    /// The clock the journal runs on, as its first row (or the last restore) names it.
    pub clock: String,
    /// Answers of the last seven days before the last row.
    pub answers: Vec<StoredAnswer>,
    /// Content of the region package in force.
    pub region: Option<Content>,
}

concern! {
    /// The journal has one way in.
    pub trait Journal {
        /// Writes a batch whole or not at all, in one call to the database. The journal's head must be the one the
        /// batch continues: otherwise nothing is written and the outcome is `NotCommitted`.
        async fn append(&self, batch: &Batch) -> AppendOutcome;

        /// Reads what a node starts from. After an `Unknown` outcome this also settles what became of that batch.
        async fn open(&self) -> Result<Opening, StoreError>;

        /// Writes a whole, compact copy while the centre goes on; `into` must not exist.
        async fn backup(&self, into: &Path) -> Result<(), StoreError>;
    }
}
