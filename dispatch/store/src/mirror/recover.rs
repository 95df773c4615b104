//! The way back: a journal made again from its mirror, row by row as it was, in a data directory that lost its end or has
//! none.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dispatch_core::event::{AlarmRaised, JournalOpened, RegionAdopted};
use dispatch_core::kernel::id::JournalId;
use dispatch_core::kernel::time::Time;
use dispatch_core::loss::{Loss, LossKind};

use super::folder::{Broken, Frames, clock_moves, content, days, segments};
use super::frame::Frame;
use super::{copies, erases, marks};
use crate::batch::{ANSWERS_KEPT_US, Answer as Decided};
use crate::genesis::Genesis;
use crate::journal::{self, JournalRow};
use crate::lock::DataLock;
use crate::loss::{Lost, go_on, utc};
use crate::parts::Parts;
use crate::replay::Replay;
use crate::row::{Answer, Words};
use crate::rows::rows;
use crate::sqlite::{JOURNAL_FILE, SqliteOptions, SqliteStore};
use crate::store::{Custody as _, History as _, Journal as _, Opening, StoreError, Verified};
use crate::witness::{self, Testimony, Witness};
use crate::{audit, store};

/// Rows written at once.
const ROWS: usize = 512;

/// Where the journal is made, in the data directory.
const FRESH: &str = "recovering";

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The copy it came from.
    pub copy: PathBuf,
    /// The row at which the journal that was found ended; none where there was none that could be read.
    pub found: Option<u64>,
    /// What the mirror holds beside it.
    pub others: Vec<Copied>,
    /// What is still lacking of what was witnessed.
    pub lost: Option<Lost>,
    /// Nothing witnessed how far the journal had come: what was done in its last second may be lacking.
    pub is_unwitnessed: bool,
    /// Where the journal that was found lies now.
    pub set_aside: Option<PathBuf>,
    /// The proof of the journal that came back.
    pub verified: Verified,
}

/// What lies in the data directory.
#[derive(Default)]
struct Here {
    found: Option<u64>,
    /// What is known to be lacking.
    lost: Option<Lost>,
    /// Calls for help that came since.
    calls: u64,
}

/// Makes the journal of a data directory again from its mirror. Calls for help that the journal took after it had lost its
/// end are not in the copy: `leave` says how many of them whoever asks knows of.
pub async fn recover(mirror: &Path, options: SqliteOptions, leave: u64) -> Result<Recovered, StoreError> {
    let here = look(mirror, &options).await?;
    if here.found.is_some() && here.lost.is_none() {
        let why = "the journal holds all that was witnessed of it, and the mirror nothing beyond: nothing is to be brought \
                   back (into an empty folder it can be)";
        return Err(StoreError::Impossible(why.into()));
    }
    if here.calls != leave {
        let calls = here.calls;
        return Err(StoreError::Impossible(format!(
            "{calls} calls for help came after the journal had lost its end, and the mirror does not put them into what \
             it brings back: see that they are answered, then say --leave {calls}"
        )));
    }
    let (Copied { copy, .. }, others) = choose(mirror, here.lost.as_ref().map(|lost| lost.journal))?;
    let lock = DataLock::take(&options.dir)?;
    let fresh = options.dir.join(FRESH);
    make(&copy, SqliteOptions { dir: fresh.clone(), ..options.clone() }).await?;
    let set_aside = put_in_place(&fresh, &options.dir)?;
    drop(lock);
    let (verified, lost) = settle(&options, here.lost.clone()).await?;
    let is_unwitnessed = here.lost.is_none();
    Ok(Recovered { copy, others, found: here.found, lost, is_unwitnessed, set_aside, verified })
}

/// Proves that a journal can be made again from a mirror: makes it in a scratch folder, proves it and removes it. A node may
/// write the mirror meanwhile. The copy that would be taken, and its proof.
pub async fn prove(mirror: &Path, scratch: SqliteOptions) -> Result<(PathBuf, Verified), StoreError> {
    let (Copied { copy, .. }, _) = choose(mirror, None)?;
    let dir = scratch.dir.clone();
    let made = make(&copy, scratch).await;
    remove(&dir)?;
    Ok((copy, made?))
}

/// Makes a journal again from a copy, in a folder that holds nothing else, and proves it.
async fn make(copy: &Path, options: SqliteOptions) -> Result<Verified, StoreError> {
    remove(&options.dir)?;
    let lock = DataLock::take(&options.dir)?;
    let building = SqliteStore::without_rows(options, lock).await?;
    Builder::new(&building, copy).build().await?;
    let verified = building.verify().await?;
    building.close().await?;
    Ok(verified)
}

fn remove(dir: &Path) -> Result<(), StoreError> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::file(format!("removing {}", dir.display()))(error))
        }
        _ => Ok(()),
    }
}

/// Looks at what lies in the data directory.
async fn look(mirror: &Path, options: &SqliteOptions) -> Result<Here, StoreError> {
    let lock = DataLock::take(&options.dir)?;
    let mut here = Here { lost: witnessed(&options.dir), ..Here::default() };
    if !options.file().is_file() {
        return Ok(here);
    }
    // One that cannot be read is as good as none.
    let Ok(store) = SqliteStore::without_rows(options.clone(), lock).await else { return Ok(here) };
    let Ok(opening) = store.open().await else { return Ok(here) };
    let standing = opening.state.losses().values().next().map(Lost::from);
    here.lost = match standing {
        Some(standing) => Some(standing),
        None => match Testimony::of(&store, &options.dir).await?.lost {
            None => ahead(mirror, &opening)?,
            lost => lost,
        },
    };
    here.found = Some(opening.head);
    let mut after = here.lost.as_ref().map_or(opening.head, |lost| lost.found);
    while after < opening.head {
        let records = store.records(after, journal::WALK).await?;
        let Some(last) = records.last() else { break };
        after = last.seq;
        here.calls += records.iter().filter(|it| it.event.get::<AlarmRaised>().is_some()).count() as u64;
    }
    store.close().await?;
    Ok(here)
}

/// What a witness says of a journal that is not there.
fn witnessed(dir: &Path) -> Option<Lost> {
    let Witness { journal, head, time, .. } = Witness::read(dir).ok().flatten()?;
    let (found, found_at) = (0, Time(0));
    Some(Lost { kind: LossKind::Shorter, journal, witnessed: head, witnessed_at: time, found, found_at })
}

impl From<&Loss> for Lost {
    fn from(loss: &Loss) -> Self {
        let Loss { kind, journal, witnessed, witnessed_at, found, found_at, .. } = loss.clone();
        Self { kind, journal, witnessed, witnessed_at, found, found_at }
    }
}

/// A copy, and how far it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The folder it lies in, which can be named instead of the mirror.
    pub copy: PathBuf,
    /// Which journal it is of.
    pub journal: Option<JournalId>,
    /// Its last row.
    pub last: u64,
    /// When that was recorded.
    pub at: Time,
}

impl std::fmt::Display for Copied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { copy, last, at, .. } = self;
        write!(f, "{}, {last} rows up to {}", copy.display(), utc(*at))
    }
}

/// The copies that a folder holds rows in: a mirror's, first first, or the one that it is.
fn held(mirror: &Path) -> Result<Vec<PathBuf>, StoreError> {
    if !segments(mirror)?.is_empty() {
        return Ok(vec![mirror.into()]);
    }
    Ok(copies(mirror)?.into_iter().map(|(_, copy)| copy).collect())
}

/// The longest copy of a journal; without one, the newest. And the others.
fn choose(mirror: &Path, wanted: Option<JournalId>) -> Result<(Copied, Vec<Copied>), StoreError> {
    let (mut all, mut damaged) = (Vec::new(), None);
    for copy in held(mirror)? {
        match ends(&copy, 0) {
            Ok((copied, _)) => all.extend((copied.last > 0).then_some(copied)),
            // Another was begun beside it when that was noticed.
            Err(damage @ StoreError::Corrupt { .. }) => {
                tracing::warn!(%damage, "a copy is damaged; another is looked for");
                damaged = Some(damage);
            }
            Err(error) => return Err(error),
        }
    }
    let mut fits = all.iter().enumerate().filter(|(_, it)| wanted.is_none() || it.journal == wanted);
    let best = match wanted {
        Some(_) => fits.max_by_key(|(place, it)| (it.last, *place)),
        None => fits.next_back(),
    };
    let Some((place, _)) = best else {
        if let Some(damage) = damaged {
            return Err(damage);
        }
        let what = wanted.map_or("a journal".to_owned(), |wanted| format!("journal {wanted}"));
        return Err(StoreError::Impossible(format!("{} holds no copy of {what}", mirror.display())));
    };
    Ok((all.remove(place), all))
}

/// What a mirror holds of this very journal beyond its end: whoever set all of a data directory back set back what
/// witnessed it as well.
fn ahead(mirror: &Path, opening: &Opening) -> Result<Option<Lost>, StoreError> {
    let Some(journal) = opening.state.journal else { return Ok(None) };
    let (found, found_at) = (opening.head, opening.state.now);
    let mut lost: Option<Lost> = None;
    for copy in held(mirror)? {
        let (copied, audit) = match ends(&copy, found) {
            Err(StoreError::Corrupt { .. }) => continue,
            ended => ended?,
        };
        let continues = copied.journal == Some(journal) && audit == Some(audit::hex(&opening.audit_head));
        let witnessed = copied.last;
        if continues && witnessed > lost.as_ref().map_or(found, |lost| lost.witnessed) {
            let (kind, witnessed_at) = (LossKind::Shorter, copied.at);
            lost = Some(Lost { kind, journal, witnessed, witnessed_at, found, found_at });
        }
    }
    Ok(lost)
}

/// How far a copy goes, and the hash of one of its rows.
fn ends(copy: &Path, row_of: u64) -> Result<(Copied, Option<String>), StoreError> {
    let mut copied = Copied { copy: copy.into(), journal: None, last: 0, at: Time(0) };
    let mut audit = None;
    for (_, path) in segments(copy)? {
        let mut frames = Frames::of(&path, Broken::Ends)?;
        while let Some(frame) = frames.next()? {
            let Frame::Row(row) = frame else { continue };
            (copied.last, copied.at) = (row.seq, Time(row.recorded_at));
            if row.seq == row_of {
                audit = Some(row.audit.clone());
            }
            if row.name == "journal_opened" {
                let opened = journal::record(&row)?;
                copied.journal = opened.event.get::<JournalOpened>().map(|opened| opened.journal);
            }
        }
    }
    Ok((copied, audit))
}

/// Puts a journal into the data directory; whatever lies there is kept beside it.
fn put_in_place(fresh: &Path, dir: &Path) -> Result<Option<PathBuf>, StoreError> {
    let found = dir.join(JOURNAL_FILE);
    let aside = (1..).map(|number| dir.join(format!("{JOURNAL_FILE}.lost-{number}")));
    let aside = aside.into_iter().find(|path| !path.exists()).filter(|_| found.exists());
    if let Some(aside) = &aside {
        for end in ["", "-wal", "-shm"] {
            let (from, to) = (with_end(&found, end), with_end(aside, end));
            if from.exists() {
                std::fs::rename(&from, &to)
                    .map_err(StoreError::file(format!("setting {} aside", from.display())))?;
            }
        }
    }
    crate::sqlite::publish(&fresh.join(JOURNAL_FILE), &found)?;
    remove(fresh)?;
    Ok(aside)
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// What is still lacking goes on record; a journal of which nobody knows how far it had come gets another id.
async fn settle(options: &SqliteOptions, lost: Option<Lost>) -> Result<(Verified, Option<Lost>), StoreError> {
    let store = SqliteStore::connect(options.clone()).await?;
    let opening = store.open().await?;
    let at = options.genesis.at.max(opening.state.now);
    let still = lost.clone().filter(|lost| lost.witnessed > opening.head);
    let still = still.map(|lost| Lost {
        kind: LossKind::Shorter,
        found: opening.head,
        found_at: opening.state.now,
        ..lost
    });
    let head = opening.head;
    if let Some(lost) = &still {
        go_on(&store, opening, lost, at).await?;
    } else if lost.is_none() {
        store.next_epoch().await?;
        let genesis = Genesis { at, clock: opening.clock, ..options.genesis.clone() };
        let mut batch = genesis.batch(head + 1);
        batch.views = Replay::from(opening.state).commit(&batch.records)?;
        store::Journal::append(&store, &batch).await.committed()?;
    }
    let verified = store.verify().await?;
    witness::begin(&options.dir, &store.audit_head().await?, at)?;
    store.close().await?;
    Ok((verified, still))
}

/// A journal that is made again.
struct Builder<'a> {
    store: &'a SqliteStore,
    copy: &'a Path,
    replay: Replay,
    audit: [u8; 32],
    /// Rows of the commit that is not whole yet.
    open: Vec<JournalRow>,
    parts: Parts,
    answers: BTreeMap<(String, String), Answer>,
    /// Words that the rows name.
    said: BTreeSet<String>,
    /// Words that the rows erase, and when.
    erased: BTreeMap<String, i64>,
    /// How far the clock was corrected at which row, microseconds.
    corrected: Vec<(u64, i64)>,
}

impl<'a> Builder<'a> {
    fn new(store: &'a SqliteStore, copy: &'a Path) -> Self {
        Self {
            store,
            copy,
            replay: Replay::default(),
            audit: audit::GENESIS,
            open: Vec::new(),
            parts: Parts::default(),
            answers: BTreeMap::new(),
            said: BTreeSet::new(),
            erased: BTreeMap::new(),
            corrected: Vec::new(),
        }
    }

    async fn build(mut self) -> Result<(), StoreError> {
        for (_, path) in segments(self.copy)? {
            let mut frames = Frames::of(&path, Broken::Ends)?;
            while let Some(frame) = frames.next()? {
                match frame {
                    Frame::Row(row) => self.row(row).await?,
                    Frame::Answer(answer) => {
                        self.answers.insert((answer.actor.clone(), answer.command.clone()), answer);
                    }
                    Frame::Words { .. } => {}
                }
            }
        }
        self.write().await?;
        let since = self.replay.state.now.0.saturating_sub(ANSWERS_KEPT_US);
        let mut kept = Vec::new();
        for answer in std::mem::take(&mut self.answers).into_values().filter(|answer| answer.at >= since) {
            // What was cut off at the end takes its answers along.
            let named = match answer.clone().read()?.answer {
                Decided::Accepted(accepted) => accepted.seq,
                Decided::Refused(_) => 0,
            };
            if named <= self.replay.state.seq {
                kept.push(answer);
            }
        }
        for answers in kept.chunks(ROWS) {
            self.parts.answers = answers.to_vec();
            self.write().await?;
        }
        for (_, path) in days(self.copy)? {
            self.words(&path).await?;
        }
        Ok(())
    }

    async fn row(&mut self, row: JournalRow) -> Result<(), StoreError> {
        let hash = audit::hash(&self.audit, &row);
        if audit::hex(&hash) != row.audit {
            return Err(StoreError::corrupt(
                "the mirror does not go on from row to row",
                format!("row {}", row.seq),
            ));
        }
        self.audit = hash;
        let is_last = row.commit_head == row.seq;
        self.open.push(row);
        if is_last { self.commit().await } else { Ok(()) }
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        let rows_of = std::mem::take(&mut self.open);
        let records = rows_of.iter().map(journal::record).collect::<Result<Vec<_>, _>>()?;
        for (row, record) in rows_of.iter().zip(&records) {
            self.said.extend(marks(row)?);
            // As the store does: at the time of the commit's last row.
            let at = rows_of.last().map_or(0, |last| last.recorded_at);
            self.erased.extend(erases(row)?.into_iter().map(|id| (id, at)));
            if let Some(RegionAdopted { hash, .. }) = record.event.get() {
                self.parts.contents.push(content(self.copy, hash)?);
            }
            let moves = clock_moves(row)?;
            if moves != 0 {
                self.corrected.push((record.seq, moves));
                self.answers.values_mut().for_each(|answer| answer.at = answer.at.saturating_add(moves));
            }
        }
        let views = self.replay.commit(&records)?;
        let model = rows(&records, &views);
        self.parts.model.entities.extend(model.entities);
        self.parts.model.gone.extend(model.gone);
        self.parts.model.timeline.extend(model.timeline);
        self.parts.journal.extend(rows_of);
        if self.parts.journal.len() >= ROWS { self.write().await } else { Ok(()) }
    }

    /// Writes what has come together.
    async fn write(&mut self) -> Result<(), StoreError> {
        let parts = std::mem::take(&mut self.parts);
        // The hash of a commit that is not whole is not that of the last row written.
        let whole = parts.journal.last().map(|row| audit::stored(&row.audit)).transpose()?;
        let audit = match whole {
            Some(audit) => audit,
            None => audit::stored(&self.store.audit_head().await?.hash)?,
        };
        self.store.append_kept(parts, self.replay.state.seq, audit).await.committed().map(drop)
    }

    /// The words of a day. What was written twice counts as it was last.
    async fn words(&mut self, path: &Path) -> Result<(), StoreError> {
        let mut found = BTreeMap::new();
        let mut frames = Frames::of(path, Broken::Skipped)?;
        while let Some(frame) = frames.next()? {
            let Frame::Words { words, seen } = frame else { continue };
            if self.said.contains(&words.id) {
                let words = self.moved(words, seen);
                let words = match self.erased.get(&words.id) {
                    Some(at) if words.text.is_some() => words.erased(*at),
                    _ => words,
                };
                found.insert(words.id.clone(), words);
            }
        }
        let found: Vec<Words> = found.into_values().collect();
        for words in found.chunks(ROWS) {
            self.parts.words = words.to_vec();
            self.write().await?;
        }
        Ok(())
    }

    /// Words are kept as long as they would have been, however the clock was corrected since they were copied.
    fn moved(&self, words: Words, seen: u64) -> Words {
        let later = self.corrected.iter().filter(|(seq, _)| words.text.is_some() && *seq > seen);
        let us: i64 = later.map(|(_, us)| us).sum();
        Words { expires_at: words.expires_at.saturating_add(us), ..words }
    }
}
