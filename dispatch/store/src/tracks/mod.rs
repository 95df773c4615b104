//! Where units were (D8): a file, or connections, of their own, so that positions never stand in the journal's way. Each
//! append is one row, durable when it returns; when ten minutes are over they are folded into one chunk for each unit.

pub mod chunk;
mod database;
mod file;
mod thinning;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use dispatch_core::Coord;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;
use dispatch_core::seek::live_map::UnitFix;
pub use thinning::{Thinned, thin};
use tokio::sync::Mutex;

use self::database::Database;
use self::file::File;
use crate::sql::Cells;
use crate::sqlite::publish;
use crate::store::StoreError;

/// The tracks' file in the data directory.
pub const TRACKS_FILE: &str = "tracks.sqlite";

/// Fix time covered by one chunk, microseconds.
pub const SLOT_US: i64 = 600_000_000;

/// A fix as the track keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackPoint {
    /// The unit whose position it is.
    pub unit: UnitId,
    /// When the receiver had it.
    pub fix_time: Time,
    /// When it reached the centre; kept to the millisecond.
    pub received_at: Time,
    /// Where the unit was, WGS84.
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

/// Points by unit and slot.
type Chunks = BTreeMap<(UnitId, i64), Vec<TrackPoint>>;

/// The tracks of a node. Clones share them. The journal beside them is locked, and they with it.
#[derive(Clone, Debug)]
pub struct Tracks {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    home: Home,
    /// The slot up to which everything was folded; locked while somebody writes.
    folded: Mutex<i64>,
    /// What is not folded yet, as values.
    fresh: RwLock<ByUnit>,
}

/// Where they are kept.
#[derive(Debug)]
enum Home {
    File(File),
    Database(Database),
}

/// A file that was set aside.
#[derive(Debug)]
pub struct SetAside {
    /// Where it is now.
    pub file: PathBuf,
    /// What was wrong with it.
    pub damage: StoreError,
}

impl SetAside {
    /// Gives the tracks of a folder another name, with the log that belongs to them.
    fn take(dir: &Path, damage: StoreError) -> Result<Self, StoreError> {
        let names = (1_u32..).map(|count| dir.join(format!("{TRACKS_FILE}.damaged-{count}")));
        let file = names.into_iter().find(|name| !name.exists()).unwrap_or_default();
        rename_with_log(&dir.join(TRACKS_FILE), &file)?;
        Ok(Self { file, damage })
    }

    /// Gives it its name again; what was wrong.
    fn put_back(self, dir: &Path) -> Result<StoreError, StoreError> {
        rename_with_log(&self.file, &dir.join(TRACKS_FILE))?;
        Ok(self.damage)
    }
}

/// Renames a database and the files beside it that go by its name.
fn rename_with_log(from: &Path, to: &Path) -> Result<(), StoreError> {
    for part in ["", "-wal", "-shm"] {
        let named = |path: &Path| PathBuf::from(format!("{}{part}", path.display()));
        match std::fs::rename(named(from), named(to)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::file(format!("renaming {}", from.display()))(error));
            }
            _ => {}
        }
    }
    Ok(())
}

impl Tracks {
    /// Opens or creates the tracks in a data directory.
    pub async fn connect(dir: &Path) -> Result<Self, StoreError> {
        let (file, fresh) = File::connect(dir).await?;
        Ok(Self::of(Home::File(file), fresh))
    }

    /// Opens or creates the tracks in a data directory, which a damaged file does not stand in the way of (D17): it is
    /// set aside, and the tracks begin anew. The file that was set aside, and what was wrong with it.
    pub async fn connect_or_begin(dir: &Path) -> Result<(Self, Option<SetAside>), StoreError> {
        let damage = match Self::connect(dir).await {
            // Where units were last is asked for at every start.
            Ok(tracks) => match tracks.newest(Time(0)).await {
                Ok(_) => return Ok((tracks, None)),
                Err(damage) => damage,
            },
            Err(newer @ StoreError::NewerSchema { .. }) => return Err(newer),
            Err(damage) => damage,
        };
        let set_aside = SetAside::take(dir, damage)?;
        match Self::connect(dir).await {
            Ok(tracks) => Ok((tracks, Some(set_aside))),
            // It was not the file.
            Err(_) => Err(set_aside.put_back(dir)?),
        }
    }

    /// Opens the tracks in the database at an address, whose journal was opened before.
    pub async fn in_database(address: &str) -> Result<Self, StoreError> {
        let (database, fresh) = Database::connect(address).await?;
        Ok(Self::of(Home::Database(database), fresh))
    }

    fn of(home: Home, points: Vec<TrackPoint>) -> Self {
        let mut fresh = ByUnit::new();
        merge(&mut fresh, points);
        Self { inner: Arc::new(Inner { home, folded: Mutex::new(i64::MIN), fresh: RwLock::new(fresh) }) }
    }

    /// Keeps points; durable when this returns. Folds as well when ten minutes have gone by since the last fold.
    pub async fn append(&self, points: Vec<TrackPoint>, now: Time) -> Result<(), StoreError> {
        let mut folded = self.inner.folded.lock().await;
        if !points.is_empty() {
            let mut flush = ByUnit::new();
            merge(&mut flush, points);
            match &self.inner.home {
                Home::File(file) => file.keep(&flush).await?,
                Home::Database(database) => database.keep(&flush).await?,
            }
            let mut fresh = self.inner.fresh.write().unwrap_or_else(PoisonError::into_inner);
            merge(&mut fresh, flush.into_values().flatten().collect());
        }
        let slot = now.0.div_euclid(SLOT_US);
        if *folded < slot {
            self.fold_before(slot).await?;
            *folded = slot;
        }
        Ok(())
    }

    /// Folds everything of the slots before `slot` into chunks; what is left becomes one row.
    async fn fold_before(&self, slot: i64) -> Result<(), StoreError> {
        let (mut old, mut rest) = (Chunks::new(), ByUnit::new());
        for points in self.inner.fresh.read().unwrap_or_else(PoisonError::into_inner).values() {
            for point in points {
                if point.slot() < slot {
                    old.entry((point.unit.clone(), point.slot())).or_default().push(point.clone());
                } else {
                    rest.entry(point.unit.clone()).or_default().push(point.clone());
                }
            }
        }
        match &self.inner.home {
            Home::File(file) => file.fold(old, &rest).await?,
            Home::Database(database) => database.fold(old, &rest, slot).await?,
        }
        // Readers see a point in memory, on disk, or for a moment in both; never in neither.
        *self.inner.fresh.write().unwrap_or_else(PoisonError::into_inner) = rest;
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
        // Memory first: a fold in between moves points from there onto disk, where they are found again.
        let mut points: Vec<TrackPoint> = {
            let fresh = self.inner.fresh.read().unwrap_or_else(PoisonError::into_inner);
            match unit {
                Some(unit) => fresh.get(unit).cloned().unwrap_or_default(),
                None => fresh.values().flatten().cloned().collect(),
            }
        };
        let (first, last) = (from.0.div_euclid(SLOT_US), until.0.div_euclid(SLOT_US));
        points.extend(match &self.inner.home {
            Home::File(file) => file.read(unit, first, last).await?,
            Home::Database(database) => database.read(unit, first, last).await?,
        });
        points.retain(|point| from <= point.fix_time && point.fix_time < until);
        let mut found = ByUnit::new();
        merge(&mut found, points);
        Ok(found)
    }

    /// The newest point of every unit that has one at or after `from`: where the fleet stood when the node ended.
    pub async fn newest(&self, from: Time) -> Result<Vec<TrackPoint>, StoreError> {
        // Memory first, as in `select`.
        let mut points: Vec<TrackPoint> = {
            let fresh = self.inner.fresh.read().unwrap_or_else(PoisonError::into_inner);
            fresh.values().filter_map(|points| points.last().cloned()).collect()
        };
        let first = from.0.div_euclid(SLOT_US);
        points.extend(match &self.inner.home {
            Home::File(file) => file.last_chunks(first).await?,
            Home::Database(database) => database.last_chunks(first).await?,
        });
        points.retain(|point| from <= point.fix_time);
        let mut by_unit = ByUnit::new();
        merge(&mut by_unit, points);
        Ok(by_unit.into_values().filter_map(|mut points| points.pop()).collect())
    }

    /// Copies every point, slot by slot.
    pub(crate) async fn copy_into(&self, other: &Self) -> Result<(), StoreError> {
        let Home::File(file) = &self.inner.home else {
            return Err(StoreError::Impossible("only files are copied".into()));
        };
        let mut slots = file.slots().await?;
        slots.extend(
            self.inner
                .fresh
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .values()
                .flatten()
                .map(TrackPoint::slot),
        );
        for slot in slots {
            let (from, until) = (Time(slot * SLOT_US), Time((slot + 1) * SLOT_US));
            let points = self.window(from, until).await?.into_values().flatten().collect();
            other.append(points, until).await?;
        }
        Ok(())
    }

    /// Forgets chunks that end at or before `before`; returns how many.
    pub async fn retire(&self, before: Time) -> Result<u64, StoreError> {
        let _writes = self.inner.folded.lock().await;
        let slot = before.0.div_euclid(SLOT_US);
        match &self.inner.home {
            Home::File(file) => file.retire(slot).await,
            Home::Database(database) => database.retire(slot).await,
        }
    }

    /// Writes a whole, compact copy into a folder that has none; a database is copied by its own tools.
    pub async fn backup(&self, into: &Path) -> Result<(), StoreError> {
        match &self.inner.home {
            Home::File(file) => file.backup(into).await,
            Home::Database(database) => Err(StoreError::copied_by_its_tools(database.at())),
        }
    }
}

/// The points of a chunk: unit, data.
fn read_chunk(row: &impl Cells) -> Result<Vec<TrackPoint>, StoreError> {
    let unit = UnitId::from(row.cell::<String>(0)?.as_str());
    chunk::decode(&unit, &row.cell::<Vec<u8>>(1)?)
}

/// The points of chunks.
fn read_chunks(rows: &[impl Cells]) -> Result<Vec<TrackPoint>, StoreError> {
    let mut points = Vec::new();
    for row in rows {
        points.extend(read_chunk(row)?);
    }
    Ok(points)
}

/// Points as one row of what is not folded.
fn encoded(points: &ByUnit) -> Vec<u8> {
    chunk::encode_flush(points.iter().map(|(unit, points)| (unit, points.as_slice())))
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
