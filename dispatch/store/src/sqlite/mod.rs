//! The embedded store: one `SQLite` file, one connection that writes, a pool that reads, and one beside them for
//! checkpoints, so that a commit never waits for one (D4).

mod append;
mod backup;
mod beside;
mod delivery;
mod export;
mod fault;
mod options;
pub(crate) mod schema;
mod words;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, PoisonError, RwLock};

pub(crate) use backup::{CompactCopy, publish};
pub use backup::{Restored, restore};
pub use beside::pages_in_order;
pub(crate) use beside::{copy, look};
pub(crate) use fault::{tells_of_damage, tells_of_rights};
pub use options::{JOURNAL_FILE, SqliteOptions};
pub(crate) use options::{connect_options, prove_durable, reader_options};
use sqlx::sqlite::{Sqlite, SqliteConnection, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::Mutex;

use crate::audit;
use crate::batch::Batch;
use crate::genesis::Genesis;
use crate::lock::DataLock;
use crate::place;
use crate::sql::{CUSTODY_BEGINS, Dialect as _, Held, Pooled, Statement, Tables, View};
use crate::store::{AppendOutcome, Journal, Opening, StoreError};

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
    /// Held as long as the files are open to write; none where they are only looked at.
    lock: Option<DataLock>,
}

/// The writing end. The connection is taken out for the time of a write and put back when it is known to be clean: a
/// write that was cancelled or failed at its commit leaves none, and only [`Journal::open`] makes a new one.
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
        let store = Self::without_rows(options, lock).await?;
        store.begin().await?;
        Ok(store)
    }

    /// Without the first row, where there is none.
    pub(crate) async fn without_rows(options: SqliteOptions, lock: DataLock) -> Result<Self, StoreError> {
        let ends = Ends::connect(&options).await?;
        let inner = Inner {
            write: Mutex::new(ends.writing),
            side: Mutex::new(Some(ends.side)),
            readers: RwLock::new(ends.readers),
            written: AtomicU64::new(0),
            checkpointing: AtomicBool::new(false),
            options,
            lock: Some(lock),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes the first row of an empty journal.
    async fn begin(&self) -> Result<(), StoreError> {
        if self.inner.write.lock().await.head > 0 {
            return Ok(());
        }
        Genesis::written(self.append_batch(&self.inner.options.genesis.batch(1)).await)
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
        let node = i32::from(options.node);
        place::is_database_or_free(&options.file())?;
        let mut connection = connect_options(options.file()).connect().await?;
        schema::is_ours(&mut connection, &options.file()).await?;
        prove_durable(&mut connection).await?;
        schema::migrate(&mut connection, schema::JOURNAL).await?;
        sqlx::query("insert or ignore into node (id, epoch, head, audit, expected) values ($1, 1, 0, $2, 0)")
            .bind(node)
            .bind(audit::hex(&audit::GENESIS))
            .execute(&mut connection)
            .await?;
        let custody = Statement::<Sqlite>::new(CUSTODY_BEGINS).bind(node).bind(audit::hex(&audit::GENESIS));
        Sqlite::change(&mut connection, custody).await?;
        let (head, audit) = Tables::<Sqlite, _>::new(&mut connection, node).head().await?;
        let mut side = options::side_options(options.file()).connect().await?;
        // Whatever an erasure left in the log before a crash goes now.
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut side).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(options.readers.max(1))
            .connect_with(reader_options(options.file()))
            .await?;
        Ok(Self { writing: Writing { connection: Some(connection), head, audit }, side, readers })
    }
}

impl Held for SqliteStore {
    type Dialect = Sqlite;

    fn node(&self) -> i32 {
        i32::from(self.inner.options.node)
    }

    async fn head(&self) -> u64 {
        self.inner.write.lock().await.head
    }

    async fn reader(&self) -> Result<Pooled<Sqlite>, StoreError> {
        Ok(Tables::new(self.readers().acquire().await?, self.node()))
    }

    async fn view(&self) -> Result<View<Sqlite>, StoreError> {
        Ok(Tables::new(self.readers().begin().await?, self.node()))
    }

    /// Between two appends.
    async fn change(&self, statement: Statement<Sqlite>) -> Result<u64, StoreError> {
        let mut write = self.inner.write.lock().await;
        let connection = write.connection.as_mut().ok_or_else(StoreError::closed)?;
        Ok(Sqlite::change(connection, statement).await?)
    }

    async fn raise_epoch(&self) -> Result<(), StoreError> {
        let raise = Statement::new("update node set epoch = epoch + 1 where id = $1").bind(self.node());
        self.change(raise).await.map(drop)
    }
}

impl Journal for SqliteStore {
    async fn append(&self, batch: &Batch) -> AppendOutcome {
        self.append_batch(batch).await
    }

    async fn open(&self) -> Result<Opening, StoreError> {
        if self.inner.lock.is_some() && self.inner.write.lock().await.connection.is_none() {
            self.reconnect().await?;
        }
        // In one go, however long that takes: nothing is appended before it has ended, so that no log grows behind it.
        self.view().await?.opening(None).await
    }

    /// The one long read beside a writer: the log grows until it has ended.
    async fn backup(&self, into: &Path) -> Result<(), StoreError> {
        self.copy_into(into).await
    }
}
