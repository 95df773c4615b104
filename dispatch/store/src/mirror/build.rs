//! A journal made again from a copy, row by row as it was. A text or a package that is not as it was copied is left out,
//! and named; a row or an answer that is not is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dispatch_core::event::RegionAdopted;

use super::erases;
use super::folder::{Broken, Chain, Frames, clock_moves, content, days};
use super::frame::Frame;
use super::replaced::Replaced;
use crate::audit;
use crate::batch::{ANSWERS_KEPT_US, Answer as Decided, Content};
use crate::journal::{self, JournalRow};
use crate::loss::{counted, named};
use crate::parts::Parts;
use crate::replay::Replay;
use crate::row::{Answer, Words};
use crate::rows::rows;
use crate::sqlite::SqliteStore;
use crate::store::{Custody as _, StoreError};
use crate::words::WordsClass;

/// Rows written at once.
pub(super) const ROWS: usize = 512;

/// A region package that the copy does not hold, by its hash: what lies under that in the journal that is found, if that gives
/// it, or as it is known elsewhere.
pub type Packages<'a> = &'a (dyn Fn(&str, Option<Content>) -> Option<Content> + Sync);

/// What a copy does not hold as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Texts, by the id of their words, with the row that names them.
    pub texts: Vec<(String, u64)>,
    /// Region packages, by hash.
    pub packages: Vec<String>,
    /// The words of those texts as they are kept until they are erased.
    pub(super) blank: Vec<Words>,
}

impl LeftOut {
    /// Ids and hashes of all of it.
    pub(super) fn named(&self) -> BTreeSet<String> {
        self.texts.iter().map(|(id, _)| id).chain(&self.packages).cloned().collect()
    }

    /// Whether everything is there.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.packages.is_empty()
    }
}

impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let texts: Vec<String> = self.texts.iter().map(|(id, row)| format!("{id} of row {row}")).collect();
        let kinds = [("text", &texts), ("region package", &self.packages)];
        let kinds = kinds.into_iter().filter(|(_, all)| !all.is_empty());
        let told = kinds.map(|(what, all)| format!("{} ({})", counted(all.len() as u64, what), named(all)));
        f.write_str(&told.collect::<Vec<_>>().join(" and "))
    }
}

/// Words that a row names.
struct Said {
    digest: [u8; 32],
    row: u64,
    at: i64,
}

/// A journal that is made again.
pub(super) struct Builder<'a> {
    store: &'a SqliteStore,
    copy: &'a Path,
    packages: Packages<'a>,
    /// The journal that is found there; none where there is none.
    replaced: Option<Replaced>,
    left_out: LeftOut,
    replay: Replay,
    /// Rows of the commit that is not whole yet.
    open: Vec<JournalRow>,
    parts: Parts,
    answers: BTreeMap<(String, String), Answer>,
    /// Words that the rows name and that were not found yet.
    said: BTreeMap<String, Said>,
    /// Words that the rows erase, and when.
    erased: BTreeMap<String, i64>,
    /// How far the clock was corrected at which row, microseconds.
    corrected: Vec<(u64, i64)>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        store: &'a SqliteStore,
        copy: &'a Path,
        packages: Packages<'a>,
        replaced: Option<Replaced>,
    ) -> Self {
        Self {
            store,
            copy,
            packages,
            replaced,
            left_out: LeftOut::default(),
            replay: Replay::default(),
            open: Vec::new(),
            parts: Parts::default(),
            answers: BTreeMap::new(),
            said: BTreeMap::new(),
            erased: BTreeMap::new(),
            corrected: Vec::new(),
        }
    }

    /// Makes it; what was left out.
    pub(super) async fn build(mut self) -> Result<LeftOut, StoreError> {
        let mut chain = Chain::of(self.copy)?;
        while let Some(frame) = chain.next()? {
            match frame {
                Frame::Row(row) => self.row(row).await?,
                Frame::Answer(answer) => {
                    self.answers.insert((answer.actor.clone(), answer.command.clone()), answer);
                }
                Frame::Words { .. } => {}
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
        self.found().await?;
        self.missing().await?;
        if let Some(replaced) = self.replaced.take() {
            replaced.close().await;
        }
        Ok(self.left_out)
    }

    async fn row(&mut self, row: JournalRow) -> Result<(), StoreError> {
        let is_last = row.commit_head == row.seq;
        self.open.push(row);
        if is_last { self.commit().await } else { Ok(()) }
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        let rows_of = std::mem::take(&mut self.open);
        let records = rows_of.iter().map(journal::record).collect::<Result<Vec<_>, _>>()?;
        for (row, record) in rows_of.iter().zip(&records) {
            let said = |digest| Said { digest, row: row.seq, at: row.recorded_at };
            self.said.extend(journal::marks(row)?.into_iter().map(|(id, digest)| (id, said(digest))));
            // As the store does: at the time of the commit's last row.
            let at = rows_of.last().map_or(0, |last| last.recorded_at);
            self.erased.extend(erases(row)?.into_iter().map(|id| (id, at)));
            if let Some(RegionAdopted { hash, .. }) = record.event.get() {
                let content = match (content(self.copy, hash), &mut self.replaced) {
                    (Ok(content), _) => Some(content),
                    (Err(_), Some(replaced)) => (self.packages)(hash, replaced.content(hash).await),
                    (Err(_), None) => (self.packages)(hash, None),
                };
                match content {
                    Some(content) => self.parts.contents.push(content),
                    None => self.left_out.packages.push(hash.clone()),
                }
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
            let is_whole = |said: &Said| words.whole().is_ok() && words.digest().ok() == Some(said.digest);
            if self.said.get(&words.id).is_some_and(is_whole) {
                let words = self.moved(words, seen);
                let words = match self.erased.get(&words.id) {
                    Some(at) if words.text.is_some() => words.erased(*at),
                    _ => words,
                };
                found.insert(words.id.clone(), words);
            }
        }
        self.said.retain(|id, _| !found.contains_key(id));
        let found: Vec<Words> = found.into_values().collect();
        self.keep_words(&found).await
    }

    async fn keep_words(&mut self, words: &[Words]) -> Result<(), StoreError> {
        for words in words.chunks(ROWS) {
            self.parts.words = words.to_vec();
            self.write().await?;
        }
        Ok(())
    }

    /// Words that the copy does not hold, and the journal that is found does.
    async fn found(&mut self) -> Result<(), StoreError> {
        let Some(mut replaced) = self.replaced.take() else { return Ok(()) };
        let lacking: Vec<String> =
            self.said.keys().filter(|id| !self.erased.contains_key(*id)).cloned().collect();
        for ids in lacking.chunks(ROWS) {
            let mut found = replaced.words(ids).await;
            found.retain(|words| {
                let is_said = self.said.get(&words.id).map(|said| said.digest) == words.digest().ok();
                is_said && words.text.is_some() && words.whole().is_ok()
            });
            let found: Vec<Words> = found.into_iter().map(|words| self.moved(words, replaced.seen)).collect();
            for words in &found {
                self.said.remove(&words.id);
            }
            self.keep_words(&found).await?;
        }
        self.replaced = Some(replaced);
        Ok(())
    }

    /// Words that are nowhere. Of those that were erased nothing is lost.
    async fn missing(&mut self) -> Result<(), StoreError> {
        let mut erased = Vec::new();
        for (id, said) in std::mem::take(&mut self.said) {
            if let Some(at) = self.erased.get(&id) {
                erased.push(blank(&id, &said).erased(*at));
            } else {
                self.left_out.blank.push(blank(&id, &said));
                self.left_out.texts.push((id, said.row));
            }
        }
        self.left_out.texts.sort_by_key(|(_, row)| *row);
        self.keep_words(&erased).await
    }

    /// Words are kept as long as they would have been, however the clock was corrected since they were copied.
    fn moved(&self, words: Words, seen: u64) -> Words {
        let later = self.corrected.iter().filter(|(seq, _)| words.text.is_some() && *seq > seen);
        let us: i64 = later.map(|(_, us)| us).sum();
        Words { expires_at: words.expires_at.saturating_add(us), ..words }
    }
}

/// Words of which only the digest is known; of the class that fewest may read.
fn blank(id: &str, said: &Said) -> Words {
    Words {
        id: id.to_owned(),
        incident: None,
        alarm: None,
        class: WordsClass::Caller.as_str().to_owned(),
        lang: None,
        translation_of: None,
        machine: None,
        at: said.at,
        expires_at: said.at,
        digest: audit::hex(&said.digest),
        salt: Some("0".repeat(32)),
        text: Some(String::new()),
        erased_at: None,
    }
}
