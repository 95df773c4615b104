//! How the embedded database is opened, and the proof that it is opened so: what was asked for is read back, and a
//! weaker answer is refused.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Row};

use crate::genesis::Genesis;
use crate::store::StoreError;

/// The journal's file in the data directory.
pub const JOURNAL_FILE: &str = "journal.sqlite";

/// How long a connection waits for another's lock.
const BUSY: Duration = Duration::from_secs(5);

/// How long whoever empties the log waits for those who read it, and commits for that.
const READERS: Duration = Duration::from_secs(1);

/// Bytes a log may grow to: what it held beyond while a backup read the file is given back to the disk.
pub(super) const LOG_BYTES_MAX: i64 = 64 << 20;

/// Where the database is and whose it is.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The data directory; it is locked for this process.
    pub dir: PathBuf,
    /// The node whose journal this is.
    pub node: u16,
    /// Connections that read beside the one that writes.
    pub readers: u32,
    /// The first row, for a journal that is empty.
    pub genesis: Genesis,
}

impl SqliteOptions {
    /// Node 1 in `dir`, with four readers.
    pub fn new(dir: impl Into<PathBuf>, genesis: Genesis) -> Self {
        Self { dir: dir.into(), node: 1, readers: 4, genesis }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.dir.join(JOURNAL_FILE)
    }
}

/// What every connection is opened with. `secure_delete` overwrites what is deleted, so that an erasure leaves nothing
/// in free pages (D12); checkpoints are left to a connection of their own (D4).
pub(crate) fn connect_options(file: PathBuf) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("secure_delete", "ON")
        .pragma("wal_autocheckpoint", "0")
        .pragma("journal_size_limit", LOG_BYTES_MAX.to_string())
        .disable_statement_logging()
}

/// What the connection for checkpoints is opened with.
pub(super) fn side_options(file: PathBuf) -> SqliteConnectOptions {
    connect_options(file).busy_timeout(READERS)
}

/// What every reader is opened with.
pub(crate) fn reader_options(file: PathBuf) -> SqliteConnectOptions {
    connect_options(file).create_if_missing(false).pragma("query_only", "ON")
}

/// What a file is looked at with: nothing of it is changed.
pub(super) fn look_options(file: PathBuf) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).busy_timeout(BUSY).disable_statement_logging()
}

/// Reads back what durability rests on.
pub(crate) async fn prove_durable(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for (pragma, accepted, needed) in [
        ("journal_mode", &["wal"][..], "wal"),
        ("synchronous", &["2", "3"][..], "2 (full)"),
        ("foreign_keys", &["1"][..], "1"),
        ("secure_delete", &["1"][..], "1"),
    ] {
        let found = pragma_value(connection, pragma).await?;
        if !accepted.contains(&found.as_str()) {
            return Err(StoreError::Weaker { setting: pragma, found, needed });
        }
    }
    Ok(())
}

async fn pragma_value(connection: &mut SqliteConnection, pragma: &'static str) -> Result<String, StoreError> {
    let query = match pragma {
        "journal_mode" => "pragma journal_mode",
        "synchronous" => "pragma synchronous",
        "foreign_keys" => "pragma foreign_keys",
        _ => "pragma secure_delete",
    };
    let row = sqlx::query(query).fetch_one(connection).await?;
    Ok(row
        .try_get_unchecked::<String, _>(0)
        .or_else(|_| row.try_get_unchecked::<i64, _>(0).map(|n| n.to_string()))?)
}
