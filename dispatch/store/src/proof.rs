//! The proof of what is kept, shared by every database (D4, D5, D11): rows of the journal go in one by one and make what
//! has to be stored; what is stored is laid beside it page by page, while the journal goes on. Of the past only sums are
//! kept ([`Balance`]), so that memory is that of live state, however long the journal is.
//!
//! A page is compared with the journal as it stood when the page was read: the proof is brought up to that row first.
//! What the journal makes from there on behind the place to which the pages have come is not asked for.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::event::{Record, RegionAdopted};
use dispatch_core::invariant;
use dispatch_core::kernel::id::{ActorId, CommandId, WordsId};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::loss::Loss;
use dispatch_core::state::State;
use dispatch_core::view::View;

use crate::audit::{self, Columns};
use crate::balance::{Balance, Matter};
use crate::journal::{self, JournalRow, marks};
use crate::query::EntityRow;
use crate::replay::Replay;
use crate::row;
use crate::rows::{Rows, TimelineRow, rows};
use crate::snapshot::{Kept, StateHash};
use crate::store::StoreError;

/// Kinds of the register: what is retired stays, and may come back.
const LASTING: [&str; 2] = ["unit", "point"];

/// Kind and id.
type Key = (String, String);

/// What has been replayed so far.
#[derive(Debug)]
pub(crate) struct Proof {
    replay: Replay,
    /// The row it began behind.
    begun: u64,
    seq: u64,
    audit: [u8; 32],
    /// Records of the commit that is not whole yet.
    open: Vec<Record>,
    /// Entities that are alive, and those that last.
    known: BTreeMap<Key, Known>,
    balance: Balance,
    compared: Compared,
    packages: BTreeSet<String>,
    /// Words that are known to be gone.
    lacking: BTreeSet<String>,
    asks: Asks,
}

/// An entity of the read model.
#[derive(Debug)]
struct Known {
    /// Over everything but whether it is alive.
    hash: [u8; 32],
    alive: bool,
}

/// How far what is stored has been compared.
#[derive(Debug, Default)]
struct Compared {
    /// Kinds of entities, whole.
    kinds: BTreeSet<String>,
    /// The last entity of the kind at hand.
    entity: Option<Key>,
    /// The timeline is compared as it was at a row that is behind.
    timeline: Option<u64>,
    /// Words up to this id.
    words: Option<String>,
    /// All of them.
    all_words: bool,
}

impl Compared {
    fn has_entity(&self, key: &Key) -> bool {
        self.kinds.contains(&key.0)
            || self.entity.as_ref().is_some_and(|last| last.0 == key.0 && key.1 <= last.1)
    }

    fn has_words(&self, id: &str) -> bool {
        self.all_words || self.words.as_deref().is_some_and(|last| id <= last)
    }
}

/// What the rows taken say of other tables, to be looked up there.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    /// Words that were erased, with the time their rows name.
    pub(crate) erased: Vec<(WordsId, i64)>,
    /// Commands of clients that recorded something, with the row.
    pub(crate) commands: Vec<(ActorId, CommandId, u64)>,
}

impl Proof {
    /// Begins with an empty journal.
    pub(crate) fn new(balance: Balance) -> Self {
        Self::after(State::default(), audit::GENESIS, balance)
    }

    /// The same where these words are known to be gone: they are not asked for.
    pub(crate) fn without(self, lacking: BTreeSet<String>) -> Self {
        Self { lacking, ..self }
    }

    /// Begins behind a row, with the state and the hash after it.
    pub(crate) fn after(state: State, audit: [u8; 32], balance: Balance) -> Self {
        let alive: Vec<View> = View::all(&state).collect();
        let adopted = Some(state.region().clone()).filter(|region| !region.is_empty());
        let mut proof = Self {
            begun: state.seq,
            seq: state.seq,
            audit,
            open: Vec::new(),
            known: BTreeMap::new(),
            balance,
            compared: Compared::default(),
            packages: adopted.into_iter().collect(),
            lacking: BTreeSet::new(),
            asks: Asks::default(),
            replay: Replay::from(state),
        };
        proof.show(rows(&[], &alive));
        proof
    }

    /// Sequence of the last row taken.
    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// Rows taken.
    pub(crate) fn taken(&self) -> u64 {
        self.seq - self.begun
    }

    /// Hash of the state after the last whole commit.
    pub(crate) fn state(&self) -> StateHash {
        StateHash::of(&self.replay.state)
    }

    /// Losses that stand after the last whole commit.
    pub(crate) fn losses(&self) -> Vec<Loss> {
        self.replay.state.losses().values().cloned().collect()
    }

    /// Hash of the last row taken.
    pub(crate) fn audit(&self) -> &[u8; 32] {
        &self.audit
    }

    /// Hashes of the region packages that were adopted.
    pub(crate) fn packages(&self) -> &BTreeSet<String> {
        &self.packages
    }

    /// What the rows taken since ask of other tables.
    pub(crate) fn asks(&mut self) -> Asks {
        std::mem::take(&mut self.asks)
    }

    /// Takes the next row.
    pub(crate) fn row(&mut self, row: &JournalRow) -> Result<(), StoreError> {
        if row.seq != self.seq + 1 {
            return Err(StoreError::corrupt(
                "the journal has a gap",
                format!("row {} follows {}", row.seq, self.seq),
            ));
        }
        self.audit = audit::hash(&self.audit, row);
        if audit::hex(&self.audit) != row.audit {
            return Err(StoreError::corrupt(
                "the audit chain is broken",
                format!("row {} does not give its hash", row.seq),
            ));
        }
        self.seq = row.seq;
        for (id, digest) in marks(row)? {
            if !self.compared.has_words(&id) && !self.lacking.contains(&id) {
                self.balance.expect(Matter::Words, id, &digest);
            }
        }
        self.open.push(journal::record(row)?);
        if row.commit_head == row.seq { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let records = std::mem::take(&mut self.open);
        let views = self.replay.commit(&records)?;
        self.show(rows(&records, &views));
        let at = records.last().map_or(0, |record| record.recorded_at.0);
        let erased: BTreeSet<WordsId> =
            records.iter().flat_map(|record| record.event.about().erases).collect();
        self.asks.erased.extend(erased.into_iter().map(|id| (id, at)));
        for record in records {
            if let Some(adopted) = record.event.get::<RegionAdopted>() {
                self.packages.insert(adopted.hash.clone());
            }
            if record.channel != Channel::System {
                self.asks.commands.push((record.actor, record.command, record.seq));
            }
        }
        Ok(())
    }

    /// What a commit changes in the read model.
    fn show(&mut self, rows: Rows) {
        for row in rows.entities {
            let known = Known { hash: fingerprint(&row), alive: row.alive };
            self.known.insert((row.kind, row.id), known);
        }
        for gone in rows.gone {
            let key = (gone.kind, gone.id);
            if LASTING.contains(&key.0.as_str()) {
                if let Some(known) = self.known.get_mut(&key) {
                    known.alive = false;
                }
            } else if let Some(known) = self.known.remove(&key)
                && !self.compared.has_entity(&key)
            {
                self.balance.expect(Matter::Entity, named(&key), &known.hash);
            }
        }
        if self.compared.timeline.is_none() {
            for row in rows.timeline {
                self.balance.expect(Matter::Timeline, entry(&row), &[0; 32]);
            }
        }
    }

    /// Compares the snapshot of the last row taken with the replay: its hash, and the state its bytes give. False where
    /// nothing can be said, because it is of another format.
    pub(crate) fn snapshot(&self, kept: &Kept) -> Result<bool, StoreError> {
        let fault = |what: &str| {
            StoreError::corrupt(
                "a snapshot is not what the journal makes",
                format!("that of row {}: {what}", self.seq),
            )
        };
        if !self.open.is_empty() {
            return Err(StoreError::corrupt(
                "a snapshot is of the middle of a commit",
                format!("that of row {}", self.seq),
            ));
        }
        match self.state().agrees(&kept.hash) {
            None => return Ok(false),
            Some(false) => return Err(fault("its hash is another")),
            Some(true) => {}
        }
        let state = kept.state().map_err(|error| fault(&error.to_string()))?;
        if StateHash::of(&state) == kept.hash { Ok(true) } else { Err(fault("its bytes give another state")) }
    }

    /// Compares stored entities of a kind: the next of them after an id, in order, and whether they are the last. How many
    /// of them cannot be told to be right.
    pub(crate) fn entities(
        &mut self,
        kind: &str,
        after: &str,
        page: &[EntityRow],
        is_last: bool,
    ) -> Result<u64, StoreError> {
        let fault = Matter::Entity.fault();
        let mut not_known = 0;
        let mut stored = BTreeSet::new();
        for row in page {
            let key = (row.kind.clone(), row.id.clone());
            let hash = fingerprint(row);
            match self.known.get(&key) {
                Some(known) if known.hash == hash && known.alive == row.alive => {}
                Some(_) => return Err(StoreError::corrupt(fault, format!("{} differs", named(&key)))),
                None if row.alive && self.begun == 0 => {
                    return Err(StoreError::corrupt(fault, format!("{} is not of the journal", named(&key))));
                }
                None if row.alive => not_known += 1,
                None if self.balance.find(Matter::Entity, named(&key), &hash) => {}
                None => not_known += 1,
            }
            stored.insert(key.1);
        }
        let end = page.last().map(|row| row.id.as_str()).filter(|_| !is_last);
        let from = (kind.to_owned(), after.to_owned());
        let expected = self
            .known
            .range(from..)
            .take_while(|(key, _)| key.0 == kind && end.is_none_or(|end| key.1.as_str() <= end));
        let mut expected = expected.filter(|(key, _)| key.1 != after);
        if let Some((key, _)) = expected.find(|(key, _)| !stored.contains(&key.1)) {
            return Err(StoreError::corrupt(fault, format!("{} is missing", named(key))));
        }
        if is_last {
            self.compared.kinds.insert(kind.to_owned());
            self.compared.entity = None;
        } else if let Some(end) = end {
            self.compared.entity = Some((kind.to_owned(), end.to_owned()));
        }
        Ok(not_known)
    }

    /// Compares the timeline as it stands now, and not what is added to it.
    pub(crate) fn begin_timeline(&mut self) {
        self.compared.timeline = Some(self.seq);
    }

    /// Compares stored entries of the timeline, read when the journal ended at `head`. How many of them are of rows that
    /// were not taken.
    pub(crate) fn timeline(&mut self, page: &[TimelineRow], head: u64) -> Result<u64, StoreError> {
        let end = self.compared.timeline.unwrap_or(self.seq);
        let mut not_known = 0;
        for row in page {
            if row.seq > head {
                let detail = format!("{} is not of the journal", entry(row));
                return Err(StoreError::corrupt(Matter::Timeline.fault(), detail));
            }
            if row.seq <= self.begun {
                not_known += 1;
            } else if row.seq <= end {
                self.balance.find(Matter::Timeline, entry(row), &[0; 32]);
            }
        }
        Ok(not_known)
    }

    /// What the table of words says of those that were erased: they are, and since when.
    pub(crate) fn erased(&mut self, id: &str, at: i64, stored: Option<i64>) -> Result<(), StoreError> {
        match stored {
            None => Err(StoreError::corrupt(Matter::Erasure.fault(), format!("{id} still has its text"))),
            // Erased once more: the first time counts.
            Some(erased_at) if erased_at != at => Ok(()),
            Some(_) if self.compared.has_words(id) => Ok(()),
            Some(_) => {
                self.balance.expect(Matter::Erasure, id.to_owned(), &moment(at));
                Ok(())
            }
        }
    }

    /// Compares stored words, the next of them by id, and whether they are the last. How many of them cannot be told to be
    /// those of the journal.
    pub(crate) fn words(&mut self, page: &[row::Words], is_last: bool) -> Result<u64, StoreError> {
        let mut not_known = 0;
        for words in page {
            words.whole()?;
            let digest = words.digest()?;
            let mut is_known = self.balance.find(Matter::Words, words.id.clone(), &digest);
            if let Some(at) = words.erased_at {
                is_known &= self.balance.find(Matter::Erasure, words.id.clone(), &moment(at));
            }
            not_known += u64::from(!is_known);
        }
        self.compared.all_words |= is_last;
        if let Some(last) = page.last() {
            self.compared.words = Some(last.id.clone());
        }
        Ok(not_known)
    }

    /// Ends at the head, and hands on what has to be level.
    pub(crate) fn finish(self, audit_head: &[u8; 32]) -> Result<Balance, StoreError> {
        if self.audit != *audit_head {
            return Err(StoreError::corrupt(
                "the audit head is not the last row's hash",
                format!("that is {}", audit::hex(&self.audit)),
            ));
        }
        if !self.open.is_empty() {
            return Err(StoreError::corrupt(
                "the last commit is not whole",
                format!("it breaks off at row {}", self.seq),
            ));
        }
        if let Some(violation) = invariant::violations(&self.replay.state).first() {
            return Err(StoreError::corrupt(
                "the state breaks a rule",
                format!("{} ({})", violation.rule, violation.id),
            ));
        }
        Ok(self.balance)
    }
}

fn named(key: &Key) -> String {
    format!("{} {}", key.0, key.1)
}

fn entry(row: &TimelineRow) -> String {
    format!("{} {} at row {}", row.kind, row.id, row.seq)
}

fn moment(at: i64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&at.to_le_bytes());
    bytes
}

/// Hash of an entity's row over everything but whether it is alive, which an entity that is gone alone changes.
fn fingerprint(row: &EntityRow) -> [u8; 32] {
    let EntityRow {
        kind,
        id,
        area,
        state,
        version,
        mode,
        number,
        desk,
        incident,
        holds,
        place,
        opened_at,
        ended_at,
        alive: _,
        doc,
    } = row;
    let mut columns = Columns::after(&audit::GENESIS);
    columns.text(kind).text(id).text(area).text(state).number(version).text(&journal::word(mode));
    columns.optional(number.as_deref()).optional(desk.as_deref()).optional(incident.as_deref());
    columns.optional(holds.as_deref());
    columns.optional(place.map(|at| format!("{} {}", at.lon, at.lat)).as_deref()).number(opened_at.0);
    columns.optional(ended_at.map(|at| at.0.to_string()).as_deref()).text(doc).hash()
}
