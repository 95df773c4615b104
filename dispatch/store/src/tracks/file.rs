//! Tracks in a file of their own beside the embedded journal.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use dispatch_core::kernel::id::UnitId;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::sync::Mutex;

use super::{ByUnit, Chunks, TRACKS_FILE, TrackPoint, chunk, encoded, merge, read_chunk, read_chunks};
use crate::place;
use crate::sqlite::{CompactCopy, connect_options, prove_durable, reader_options, schema};
use crate::store::StoreError;

/// Appends after which the log is copied into the file.
const CHECKPOINT_APPENDS: u32 = 256;

/// The file.
#[derive(Debug)]
pub(super) struct File {
    dir: PathBuf,
    /// None once it is closed.
    write: Mutex<Option<SqliteConnection>>,
    readers: SqlitePool,
    appends: AtomicU32,
    /// Which file was opened, and which log with it.
    opened: [Option<(u64, u64)>; 2],
}

impl File {
    /// Opens or creates it; with what is not folded.
    pub(super) async fn connect(dir: &Path) -> Result<(Self, Vec<TrackPoint>), StoreError> {
        let file = dir.join(TRACKS_FILE);
        place::is_database_or_free(&file)?;
        let mut connection = connect_options(file.clone()).connect().await?;
        prove_durable(&mut connection).await?;
        schema::migrate(&mut connection, schema::TRACKS).await?;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut connection).await?;
        let mut fresh = Vec::new();
        for row in sqlx::query("select data from fresh order by id").fetch_all(&mut connection).await? {
            fresh.extend(chunk::decode_flush(&row.try_get::<Vec<u8>, _>(0)?)?);
        }
        let readers = SqlitePoolOptions::new().max_connections(2).connect_with(reader_options(file)).await?;
        let (write, appends, opened) = (Mutex::new(Some(connection)), AtomicU32::new(0), identities(dir));
        Ok((Self { dir: dir.into(), write, readers, appends, opened }, fresh))
    }

    /// The folder it is in.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The file that is written is the one that will be read: nobody has taken it away, or its log.
    fn is_there(&self) -> Result<(), StoreError> {
        if identities(&self.dir) == self.opened {
            return Ok(());
        }
        let file = self.dir.join(TRACKS_FILE);
        Err(StoreError::corrupt("the tracks are not where they were opened", file.display()))
    }

    /// Closes every connection, once whoever reads is done: one that closed later would take the log of the next file with
    /// it.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        if let Some(connection) = self.write.lock().await.take()
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "the tracks were not closed in order");
        }
    }

    pub(super) async fn keep(&self, flush: &ByUnit) -> Result<(), StoreError> {
        self.is_there()?;
        let mut write = self.write.lock().await;
        let connection = write.as_mut().ok_or_else(closed)?;
        sqlx::query("insert into fresh (data) values ($1)")
            .bind(encoded(flush))
            .execute(&mut *connection)
            .await?;
        if self.appends.fetch_add(1, Ordering::Relaxed) % CHECKPOINT_APPENDS == CHECKPOINT_APPENDS - 1 {
            sqlx::query("pragma wal_checkpoint(passive)").execute(&mut *connection).await?;
        }
        Ok(())
    }

    pub(super) async fn fold(&self, old: Chunks, rest: &ByUnit) -> Result<(), StoreError> {
        let mut write = self.write.lock().await;
        let mut transaction = write.as_mut().ok_or_else(closed)?.begin().await?;
        for ((unit, slot), points) in old {
            fold_chunk(&mut transaction, &unit, slot, points).await?;
        }
        sqlx::query("delete from fresh").execute(&mut *transaction).await?;
        if !rest.is_empty() {
            sqlx::query("insert into fresh (data) values ($1)")
                .bind(encoded(rest))
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn read(
        &self,
        unit: Option<&UnitId>,
        first: i64,
        last: i64,
    ) -> Result<Vec<TrackPoint>, StoreError> {
        let rows = sqlx::query(
            "select unit.code, chunk.data from chunk join unit on unit.id = chunk.unit
             where chunk.slot between $1 and $2 and ($3 is null or unit.code = $3)",
        )
        .bind(first)
        .bind(last)
        .bind(unit.map(|unit| unit.as_str().to_owned()))
        .fetch_all(&self.readers)
        .await?;
        read_chunks(&rows)
    }

    /// Every unit's newest chunk, if it is of this slot or later: one look into the index for each unit.
    pub(super) async fn last_chunks(&self, first: i64) -> Result<Vec<TrackPoint>, StoreError> {
        let rows = sqlx::query(
            "select unit.code, chunk.data from unit join chunk on chunk.unit = unit.id
             and chunk.slot = (select max(slot) from chunk as any_of where any_of.unit = unit.id)
             where chunk.slot >= $1",
        )
        .bind(first)
        .fetch_all(&self.readers)
        .await?;
        read_chunks(&rows)
    }

    /// Slots that have chunks.
    pub(super) async fn slots(&self) -> Result<BTreeSet<i64>, StoreError> {
        let slots: Vec<i64> =
            sqlx::query_scalar("select distinct slot from chunk").fetch_all(&self.readers).await?;
        Ok(slots.into_iter().collect())
    }

    pub(super) async fn retire(&self, before: i64) -> Result<u64, StoreError> {
        self.is_there()?;
        let mut write = self.write.lock().await;
        let connection = write.as_mut().ok_or_else(closed)?;
        let done =
            sqlx::query("delete from chunk where slot < $1").bind(before).execute(&mut *connection).await?;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut *connection).await?;
        Ok(done.rows_affected())
    }

    pub(super) async fn backup(&self, into: &Path) -> Result<(), StoreError> {
        let copy = CompactCopy::into(into, TRACKS_FILE)?;
        self.is_there()?;
        let mut write = self.write.lock().await;
        copy.make(write.as_mut().ok_or_else(closed)?).await?;
        copy.publish()
    }
}

/// Device and number of the file and of its log, where they are.
fn identities(dir: &Path) -> [Option<(u64, u64)>; 2] {
    [TRACKS_FILE.to_owned(), format!("{TRACKS_FILE}-wal")]
        .map(|name| std::fs::metadata(dir.join(name)).ok().map(|file| (file.dev(), file.ino())))
}

/// What is said between a file that was set aside and the next one.
fn closed() -> StoreError {
    StoreError::corrupt("the tracks are closed", "they could not be begun anew")
}

/// Adds points to one chunk, which may be there already: a late fix, or a fold that was cut short.
async fn fold_chunk(
    connection: &mut SqliteConnection,
    unit: &UnitId,
    slot: i64,
    points: Vec<TrackPoint>,
) -> Result<(), StoreError> {
    sqlx::query("insert or ignore into unit (code) values ($1)")
        .bind(unit.as_str())
        .execute(&mut *connection)
        .await?;
    let kept = sqlx::query(
        "select unit.code, chunk.data from chunk join unit on unit.id = chunk.unit where unit.code = $1 and slot = $2",
    )
    .bind(unit.as_str())
    .bind(slot)
    .fetch_optional(&mut *connection)
    .await?;
    let mut merged = ByUnit::new();
    merge(&mut merged, kept.as_ref().map(read_chunk).transpose()?.unwrap_or_default());
    merge(&mut merged, points);
    let points = merged.remove(unit).unwrap_or_default();
    sqlx::query(
        "insert or replace into chunk (unit, slot, points, data)
         select id, $2, $3, $4 from unit where code = $1",
    )
    .bind(unit.as_str())
    .bind(slot)
    .bind(i64::try_from(points.len()).unwrap_or(i64::MAX))
    .bind(chunk::encode(&points))
    .execute(connection)
    .await?;
    Ok(())
}
