//! What copies a mirror holds and how far each goes. Every copy is read once.

use std::path::{Path, PathBuf};

use dispatch_core::event::JournalOpened;
use dispatch_core::kernel::id::JournalId;
use dispatch_core::kernel::time::Time;

use super::copies;
use super::folder::{Chain, segments};
use super::frame::Frame;
use crate::journal;
use crate::loss::{Lost, counted, utc};
use crate::store::StoreError;

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
        write!(f, "{}, {} up to {}", copy.display(), counted(*last, "row"), utc(*at))
    }
}

/// A copy with a row or an answer that is not as it was written: what comes behind cannot be brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// The folder it lies in.
    pub copy: PathBuf,
    /// The last row before the damage.
    pub whole: u64,
    /// What is wrong, and where.
    pub why: String,
}

impl std::fmt::Display for Damaged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { copy, whole, why } = self;
        write!(f, "{} is whole up to row {whole} only: {why}", copy.display())
    }
}

/// The copies of a mirror, first first.
#[derive(Debug)]
pub(super) struct Survey {
    mirror: PathBuf,
    pub(super) whole: Vec<(Copied, Option<String>)>,
    pub(super) damaged: Vec<Damaged>,
}

impl Survey {
    /// Reads every copy: how far it goes, and the hash of its row `row_of`, hex.
    pub(super) fn of(mirror: &Path, row_of: u64) -> Result<Self, StoreError> {
        let mut survey = Self { mirror: mirror.into(), whole: Vec::new(), damaged: Vec::new() };
        for copy in held(mirror)? {
            match look_at(&copy, row_of) {
                Ok((copied, audit)) => survey.whole.extend((copied.last > 0).then_some((copied, audit))),
                Err(damaged) => survey.damaged.push(damaged),
            }
        }
        Ok(survey)
    }

    /// The longest copy of a journal; without one, the newest. And the others.
    pub(super) fn choose(&self, wanted: Option<JournalId>) -> Result<(Copied, Vec<Copied>), StoreError> {
        let mut all: Vec<_> = self.whole.iter().map(|(copied, _)| copied.clone()).collect();
        let mut fits = all.iter().enumerate().filter(|(_, it)| wanted.is_none() || it.journal == wanted);
        let best = match wanted {
            Some(_) => fits.max_by_key(|(place, it)| (it.last, *place)),
            None => fits.next_back(),
        };
        if let Some((place, _)) = best {
            return Ok((all.remove(place), all));
        }
        let wanted = wanted.map_or("a journal".to_owned(), |wanted| format!("journal {wanted}"));
        let mut what =
            format!("{} holds no copy of {wanted} that can be brought back", self.mirror.display());
        let there = all.iter().map(|other| format!("{other}, is of another"));
        for other in self.damaged.iter().map(ToString::to_string).chain(there) {
            what = format!("{what}; {other}");
        }
        Err(StoreError::Impossible(what))
    }

    /// Another copy than this, of a journal that was lost, which goes further than was found of it.
    pub(super) fn beyond(&self, lost: &Lost, but: &Path) -> Option<PathBuf> {
        let of = self.whole.iter().map(|(copied, _)| copied).filter(|copied| copied.copy != but);
        let beyond = of.filter(|copied| copied.journal == Some(lost.journal) && copied.last > lost.found);
        beyond.max_by_key(|copied| copied.last).map(|copied| copied.copy.clone())
    }
}

/// The copies that a folder holds: a mirror's, first first, or the one that it is.
pub(super) fn held(mirror: &Path) -> Result<Vec<PathBuf>, StoreError> {
    if !mirror.is_dir() {
        let what = if mirror.exists() { "is not a folder" } else { "is not there" };
        return Err(StoreError::Impossible(format!("the mirror {} {what}", mirror.display())));
    }
    if !segments(mirror)?.is_empty() {
        return Ok(vec![mirror.into()]);
    }
    Ok(copies(mirror)?.into_iter().map(|(_, copy)| copy).filter(|copy| copy.is_dir()).collect())
}

fn look_at(copy: &Path, row_of: u64) -> Result<(Copied, Option<String>), Damaged> {
    let mut copied = Copied { copy: copy.into(), journal: None, last: 0, at: Time(0) };
    let mut audit = None;
    match read(&mut copied, &mut audit, row_of) {
        Ok(()) => Ok((copied, audit)),
        Err(error) => Err(Damaged { copy: copy.into(), whole: copied.last, why: error.to_string() }),
    }
}

fn read(copied: &mut Copied, audit: &mut Option<String>, row_of: u64) -> Result<(), StoreError> {
    let mut chain = Chain::of(&copied.copy)?;
    while let Some(frame) = chain.next()? {
        let Frame::Row(row) = frame else { continue };
        if row.name == "journal_opened" {
            let opened = journal::record(&row)?;
            copied.journal = opened.event.get::<JournalOpened>().map(|opened| opened.journal);
        }
        (copied.last, copied.at) = (row.seq, Time(row.recorded_at));
        if row.seq == row_of {
            *audit = Some(row.audit);
        }
    }
    Ok(())
}
