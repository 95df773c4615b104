//! Where units were (D8): a file, or connections, of their own, so that positions never stand in the journal's way. Each
//! append is one row, durable when it returns; when ten minutes are over they are folded into one chunk for each unit.

pub mod chunk;
mod damage;
mod database;
mod file;
mod thinning;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

pub use damage::TracksDamage;
use dispatch_core::Coord;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;
use dispatch_core::seek::live_map::UnitFix;
pub use thinning::{Thinned, thin};
use tokio::sync::Mutex;

use self::damage::{Damages, SetAside};
use self::database::Database;
use self::file::File;
use crate::damage::is_damage;
use crate::sql::Cells;
use crate::sqlite::{copy, publish};
use crate::store::StoreError;

/// The tracks' file in the data directory.
pub const TRACKS_FILE: &str = "tracks.sqlite";

/// Fix time covered by one chunk, microseconds.
pub const SLOT_US: i64 = 600_000_000;

/// A disk that damages whatever is written is not filled with damaged files: one in so long. Nor is anybody told of damage
/// to a database more often.
const BETWEEN_DAMAGES: Duration = Duration::from_mins(10);

/// Slots before the one at hand that stay in memory while they cannot be folded.
const UNFOLDED_SLOTS: i64 = 3;

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
    home: RwLock<Arc<Home>>,
    /// Locked while somebody writes, or begins anew.
    writing: Mutex<Writing>,
    /// What is not folded yet, as values.
    fresh: RwLock<ByUnit>,
    /// Begins anew where a file is damaged; else that is an error.
    begins_anew: bool,
    damages: Damages,
}

/// What whoever writes knows.
#[derive(Debug)]
struct Writing {
    /// The slot up to which everything was folded.
    folded: i64,
    /// When they were found damaged last.
    damaged_at: Option<Instant>,
}

/// Where they are kept.
#[derive(Debug)]
enum Home {
    File(File),
    Database(Database),
}

impl Tracks {
    /// Opens or creates the tracks in a data directory.
    pub async fn connect(dir: &Path) -> Result<Self, StoreError> {
        let (file, fresh) = File::connect(dir).await?;
        Ok(Self::of(Home::File(file), fresh, false))
    }

    /// Opens or creates the tracks in a data directory, which a damaged file does not stand in the way of (D17): it is
    /// set aside, and the tracks begin anew.
    pub async fn connect_or_begin(dir: &Path) -> Result<Self, StoreError> {
        let damage = match File::connect(dir).await {
            // Where units were last is asked for at every start.
            Ok((file, fresh)) => match file.last_chunks(i64::MIN).await {
                Ok(_) => return Ok(Self::of(Home::File(file), fresh, true)),
                Err(damage) => {
                    file.close().await;
                    damage
                }
            },
            Err(newer @ StoreError::NewerSchema { .. }) => return Err(newer),
            Err(damage) => damage,
        };
        let (file, damage) = begin_anew(dir, damage).await?;
        let tracks = Self::of(Home::File(file), Vec::new(), true);
        tracks.inner.damages.found(damage);
        Ok(tracks)
    }

    /// Opens the tracks in the database at an address, whose journal was opened before.
    pub async fn in_database(address: &str) -> Result<Self, StoreError> {
        let (database, fresh) = Database::connect(address).await?;
        Ok(Self::of(Home::Database(database), fresh, false))
    }

    /// Opens the tracks in the database at an address, whose tables of them may be damaged: then it is told what of them
    /// cannot be read.
    pub async fn in_database_or_without(address: &str) -> Result<Self, StoreError> {
        let database = Database::at_address(address)?;
        let (fresh, what) = match database.fresh().await {
            Ok(fresh) => (fresh, None),
            Err(what) => (Vec::new(), Some(what)),
        };
        let tracks = Self::of(Home::Database(database), fresh, true);
        if let Some(what) = what {
            tracks.inner.damages.found(TracksDamage { what, set_aside: None });
        }
        Ok(tracks)
    }

    fn of(home: Home, points: Vec<TrackPoint>, begins_anew: bool) -> Self {
        let mut fresh = ByUnit::new();
        merge(&mut fresh, points);
        let inner = Inner {
            home: RwLock::new(Arc::new(home)),
            writing: Mutex::new(Writing { folded: i64::MIN, damaged_at: None }),
            fresh: RwLock::new(fresh),
            begins_anew,
            damages: Damages::none(),
        };
        Self { inner: Arc::new(inner) }
    }

    fn home(&self) -> Arc<Home> {
        self.inner.home.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for damage that was not told of yet.
    pub async fn damage(&self) -> TracksDamage {
        self.inner.damages.next().await
    }

    /// Sets a damaged file aside, and begins anew with what is in memory, unless somebody has since; an error where that
    /// is no remedy. Tables that are damaged are told of.
    async fn mend(
        &self,
        writing: &mut Writing,
        home: &Arc<Home>,
        what: StoreError,
    ) -> Result<(), StoreError> {
        if !Arc::ptr_eq(home, &self.home()) {
            return Ok(());
        }
        let is_again = writing.damaged_at.is_some_and(|at| at.elapsed() < BETWEEN_DAMAGES);
        if is_again || !self.inner.begins_anew || !is_damage(&what) {
            return Err(what);
        }
        match home.as_ref() {
            Home::Database(_) => {
                writing.damaged_at = Some(Instant::now());
                let told = StoreError::Impossible(what.to_string());
                self.inner.damages.found(TracksDamage { what: told, set_aside: None });
                Err(what)
            }
            Home::File(file) => {
                file.close().await;
                let (file, damage) = begin_anew(file.dir(), what).await?;
                writing.damaged_at = Some(Instant::now());
                let home = Arc::new(Home::File(file));
                *self.inner.home.write().unwrap_or_else(PoisonError::into_inner) = home.clone();
                self.inner.damages.found(damage);
                let fresh = self.inner.fresh.read().unwrap_or_else(PoisonError::into_inner).clone();
                if fresh.is_empty() { Ok(()) } else { keep(&home, &fresh).await }
            }
        }
    }

    /// Keeps points; durable when this returns. Folds as well when ten minutes have gone by since the last fold.
    pub async fn append(&self, points: Vec<TrackPoint>, now: Time) -> Result<(), StoreError> {
        let mut flush = ByUnit::new();
        merge(&mut flush, points);
        let mut writing = self.inner.writing.lock().await;
        let home = self.home();
        let Err(what) = self.append_to(&home, &mut writing, &flush, now).await else { return Ok(()) };
        let mended = self.mend(&mut writing, &home, what).await;
        let done = match mended {
            Ok(()) => self.append_to(&self.home(), &mut writing, &flush, now).await,
            Err(what) => Err(what),
        };
        if done.is_err() {
            self.forget_before(now.0.div_euclid(SLOT_US) - UNFOLDED_SLOTS);
        }
        done
    }

    /// What cannot be folded does not fill memory.
    fn forget_before(&self, slot: i64) {
        let mut fresh = self.inner.fresh.write().unwrap_or_else(PoisonError::into_inner);
        fresh.values_mut().for_each(|points| points.retain(|point| point.slot() >= slot));
        fresh.retain(|_, points| !points.is_empty());
    }

    async fn append_to(
        &self,
        home: &Home,
        writing: &mut Writing,
        flush: &ByUnit,
        now: Time,
    ) -> Result<(), StoreError> {
        if !flush.is_empty() {
            keep(home, flush).await?;
            let mut fresh = self.inner.fresh.write().unwrap_or_else(PoisonError::into_inner);
            merge(&mut fresh, flush.values().flatten().cloned().collect());
        }
        let slot = now.0.div_euclid(SLOT_US);
        if writing.folded < slot {
            self.fold_before(home, slot).await?;
            writing.folded = slot;
        }
        Ok(())
    }

    /// Folds everything of the slots before `slot` into chunks; what is left becomes one row.
    async fn fold_before(&self, home: &Home, slot: i64) -> Result<(), StoreError> {
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
        match home {
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
        let home = self.home();
        match self.select_of(&home, unit, from, until).await {
            Ok(found) => Ok(found),
            Err(what) => {
                self.mend(&mut *self.inner.writing.lock().await, &home, what).await?;
                self.select_of(&self.home(), unit, from, until).await
            }
        }
    }

    async fn select_of(
        &self,
        home: &Home,
        unit: Option<&UnitId>,
        from: Time,
        until: Time,
    ) -> Result<ByUnit, StoreError> {
        // Memory first: a fold in between moves points from there onto disk, where they are found again.
        let mut points: Vec<TrackPoint> = {
            let fresh = self.inner.fresh.read().unwrap_or_else(PoisonError::into_inner);
            match unit {
                Some(unit) => fresh.get(unit).cloned().unwrap_or_default(),
                None => fresh.values().flatten().cloned().collect(),
            }
        };
        let (first, last) = (from.0.div_euclid(SLOT_US), until.0.div_euclid(SLOT_US));
        points.extend(match home {
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
        let home = self.home();
        match self.newest_of(&home, from).await {
            Ok(found) => Ok(found),
            Err(what) => {
                self.mend(&mut *self.inner.writing.lock().await, &home, what).await?;
                self.newest_of(&self.home(), from).await
            }
        }
    }

    async fn newest_of(&self, home: &Home, from: Time) -> Result<Vec<TrackPoint>, StoreError> {
        // Memory first, as in `select`.
        let mut points: Vec<TrackPoint> = {
            let fresh = self.inner.fresh.read().unwrap_or_else(PoisonError::into_inner);
            fresh.values().filter_map(|points| points.last().cloned()).collect()
        };
        let first = from.0.div_euclid(SLOT_US);
        points.extend(match home {
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
        let home = self.home();
        let Home::File(file) = home.as_ref() else {
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
        let mut writing = self.inner.writing.lock().await;
        let (home, slot) = (self.home(), before.0.div_euclid(SLOT_US));
        let retired = match home.as_ref() {
            Home::File(file) => file.retire(slot).await,
            Home::Database(database) => database.retire(slot).await,
        };
        match retired {
            Ok(retired) => Ok(retired),
            // What was begun anew has nothing that is over.
            Err(what) => self.mend(&mut writing, &home, what).await.map(|()| 0),
        }
    }

    /// Writes a whole, compact copy into a folder that has none; a database is copied by its own tools.
    pub async fn backup(&self, into: &Path) -> Result<(), StoreError> {
        let mut writing = self.inner.writing.lock().await;
        let home = self.home();
        if let Err(what) = backup(&home, into).await {
            self.mend(&mut writing, &home, what).await?;
            backup(&self.home(), into).await?;
        }
        Ok(())
    }
}

async fn keep(home: &Home, flush: &ByUnit) -> Result<(), StoreError> {
    match home {
        Home::File(file) => file.keep(flush).await,
        Home::Database(database) => database.keep(flush).await,
    }
}

async fn backup(home: &Home, into: &Path) -> Result<(), StoreError> {
    match home {
        Home::File(file) => file.backup(into).await,
        Home::Database(database) => Err(StoreError::copied_by_its_tools(database.at())),
    }
}

/// Sets the tracks of a folder aside, which nobody has open, and begins with others; an error where it was not the file.
async fn begin_anew(dir: &Path, what: StoreError) -> Result<(File, TracksDamage), StoreError> {
    let set_aside = SetAside::take(dir)?;
    if let Ok((file, _)) = File::connect(dir).await {
        return Ok((file, TracksDamage { what, set_aside: set_aside.file() }));
    }
    set_aside.put_back(dir)?;
    Err(what)
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

/// Copies the tracks of a data directory, if it has any, beside whoever serves it, into a folder that has none.
pub async fn copy_beside(dir: &Path, into: &Path) -> Result<(), StoreError> {
    if dir.join(TRACKS_FILE).is_file() { copy(dir, TRACKS_FILE, into).await } else { Ok(()) }
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
