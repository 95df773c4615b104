//! The embedded store: one `SQLite` file, one connection that writes, a pool that reads, and one beside them for
//! checkpoints, so that a commit never waits for one (D4).

mod append;
mod backup;
mod delivery;
mod export;
mod fault;
mod options;
mod read;
mod row;
pub(crate) mod schema;
mod snapshot;
mod verify;
mod words;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock};

use dispatch_core::event::Record;
use dispatch_core::kernel::id::{ActorId, CommandId, IncidentId, WordsId};
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::sync::Mutex;

use crate::audit;
use crate::batch::{Batch, Content, StoredAnswer};
use crate::delivery::{Delivery, SinkCursor, SinkStand};
use crate::journal::unsigned;
use crate::lock::DataLock;
use crate::query::{EntityQuery, EntityRow, Page};
use crate::store::{AuditHead, Opening, Outcome, Store, StoreError, Verified};
use crate::words::{Reading, StoredWords};

pub(crate) use backup::publish;
pub use backup::{Restored, restore};
pub use options::{JOURNAL_FILE, SqliteOptions};
pub(crate) use options::{connect_options, prove_durable, reader_options};

/// The embedded store. Clones share it.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: SqliteOptions,
    /// The one connection that writes, with the head it left behind. Appends, snapshots, audited readings and purges
    /// queue here rather than at the database's lock, which is polled.
    write: Mutex<Writing>,
    /// Beside it, for checkpoints and backups; none while the files are closed.
    side: Mutex<Option<SqliteConnection>>,
    /// Connections that read.
    readers: RwLock<SqlitePool>,
    /// Bytes written since the last checkpoint was asked for.
    written: AtomicU64,
    /// A checkpoint is under way.
    checkpointing: AtomicBool,
    /// Held as long as the files are open.
    _lock: DataLock,
}

/// The writing end. The connection is taken out for the time of a write and put back when it is known to be clean: a
/// write that was cancelled or failed at its commit leaves none, and only [`Store::open`] makes a new one.
#[derive(Debug)]
struct Writing {
    connection: Option<SqliteConnection>,
    head: u64,
    audit: [u8; 32],
}

impl SqliteStore {
    /// Locks the data directory, opens or creates the file, brings its schema up, and writes the first row of an empty
    /// journal.
    pub async fn connect(options: SqliteOptions) -> Result<Self, StoreError> {
        let lock = DataLock::take(&options.dir)?;
        Self::connect_locked(options, lock).await
    }

    async fn connect_locked(options: SqliteOptions, lock: DataLock) -> Result<Self, StoreError> {
        let ends = Ends::connect(&options).await?;
        let inner = Inner {
            write: Mutex::new(ends.writing),
            side: Mutex::new(Some(ends.side)),
            readers: RwLock::new(ends.readers),
            written: AtomicU64::new(0),
            checkpointing: AtomicBool::new(false),
            options,
            _lock: lock,
        };
        let store = Self { inner: Arc::new(inner) };
        store.begin().await?;
        Ok(store)
    }

    /// Writes the first row of an empty journal.
    async fn begin(&self) -> Result<(), StoreError> {
        if self.inner.write.lock().await.head > 0 {
            return Ok(());
        }
        let batch = Batch { records: vec![self.inner.options.genesis.record(1)], ..Batch::default() };
        match self.append(&batch).await {
            Outcome::Committed { .. } => Ok(()),
            Outcome::NotCommitted { why } | Outcome::Unknown { why } => {
                Err(StoreError::Impossible(format!("the first row could not be written: {why}")))
            }
        }
    }

    /// Closes every connection and opens them anew, which settles what the file holds: the last connection to close
    /// copies the log into the file, and what a failed commit left in it is either whole or gone.
    async fn reconnect(&self) -> Result<(), StoreError> {
        let mut write = self.inner.write.lock().await;
        let mut side = self.inner.side.lock().await;
        self.readers().close().await;
        for connection in [write.connection.take(), side.take()].into_iter().flatten() {
            connection.close().await?;
        }
        let ends = Ends::connect(&self.inner.options).await?;
        *write = ends.writing;
        *side = Some(ends.side);
        *self.inner.readers.write().unwrap_or_else(PoisonError::into_inner) = ends.readers;
        Ok(())
    }

    fn readers(&self) -> SqlitePool {
        self.inner.readers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn node(&self) -> i64 {
        i64::from(self.inner.options.node)
    }

    /// Closes the store in order: the log is copied into the file and removed.
    pub async fn close(self) -> Result<(), StoreError> {
        let mut write = self.inner.write.lock().await;
        let mut side = self.inner.side.lock().await;
        self.readers().close().await;
        for connection in [write.connection.take(), side.take()].into_iter().flatten() {
            connection.close().await?;
        }
        Ok(())
    }
}

/// The three ends of one file.
struct Ends {
    writing: Writing,
    side: SqliteConnection,
    readers: SqlitePool,
}

impl Ends {
    async fn connect(options: &SqliteOptions) -> Result<Self, StoreError> {
        let mut connection = connect_options(options.file()).connect().await?;
        prove_durable(&mut connection).await?;
        schema::migrate(&mut connection, schema::JOURNAL).await?;
        sqlx::query("insert or ignore into node (id, epoch, head, audit, expected) values ($1, 1, 0, $2, 0)")
            .bind(i64::from(options.node))
            .bind(audit::hex(&audit::GENESIS))
            .execute(&mut connection)
            .await?;
        let (head, audit) = node_head(&mut connection, i64::from(options.node)).await?;
        let mut side = connect_options(options.file()).connect().await?;
        // Whatever an erasure left in the log before a crash goes now.
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut side).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .connect_with(reader_options(options.file()))
            .await?;
        Ok(Self { writing: Writing { connection: Some(connection), head, audit }, side, readers })
    }
}

/// Head and audit head as the file has them.
async fn node_head(connection: &mut SqliteConnection, node: i64) -> Result<(u64, [u8; 32]), StoreError> {
    let row = sqlx::query("select head, audit from node where id = $1")
        .bind(node)
        .fetch_optional(connection)
        .await?;
    let row =
        row.ok_or_else(|| StoreError::Impossible(format!("this file holds another node than {node}")))?;
    let head = unsigned(row.try_get(0)?);
    let audit: String = row.try_get(1)?;
    let audit =
        audit::from_hex(&audit).ok_or_else(|| StoreError::corrupt("the audit head is a hash", audit))?;
    Ok((head, audit))
}

impl Store for SqliteStore {
    async fn append(&self, batch: &Batch) -> Outcome {
        self.append_batch(batch).await
    }

    async fn open(&self) -> Result<Opening, StoreError> {
        if self.inner.write.lock().await.connection.is_none() {
            self.reconnect().await?;
        }
        self.read_opening().await
    }

    async fn lookup(
        &self,
        commands: &[(ActorId, CommandId)],
    ) -> Result<Vec<Option<StoredAnswer>>, StoreError> {
        self.read_answers(commands).await
    }

    async fn snapshot(&self, state: &State) -> Result<(), StoreError> {
        self.write_snapshot(state).await
    }

    async fn records(&self, after: u64, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.read_records(after, limit).await
    }

    async fn commit_heads(&self, after: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        self.read_commit_heads(after, limit).await
    }

    async fn first_at(&self, time: Time) -> Result<Option<u64>, StoreError> {
        self.find_first_at(time).await
    }

    async fn timeline(&self, incident: IncidentId) -> Result<Vec<Record>, StoreError> {
        self.read_timeline(incident).await
    }

    async fn entity(&self, kind: &str, id: &str) -> Result<Option<EntityRow>, StoreError> {
        self.read_entity(kind, id).await
    }

    async fn entities(&self, query: &EntityQuery) -> Result<Page, StoreError> {
        self.read_entities(query).await
    }

    async fn words(&self, ids: &[WordsId], reading: &Reading) -> Result<Vec<StoredWords>, StoreError> {
        self.read_words(ids, reading).await
    }

    async fn readings(&self, id: WordsId) -> Result<Vec<Reading>, StoreError> {
        self.read_readings(id).await
    }

    async fn expired_words(&self, now: Time, limit: u32) -> Result<Vec<WordsId>, StoreError> {
        self.read_expired_words(now, limit).await
    }

    async fn content(&self, hash: &str) -> Result<Option<Content>, StoreError> {
        self.read_content(hash).await
    }

    async fn purge_answers(&self, before: Time) -> Result<u64, StoreError> {
        self.delete_answers(before).await
    }

    async fn deliveries(&self, sink: &str) -> Result<Option<SinkStand>, StoreError> {
        self.read_deliveries(sink).await
    }

    async fn deliver(
        &self,
        sink: &str,
        deliveries: &[Delivery],
        cursor: SinkCursor,
    ) -> Result<(), StoreError> {
        self.write_deliveries(sink, deliveries, cursor).await
    }

    async fn purge_deliveries(&self, before: Time) -> Result<u64, StoreError> {
        self.delete_deliveries(before).await
    }

    async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        self.read_audit_head().await
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        self.prove().await
    }

    async fn backup(&self, into: &Path) -> Result<(), StoreError> {
        self.copy_into(into).await
    }
}
