//! What every database has to do for the centre. The journal has one way in: [`Store::append`].

use std::future::Future;
use std::path::Path;

use dispatch_core::event::Record;
use dispatch_core::kernel::id::{ActorId, CommandId, IncidentId, JournalId, WordsId};
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;
use serde::{Deserialize, Serialize};

use crate::batch::{Batch, Content, StoredAnswer};
use crate::delivery::{Delivery, SinkCursor, SinkStand};
use crate::query::{EntityQuery, EntityRow, Page};
use crate::words::{Reading, StoredWords};

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable.
    Committed {
        /// The head after it.
        head: u64,
    },
    /// Nothing of it is in the database, now or ever.
    NotCommitted {
        /// Why.
        why: String,
    },
    /// It may be in the database or not: open again and look the ids up.
    Unknown {
        /// Why.
        why: String,
    },
}

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A file could not be read or written.
    #[error("{what}: {source}")]
    File {
        /// What was being done.
        what: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The schema is newer than this program.
    #[error(
        "this database was written by a newer version of the program (schema {found}, this one knows up to {known}): \
         use that version, or restore a backup made by this one"
    )]
    NewerSchema {
        /// The schema found.
        found: i64,
        /// The newest one known.
        known: i64,
    },
    /// Another process has the journal open.
    #[error("{what} is in use by another process: one journal, one process")]
    InUse {
        /// Which data directory, or which database and node.
        what: String,
    },
    /// Another process took the lead of this journal since.
    #[error("{at}: another process took the lead")]
    Superseded {
        /// Which database, without its password.
        at: String,
    },
    /// The database cannot be used as it is.
    #[error("{at}: {why}; {remedy}")]
    Unusable {
        /// Which database, without its password.
        at: String,
        /// What is wrong.
        why: String,
        /// What to do.
        remedy: String,
    },
    /// The database would not keep what it says it keeps.
    #[error("{setting} is {found:?}, needed {needed:?}: commits would not be durable")]
    Weaker {
        /// Which setting.
        setting: &'static str,
        /// What was read back.
        found: String,
        /// What it has to be.
        needed: &'static str,
    },
    /// What is stored contradicts itself.
    #[error("{what} does not hold: {detail}")]
    Corrupt {
        /// Which rule.
        what: &'static str,
        /// Where and how.
        detail: String,
    },
    /// What was asked cannot be done with what is there.
    #[error("{0}")]
    Impossible(String),
}

impl StoreError {
    /// What is answered between a failed commit and the next opening.
    pub(crate) fn closed() -> Self {
        Self::Impossible("the database is closed until it is opened again".into())
    }

    /// What is answered to whoever asks for a copy of a database server's data.
    pub(crate) fn copied_by_its_tools(at: String) -> Self {
        Self::Unusable {
            at,
            why: "a database is copied by its own tools".into(),
            remedy: "use pg_dump --format=custom, or pg_basebackup for the whole server (docs/postgis.md)"
                .into(),
        }
    }

    /// A rule that does not hold.
    pub fn corrupt(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Corrupt { what, detail: detail.to_string() }
    }

    /// Wraps a file error with what was being done.
    pub fn file(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { what: what.to_string(), source }
    }
}

/// What a node starts from: the newest valid snapshot with the tail replayed.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Everything alive.
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

/// The head of the audit chain, for the file outside the database (D11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditHead {
    /// Which journal.
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
    /// Hash of the state after the last row, hex.
    pub state_hash: String,
    /// Entities of the read model compared with their replay.
    pub entities: u64,
    /// Snapshots whose state hash was compared with the replay.
    pub snapshots: u64,
}

/// A database of the centre.
///
/// Reads see committed rows only. No method holds a transaction open between two calls.
pub trait Store: Send + Sync {
    /// Writes a batch whole or not at all, in one call to the database. The journal's head must be the one the batch
    /// continues: otherwise nothing is written and the outcome is `NotCommitted`.
    fn append(&self, batch: &Batch) -> impl Future<Output = Outcome> + Send;

    /// Reads what a node starts from. After an `Unknown` outcome this also settles what became of that batch.
    fn open(&self) -> impl Future<Output = Result<Opening, StoreError>> + Send;

    /// What commands were answered, in the order asked; none for those unknown.
    fn lookup(
        &self,
        commands: &[(ActorId, CommandId)],
    ) -> impl Future<Output = Result<Vec<Option<StoredAnswer>>, StoreError>> + Send;

    /// Keeps a state as snapshot, with its hash; the state's `seq` must be committed.
    fn snapshot(&self, state: &State) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Records after `after`, in order, at most `limit`.
    fn records(&self, after: u64, limit: u32)
    -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;

    /// Heads at which commits ended, after `after` up to the head: a resumed stream sends whole commits.
    fn commit_heads(
        &self,
        after: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<u64>, StoreError>> + Send;

    /// The first record recorded at or after a time, by sequence; none when there is none.
    fn first_at(&self, time: Time) -> impl Future<Output = Result<Option<u64>, StoreError>> + Send;

    /// Everything that happened to an incident, its alarms and its orders, in order.
    fn timeline(&self, incident: IncidentId) -> impl Future<Output = Result<Vec<Record>, StoreError>> + Send;

    /// One entity of the read model.
    fn entity(
        &self,
        kind: &str,
        id: &str,
    ) -> impl Future<Output = Result<Option<EntityRow>, StoreError>> + Send;

    /// A page of the read model.
    fn entities(&self, query: &EntityQuery) -> impl Future<Output = Result<Page, StoreError>> + Send;

    /// Reads words, and records who read them in the same transaction; those unknown are left out.
    fn words(
        &self,
        ids: &[WordsId],
        reading: &Reading,
    ) -> impl Future<Output = Result<Vec<StoredWords>, StoreError>> + Send;

    /// Who read these words, first first.
    fn readings(&self, id: WordsId) -> impl Future<Output = Result<Vec<Reading>, StoreError>> + Send;

    /// Words whose retention is over and whose text is still there, at most `limit`.
    fn expired_words(
        &self,
        now: Time,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<WordsId>, StoreError>> + Send;

    /// The content of a region package.
    fn content(&self, hash: &str) -> impl Future<Output = Result<Option<Content>, StoreError>> + Send;

    /// Drops answers decided before `before`; returns how many.
    fn purge_answers(&self, before: Time) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Where a sink stands (D9); none when it was never heard of.
    fn deliveries(&self, sink: &str) -> impl Future<Output = Result<Option<SinkStand>, StoreError>> + Send;

    /// Keeps what became of a sink's deliveries, with its cursor, in a transaction of their own. The cursor never goes
    /// back; one beyond the head is an error, and nothing is written.
    fn deliver(
        &self,
        sink: &str,
        deliveries: &[Delivery],
        cursor: SinkCursor,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Forgets deliveries that ended and were last sent before `before`; returns how many.
    fn purge_deliveries(&self, before: Time) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// The head of the audit chain.
    fn audit_head(&self) -> impl Future<Output = Result<AuditHead, StoreError>> + Send;

    /// Proves the journal: gapless, chain unbroken, read model and snapshots equal to a replay.
    fn verify(&self) -> impl Future<Output = Result<Verified, StoreError>> + Send;

    /// Writes a whole, compact copy while the centre goes on; `into` must not exist.
    fn backup(&self, into: &Path) -> impl Future<Output = Result<(), StoreError>> + Send;
}
