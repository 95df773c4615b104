//! Where units were (D8): a file of its own, so that positions never stand in the journal's way. Each append is one
//! row, durable when it returns; when ten minutes are over they are folded into one chunk for each unit.

pub mod chunk;
mod thinning;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use dispatch_core::Coord;
use dispatch_core::field::UnitFix;
use dispatch_core::id::UnitId;
use dispatch_core::time::Time;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqlitePoolOptions, SqliteRow};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::sync::Mutex;

use crate::sqlite::{connect_options, prove_durable, publish, reader_options, schema};
use crate::store::StoreError;

pub use thinning::{Thinned, thin};

/// The tracks' file in the data directory.
pub const TRACKS_FILE: &str = "tracks.sqlite";

/// Fix time covered by one chunk, microseconds.
pub const SLOT_US: i64 = 600_000_000;

/// Appends after which the log is copied into the file.
const CHECKPOINT_APPENDS: u32 = 256;

/// A fix as the track keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackPoint {
    /// Whose.
    pub unit: UnitId,
    /// When the receiver had it.
    pub fix_time: Time,
    /// When it reached the centre; kept to the millisecond.
    pub received_at: Time,
    /// Where.
    pub at: Coord,
    /// Speed over ground, centimetres per second.
    pub speed_cm_s: u16,
    /// Heading, degrees clockwise from north.
    pub heading_deg: u16,
    /// Radius of doubt, metres.
    pub accuracy_m: Option<u16>,
}

impl From<&UnitFix> for TrackPoint {
    fn from(fix: &UnitFix) -> Self {
        Self {
            unit: fix.unit.clone(),
            fix_time: fix.fix_time,
            received_at: fix.received_at,
            at: fix.at,
            speed_cm_s: fix.speed_cm_s,
            heading_deg: fix.heading_deg,
            accuracy_m: fix.accuracy_m,
        }
    }
}

impl TrackPoint {
    fn slot(&self) -> i64 {
        self.fix_time.0.div_euclid(SLOT_US)
    }
}

/// Points by unit, each unit's in order of fix time.
type ByUnit = BTreeMap<UnitId, Vec<TrackPoint>>;

/// The tracks of a node. Clones share them. The data directory is locked by the journal beside it.
#[derive(Clone, Debug)]
pub struct Tracks {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    write: Mutex<Writing>,
    readers: SqlitePool,
    /// What is not folded yet: the rows of `fresh`, as values.
    fresh: RwLock<ByUnit>,
}

#[derive(Debug)]
struct Writing {
    connection: SqliteConnection,
    /// The slot up to which everything was folded.
    folded: i64,
    appends: u32,
}

impl Tracks {
    /// Opens or creates the tracks in a data directory.
    pub async fn connect(dir: &Path) -> Result<Self, StoreError> {
        let file: PathBuf = dir.join(TRACKS_FILE);
        let mut connection = connect_options(file.clone()).connect().await?;
        prove_durable(&mut connection).await?;
        schema::migrate(&mut connection, schema::TRACKS).await?;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut connection).await?;
        let mut fresh = ByUnit::new();
        for row in sqlx::query("select data from fresh order by id").fetch_all(&mut connection).await? {
            merge(&mut fresh, chunk::decode_flush(&row.try_get::<Vec<u8>, _>(0)?)?);
        }
        let readers = SqlitePoolOptions::new().max_connections(2).connect_with(reader_options(file)).await?;
        let write = Mutex::new(Writing { connection, folded: i64::MIN, appends: 0 });
        Ok(Self { inner: Arc::new(Inner { write, readers, fresh: RwLock::new(fresh) }) })
    }

    /// Keeps points; durable when this returns. Folds first when ten minutes have gone by since the last fold.
    pub async fn append(&self, points: Vec<TrackPoint>, now: Time) -> Result<(), StoreError> {
        let mut write = self.inner.write.lock().await;
        let slot = now.0.div_euclid(SLOT_US);
        if write.folded < slot {
            self.fold_before(&mut write, slot).await?;
        }
        if points.is_empty() {
            return Ok(());
        }
        let mut flush = ByUnit::new();
        merge(&mut flush, points);
        sqlx::query("insert into fresh (data) values ($1)")
            .bind(chunk::encode_flush(flush.iter().map(|(unit, points)| (unit, points.as_slice()))))
            .execute(&mut write.connection)
            .await?;
        self.remember(flush);
        write.appends += 1;
        if write.appends >= CHECKPOINT_APPENDS {
            write.appends = 0;
            sqlx::query("pragma wal_checkpoint(passive)").execute(&mut write.connection).await?;
        }
        Ok(())
    }

    fn remember(&self, points: ByUnit) {
        let mut fresh = self.inner.fresh.write().unwrap_or_else(PoisonError::into_inner);
        merge(&mut fresh, points.into_values().flatten().collect());
    }

    /// Folds everything of the slots before `slot` into chunks; what is left becomes one row.
    async fn fold_before(&self, write: &mut Writing, slot: i64) -> Result<(), StoreError> {
        let (mut old, mut rest) = (BTreeMap::<(UnitId, i64), Vec<TrackPoint>>::new(), ByUnit::new());
        for points in self.inner.fresh.read().unwrap_or_else(PoisonError::into_inner).values() {
            for point in points {
                if point.slot() < slot {
                    old.entry((point.unit.clone(), point.slot())).or_default().push(point.clone());
                } else {
                    rest.entry(point.unit.clone()).or_default().push(point.clone());
                }
            }
        }
        let mut transaction = write.connection.begin().await?;
        for ((unit, slot), points) in old {
            fold_chunk(&mut transaction, &unit, slot, points).await?;
        }
        sqlx::query("delete from fresh").execute(&mut *transaction).await?;
        if !rest.is_empty() {
            sqlx::query("insert into fresh (data) values ($1)")
                .bind(chunk::encode_flush(rest.iter().map(|(unit, points)| (unit, points.as_slice()))))
                .execute(&mut *transaction)
                .await?;
        }
        // Readers see a point in memory, in the file, or for a moment in both; never in neither.
        transaction.commit().await?;
        *self.inner.fresh.write().unwrap_or_else(PoisonError::into_inner) = rest;
        write.folded = slot;
        Ok(())
    }

    /// The points of a unit from `from` up to but without `until`, by fix time, each fix time once.
    pub async fn range(&self, unit: &UnitId, from: Time, until: Time) -> Result<Vec<TrackPoint>, StoreError> {
        let found = self.select(Some(unit), from, until).await?;
        Ok(found.into_values().next().unwrap_or_default())
    }

    /// The points of all units in a time range, for a replay of what the map showed.
    pub async fn window(
        &self,
        from: Time,
        until: Time,
    ) -> Result<BTreeMap<UnitId, Vec<TrackPoint>>, StoreError> {
        self.select(None, from, until).await
    }

    async fn select(&self, unit: Option<&UnitId>, from: Time, until: Time) -> Result<ByUnit, StoreError> {
        // Memory first: a fold in between moves points from there into the file, where they are found again.
        let mut points: Vec<TrackPoint> = {
            let fresh = self.inner.fresh.read().unwrap_or_else(PoisonError::into_inner);
            match unit {
                Some(unit) => fresh.get(unit).cloned().unwrap_or_default(),
                None => fresh.values().flatten().cloned().collect(),
            }
        };
        let rows = sqlx::query(
            "select unit.code, chunk.data from chunk join unit on unit.id = chunk.unit
             where chunk.slot between $1 and $2 and ($3 is null or unit.code = $3)",
        )
        .bind(from.0.div_euclid(SLOT_US))
        .bind(until.0.div_euclid(SLOT_US))
        .bind(unit.map(|unit| unit.as_str().to_owned()))
        .fetch_all(&self.inner.readers)
        .await?;
        for row in &rows {
            points.extend(read_chunk(row)?);
        }
        points.retain(|point| from <= point.fix_time && point.fix_time < until);
        let mut found = ByUnit::new();
        merge(&mut found, points);
        Ok(found)
    }

    /// The newest point of every unit that has one at or after `from`: where the fleet stood when the node ended.
    pub async fn newest(&self, from: Time) -> Result<Vec<TrackPoint>, StoreError> {
        let mut newest: BTreeMap<UnitId, TrackPoint> = BTreeMap::new();
        let mut offer = |point: TrackPoint| {
            let known = newest.get(&point.unit).is_none_or(|known| known.fix_time < point.fix_time);
            if known && from <= point.fix_time {
                newest.insert(point.unit.clone(), point);
            }
        };
        // Memory first, as in `select`.
        for points in self.inner.fresh.read().unwrap_or_else(PoisonError::into_inner).values() {
            points.last().cloned().into_iter().for_each(&mut offer);
        }
        // One look into the index for each unit, however long the tracks are.
        let rows = sqlx::query(
            "select unit.code, chunk.data from unit join chunk on chunk.unit = unit.id
             and chunk.slot = (select max(slot) from chunk as any_of where any_of.unit = unit.id)
             where chunk.slot >= $1",
        )
        .bind(from.0.div_euclid(SLOT_US))
        .fetch_all(&self.inner.readers)
        .await?;
        for row in &rows {
            read_chunk(row)?.into_iter().next_back().into_iter().for_each(&mut offer);
        }
        Ok(newest.into_values().collect())
    }

    /// Forgets chunks that end at or before `before`; returns how many.
    pub async fn retire(&self, before: Time) -> Result<u64, StoreError> {
        let mut write = self.inner.write.lock().await;
        let done = sqlx::query("delete from chunk where slot < $1")
            .bind(before.0.div_euclid(SLOT_US))
            .execute(&mut write.connection)
            .await?;
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut write.connection).await?;
        Ok(done.rows_affected())
    }

    /// Writes a whole, compact copy into a folder that has none.
    pub async fn backup(&self, into: &Path) -> Result<(), StoreError> {
        std::fs::create_dir_all(into).map_err(StoreError::file(format!("creating {}", into.display())))?;
        let (whole, partial) = (into.join(TRACKS_FILE), into.join(format!("{TRACKS_FILE}.partial")));
        if whole.exists() || partial.exists() {
            return Err(StoreError::Impossible(format!(
                "{} is there already: name another folder",
                whole.display()
            )));
        }
        let name = partial.to_str().ok_or_else(|| StoreError::Impossible("the path is not UTF-8".into()))?;
        let mut write = self.inner.write.lock().await;
        sqlx::query("vacuum into $1").bind(name).execute(&mut write.connection).await?;
        publish(&partial, &whole)
    }
}

/// Brings the tracks of a backup, if it has any, into a data directory that has none. To be called before they are
/// opened there.
pub fn restore(backup: &Path, dir: &Path) -> Result<bool, StoreError> {
    let (source, target) = (backup.join(TRACKS_FILE), dir.join(TRACKS_FILE));
    if target.exists() {
        return Err(StoreError::Impossible(format!("{} is there already", target.display())));
    }
    if !source.exists() {
        return Ok(false);
    }
    let partial = dir.join(format!("{TRACKS_FILE}.partial"));
    std::fs::copy(&source, &partial).map_err(StoreError::file(format!(
        "copying {} to {}",
        source.display(),
        partial.display()
    )))?;
    publish(&partial, &target)?;
    Ok(true)
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

fn read_chunk(row: &SqliteRow) -> Result<Vec<TrackPoint>, StoreError> {
    let unit = UnitId::from(row.try_get::<String, _>(0)?.as_str());
    chunk::decode(&unit, &row.try_get::<Vec<u8>, _>(1)?)
}

/// Puts points where they belong; of two with one fix time the first stays.
fn merge(into: &mut ByUnit, points: Vec<TrackPoint>) {
    for point in points {
        let of_unit = into.entry(point.unit.clone()).or_default();
        let place = of_unit.partition_point(|other| other.fix_time < point.fix_time);
        if of_unit.get(place).is_none_or(|other| other.fix_time != point.fix_time) {
            of_unit.insert(place, point);
        }
    }
}
