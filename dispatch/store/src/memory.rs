//! A store in memory that fails when it is told to, for tests. It passes the same suite as the others, so that what is
//! proven beside it holds beside them; its synchronous methods let a test drive the writer without a runtime.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dispatch_core::event::{JournalOpened, Record};
use dispatch_core::kernel::id::{ActorId, CommandId, EntityId, IncidentId, JournalId, WordsId};
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;

use crate::audit;
use crate::balance::Balance;
use crate::batch::{Batch, Content, StoredAnswer};
use crate::delivery::{self, Delivery, DeliveryState, SinkCursor, SinkStand};
use crate::genesis::Genesis;
use crate::journal::{self, JournalRow};
use crate::key::NodeKey;
use crate::proof::Proof;
use crate::query::{EntityQuery, EntityRow, Page, related};
use crate::replay::Replay;
use crate::row;
use crate::rows::{Rows, TimelineRow, prefix, rows};
use crate::snapshot::{Kept, believed, committed};
use crate::store::{
    Answers, AppendOutcome, AuditHead, Custody, Deliveries, History, Journal, Opening, Proving, ReadModel,
    ReadingsHead, StoreError, TableProof, Verified, WordsRecords,
};
use crate::words::{Reading, ReadingChain, StoredWords, Text, Words};

/// What is to happen to an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is written and says so.
    None,
    /// It is not written and says so.
    NotCommitted,
    /// It is written and cannot say so.
    UnknownCommitted,
    /// It is not written and cannot say so.
    UnknownLost,
}

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    inner: Mutex<Inner>,
}

#[derive(Clone, Debug, Default)]
struct Inner {
    faults: VecDeque<Fault>,
    /// What was committed, where a part of something lies behind it.
    whole: Option<Box<Self>>,
    /// All commits, in order.
    written: Vec<Arc<Batch>>,
    rows: Vec<JournalRow>,
    audit: [u8; 32],
    answers: BTreeMap<(ActorId, CommandId), StoredAnswer>,
    model: Model,
    /// Each with its digest, which stays, and since when its text is gone.
    words: BTreeMap<WordsId, (Words, [u8; 32], Option<i64>)>,
    readings: Vec<(WordsId, Reading)>,
    contents: BTreeMap<String, Vec<u8>>,
    snapshots: BTreeMap<u64, Kept>,
    sinks: BTreeMap<String, SinkCursor>,
    deliveries: BTreeMap<(String, u64), Delivery>,
    node_key: Option<String>,
}

/// A read model in memory.
#[derive(Clone, Debug, Default)]
struct Model {
    /// Entities by kind and id.
    entities: BTreeMap<(String, String), EntityRow>,
    /// Kind, id, sequence.
    timeline: BTreeSet<(String, String, u64)>,
}

impl Model {
    /// Takes what one commit changes.
    fn take(&mut self, rows: Rows) {
        for entity in rows.entities {
            self.entities.insert((entity.kind.clone(), entity.id.clone()), entity);
        }
        for gone in rows.gone {
            if let Some(entity) = self.entities.get_mut(&(gone.kind, gone.id)) {
                entity.alive = false;
            }
        }
        self.timeline.extend(rows.timeline.into_iter().map(|row| (row.kind, row.id, row.seq)));
    }
}

impl MemoryStore {
    /// A store whose journal has its first row.
    pub fn new(genesis: &Genesis) -> Self {
        let store = Self::default();
        let begun = store.append_now(&genesis.batch(1)).committed();
        assert_eq!(begun.ok(), Some(1), "an empty memory takes its first row");
        store
    }

    /// One that holds the same, and goes on by itself.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { inner: Mutex::new(self.lock().clone()) }
    }

    /// One that holds these rows behind its own, chained anew, as somebody may have written them who can make hashes.
    #[must_use]
    pub fn with_rows(&self, rows: Vec<JournalRow>) -> Self {
        let mut inner = self.lock().clone();
        inner.rows.extend(rows);
        inner.audit = audit::chain(audit::GENESIS, &mut inner.rows);
        Self { inner: Mutex::new(inner) }
    }

    /// The rows behind this one, as they are stored.
    pub fn rows_after(&self, seq: u64) -> Vec<JournalRow> {
        self.lock().rows.iter().filter(|row| row.seq > seq).cloned().collect()
    }

    /// The end of the journal is lost, as a disk loses it: what the first `commits` wrote is left, and snapshots of that.
    /// What was written beside commits is gone.
    pub fn cut_now(&self, commits: usize) {
        let mut inner = self.lock();
        let whole = std::mem::take(&mut *inner);
        for batch in whole.written.iter().take(commits) {
            inner.write(batch);
        }
        let head = inner.head();
        inner.snapshots = whole.snapshots.into_iter().filter(|(seq, _)| *seq <= head).collect();
    }

    /// What is to happen to the appends to come, in order; those after are written.
    pub fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.extend(faults);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// [`Journal::append`] without waiting.
    pub fn append_now(&self, batch: &Batch) -> AppendOutcome {
        let mut inner = self.lock();
        let fault = inner.faults.pop_front().unwrap_or(Fault::None);
        let planned = || "planned".to_owned();
        match fault {
            Fault::None => inner.write(batch),
            Fault::NotCommitted => AppendOutcome::NotCommitted { why: planned() },
            Fault::UnknownLost => AppendOutcome::Unknown { why: planned() },
            Fault::UnknownCommitted => match inner.write(batch) {
                AppendOutcome::Committed { .. } => AppendOutcome::Unknown { why: planned() },
                refused => refused,
            },
        }
    }

    /// A torn write: the first rows and answers of a batch reach the disk and its commit does not. They lie there to be
    /// read until the store is opened again, which takes them back; until then nothing can be written behind them.
    pub fn tear_now(&self, batch: &Batch, parts: usize) {
        let mut inner = self.lock();
        let whole = Box::new(inner.clone());
        let part = Batch {
            records: batch.records.iter().take(parts).cloned().collect(),
            answers: batch.answers.iter().take(parts).cloned().collect(),
            words: batch.words.iter().take(parts).cloned().collect(),
            ..Batch::default()
        };
        inner.write(&part);
        inner.whole = Some(whole);
    }

    /// [`Journal::open`] without waiting.
    pub fn open_now(&self) -> Result<Opening, StoreError> {
        let mut inner = self.lock();
        if let Some(whole) = inner.whole.take() {
            *inner = *whole;
        }
        inner.open()
    }

    /// [`Answers::lookup`] without waiting.
    pub fn lookup_now(&self, commands: &[(ActorId, CommandId)]) -> Vec<Option<StoredAnswer>> {
        let inner = self.lock();
        commands.iter().map(|key| inner.answers.get(key).cloned()).collect()
    }

    /// [`ReadModel::entity`] without waiting.
    pub fn entity_now(&self, kind: &str, id: &str) -> Option<EntityRow> {
        self.lock().model.entities.get(&(kind.into(), id.into())).cloned()
    }

    /// Every record, in order.
    pub fn records_now(&self) -> Result<Vec<Record>, StoreError> {
        self.lock().rows.iter().map(journal::record).collect()
    }

    /// [`Custody::snapshot`] without waiting.
    pub fn snapshot_now(&self, state: &State) -> Result<(), StoreError> {
        let mut inner = self.lock();
        committed(state, inner.head())?;
        inner.snapshots.insert(state.seq, Kept::of(state)?);
        Ok(())
    }

    /// [`Custody::verify`] without waiting.
    pub fn verify_now(&self) -> Result<Verified, StoreError> {
        let inner = self.lock();
        let (verified, balance) = inner.prove(Balance::new())?;
        match balance.closer() {
            None => Ok(verified),
            Some(closer) => {
                let (verified, balance) = inner.prove(closer)?;
                balance.difference().map_or(Ok(verified), Err)
            }
        }
    }
}

impl Inner {
    /// Lays what is held beside the journal: entities, timeline, words and snapshots.
    fn prove(&self, balance: Balance) -> Result<(Verified, Balance), StoreError> {
        let mut proof = Proof::new(balance);
        let mut compared = [0, 0];
        for row in &self.rows {
            proof.row(row)?;
            if let Some(kept) = self.snapshots.get(&row.seq) {
                compared[usize::from(!proof.snapshot(kept)?)] += 1;
            }
        }
        for kind in EntityId::KINDS {
            let of_kind = self.model.entities.iter().filter(|(key, _)| key.0 == *kind);
            let page: Vec<EntityRow> = of_kind.map(|(_, row)| row.clone()).collect();
            proof.entities(kind, "", &page, true)?;
        }
        let timeline = self.model.timeline.iter().cloned();
        let page: Vec<_> = timeline.map(|(kind, id, seq)| TimelineRow { kind, id, seq }).collect();
        proof.timeline(&page, self.head())?;
        for (id, at) in proof.asks().erased {
            if let Some((.., erased_at)) = self.words.get(&id) {
                proof.erased(&id.to_string(), at, *erased_at)?;
            }
        }
        let said = self.words.values().map(|(words, digest, erased_at)| {
            let row = row::Words::from(words);
            let row = erased_at.map_or(row.clone(), |at| row.erased(at));
            row::Words { digest: audit::hex(digest), ..row }
        });
        proof.words(&said.collect::<Vec<_>>(), true)?;
        let not_proved = [(compared[1], "another format, not used either")];
        let tables = vec![
            TableProof::new("journal", proof.taken(), &[]),
            TableProof::new("entities", self.model.entities.len() as u64, &[]),
            TableProof::new("timeline", page.len() as u64, &[]),
            TableProof::new("words", self.words.len() as u64, &[]),
            TableProof::new("snapshots", compared[0], &not_proved),
        ];
        let (rows, state, losses) = (self.head(), proof.state(), proof.losses());
        let audit_head = audit::hex(proof.audit());
        Ok((Verified { rows, audit_head, state, losses, tables }, proof.finish(&self.audit)?))
    }

    fn head(&self) -> u64 {
        self.rows.last().map_or(0, |row| row.seq)
    }

    fn write(&mut self, batch: &Batch) -> AppendOutcome {
        let refused = |why: &str| AppendOutcome::NotCommitted { why: why.into() };
        if self.whole.is_some() {
            return refused("half a batch lies on the disk: the store is to be opened again");
        }
        if let Some(why) = batch.misfit(self.head()) {
            return refused(&why);
        }
        if batch.words.iter().any(|words| self.words.contains_key(&words.id)) {
            return refused("words are stored twice");
        }
        let mut journal = journal::rows(1, &batch.records, &batch.words);
        self.audit = audit::chain(self.audit, &mut journal);
        self.rows.extend(journal);
        self.model.take(rows(&batch.records, &batch.views));
        let moves = batch.clock_moves();
        self.answers.values_mut().for_each(|answer| answer.at = answer.at.moved(moves));
        let answers =
            batch.answers.iter().map(|answer| ((answer.actor.clone(), answer.command), answer.clone()));
        self.answers.extend(answers);
        self.words.extend(batch.words.iter().map(|words| (words.id, (words.clone(), words.digest(), None))));
        self.words.values_mut().for_each(|(words, ..)| words.at = words.at.moved(moves));
        let at = batch.records.last().map_or(0, |record| record.recorded_at.0);
        for id in &batch.erase {
            if let Some((words, _, erased_at)) = self.words.get_mut(id) {
                erased_at.get_or_insert(at);
                words.text.clear();
                words.salt = [0; 16];
            }
        }
        for content in &batch.contents {
            self.contents.entry(content.hash.clone()).or_insert_with(|| content.bytes.clone());
        }
        self.written.push(Arc::new(batch.clone()));
        AppendOutcome::Committed { head: self.head(), audit: self.audit }
    }

    fn records(&self) -> Result<Vec<Record>, StoreError> {
        self.rows.iter().map(journal::record).collect()
    }

    fn opened(&self) -> Result<(Option<JournalId>, String), StoreError> {
        let row = self.rows.iter().rev().find(|row| row.name == "journal_opened");
        let record = row.map(journal::record).transpose()?;
        let opened = record.as_ref().and_then(|record| record.event.get::<JournalOpened>());
        Ok(opened.map_or((None, String::new()), |opened| (Some(opened.journal), opened.clock.clone())))
    }

    fn open(&self) -> Result<Opening, StoreError> {
        // Read back as it is kept: what its format leaves out is not there.
        let mut newest = self.snapshots.iter().rev();
        let snapshot = newest.find_map(|(seq, kept)| believed(*seq, &kept.hash.hash, &kept.bytes));
        let snapshot = snapshot.unwrap_or_default();
        let snapshot_seq = snapshot.seq;
        let mut replay = Replay::from(snapshot);
        for row in self.rows.iter().filter(|row| row.seq > snapshot_seq) {
            replay.apply(&journal::record(row)?)?;
        }
        let mut answers: Vec<StoredAnswer> = self.answers.values().cloned().collect();
        answers.sort_by_key(|answer| answer.at);
        let region = self.contents.get(replay.state.region());
        let region =
            region.map(|bytes| Content { hash: replay.state.region().clone(), bytes: bytes.clone() });
        Ok(Opening {
            head: self.head(),
            audit_head: self.audit,
            snapshot_seq,
            clock: self.opened()?.1,
            answers,
            region,
            state: replay.state,
        })
    }
}

fn stored((words, digest, erased_at): &(Words, [u8; 32], Option<i64>)) -> StoredWords {
    StoredWords {
        id: words.id,
        incident: words.incident,
        alarm: words.alarm,
        class: words.class,
        lang: words.lang.clone(),
        translation: words.translation.clone(),
        at: words.at,
        expires_at: words.expires_at(),
        digest: *digest,
        text: if erased_at.is_some() { Text::Erased } else { Text::Said(words.text.clone()) },
    }
}

fn matches(query: &EntityQuery, row: &EntityRow) -> bool {
    row.kind == query.kind
        && row.area.starts_with(&prefix(&query.area))
        && (query.states.is_empty() || query.states.contains(&row.state))
        && (query.modes.is_empty() || query.modes.contains(&row.mode))
        && query.desk.as_ref().is_none_or(|desk| row.desk.as_deref() == Some(desk.as_str()))
        && query.number.as_ref().is_none_or(|number| row.number.as_ref() == Some(number))
        && query.incident.as_ref().is_none_or(|incident| row.incident.as_ref() == Some(incident))
        && query.alive.is_none_or(|alive| row.alive == alive)
        && query.from.is_none_or(|from| row.opened_at >= from)
        && query.until.is_none_or(|until| row.opened_at < until)
        && query.after.as_ref().is_none_or(|after| row.cursor() < *after)
}

impl Journal for MemoryStore {
    async fn append(&self, batch: &Batch) -> AppendOutcome {
        self.append_now(batch)
    }

    async fn open(&self) -> Result<Opening, StoreError> {
        self.open_now()
    }

    async fn backup(&self, _into: &Path) -> Result<(), StoreError> {
        Err(StoreError::Impossible("a store in memory has no files to copy".into()))
    }
}

impl Answers for MemoryStore {
    async fn lookup(
        &self,
        commands: &[(ActorId, CommandId)],
    ) -> Result<Vec<Option<StoredAnswer>>, StoreError> {
        Ok(self.lookup_now(commands))
    }

    async fn key_answers(&self, key: &NodeKey) -> Result<u64, StoreError> {
        let mut keyed = 0;
        for answer in self.lock().answers.values_mut() {
            let wrapped = key.wrap(answer.fingerprint);
            keyed += u64::from(wrapped != answer.fingerprint);
            answer.fingerprint = wrapped;
        }
        Ok(keyed)
    }

    async fn known_key(&self) -> Result<Option<String>, StoreError> {
        Ok(self.lock().node_key.clone())
    }

    async fn know_key(&self, key: &NodeKey) -> Result<(), StoreError> {
        self.lock().node_key = Some(key.check());
        Ok(())
    }

    async fn purge_answers(&self, before: Time) -> Result<u64, StoreError> {
        let mut inner = self.lock();
        let count = inner.answers.len();
        inner.answers.retain(|_, answer| answer.at >= before);
        Ok((count - inner.answers.len()) as u64)
    }
}

impl History for MemoryStore {
    async fn records(&self, after: u64, limit: u32) -> Result<Vec<Record>, StoreError> {
        let records = self.records_now()?;
        Ok(records.into_iter().filter(|record| record.seq > after).take(limit as usize).collect())
    }

    async fn commit_heads(&self, after: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        let inner = self.lock();
        let mut heads: Vec<u64> =
            inner.rows.iter().filter(|row| row.seq > after).map(|row| row.commit_head).collect();
        heads.dedup();
        heads.truncate(limit as usize);
        Ok(heads)
    }

    async fn first_at(&self, time: Time) -> Result<Option<u64>, StoreError> {
        Ok(self.lock().rows.iter().find(|row| row.recorded_at >= time.0).map(|row| row.seq))
    }

    async fn content(&self, hash: &str) -> Result<Option<Content>, StoreError> {
        Ok(self.lock().contents.get(hash).map(|bytes| Content { hash: hash.into(), bytes: bytes.clone() }))
    }
}

impl ReadModel for MemoryStore {
    async fn entity(&self, kind: &str, id: &str) -> Result<Option<EntityRow>, StoreError> {
        Ok(self.entity_now(kind, id))
    }

    async fn entities(&self, query: &EntityQuery) -> Result<Page, StoreError> {
        let inner = self.lock();
        let mut rows: Vec<EntityRow> =
            inner.model.entities.values().filter(|row| matches(query, row)).cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.cursor()));
        Ok(Page::of(rows, query))
    }

    async fn timeline(&self, incident: IncidentId) -> Result<Vec<Record>, StoreError> {
        let inner = self.lock();
        let Some(row) = inner.model.entities.get(&("incident".into(), incident.to_string())) else {
            return Ok(Vec::new());
        };
        let mut rows = BTreeSet::new();
        for (kind, id) in related(row, incident)? {
            let range = (kind.to_owned(), id.clone(), 0)..=(kind.to_owned(), id, u64::MAX);
            rows.extend(inner.model.timeline.range(range).map(|row| row.2));
        }
        Ok(inner.records()?.into_iter().filter(|record| rows.contains(&record.seq)).collect())
    }
}

impl WordsRecords for MemoryStore {
    async fn words(&self, ids: &[WordsId], reading: &Reading) -> Result<Vec<StoredWords>, StoreError> {
        let mut inner = self.lock();
        let found: Vec<StoredWords> = ids.iter().filter_map(|id| inner.words.get(id)).map(stored).collect();
        inner.readings.extend(found.iter().map(|words| (words.id, reading.clone())));
        Ok(found)
    }

    async fn readings(&self, id: WordsId) -> Result<Vec<Reading>, StoreError> {
        Ok(self
            .lock()
            .readings
            .iter()
            .filter(|(words, _)| *words == id)
            .map(|(_, reading)| reading.clone())
            .collect())
    }

    async fn unknown_words(&self, ids: &[WordsId]) -> Result<Vec<WordsId>, StoreError> {
        let inner = self.lock();
        Ok(ids.iter().filter(|id| !inner.words.contains_key(id)).copied().collect())
    }

    async fn expired_words(&self, now: Time, limit: u32) -> Result<Vec<WordsId>, StoreError> {
        let inner = self.lock();
        let mut expired: Vec<(Time, WordsId)> = inner
            .words
            .values()
            .filter(|(words, _, erased_at)| erased_at.is_none() && words.expires_at() <= now)
            .map(|(words, ..)| (words.expires_at(), words.id))
            .collect();
        expired.sort();
        Ok(expired.into_iter().map(|(_, id)| id).take(limit as usize).collect())
    }
}

impl Deliveries for MemoryStore {
    async fn deliveries(&self, sink: &str) -> Result<Option<SinkStand>, StoreError> {
        let inner = self.lock();
        let Some(cursor) = inner.sinks.get(sink).copied() else { return Ok(None) };
        let of = |state| {
            let here = move |entry: &(&(String, u64), &Delivery)| entry.0.0 == sink && entry.1.state == state;
            inner.deliveries.iter().filter(here).map(|(_, delivery)| delivery.clone())
        };
        let refused = of(DeliveryState::Refused).count() as u64;
        Ok(Some(SinkStand { cursor, outstanding: of(DeliveryState::Waiting).collect(), refused }))
    }

    async fn deliver(
        &self,
        sink: &str,
        deliveries: &[Delivery],
        cursor: SinkCursor,
    ) -> Result<(), StoreError> {
        let mut inner = self.lock();
        if cursor.seq > inner.head() {
            return Err(delivery::beyond(sink, cursor.seq));
        }
        let rows = deliveries.iter().map(|delivery| ((sink.to_owned(), delivery.seq), delivery.clone()));
        inner.deliveries.extend(rows);
        let stands = inner.sinks.entry(sink.to_owned()).or_insert(cursor);
        if cursor.seq >= stands.seq {
            *stands = cursor;
        }
        Ok(())
    }

    async fn purge_deliveries(&self, before: Time) -> Result<u64, StoreError> {
        let mut inner = self.lock();
        let count = inner.deliveries.len();
        inner.deliveries.retain(|_, it| it.at >= before || it.state == DeliveryState::Waiting);
        Ok((count - inner.deliveries.len()) as u64)
    }
}

impl Custody for MemoryStore {
    async fn snapshot(&self, state: &State) -> Result<(), StoreError> {
        self.snapshot_now(state)
    }

    async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        let inner = self.lock();
        let mut chain = ReadingChain::new();
        inner.readings.iter().for_each(|(id, reading)| _ = chain.chain(&id.to_string(), reading));
        Ok(AuditHead {
            journal: inner.opened()?.0,
            seq: inner.head(),
            hash: audit::hex(&inner.audit),
            readings: ReadingsHead { count: chain.count, hash: audit::hex(&chain.hash) },
        })
    }

    async fn prove(&self, _how: &Proving) -> Result<Verified, StoreError> {
        self.verify_now()
    }

    async fn audit_of(&self, seq: u64) -> Result<Option<String>, StoreError> {
        let inner = self.lock();
        Ok(inner.rows.iter().find(|row| row.seq == seq).map(|row| row.audit.clone()))
    }

    async fn next_epoch(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        self.verify_now()
    }
}
