//! The journal as it has to be: what was written, what was answered, and that neither contradicts the other (D3, D4, D6,
//! D7).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch_core::event::{ClockCorrected, JournalOpened, LossFound, Record};
use dispatch_core::kernel::id::{ActorId, CommandId, JournalId, Minter};
use dispatch_core::kernel::time::Time;
use dispatch_core::loss::LossKind;
use dispatch_core::state::State;
use dispatch_store::memory::MemoryStore;
use dispatch_store::{Answer, Batch, Opening, StoredAnswer};
use dispatch_writer::{Commit, Reply, Request};

use super::Key;

/// Ids are kept so long, seconds.
const KEPT_S: i64 = 7 * 24 * 3_600;

/// What the disk holds and what was said of it.
#[derive(Debug, Default)]
pub(super) struct Book {
    written: Vec<Arc<Batch>>,
    records: Vec<Record>,
    answers: BTreeMap<Key, StoredAnswer>,
    /// The first answer that left, for good, by key and body.
    said: BTreeMap<(Key, [u8; 32]), Answer>,
    /// Bodies that were acknowledged: each is one command, under whatever id.
    bodies: BTreeSet<[u8; 32]>,
    /// Up to where it was published.
    published: u64,
    /// How far it had come by what was published last, and what it was called; none as it was called first.
    witnessed: (Option<JournalId>, u64),
    /// It lacks what was witnessed, and no process has opened it since.
    is_cut: bool,
}

type Found = Result<(), String>;

impl Book {
    pub(super) fn head(&self) -> u64 {
        self.records.last().map_or(1, |record| record.seq)
    }

    /// When the last row was decided.
    pub(super) fn latest(&self) -> Time {
        self.records.last().map_or(Time::default(), |record| record.recorded_at)
    }

    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Whether a batch is one that may be written now.
    pub(super) fn continues(&self, batch: &Batch) -> Found {
        if batch.records.is_empty() && batch.answers.is_empty() {
            return Err("D7: a tick that changes nothing writes nothing".into());
        }
        for (place, record) in batch.records.iter().enumerate() {
            let expected = self.head() + 1 + place as u64;
            if record.seq != expected {
                return Err(format!("D4: row {} where {expected} is next", record.seq));
            }
        }
        if let Some(known) =
            batch.answers.iter().find(|it| self.answers.contains_key(&(it.actor.clone(), it.command)))
        {
            return Err(format!("D6: {} of {} is decided a second time", known.command, known.actor));
        }
        Ok(())
    }

    /// All commits, in order.
    pub(super) fn written(&self) -> &[Arc<Batch>] {
        &self.written
    }

    pub(super) fn write(&mut self, batch: &Arc<Batch>) -> Found {
        self.continues(batch)?;
        self.written.push(batch.clone());
        for record in &batch.records {
            let corrects = record.event.get::<ClockCorrected>().is_some();
            if !corrects && self.records.last().is_some_and(|last| last.recorded_at > record.recorded_at) {
                return Err(format!("D7: time runs back in row {}", record.seq));
            }
            self.records.push(record.clone());
        }
        for answer in &batch.answers {
            if matches!(answer.answer, Answer::Accepted(_)) && !self.bodies.insert(answer.fingerprint) {
                return Err(format!("D6: {} of {} was done under another id", answer.command, answer.actor));
            }
            self.answers.insert((answer.actor.clone(), answer.command), answer.clone());
        }
        Ok(())
    }

    /// The first commits are left of it; those that are lost. What was said of what is lost is nobody's answer any more.
    pub(super) fn set_back(&mut self, commits: usize) -> Result<Vec<Arc<Batch>>, String> {
        let Self { mut written, said, witnessed, .. } = std::mem::take(self);
        let lost = written.split_off(commits);
        written.iter().try_for_each(|batch| self.write(batch))?;
        let is_kept = |key: &Key, body: &[u8; 32]| {
            let kept =
                [key.clone(), renamed(key, *body)].into_iter().filter_map(|key| self.answers.get(&key));
            kept.into_iter().any(|kept| kept.fingerprint == *body)
        };
        self.said = said.into_iter().filter(|((key, body), _)| is_kept(key, body)).collect();
        self.published = self.head();
        self.witnessed = witnessed;
        self.is_cut = self.head() < witnessed.1;
        Ok(lost)
    }

    /// What the journal is called; none as it was called first.
    fn journal(&self) -> Option<JournalId> {
        let mut opened = self.records.iter().rev().filter_map(|row| row.event.get::<JournalOpened>());
        opened.next().map(|opened| opened.journal)
    }

    /// The rows by which a journal goes on that lost its end.
    pub(super) fn gone_on(&mut self, rows: &[Record]) -> Found {
        let [opened, found] = rows else { return Err(format!("D5: a loss is two rows: {rows:?}")) };
        let (Some(opened), Some(found)) =
            (opened.event.get::<JournalOpened>(), found.event.get::<LossFound>())
        else {
            return Err(format!("D5: what is lost is on record as {rows:?}"));
        };
        let (journal, witnessed) = self.witnessed;
        let is_shorter = journal == self.journal() && self.head() < witnessed;
        let kind = if is_shorter { LossKind::Shorter } else { LossKind::Another };
        let counts = (found.kind, found.witnessed, found.found, found.found_at);
        let is_told = counts == (kind, witnessed, self.head(), self.latest())
            && journal.is_none_or(|journal| journal == found.journal)
            && opened.journal != found.journal
            && self.journal() != Some(opened.journal);
        if !is_told || !self.is_cut {
            let head = self.head();
            return Err(format!(
                "D5: {witnessed} rows were witnessed, {head} are left, on record is {rows:?}"
            ));
        }
        self.write(&Arc::new(Batch { records: rows.to_vec(), ..Batch::default() }))?;
        self.published = self.head();
        Ok(())
    }

    /// A process begins with it, and from here on it is witnessed.
    pub(super) fn is_begun(&mut self) -> Found {
        let is_told = self.records.last().is_some_and(|row| row.event.get::<LossFound>().is_some());
        let (_, witnessed) = self.witnessed;
        self.witnessed = (self.journal(), self.head());
        if std::mem::take(&mut self.is_cut) && !is_told {
            return Err(format!(
                "D5: {witnessed} rows were witnessed, {} are left, and nobody is told",
                self.head()
            ));
        }
        Ok(())
    }

    pub(super) fn is_opened(&self, opening: &Opening) -> Found {
        if opening.head != self.head() || opening.answers.len() != self.answers.len() {
            let (rows, answers) = (opening.head, opening.answers.len());
            return Err(format!(
                "D4: {rows} rows and {answers} answers are opened, {} and {} were written",
                self.head(),
                self.answers.len()
            ));
        }
        Ok(())
    }

    /// The answer that is kept for a request, whose alarm may have been given an id of its own.
    fn kept(&self, request: &Request) -> Option<&StoredAnswer> {
        let own = renamed(&request.key(), request.fingerprint);
        let kept = [request.key(), own].into_iter().filter_map(|key| self.answers.get(&key));
        kept.into_iter().find(|kept| kept.fingerprint == request.fingerprint)
    }

    /// An answer that leaves rests on what is durable, and is the one that was given before.
    pub(super) fn answer(&mut self, request: &Request, reply: &Reply, old: bool) -> Found {
        let (key, name) = (request.key(), request.envelope.command.name());
        match reply {
            Reply::Answer(_) if old => Err(format!("D6: {name} {key:?} is older than ids are kept")),
            Reply::Answer(answer) | Reply::Repeated(answer) => {
                match self.kept(request) {
                    Some(kept) if kept.answer == *answer => {}
                    other => {
                        return Err(format!(
                            "D3: {name} {key:?} is answered {answer:?}, durable is {other:?}"
                        ));
                    }
                }
                let first =
                    self.said.entry((key.clone(), request.fingerprint)).or_insert_with(|| answer.clone());
                if first != answer {
                    return Err(format!("D6: {name} {key:?} was answered {first:?}, now {answer:?}"));
                }
                Ok(())
            }
            Reply::Conflict if request.is_alarm() => {
                Err(format!("D6: {name} {key:?}: an alarm is never a conflict"))
            }
            // A repeat of what was answered is answered so for ever.
            Reply::NotRecorded | Reply::Busy { .. } | Reply::Conflict | Reply::Expired | Reply::Halted
                if self.said.contains_key(&(key.clone(), request.fingerprint)) =>
            {
                Err(format!("D6: {name} {key:?} was answered before, now {reply:?}"))
            }
            Reply::Expired if !old => Err(format!("D6: {name} {key:?} is not as old as ids are kept")),
            Reply::NotRecorded | Reply::Busy { .. } | Reply::Conflict | Reply::Expired | Reply::Halted => {
                Ok(())
            }
        }
    }

    pub(super) fn published(&mut self, commit: &Commit) -> Found {
        let place = |seq: u64| usize::try_from(seq).unwrap_or(usize::MAX).saturating_sub(1);
        let written = self.records.get(place(commit.prev)..place(commit.seq));
        if written != Some(&commit.records[..]) {
            return Err(format!(
                "D3: {}..{} is shown and not what the journal holds",
                commit.prev, commit.seq
            ));
        }
        if commit.prev < self.published {
            return Err(format!("D15: row {} is shown after row {}", commit.prev + 1, self.published));
        }
        self.published = commit.seq;
        self.witnessed = (self.journal(), commit.seq);
        Ok(())
    }

    /// At the end all tell the same.
    pub(super) fn judge(&self, store: &MemoryStore, decided: &State, truth: &State) -> Found {
        let opening = store.open_now().map_err(|error| format!("D4: {error}"))?;
        store.verify_now().map_err(|error| format!("D4: {error}"))?;
        let records = store.records_now().map_err(|error| format!("D4: {error}"))?;
        if records.get(1..) != Some(&self.records[..]) {
            return Err("D4: the journal is not what was written".into());
        }
        if *decided != opening.state || *truth != opening.state {
            return Err("D3: what was decided, what is shown and what is durable are not the same".into());
        }
        if let Some(violation) = dispatch_core::invariant::violations(truth).first() {
            return Err(format!("D5: {violation:?}"));
        }
        let mut blocks: BTreeMap<Key, Vec<(u64, u64)>> = BTreeMap::new();
        for record in &self.records {
            let of = blocks.entry((record.actor.clone(), record.command)).or_default();
            match of.last_mut() {
                Some((_, last)) if *last + 1 == record.seq => *last = record.seq,
                _ => of.push((record.seq, record.seq)),
            }
        }
        for ((key, fingerprint), answer) in &self.said {
            let own = renamed(key, *fingerprint);
            let of_own = blocks.get(&own).map_or(&[][..], Vec::as_slice);
            let of_key = blocks.get(key).map_or(&[][..], Vec::as_slice);
            let block = if of_own.is_empty() { of_key } else { of_own };
            match answer {
                Answer::Accepted(accepted) => {
                    if block.len() > 1 {
                        return Err(format!("D6: {key:?} is in the journal more than once: {block:?}"));
                    }
                    if block.first().map_or(0, |(_, last)| *last) != accepted.seq {
                        return Err(format!(
                            "D6: {key:?} was acknowledged with row {}, there is {block:?}",
                            accepted.seq
                        ));
                    }
                }
                Answer::Refused(refusal) if !block.is_empty() => {
                    return Err(format!("D6: {key:?} was refused ({refusal}) and is in rows {block:?}"));
                }
                Answer::Refused(_) => {}
            }
        }
        Ok(())
    }
}

/// Whether an id is older than ids are kept; a call for help never is.
pub(super) fn is_old(request: &Request, now: Time) -> bool {
    let minted = request.envelope.id.0.get_timestamp().map_or(0, |stamp| stamp.to_unix().0);
    let age_s = now.0 / 1_000_000 - i64::try_from(minted).unwrap_or(0);
    !request.is_alarm() && age_s > KEPT_S
}

/// The key an alarm is given whose own was used with another body.
pub(super) fn renamed((actor, command): &Key, fingerprint: [u8; 32]) -> Key {
    let own = ActorId::from(format!("{fingerprint:?}").as_str());
    (actor.clone(), CommandId(Minter::new(&own, *command).mint()))
}
