//! What the journal is trusted by: the head of its chain, snapshots of the state it leads to, and the proof of all that
//! is kept.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use dispatch_core::kernel::id::JournalId;
use dispatch_core::loss::Loss;
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
    /// How far readings of words have come; nothing where they are not chained.
    #[serde(default)]
    pub readings: ReadingsHead,
}

/// The head of the chain of readings of words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingsHead {
    /// How many are chained.
    pub count: u64,
    /// Hash of the last of them, hex; empty where nothing is chained.
    pub hash: String,
}

/// What a verification proved, and what it could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Rows in the journal.
    pub rows: u64,
    /// Hash of the last row, hex.
    pub audit_head: String,
    /// Hash of the state after the last row, with the name of its format (D5).
    pub state: StateHash,
    /// Losses that nobody has accepted yet, as rows of the journal have them.
    pub losses: Vec<Loss>,
    /// What was looked at, table by table, in the order it is told.
    pub tables: Vec<TableProof>,
}

/// What was proved of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableProof {
    /// Its name, as people say it.
    pub table: &'static str,
    /// Rows that are as the journal has them, or as a chain or a hash of their own has them.
    pub proved: u64,
    /// Rows of which that is not known, with the reason.
    pub not_proved: Vec<(u64, &'static str)>,
}

impl TableProof {
    /// Of a table; rows of which none are not proved are left out.
    pub(crate) fn new(table: &'static str, proved: u64, not_proved: &[(u64, &'static str)]) -> Self {
        let not_proved = not_proved.iter().filter(|(count, _)| *count > 0).copied().collect();
        Self { table, proved, not_proved }
    }
}

impl std::fmt::Display for TableProof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} rows proved", self.table, self.proved)?;
        self.not_proved.iter().try_for_each(|(count, why)| write!(f, ", {count} not proved ({why})"))
    }
}

impl Verified {
    /// Rows of a table that were proved.
    pub fn proved(&self, table: &str) -> u64 {
        self.tables.iter().filter(|proof| proof.table == table).map(|proof| proof.proved).sum()
    }

    /// Rows of a table that were not.
    pub fn not_proved(&self, table: &str) -> u64 {
        let of = self.tables.iter().filter(|proof| proof.table == table);
        of.flat_map(|proof| &proof.not_proved).map(|(count, _)| count).sum()
    }
}

/// The hash a region package is named by, hex, from its bytes as they are kept; what is wrong with them where they give
/// none.
pub type PackageHash = fn(&[u8]) -> Result<String, String>;

/// How a verification goes.
#[derive(Clone, Default)]
pub struct Proving {
    /// Begins with the snapshot of this row, whose state is believed; none proves from the first row on.
    pub from: Option<u64>,
    /// How the hash of a region package is made. Without it packages are not proved.
    pub package: Option<PackageHash>,
    /// A head that was written down outside the database: it has to stand in the chains still, if it is of this journal.
    pub exported: Option<AuditHead>,
    /// Words by id and region packages by hash that are known to be gone: they are not asked for.
    pub lacking: BTreeSet<String>,
    /// Told how far it has come.
    pub progress: Option<Arc<dyn Fn(Step) + Send + Sync>>,
}

impl std::fmt::Debug for Proving {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proving").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Proving {
    pub(crate) fn tell(&self, table: &'static str, done: u64, of: u64) {
        if let Some(progress) = &self.progress {
            progress(Step { table, done, of });
        }
    }
}

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The table that is read.
    pub table: &'static str,
    /// Rows of it that were read.
    pub done: u64,
    /// Rows it has; 0 where they were not counted.
    pub of: u64,
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

        /// Proves the journal, gapless and its chain unbroken, and by it whatever else is kept; what cannot be proved is
        /// counted. An error names the first thing that does not hold. Nothing is written and nobody waits for it: it reads
        /// a little at a time, while others write.
        async fn prove(&self, how: &Proving) -> Result<Verified, StoreError>;

        /// [`Self::prove`] from the first row on.
        async fn verify(&self) -> Result<Verified, StoreError>;
    }
}
