//! A second copy of all that was committed, in plain files on another disk, at most a second behind: rows of the journal,
//! answers, words by id and region packages. It is read from the database after each commit, never written instead of it,
//! so that what stands in it was committed; whoever leads writes one, and whoever stands by another.
//!
//! A journal that lost its end does not continue what its mirror holds: then the copy is left as it is, and another is
//! begun beside it (`copy-2`, …). So is one where a copy is damaged, or its folder was moved away. Words that are erased are
//! overwritten in every copy (D12).
//!
//! Not in it: the read model and snapshots, which a replay makes; who read words; what sinks have got; tracks.

mod build;
mod folder;
mod frame;
mod recover;
mod replaced;
mod rest;
mod survey;

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dispatch_core::event::{RegionAdopted, WordsErased};

pub use self::build::{LeftOut, Packages};
use self::folder::{Folder, Page};
pub use self::recover::{Recovered, prove, recover};
pub use self::rest::{AtRest, Standing};
pub use self::survey::{Copied, Damaged};
use crate::any::AnyStore;
use crate::journal::{self, JournalRow};
use crate::lock::{DataLock, make_private};
use crate::row::Answer;
use crate::sql::Held;
use crate::store::StoreError;

/// Rows copied at once: the database is read no longer than that takes.
const ROWS: u32 = 256;

const COPY: &str = "copy-";

/// The mirror of one node.
#[derive(Debug)]
pub struct Mirror {
    dir: PathBuf,
    /// The disk it is on; none before the first round.
    device: Option<u64>,
    /// One process, one mirror; held from the first round on, and by whatever is still being written.
    lock: Option<Arc<DataLock>>,
    /// The copy that is written; none before the first round and after an error.
    folder: Option<Folder>,
    /// Answers given in the moment of the newest one that is copied, by the clock of the copy's last row.
    newest: Vec<Answer>,
}

/// How far a mirror has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// The last row in it.
    pub seq: u64,
    /// The head of the journal when it was read.
    pub head: u64,
    /// The journal did not go on from what the mirror holds, up to this row: another copy was begun.
    pub another: Option<u64>,
}

impl Mirror {
    /// In a folder, which the first round makes if need be, for its owner alone.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), device: None, lock: None, folder: None, newest: Vec::new() }
    }

    /// Copies what was committed since, a page of it; more is to come while its `seq` is not its `head`. After an error it
    /// may be called again.
    pub async fn round(&mut self, store: &AnyStore) -> Result<Mirrored, StoreError> {
        match store {
            AnyStore::Sqlite(store) => self.round_of(store).await,
            AnyStore::Postgres(store) => self.round_of(store).await,
            #[cfg(any(test, feature = "memory"))]
            AnyStore::Memory(_) => Err(StoreError::Impossible("a store in memory has no second copy".into())),
        }
    }

    async fn round_of<S: Held>(&mut self, store: &S) -> Result<Mirrored, StoreError> {
        // A disk that was taken away leaves an empty folder behind, on the disk under it.
        let known = if let Some(known) = self.device {
            known
        } else {
            make_private(&self.dir)?;
            *self.device.insert(device(&self.dir)?)
        };
        if device(&self.dir)? != known {
            let what = format!("another disk lies at {} than when the node was started", self.dir.display());
            return Err(StoreError::Impossible(what));
        }
        let lock = match &self.lock {
            Some(lock) => lock.clone(),
            None => self.lock.insert(Arc::new(DataLock::take(&self.dir)?)).clone(),
        };
        let mut folder = if let Some(folder) = self.folder.take() {
            folder
        } else {
            // What was written to the copy before is not in this one, perhaps.
            self.newest.clear();
            self.newest_copy()?
        };
        let mut tables = store.view().await?;
        let (head, _) = tables.head().await?;
        let mut another = None;
        if folder.seq > 0 && tables.audit_of(folder.seq).await?.as_ref() != Some(&folder.audit) {
            another = Some(folder.seq);
            folder = self.next_copy()?;
            self.newest.clear();
        }
        let rows = tables.journal(folder.seq, ROWS).await?;
        let rows: Vec<JournalRow> = rows.into_iter().filter(|row| row.seq <= head).collect();
        let mut page = Page { seen: head, ..Page::default() };
        // Answers go before the rows they name, so that no row is ever there without its answer; and by the clock that
        // stood before those rows.
        let later = tables.corrections(folder.seq).await?;
        let moves = later.iter().map(folder::clock_moves).sum::<Result<i64, _>>()?;
        // What was answered in one commit with a correction is not corrected by it.
        let since = folder.answered_at.saturating_add(moves.min(0));
        for mut answer in tables.raw_answers(since).await? {
            answer.at = answer.at.saturating_sub(moves);
            if !self.newest.contains(&answer) {
                page.answers.push(answer);
            }
        }
        let (mut said, mut erased) = (Vec::new(), folder.to_erase.clone());
        for row in &rows {
            said.extend(journal::marks(row)?.into_iter().map(|(id, _)| id));
            erased.extend(erases(row)?);
            let event = journal::record(row)?.event;
            if let Some(RegionAdopted { hash, .. }) = event.get() {
                page.contents.extend(tables.content(hash).await?);
            }
            page.moves = page.moves.saturating_add(folder::clock_moves(row)?);
        }
        page.words = tables.raw_words(&said).await?;
        page.erased = tables.raw_words(&erased).await?;
        page.rows = rows;
        drop(tables);
        let copies: Vec<_> = self.copies()?.into_iter().filter(|(_, copy)| copy.is_dir()).collect();
        let (folder, page) = tokio::task::spawn_blocking(move || {
            folder.take(&page)?;
            copies.iter().try_for_each(|(_, copy)| folder::erase(copy, &page.erased, page.seen))?;
            folder.to_erase.clear();
            drop(lock);
            Ok::<_, StoreError>((folder, page))
        })
        .await
        .map_err(|error| StoreError::Impossible(format!("the mirror was not written: {error}")))??;
        self.newest.extend(page.answers);
        self.newest.iter_mut().for_each(|answer| answer.at = answer.at.saturating_add(page.moves));
        self.newest.retain(|answer| answer.at == folder.answered_at);
        let seq = folder.seq;
        self.folder = Some(folder);
        Ok(Mirrored { seq, head, another })
    }

    /// What is to be proved of it, as it stands in this moment; none while nobody can write it.
    pub fn standing(&self) -> Option<Standing> {
        let written = self.folder.as_ref()?.stands();
        Some(Standing { dir: self.dir.clone(), written })
    }

    fn newest_copy(&self) -> Result<Folder, StoreError> {
        match self.copies()?.into_iter().rfind(|(_, copy)| copy.is_dir()) {
            Some((_, copy)) => match Folder::resume(copy) {
                Err(StoreError::Corrupt { what, detail }) => {
                    tracing::error!(what, detail, "a copy of the mirror is damaged: another is begun");
                    self.next_copy()
                }
                other => other,
            },
            None => self.next_copy(),
        }
    }

    fn next_copy(&self) -> Result<Folder, StoreError> {
        let number = self.copies()?.last().map_or(0, |(number, _)| *number) + 1;
        Folder::begin(self.dir.join(format!("{COPY}{number}")))
    }

    fn copies(&self) -> Result<Vec<(u64, PathBuf)>, StoreError> {
        copies(&self.dir)
    }
}

/// The words that are erased with a row.
fn erases(row: &JournalRow) -> Result<Vec<String>, StoreError> {
    let event = (row.name == "words_erased").then(|| journal::record(row)).transpose()?;
    let erased = event.as_ref().and_then(|record| record.event.get::<WordsErased>());
    Ok(erased.into_iter().flat_map(|erased| &erased.words).map(ToString::to_string).collect())
}

fn device(dir: &Path) -> Result<u64, StoreError> {
    let known = std::fs::metadata(dir).map_err(StoreError::file(format!("looking at {}", dir.display())));
    Ok(known?.dev())
}

/// The copies in a mirror, first first.
fn copies(dir: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    folder::named(dir, COPY)
}
