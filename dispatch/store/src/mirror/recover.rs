//! The way back: a journal made again from its mirror, row by row as it was, in a data directory that lost its end or has
//! none.

use std::path::{Path, PathBuf};

use dispatch_core::event::{AlarmRaised, WordsErased};
use dispatch_core::kernel::id::{CommandId, WordsId};
use dispatch_core::kernel::kind::ErasureReason;
use dispatch_core::kernel::time::Time;
use dispatch_core::loss::{Loss, LossKind};
use uuid::Uuid;

use super::build::{Builder, LeftOut, Packages, ROWS};
use super::replaced::Replaced;
use super::survey::{Copied, Damaged, Survey, held};
use crate::batch::Batch;
use crate::damage::is_damage;
use crate::genesis::{Genesis, housekeeping};
use crate::lock::DataLock;
use crate::loss::{Lost, counted, go_on, named, utc};
use crate::parts::Parts;
use crate::replay::Replay;
use crate::row::words_id;
use crate::sqlite::{JOURNAL_FILE, SqliteOptions, SqliteStore};
use crate::store::{Custody as _, History as _, Journal as _, Opening, Proving, StoreError, Verified};
use crate::witness::{self, Testimony, Witness};
use crate::{audit, journal};

/// Where the journal is made, in the data directory.
const FRESH: &str = "recovering";

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The copy it came from.
    pub copy: PathBuf,
    /// Rows of the copy; what was recorded of the way back comes behind them.
    pub rows: u64,
    /// The row at which the journal that was found ended; none where there was none that could be read.
    pub found: Option<u64>,
    /// What the mirror holds beside it.
    pub others: Vec<Copied>,
    /// Copies that could not be brought back.
    pub damaged: Vec<Damaged>,
    /// What the copy does not hold as it was.
    pub left_out: LeftOut,
    /// What is still lacking of what was witnessed.
    pub lost: Option<Lost>,
    /// A loss that stands since before, and a copy that goes further than the journal did then.
    pub earlier: Option<(Lost, PathBuf)>,
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
    /// The journal, if one can be read.
    opening: Option<Opening>,
    /// What is known to be lacking.
    lost: Option<Lost>,
    /// Calls for help that came since.
    calls: Vec<String>,
}

/// Makes the journal of a data directory again from its mirror. Calls for help that the journal took after it had lost its
/// end are not in the copy: `leave` says how many of them whoever asks knows of. A text that the copy does not hold as it was
/// is taken from the journal that is found, if it is whole there, and a package as `packages` says.
pub async fn recover(
    mirror: &Path,
    options: SqliteOptions,
    leave: u64,
    packages: Packages<'_>,
) -> Result<Recovered, StoreError> {
    held(mirror)?;
    apart(&options.dir, mirror)?;
    let Here { opening, mut lost, calls } = look(&options).await?;
    let found = opening.as_ref().map(|opening| opening.head);
    // Of a journal that nobody could read only its own head is known.
    let seen = found.map(|head| lost.as_ref().map_or(head, |lost| lost.found));
    let survey = Survey::of(mirror, found.unwrap_or_default())?;
    if let Some(opening) = opening
        && lost.is_none()
    {
        lost = ahead(&survey, &opening);
        if lost.is_none() {
            let why = "the journal holds all that was witnessed of it, and the mirror nothing beyond: nothing is to be \
                       brought back (into an empty folder it can be)";
            return Err(StoreError::Impossible(why.into()));
        }
    }
    if calls.len() as u64 != leave {
        return Err(StoreError::Impossible(left(&calls)));
    }
    let (Copied { copy, last, .. }, others) = survey.choose(lost.as_ref().map(|lost| lost.journal))?;
    if let Some(found) = lost.as_ref().map(|lost| lost.found).filter(|found| *found > last) {
        let why = format!(
            "the journal that is here goes up to row {found}, and {} to row {last} only: nothing is to be brought back \
             (into an empty folder it can be)",
            copy.display()
        );
        return Err(StoreError::Impossible(why));
    }
    let lock = DataLock::take(&options.dir)?;
    let fresh = options.dir.join(FRESH);
    let replaced = Replaced::open(&options, seen).await;
    let making = SqliteOptions { dir: fresh.clone(), ..options.clone() };
    let (left_out, _) = make(&copy, making, packages, replaced).await?;
    let set_aside = put_in_place(&fresh, &options.dir)?;
    drop(lock);
    let is_unwitnessed = lost.is_none();
    let Settled { rows, losses, lost, verified } = settle(&options, lost, &left_out).await?;
    let earlier = losses.into_iter().find_map(|loss| Some((loss.clone(), survey.beyond(&loss, &copy)?)));
    let damaged = survey.damaged;
    Ok(Recovered {
        copy,
        rows,
        found,
        others,
        damaged,
        left_out,
        lost,
        earlier,
        is_unwitnessed,
        set_aside,
        verified,
    })
}

/// What is said of calls for help that would be left.
fn left(calls: &[String]) -> String {
    let calls_for_help = match calls.len() as u64 {
        0 => return "no call for help came after the journal had lost its end: leave --leave out".to_owned(),
        1 => "1 call for help".to_owned(),
        more => format!("{} for help", counted(more, "call")),
    };
    let them = if calls.len() == 1 { "it" } else { "them" };
    format!(
        "{calls_for_help} came after the journal had lost its end, and what is brought back does not hold {them} ({}): see to \
         {them}, then say --leave {}",
        named(calls),
        calls.len()
    )
}

/// Proves that a journal can be made again from a mirror: makes it in a scratch folder, proves it and removes it. A node may
/// write the mirror meanwhile. The copy that would be taken, its proof, and the copies that could not be. What
/// [`recover`] would leave out is an error.
pub async fn prove(
    mirror: &Path,
    scratch: SqliteOptions,
) -> Result<(PathBuf, Verified, Vec<Damaged>), StoreError> {
    let survey = Survey::of(mirror, 0)?;
    let (Copied { copy, .. }, _) = survey.choose(None)?;
    let dir = scratch.dir.clone();
    let (left_out, verified) = make(&copy, scratch, &|_, _| None, None).await?;
    remove(&dir)?;
    if !left_out.is_empty() {
        let detail = format!("{} lacks {left_out}", copy.display());
        return Err(StoreError::corrupt("the mirror is not as it was written", detail));
    }
    Ok((copy, verified, survey.damaged))
}

/// Makes a journal again from a copy, in a folder that holds nothing else, and proves it. The folder goes where that cannot
/// be done.
async fn make(
    copy: &Path,
    options: SqliteOptions,
    packages: Packages<'_>,
    replaced: Option<Replaced>,
) -> Result<(LeftOut, Verified), StoreError> {
    let dir = options.dir.clone();
    remove(&dir)?;
    let made = made(copy, options, packages, replaced).await;
    if made.is_err() {
        remove(&dir)?;
    }
    made
}

async fn made(
    copy: &Path,
    options: SqliteOptions,
    packages: Packages<'_>,
    replaced: Option<Replaced>,
) -> Result<(LeftOut, Verified), StoreError> {
    let lock = DataLock::take(&options.dir)?;
    let building = SqliteStore::without_rows(options, lock).await?;
    let left_out = Builder::new(&building, copy, packages, replaced).build().await?;
    let verified = building.prove(&Proving { lacking: left_out.named(), ..Proving::default() }).await?;
    building.close().await?;
    Ok((left_out, verified))
}

fn remove(dir: &Path) -> Result<(), StoreError> {
    let removed = if dir.is_file() { std::fs::remove_file(dir) } else { std::fs::remove_dir_all(dir) };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::file(format!("removing {}", dir.display()))(error))
        }
        _ => Ok(()),
    }
}

/// The journal is not made where its mirror lies.
fn apart(dir: &Path, mirror: &Path) -> Result<(), StoreError> {
    let place = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_default();
    let (dir, mirror) = (place(dir), place(mirror));
    if dir.starts_with(&mirror) || mirror.starts_with(&dir) {
        let why = format!("{} is the mirror, in it or around it: name another --data-dir", dir.display());
        return Err(StoreError::Impossible(why));
    }
    Ok(())
}

/// Looks at what lies in the data directory. A journal that cannot be read, or not proved, is as good as none.
async fn look(options: &SqliteOptions) -> Result<Here, StoreError> {
    let lock = DataLock::take(&options.dir)?;
    let none = Here { lost: witnessed(&options.dir), ..Here::default() };
    if !options.file().is_file() {
        return Ok(none);
    }
    let Ok(store) = SqliteStore::without_rows(options.clone(), lock).await else { return Ok(none) };
    let found = found(&store, options).await;
    // The lock goes with it.
    let closed = store.close().await;
    match found {
        Err(error) if is_damage(&error) => {
            tracing::warn!(%error, "the journal that is here is damaged");
            Ok(none)
        }
        found => closed.and(found),
    }
}

async fn found(store: &SqliteStore, options: &SqliteOptions) -> Result<Here, StoreError> {
    let mut here = Here::default();
    let opening = store.open().await?;
    let standing = opening.state.losses().values().next().map(Lost::from);
    here.lost = match standing {
        Some(standing) => Some(standing),
        None => Testimony::of(store, &options.dir).await?.lost,
    };
    if here.lost.is_none() {
        // It seems to hold everything; its pages may be damaged all the same.
        store.prove(&Proving::default()).await?;
    }
    let mut after = here.lost.as_ref().map_or(opening.head, |lost| lost.found);
    while after < opening.head {
        let records = store.records(after, journal::WALK).await?;
        let Some(last) = records.last() else { break };
        after = last.seq;
        let raised = records.iter().filter_map(|record| record.event.get::<AlarmRaised>());
        let call = |it: &AlarmRaised| format!("{} of {}, id {}", it.number, utc(it.received_at), it.alarm);
        here.calls.extend(raised.map(call));
    }
    here.opening = Some(opening);
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

/// What a mirror holds of this very journal beyond its end: whoever set all of a data directory back set back what
/// witnessed it as well.
fn ahead(survey: &Survey, opening: &Opening) -> Option<Lost> {
    let journal = opening.state.journal?;
    let (found, found_at, hash) = (opening.head, opening.state.now, audit::hex(&opening.audit_head));
    let continues = survey.whole.iter().filter(|(copied, audit)| {
        copied.journal == Some(journal) && audit.as_ref() == Some(&hash) && copied.last > found
    });
    let (longest, _) = continues.max_by_key(|(copied, _)| copied.last)?;
    let (kind, witnessed, witnessed_at) = (LossKind::Shorter, longest.last, longest.at);
    Some(Lost { kind, journal, witnessed, witnessed_at, found, found_at })
}

/// Puts a journal into the data directory; whatever lies there is kept beside it.
fn put_in_place(fresh: &Path, dir: &Path) -> Result<Option<PathBuf>, StoreError> {
    let found = dir.join(JOURNAL_FILE);
    let aside = (1..).map(|number| dir.join(format!("{JOURNAL_FILE}.lost-{number}")));
    // A log without its journal is set aside too: it would be taken for that of the new one.
    let ends = ["", "-wal", "-shm"];
    let is_here = ends.iter().any(|end| with_end(&found, end).exists());
    let aside = aside.into_iter().find(|path| !ends.iter().any(|end| with_end(path, end).exists()));
    let aside = aside.filter(|_| is_here);
    if let Some(aside) = &aside {
        for end in ends {
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

/// A journal that stands where it was.
struct Settled {
    /// Rows of the copy.
    rows: u64,
    /// Losses that stood in it.
    losses: Vec<Lost>,
    /// What is still lacking.
    lost: Option<Lost>,
    verified: Verified,
}

/// What is still lacking goes on record, and so do texts that are gone; a journal of which nobody knows how far it had come
/// gets another id.
async fn settle(
    options: &SqliteOptions,
    lost: Option<Lost>,
    left_out: &LeftOut,
) -> Result<Settled, StoreError> {
    let store = SqliteStore::connect(options.clone()).await?;
    let mut opening = store.open().await?;
    let at = options.genesis.at.max(opening.state.now);
    let rows = opening.head;
    let losses = opening.state.losses().values().map(Lost::from).collect();
    let is_witnessed = lost.is_some();
    let lost = lost.filter(|lost| lost.witnessed > rows).map(|lost| Lost {
        kind: LossKind::Shorter,
        found: rows,
        found_at: opening.state.now,
        ..lost
    });
    if let Some(lost) = &lost {
        opening = go_on(&store, opening, lost, at).await?;
    } else if !is_witnessed {
        store.next_epoch().await?;
        let genesis = Genesis { at, clock: opening.clock.clone(), ..options.genesis.clone() };
        opening = append(&store, opening, genesis.batch(rows + 1)).await?;
    }
    for blank in left_out.blank.chunks(ROWS) {
        let parts = Parts { words: blank.to_vec(), ..Parts::default() };
        store.append_kept(parts, opening.head, opening.audit_head).await.committed()?;
        let words: Vec<WordsId> = blank.iter().map(|words| words_id(&words.id)).collect::<Result<_, _>>()?;
        let erased = WordsErased { words: words.clone(), reason: ErasureReason::Lost };
        let record = housekeeping(opening.head + 1, CommandId(Uuid::now_v7()), at, erased.into());
        let batch = Batch { records: vec![record], erase: words, ..Batch::default() };
        opening = append(&store, opening, batch).await?;
    }
    let lacking = left_out.packages.iter().cloned().collect();
    let verified = store.prove(&Proving { lacking, ..Proving::default() }).await?;
    witness::begin(&options.dir, &store.audit_head().await?, at)?;
    store.close().await?;
    Ok(Settled { rows, losses, lost, verified })
}

/// Writes rows of the way back.
async fn append(store: &SqliteStore, opening: Opening, mut batch: Batch) -> Result<Opening, StoreError> {
    let mut replay = Replay::from(opening.state);
    batch.views = replay.commit(&batch.records)?;
    let head = store.append(&batch).await.committed()?;
    let audit_head = audit::stored(&store.audit_head().await?.hash)?;
    Ok(Opening { state: replay.state, head, audit_head, ..opening })
}
