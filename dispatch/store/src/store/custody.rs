//! What the journal is trusted by: the head of its chain, snapshots of the state it leads to, and the proof of both.

use std::future::Future;

use dispatch_core::kernel::id::JournalId;
use dispatch_core::state::State;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::concern::concern;
use crate::snapshot::StateHash;

/// The head of the audit chain, for the file outside the database (D11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// Id of the journal; none while it is empty.
    pub journal: Option<JournalId>,
    /// Sequence of the last row.
    pub seq: u64,
    /// Its hash, hex.
    pub hash: String,
}

/// What a verification found in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Rows in the journal.
    pub rows: u64,
    /// Hash of the last row, hex.
    pub audit_head: String,
    /// Hash of the state after the last row, with the name of its format (D5).
    pub state: StateHash,
    /// Entities of the read model compared with their replay.
    pub entities: u64,
    /// Snapshots whose state hash was compared with the replay.
    pub snapshots: u64,
    /// Snapshots that were not, because they are of another format.
    pub snapshots_not_compared: u64,
}

concern! {
    /// What the journal is trusted by.
    pub trait Custody {
        /// Keeps a state as snapshot, with its hash; the state's `seq` must be committed.
        async fn snapshot(&self, state: &State) -> Result<(), StoreError>;

        /// The head of the audit chain.
        async fn audit_head(&self) -> Result<AuditHead, StoreError>;

        /// Hash of a row and all before it, hex; none where there is no such row.
        async fn audit_of(&self, seq: u64) -> Result<Option<String>, StoreError>;

        /// Whoever writes from here on is told from whoever wrote before.
        async fn next_epoch(&self) -> Result<(), StoreError>;

        /// Proves the journal: gapless, chain unbroken, read model and snapshots equal to a replay.
        async fn verify(&self) -> Result<Verified, StoreError>;
    }
}
