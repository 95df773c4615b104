//! A whole, compact copy while the centre goes on, and the way back: a restore proves the copy, renews the journal's
//! id, and erases what had expired when it was made (D12, D15). What has expired since the node erases as soon as it
//! knows the time: the machine that a backup is brought back on may show any.

use std::fs::File;
use std::path::{Path, PathBuf};

use dispatch_core::event::{Event, WordsErased};
use dispatch_core::kernel::id::{CommandId, JournalId};
use dispatch_core::kernel::kind::ErasureReason;
use dispatch_core::kernel::time::Time;
use sqlx::ConnectOptions;
use sqlx::sqlite::SqliteConnection;

use super::beside::{ordered, pages_in_order};
use super::options::JOURNAL_FILE;
use super::schema::is_ours;
use super::{SqliteOptions, SqliteStore, connect_options};
use crate::as_found::AsFound;
use crate::batch::Batch;
use crate::damage::is_damage;
use crate::genesis::{Genesis, housekeeping, minted};
use crate::lock::DataLock;
use crate::loss::Lost;
use crate::place;
use crate::replay::Replay;
use crate::sql::Held as _;
use crate::store::{Custody as _, Journal as _, PackageHash, Proving, StoreError, Verified};
use crate::tracks::{self, TRACKS_FILE};
use crate::witness::{self, Testimony};

/// Words erased in one commit of a restore.
const ERASED_AT_ONCE: u32 = 500;

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// The journal's new id: streams of the old one begin anew.
    pub journal: JournalId,
    /// Words that had expired when the backup was made, and that are gone now.
    pub erased: u64,
    /// When the last row of the backup was recorded: words that were erased on request since are in it.
    pub made_at: Time,
    /// What the backup lacks of the journal that was in the directory before, where that was witnessed.
    pub lost: Option<Lost>,
    /// Why the tracks of the backup were left out, where they are damaged.
    pub tracks: Option<StoreError>,
    /// The proof of the journal after all that.
    pub verified: Verified,
}

impl SqliteStore {
    /// The copy is written beside its name and renamed when it is whole and synced: a name that is there is a backup.
    pub(super) async fn copy_into(&self, into: &Path) -> Result<(), StoreError> {
        let copy = CompactCopy::into(into, JOURNAL_FILE)?;
        {
            let mut side = self.inner.side.lock().await;
            copy.make(side.as_mut().ok_or_else(StoreError::closed)?).await?;
        }
        copy.publish()
    }
}

/// A compact copy of a database on its way.
pub(crate) struct CompactCopy {
    whole: PathBuf,
    partial: PathBuf,
}

impl CompactCopy {
    /// To be made under a name in a folder that has none of it; what is left of one that was not finished goes.
    pub(crate) fn into(folder: &Path, name: &str) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder)
            .map_err(StoreError::file(format!("creating {}", folder.display())))?;
        let (whole, partial) = (folder.join(name), folder.join(format!("{name}.partial")));
        if whole.exists() {
            let why = format!("{} is there already: name another folder", whole.display());
            return Err(StoreError::Impossible(why));
        }
        if partial.exists() {
            std::fs::remove_file(&partial)
                .map_err(StoreError::file(format!("removing {}", partial.display())))?;
        }
        Ok(Self { whole, partial })
    }

    /// Writes all a connection sees.
    pub(crate) async fn make(&self, from: &mut SqliteConnection) -> Result<(), StoreError> {
        let name = self.partial.to_str();
        let name = name.ok_or_else(|| StoreError::Impossible("the path is not UTF-8".into()))?;
        sqlx::query("vacuum into $1").bind(name).execute(from).await?;
        Ok(())
    }

    /// Gives it its name once it is whole.
    pub(crate) fn publish(&self) -> Result<(), StoreError> {
        publish(&self.partial, &self.whole)
    }
}

/// Syncs a file, gives it its name, and syncs the folder.
pub(crate) fn publish(partial: &Path, whole: &Path) -> Result<(), StoreError> {
    let describe = || format!("keeping {}", whole.display());
    File::open(partial).and_then(|file| file.sync_all()).map_err(StoreError::file(describe()))?;
    std::fs::rename(partial, whole).map_err(StoreError::file(describe()))?;
    let folder = whole.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::file(describe()))
}

/// Makes the data directory of `options` from a backup. The directory must hold no journal, and is as it was found where
/// that fails. The genesis of `options` gives the new journal id, and the time it is restored at; `package` makes the hash
/// of a region package.
pub async fn restore(
    backup: &Path,
    options: SqliteOptions,
    package: PackageHash,
) -> Result<(SqliteStore, Restored), StoreError> {
    for name in [JOURNAL_FILE, TRACKS_FILE] {
        place::is_file_or_free(&backup.join(name))?;
    }
    let found = AsFound::look(&options.dir)?;
    let restored = restored(backup, options, package).await;
    if restored.is_err()
        && let Err(error) = found.put_back()
    {
        tracing::error!(%error, "the restore did not finish; the folder must not be served");
    }
    restored
}

async fn restored(
    backup: &Path,
    options: SqliteOptions,
    package: PackageHash,
) -> Result<(SqliteStore, Restored), StoreError> {
    let source = backup.join(JOURNAL_FILE);
    let target = options.file();
    let lock = DataLock::take(&options.dir)?;
    if target.exists() {
        return Err(StoreError::Impossible(format!(
            "{} holds a journal: restore into an empty folder",
            options.dir.display()
        )));
    }
    let partial = options.dir.join(format!("{JOURNAL_FILE}.partial"));
    place::is_file_or_free(&partial)?;
    std::fs::copy(&source, &partial).map_err(StoreError::file(format!(
        "copying {} to {}",
        source.display(),
        partial.display()
    )))?;
    sound(&partial).await.map_err(|bad| of_backup(&source, bad))?;
    publish(&partial, &target)?;
    let dir = options.dir.clone();
    // Proven before anything is added, so that a bad backup is told from a bad restore, and nobody serves it.
    let store = proven(options, lock, package).await.map_err(|bad| of_backup(&source, bad))?;
    match settled(&store, backup, &dir).await {
        Ok(restored) => Ok((store, restored)),
        Err(error) => {
            store.close().await?;
            Err(error)
        }
    }
}

/// What comes after the journal is there.
async fn settled(store: &SqliteStore, backup: &Path, dir: &Path) -> Result<Restored, StoreError> {
    let lost = Testimony::of(store, dir).await?.lost;
    let restored = store.renew().await?;
    let tracks = restored_tracks(backup, dir).await?;
    witness::begin(dir, &store.audit_head().await?, store.open().await?.state.now)?;
    Ok(Restored { lost, tracks, ..restored })
}

/// Brings the tracks of a backup back; why not where they are damaged, which a journal does not wait for.
async fn restored_tracks(backup: &Path, dir: &Path) -> Result<Option<StoreError>, StoreError> {
    if !backup.join(TRACKS_FILE).is_file() {
        return Ok(None);
    }
    match pages_in_order(backup, TRACKS_FILE).await {
        Ok(()) => tracks::restore(backup, dir).map(|_| None),
        Err(damage) if is_damage(&damage) => Ok(Some(damage)),
        Err(error) => Err(error),
    }
}

/// A journal that was put where it is to be, proved.
async fn proven(
    options: SqliteOptions,
    lock: DataLock,
    package: PackageHash,
) -> Result<SqliteStore, StoreError> {
    let store = SqliteStore::connect_locked(options, lock).await?;
    let proving = Proving { package: Some(package), ..Proving::default() };
    if let Err(bad) = store.prove(&proving).await {
        store.close().await?;
        return Err(bad);
    }
    Ok(store)
}

/// What is wrong with a backup: its damage is not that of the directory it was to be restored into.
fn of_backup(source: &Path, bad: StoreError) -> StoreError {
    if is_damage(&bad) {
        StoreError::corrupt("the backup is damaged, restore another", format!("{}: {bad}", source.display()))
    } else {
        bad
    }
}

/// The file is a database of ours whose pages are in order, and there is a journal in it.
async fn sound(file: &Path) -> Result<(), StoreError> {
    let mut connection = connect_options(file.into()).create_if_missing(false).connect().await?;
    let ours = is_ours(&mut connection, file).await;
    let found = sqlx::query_scalar::<_, String>("pragma integrity_check(1)").fetch_one(&mut connection).await;
    let row = sqlx::query("select 1 from journal limit 1").fetch_optional(&mut connection).await;
    sqlx::Connection::close(connection).await?;
    ours.and_then(|()| ordered(JOURNAL_FILE, &found?))?;
    match row {
        Ok(Some(_)) => Ok(()),
        _ => Err(StoreError::corrupt("it holds no journal", "there is no row in it")),
    }
}

impl SqliteStore {
    /// Gives a restored journal its new id and erases what had expired when it was made.
    async fn renew(&self) -> Result<Restored, StoreError> {
        let genesis = self.inner.options.genesis.clone();
        self.next_epoch().await?;
        let opening = self.open().await?;
        let made_at = opening.state.now;
        let at = genesis.at.max(opening.state.now);
        let mut replay = Replay::from(opening.state);
        let genesis = Genesis { at, clock: opening.clock, ..genesis };
        self.keep(&mut replay, genesis.batch(opening.head + 1)).await?;
        let mut erased = 0;
        loop {
            let words = self.reader().await?.expired_words(made_at, ERASED_AT_ONCE).await?;
            if words.is_empty() {
                break;
            }
            erased += words.len() as u64;
            let event =
                Event::WordsErased(WordsErased { words: words.clone(), reason: ErasureReason::Retention });
            let record = housekeeping(replay.state.seq + 1, CommandId(minted(at)), at, event);
            self.keep(&mut replay, Batch { records: vec![record], erase: words, ..Batch::default() }).await?;
        }
        self.scrub().await?;
        Ok(Restored {
            journal: genesis.journal,
            erased,
            made_at,
            lost: None,
            tracks: None,
            verified: self.verify().await?,
        })
    }

    async fn keep(&self, replay: &mut Replay, mut batch: Batch) -> Result<(), StoreError> {
        batch.views = replay.commit(&batch.records)?;
        self.append_batch(&batch).await.committed().map(|_| ())
    }
}
