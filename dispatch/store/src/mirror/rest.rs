//! The proof of a mirror as it lies on its disk, beside the node that writes it: every line of its rows and answers is as
//! it was written, each row follows from the one before, and the words and packages they name are there and give their
//! digests.
//!
//! Memory does not grow with the mirror: words are looked for a slice of them at a time. What is written meanwhile is
//! not waited for and holds nobody up.

use std::io::Error;
use std::path::{Path, PathBuf};

use dispatch_core::event::RegionAdopted;

use super::folder::{Broken, Chain, Frames, content, days, end};
use super::frame::Frame;
use super::{copies, erases};
use crate::any::AnyStore;
use crate::journal::{self, JournalRow};
use crate::store::{Custody as _, StoreError};

/// Words looked for at once.
const SLICE: usize = 1 << 17;

/// Lines read between two rests.
const PAGE: u32 = 256;

/// What a disk says that cannot read what is on it (`EIO`).
const UNREADABLE: i32 = 5;

/// A mirror in a moment.
#[derive(Clone, Debug)]
pub struct Standing {
    pub(super) dir: PathBuf,
    /// The copy that is written, and its last row.
    pub(super) written: (PathBuf, u64),
}

/// A copy that was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtRest {
    /// The folder it lies in.
    pub copy: PathBuf,
    /// What is wrong with it, and where; none where it is whole.
    pub damage: Option<String>,
    /// Rows that were proved.
    pub rows: u64,
}

impl Standing {
    /// The copies beside the one that is written, first first.
    pub fn others(&self) -> Result<Vec<PathBuf>, StoreError> {
        let all = copies(&self.dir)?.into_iter().map(|(_, copy)| copy);
        Ok(all.filter(|copy| copy.is_dir() && *copy != self.written.0).collect())
    }

    /// Whether any of those holds a row that the journal does not.
    pub async fn hold_more(&self, store: &AnyStore) -> Result<bool, StoreError> {
        for copy in self.others()? {
            let end = tokio::task::spawn_blocking(move || end(&copy)).await;
            let end =
                end.map_err(|error| StoreError::Impossible(format!("a copy was not read: {error}")))??;
            if let Some((row, audit)) = end
                && store.audit_of(row).await?.as_ref() != Some(&audit)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Proves every copy. `go_on` is asked every few lines whether to go on, and may rest. An error says that nothing is
    /// known: the disk is not there, or it was not gone on with.
    pub fn prove(&self, mut go_on: impl FnMut() -> bool) -> Result<Vec<AtRest>, StoreError> {
        let mut proved = Vec::new();
        for (_, copy) in copies(&self.dir)?.into_iter().filter(|(_, copy)| copy.is_dir()) {
            let until = (copy == self.written.0).then_some(self.written.1);
            let mut prove = || Proof { copy: &copy, lines: 0, go_on: &mut go_on }.rows(until);
            // Words may have been erased in the moment they were read: what is damaged is so when it is read again.
            let found = match prove() {
                Err(error) if is_damage(&error) => prove(),
                other => other,
            };
            let (rows, damage) = match found {
                Ok(rows) => (rows, None),
                Err(error) if is_damage(&error) => (0, Some(error.to_string())),
                Err(error) => return Err(error),
            };
            proved.push(AtRest { copy, damage, rows });
        }
        Ok(proved)
    }
}

fn is_damage(error: &StoreError) -> bool {
    match error {
        StoreError::Corrupt { .. } => true,
        StoreError::File { source, .. } => source.raw_os_error() == Some(UNREADABLE),
        StoreError::Database(_)
        | StoreError::NewerSchema { .. }
        | StoreError::InUse { .. }
        | StoreError::Superseded { .. }
        | StoreError::Unusable { .. }
        | StoreError::Weaker { .. }
        | StoreError::Impossible(_) => false,
    }
}

/// Words that a row names, as far as they are told from others.
struct Said {
    id: u64,
    digest: [u8; 32],
    row: u64,
    is_found: bool,
}

/// The proof of one copy.
struct Proof<'a, G: FnMut() -> bool> {
    copy: &'a Path,
    lines: u32,
    go_on: &'a mut G,
}

impl<G: FnMut() -> bool> Proof<'_, G> {
    /// Rows up to the one that is known to be there, or to the end; how many.
    fn rows(mut self, until: Option<u64>) -> Result<u64, StoreError> {
        let mut chain = Chain::of(self.copy)?;
        let mut said = Vec::new();
        while until.is_none_or(|until| chain.seq < until)
            && let Some(frame) = chain.next()?
        {
            self.rest()?;
            let Frame::Row(row) = frame else { continue };
            for (id, digest) in journal::marks(&row)? {
                said.push(Said { id: short(&id), digest, row: row.seq, is_found: false });
            }
            self.package(&row)?;
            if said.len() >= SLICE {
                self.words(std::mem::take(&mut said))?;
            }
        }
        if let Some(until) = until
            && chain.seq < until
        {
            let detail =
                format!("{} ends at row {}, and row {until} was written", self.copy.display(), chain.seq);
            return Err(StoreError::corrupt("the mirror is not as it was written", detail));
        }
        self.words(said)?;
        Ok(chain.seq)
    }

    fn package(&self, row: &JournalRow) -> Result<(), StoreError> {
        let adopts = (row.name == "region_adopted").then(|| journal::record(row)).transpose()?;
        match adopts.as_ref().and_then(|record| record.event.get::<RegionAdopted>()) {
            Some(adopted) => content(self.copy, &adopted.hash).map(drop),
            None => Ok(()),
        }
    }

    /// Looks for words.
    fn words(&mut self, mut said: Vec<Said>) -> Result<(), StoreError> {
        if said.is_empty() {
            return Ok(());
        }
        said.sort_unstable_by_key(|said| said.id);
        for (_, path) in days(self.copy)? {
            let mut frames = Frames::of(&path, Broken::Skipped)?;
            while let Some(frame) = frames.next()? {
                self.rest()?;
                let Frame::Words { words, .. } = frame else { continue };
                if let Ok(place) = said.binary_search_by_key(&short(&words.id), |said| said.id) {
                    said[place].is_found |= words.whole().is_ok() && words.digest()? == said[place].digest;
                }
            }
        }
        said.retain(|said| !said.is_found);
        self.without_erased(&mut said)?;
        match said.iter().map(|said| said.row).min() {
            Some(row) => {
                let detail = format!("{}: not what was said with row {row}", self.copy.display());
                Err(StoreError::corrupt("the mirror is not as it was written", detail))
            }
            None => Ok(()),
        }
    }

    /// Nothing is lost of words that were erased: the machine may have died while they were.
    fn without_erased(&mut self, said: &mut Vec<Said>) -> Result<(), StoreError> {
        let mut chain = Chain::of(self.copy)?;
        while !said.is_empty()
            && let Some(frame) = chain.next()?
        {
            self.rest()?;
            let Frame::Row(row) = frame else { continue };
            let erased: Vec<u64> = erases(&row)?.iter().map(|id| short(id)).collect();
            said.retain(|said| !erased.contains(&said.id));
        }
        Ok(())
    }

    fn rest(&mut self) -> Result<(), StoreError> {
        self.lines += 1;
        if !self.lines.is_multiple_of(PAGE) || (self.go_on)() {
            return Ok(());
        }
        Err(StoreError::file("proving the mirror")(Error::other("it was not gone on with")))
    }
}

/// By this words are told from others.
fn short(id: &str) -> u64 {
    let hash = *blake3::hash(id.as_bytes()).as_bytes();
    u64::from_le_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]])
}
