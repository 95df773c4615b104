//! Files looked at beside whoever serves them, or where nobody can write: nothing is created, changed or locked, and the
//! schema may be an earlier one.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, RwLock};

use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::Mutex;

use super::backup::CompactCopy;
use super::options::{JOURNAL_FILE, look_options};
use super::{Inner, SqliteOptions, SqliteStore, Writing, schema};
use crate::lock::DataLock;
use crate::place;
use crate::sql::Tables;
use crate::sql::schema::not_newer;
use crate::store::StoreError;

impl SqliteStore {
    /// Only reads, beside the process that serves the data directory, or from media that cannot be written. Appends are
    /// refused, and a journal without a row stays so.
    pub async fn beside(options: SqliteOptions) -> Result<Self, StoreError> {
        if !options.file().exists() {
            return Err(StoreError::Impossible(format!("{} holds no journal", options.dir.display())));
        }
        let look = look(&options.dir, JOURNAL_FILE)?;
        let mut connection = look.connect().await?;
        schema::is_ours(&mut connection, &options.file()).await?;
        not_newer::<Sqlite>(&mut connection, schema::JOURNAL).await?;
        let (head, audit) = Tables::<Sqlite, _>::new(&mut connection, i32::from(options.node)).head().await?;
        connection.close().await?;
        let side = look.connect().await?;
        let readers =
            SqlitePoolOptions::new().max_connections(options.readers.max(1)).connect_with(look).await?;
        let inner = Inner {
            write: Mutex::new(Writing { connection: None, head, audit }),
            side: Mutex::new(Some(side)),
            readers: RwLock::new(readers),
            written: AtomicU64::new(0),
            checkpointing: AtomicBool::new(false),
            options,
            lock: None,
        };
        Ok(Self { inner: Arc::new(inner) })
    }
}

/// Copies a file of a data directory into a folder that has none of it. It is read in one go.
pub(crate) async fn copy(dir: &Path, name: &str, into: &Path) -> Result<(), StoreError> {
    let copy = CompactCopy::into(into, name)?;
    let mut connection = look(dir, name)?.connect().await?;
    copy.make(&mut connection).await?;
    connection.close().await?;
    copy.publish()
}

/// Reads every page of a file of a data directory and its order. It is read in one go, which on a large file takes longer
/// than a node that serves should be without a checkpoint.
pub async fn pages_in_order(dir: &Path, name: &str) -> Result<(), StoreError> {
    let mut connection = look(dir, name)?.connect().await?;
    let found: String = sqlx::query_scalar("pragma quick_check(1)").fetch_one(&mut connection).await?;
    connection.close().await?;
    ordered(name, &found)
}

/// What a look at the pages of a file found, which is more than a line.
pub(super) fn ordered(name: &str, found: &str) -> Result<(), StoreError> {
    if found == "ok" {
        return Ok(());
    }
    let found: Vec<&str> = found.lines().map(str::trim).filter(|line| !line.starts_with("***")).collect();
    Err(StoreError::corrupt("the pages of a file are not in order", format!("{name}: {}", found.join(", "))))
}

/// How a file is opened to be looked at. Where nobody can write it is taken to stay as it is, for its log cannot be opened
/// then: nothing may be in it.
pub(crate) fn look(dir: &Path, name: &str) -> Result<SqliteConnectOptions, StoreError> {
    let file = dir.join(name);
    place::is_database_or_free(&file)?;
    let is_still = DataLock::holder(dir)?.is_none() && !can_be_written(&file);
    if is_still && !is_free_of_log(&file) {
        return Err(StoreError::Unusable {
            at: file.display().to_string(),
            why: "part of it is in its log, which cannot be read where nothing can be written".into(),
            remedy: "copy the folder to where it can be written, and name that".into(),
        });
    }
    let look = look_options(file.clone());
    Ok(if is_still {
        look.read_only(true).immutable(true)
    } else if is_free_of_log(&file) && can_be_written(&file) {
        // Whoever may write takes away, with the last connection, what is put beside the file to read it.
        look
    } else {
        // What is in the log stays there.
        look.read_only(true)
    })
}

/// Whether nothing lies in the log of a file that would be copied into it.
fn is_free_of_log(file: &Path) -> bool {
    std::fs::metadata(format!("{}-wal", file.display())).map_or(true, |log| log.len() == 0)
}

/// Whether anybody may write it, and can: it is opened as if to write, which changes nothing.
fn can_be_written(file: &Path) -> bool {
    let may = std::fs::metadata(file).is_ok_and(|file| !file.permissions().readonly());
    may && OpenOptions::new().write(true).open(file).is_ok()
}
