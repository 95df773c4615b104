//! A verification: the journal is read a page at a time and brings the proof up to where it stands, then the other tables
//! are laid beside it. Each page is a short transaction of its own, in which the head is read too: a node that serves
//! meanwhile is not held up, and neither are its checkpoints.

use std::collections::BTreeSet;

use dispatch_core::kernel::id::EntityId;

use super::dialect::Dialect;
use super::held::{Held, View};
use super::pages::PAGE;
use crate::audit;
use crate::balance::Balance;
use crate::batch::Answer;
use crate::journal::JournalRow;
use crate::proof::{Asks, Proof};
use crate::store::{Proving, StoreError, TableProof, Verified};
use crate::words::ReadingChain;

const BEFORE: &str = "of before the snapshot it began with";
const FORMAT: &str = "another format, not used either";

/// Commands and words looked up at once.
const LOOKED_UP: usize = 500;

/// Verifies what a store holds. Where the sums differ it is read once more to name a row.
pub(super) async fn prove<S: Held>(store: &S, how: &Proving) -> Result<Verified, StoreError> {
    let balance = if how.from.is_some() { Balance::of_a_tail() } else { Balance::new() };
    let (verified, balance) = Verification::begin(store, how, balance).await?.run().await?;
    if let Some(difference) = balance.difference() {
        return Err(difference);
    }
    let Some(closer) = balance.closer() else { return Ok(verified) };
    let (_, balance) = Verification::begin(store, how, closer).await?.run().await?;
    Err(balance.difference().unwrap_or_else(|| {
        StoreError::corrupt("what is stored was not what the journal makes", "read once more, it is")
    }))
}

/// Why a verification cannot begin with the snapshot of a row.
fn cannot_begin(from: u64, head: u64, snapshots: &BTreeSet<u64>) -> String {
    if from > head {
        return format!("there is no row {from}: the journal ends at row {head}");
    }
    let known: Vec<String> = snapshots.iter().map(ToString::to_string).collect();
    match known.as_slice() {
        [] => {
            format!("no snapshot is kept that row {from} could be begun with: verify from the first row on")
        }
        _ if snapshots.contains(&from) => {
            format!(
                "the snapshot of row {from} is of another format or damaged: begin with another ({})",
                known.join(", ")
            )
        }
        _ => format!("no snapshot of row {from} is kept: begin with that of row {}", known.join(", ")),
    }
}

/// A verification under way.
struct Verification<'s, S: Held> {
    store: &'s S,
    how: &'s Proving,
    proof: Proof,
    /// The row it began behind.
    begun: u64,
    /// Rows of snapshots that were not reached yet.
    snapshots: BTreeSet<u64>,
    proved_snapshots: u64,
    other_snapshots: u64,
    earlier_snapshots: u64,
    /// Answers to what was recorded in later rows are kept.
    answers_after: Option<u64>,
    tables: Vec<TableProof>,
}

impl<'s, S: Held> Verification<'s, S> {
    async fn begin(store: &'s S, how: &'s Proving, balance: Balance) -> Result<Self, StoreError> {
        let mut view = store.view().await?;
        let mut snapshots: BTreeSet<u64> = view.snapshot_rows().await?.into_iter().collect();
        let proof = match how.from {
            None => Proof::new(balance).without(how.lacking.clone()),
            Some(from) => {
                let (head, _) = view.head().await?;
                let nothing = || StoreError::Impossible(cannot_begin(from, head, &snapshots));
                let kept = view.snapshot_of(from).await?.ok_or_else(nothing)?;
                let hash = view.audit_of(from).await?.ok_or_else(nothing)?;
                let state = kept.believed(from).ok_or_else(nothing)?;
                Proof::after(state, audit::stored(&hash)?, balance)
            }
        };
        let begun = proof.seq();
        let earlier_snapshots = snapshots.iter().filter(|seq| **seq <= begun).count() as u64;
        snapshots.retain(|seq| *seq > begun);
        let answers_after = view.kept_beside().await?.map(|kept| kept.answers_after);
        Ok(Self {
            store,
            how,
            proof,
            begun,
            snapshots,
            proved_snapshots: 0,
            other_snapshots: 0,
            earlier_snapshots,
            answers_after,
            tables: Vec::new(),
        })
    }

    async fn run(mut self) -> Result<(Verified, Balance), StoreError> {
        self.journal().await?;
        self.entities().await?;
        self.timeline().await?;
        self.words().await?;
        self.answers().await?;
        self.readings().await?;
        self.packages().await?;
        self.sinks().await?;
        self.exported().await?;
        let mut view = self.store.view().await?;
        let (head, audit_head) = self.read_up(&mut view).await?;
        if let Some(seq) = self.snapshots.iter().find(|seq| **seq > head) {
            return Err(StoreError::corrupt("a snapshot is of no row", format!("it says row {seq}")));
        }
        let snapshots = [(self.other_snapshots, FORMAT), (self.earlier_snapshots, BEFORE)];
        self.tables.insert(0, TableProof::new("journal", self.proof.taken(), &[(self.begun, BEFORE)]));
        self.tables.push(TableProof::new("snapshots", self.proved_snapshots, &snapshots));
        let verified = Verified {
            rows: head,
            audit_head: audit::hex(self.proof.audit()),
            state: self.proof.state(),
            losses: self.proof.losses(),
            tables: self.tables,
        };
        Ok((verified, self.proof.finish(&audit_head)?))
    }

    /// Reads the journal up to where it stands.
    async fn journal(&mut self) -> Result<(), StoreError> {
        loop {
            let mut view = self.store.view().await?;
            let (head, _) = view.head().await?;
            if self.proof.seq() >= head {
                return Ok(());
            }
            self.page(&mut view, head).await?;
            self.how.tell("journal", self.proof.seq(), head);
        }
    }

    /// Brings the proof up to where the journal stands in a view; the head and its hash.
    async fn read_up(&mut self, view: &mut View<S::Dialect>) -> Result<(u64, [u8; 32]), StoreError> {
        let (head, audit_head) = view.head().await?;
        while self.proof.seq() < head {
            self.page(view, head).await?;
        }
        if self.proof.seq() > head {
            let detail = format!("row {} was there, and it ends at row {head}", self.proof.seq());
            return Err(StoreError::corrupt("the journal was shortened", detail));
        }
        Ok((head, audit_head))
    }

    async fn page(&mut self, view: &mut View<S::Dialect>, head: u64) -> Result<(), StoreError> {
        for row in view.next(self.proof.seq()).await? {
            if row.seq > head {
                return Err(StoreError::corrupt(
                    "the head is not the last row",
                    format!("row {} follows it", row.seq),
                ));
            }
            self.row(view, &row).await?;
        }
        let asks = self.proof.asks();
        self.look_up(view, asks).await
    }

    async fn row(&mut self, view: &mut View<S::Dialect>, row: &JournalRow) -> Result<(), StoreError> {
        self.proof.row(row)?;
        if self.snapshots.remove(&row.seq)
            && let Some(kept) = view.snapshot_of(row.seq).await?
        {
            let compared = self.proof.snapshot(&kept)?;
            self.proved_snapshots += u64::from(compared);
            self.other_snapshots += u64::from(!compared);
        }
        Ok(())
    }

    /// Looks up what rows of the journal say of other tables.
    async fn look_up(&mut self, view: &mut View<S::Dialect>, asks: Asks) -> Result<(), StoreError> {
        for erased in asks.erased.chunks(LOOKED_UP) {
            let stored = view.erased(erased.iter().map(|(id, _)| id.to_string())).await?;
            for (id, at) in erased {
                let id = id.to_string();
                if let Some(stored) = stored.get(&id) {
                    self.proof.erased(&id, *at, *stored)?;
                }
            }
        }
        let Some(after) = self.answers_after else { return Ok(()) };
        if asks.commands.iter().all(|(.., seq)| *seq <= after) {
            return Ok(());
        }
        // Some may have been given up since.
        let after = view.kept_beside().await?.map_or(after, |kept| kept.answers_after);
        self.answers_after = Some(after);
        let asked: Vec<_> = asks.commands.into_iter().filter(|(.., seq)| *seq > after).collect();
        for asked in asked.chunks(LOOKED_UP) {
            let keys: Vec<_> = asked.iter().map(|(actor, command, _)| (actor.clone(), *command)).collect();
            let found = view.lookup(&keys).await?;
            for ((actor, command, seq), found) in asked.iter().zip(found) {
                let answered = match found.map(|found| found.answer) {
                    Some(Answer::Accepted(accepted)) => accepted.seq >= *seq,
                    Some(Answer::Refused(_)) | None => false,
                };
                if !answered {
                    let detail = format!("of command {command} of {actor}, which made row {seq}");
                    return Err(StoreError::corrupt("an answer is missing", detail));
                }
            }
        }
        Ok(())
    }

    async fn entities(&mut self) -> Result<(), StoreError> {
        let (mut read, mut not_known) = (0, 0);
        for kind in EntityId::KINDS {
            let mut after = String::new();
            loop {
                let mut view = self.store.view().await?;
                self.read_up(&mut view).await?;
                let page = view.entity_page(kind, &after).await?;
                let is_last = page.len() < PAGE as usize;
                not_known += self.proof.entities(kind, &after, &page, is_last)?;
                read += page.len() as u64;
                self.how.tell("entities", read, 0);
                match page.into_iter().next_back() {
                    Some(last) if !is_last => after = last.id,
                    Some(_) | None => break,
                }
            }
        }
        let mut kind = String::new();
        while let Some(next) = self.store.view().await?.next_kind(&kind).await? {
            if !EntityId::KINDS.contains(&next.as_str()) {
                return Err(StoreError::corrupt(
                    "the read model is not what the journal makes",
                    format!("{next} is no kind"),
                ));
            }
            kind = next;
        }
        self.tables.push(TableProof::new("entities", read - not_known, &[(not_known, BEFORE)]));
        Ok(())
    }

    async fn timeline(&mut self) -> Result<(), StoreError> {
        let (mut read, mut not_known) = (0, 0);
        self.read_up(&mut self.store.view().await?).await?;
        self.proof.begin_timeline();
        let mut after = None;
        loop {
            let mut view = self.store.view().await?;
            let (head, _) = view.head().await?;
            let mut page = view.timeline_page(after.as_ref()).await?;
            not_known += self.proof.timeline(&page, head)?;
            read += page.len() as u64;
            self.how.tell("timeline", read, 0);
            if page.len() < PAGE as usize {
                break;
            }
            after = page.pop();
        }
        self.tables.push(TableProof::new("timeline", read - not_known, &[(not_known, BEFORE)]));
        Ok(())
    }

    async fn words(&mut self) -> Result<(), StoreError> {
        let (mut read, mut not_known) = (0, 0);
        let mut after = String::new();
        loop {
            let mut view = self.store.view().await?;
            self.read_up(&mut view).await?;
            let page = view.words_page(&after).await?;
            let is_last = page.len() < PAGE as usize;
            not_known += self.proof.words(&page, is_last)?;
            read += page.len() as u64;
            self.how.tell("words", read, 0);
            match page.into_iter().next_back() {
                Some(last) if !is_last => after = last.id,
                Some(_) | None => break,
            }
        }
        self.tables.push(TableProof::new("words", read - not_known, &[(not_known, BEFORE)]));
        Ok(())
    }

    /// An acceptance names a row of its command.
    async fn answers(&mut self) -> Result<(), StoreError> {
        let (mut proved, mut refusals, mut without_rows) = (0, 0, 0);
        let mut after = (String::new(), String::new());
        loop {
            let mut view = self.store.view().await?;
            let page = view.answers_page((&after.0, &after.1)).await?;
            let mut named = Vec::new();
            for answer in &page {
                match answer.answer()? {
                    Answer::Refused(_) => refusals += 1,
                    Answer::Accepted(accepted) if accepted.seq == 0 => without_rows += 1,
                    Answer::Accepted(accepted) => named.push((accepted.seq, answer)),
                }
            }
            let rows = view.commands(named.iter().map(|(seq, _)| *seq)).await?;
            for (seq, answer) in named {
                let is_of = |row: &(String, String)| row.0 == answer.actor && row.1 == answer.command;
                if !rows.get(&seq).is_some_and(is_of) {
                    let detail =
                        format!("that of command {} of {} names row {seq}", answer.command, answer.actor);
                    return Err(StoreError::corrupt("an answer names a row of another command", detail));
                }
                proved += 1;
            }
            self.how.tell("answers", proved + refusals + without_rows, 0);
            let is_last = page.len() < PAGE as usize;
            match page.into_iter().next_back() {
                Some(last) if !is_last => after = (last.actor, last.command),
                Some(_) | None => break,
            }
        }
        let not_proved = [
            (refusals, "refusals: the journal does not hold them"),
            (without_rows, "acceptances that recorded nothing"),
        ];
        self.tables.push(TableProof::new("answers", proved, &not_proved));
        Ok(())
    }

    /// The chain of readings is whole, and ends where it is said to end.
    async fn readings(&mut self) -> Result<(), StoreError> {
        const FAULT: &str = "the chain of readings is not whole";
        let mut chain = ReadingChain::new();
        let before = loop {
            let mut view = self.store.view().await?;
            let Some(kept) = view.kept_beside().await? else { break view.count("words_reading", "").await? };
            let page = view.readings_page(chain.count).await?;
            page.iter().try_for_each(|reading| chain.follow(reading))?;
            self.how.tell("readings", chain.count, kept.readings);
            if page.len() == PAGE as usize {
                continue;
            }
            if chain.count != kept.readings || audit::hex(&chain.hash) != kept.readings_audit {
                let detail = format!("{} of {} readings are there", chain.count, kept.readings);
                return Err(StoreError::corrupt(FAULT, detail));
            }
            let before = view.count("words_reading", " and place is null").await?;
            if before != kept.readings_before {
                let detail = format!("{before} of {} from before it are there", kept.readings_before);
                return Err(StoreError::corrupt(FAULT, detail));
            }
            break before;
        };
        let not_proved = [(before, "made before they were chained")];
        self.tables.push(TableProof::new("readings", chain.count, &not_proved));
        Ok(())
    }

    /// What was written down outside stands in the chains: they were not made anew from some row on.
    async fn exported(&mut self) -> Result<(), StoreError> {
        const FAULT: &str = "the exported head is not in the chain";
        let Some(exported) = &self.how.exported else { return Ok(()) };
        let mut view = self.store.view().await?;
        if view.audit_head().await?.journal != exported.journal || exported.seq == 0 {
            return Ok(());
        }
        if view.audit_of(exported.seq).await?.as_ref() != Some(&exported.hash) {
            return Err(StoreError::corrupt(FAULT, format!("row {} has another hash", exported.seq)));
        }
        let readings = &exported.readings;
        if readings.count > 0 && view.reading_audit(readings.count).await?.as_ref() != Some(&readings.hash) {
            return Err(StoreError::corrupt(
                FAULT,
                format!("reading {} has another hash, or is gone", readings.count),
            ));
        }
        Ok(())
    }

    /// Packages give their hash, and every one that was adopted is there.
    async fn packages(&mut self) -> Result<(), StoreError> {
        let (lacking, mut missing): (BTreeSet<_>, BTreeSet<_>) =
            self.proof.packages().iter().cloned().partition(|hash| self.how.lacking.contains(hash));
        let (mut proved, mut not_proved) = (0, 0);
        let mut after = String::new();
        while let Some(content) = self.store.view().await?.next_content(&after).await? {
            match self.how.package {
                None => not_proved += 1,
                Some(package) => {
                    let fault = |why: &str| {
                        StoreError::corrupt("a region package is damaged", format!("{}: {why}", content.hash))
                    };
                    let hash = package(&content.bytes).map_err(|why| fault(&why))?;
                    if hash != content.hash {
                        return Err(fault("its bytes give another hash"));
                    }
                    proved += 1;
                }
            }
            missing.remove(&content.hash);
            after = content.hash;
        }
        if let Some(hash) = missing.first() {
            return Err(StoreError::corrupt("an adopted region package is missing", hash));
        }
        let not_proved =
            [(not_proved, "how their hash is made was not said"), (lacking.len() as u64, "known to be gone")];
        self.tables.push(TableProof::new("packages", proved, &not_proved));
        Ok(())
    }

    /// What receivers said is known to nobody else; nothing was sent of rows that are not there.
    async fn sinks(&mut self) -> Result<(), StoreError> {
        let mut view = self.store.view().await?;
        let (mut sinks, mut deliveries) = (0, 0);
        if view.schema().await? >= S::Dialect::SINKS_SINCE {
            let (head, _) = view.head().await?;
            let sent = view.sent().await?;
            if sent > head {
                return Err(StoreError::corrupt(
                    "a sink was sent what is not in the journal",
                    format!("row {sent}"),
                ));
            }
            (sinks, deliveries) = (view.count("sink", "").await?, view.count("delivery", "").await?);
        }
        let why = "what receivers answered is not in the journal";
        self.tables.push(TableProof::new("sinks", 0, &[(sinks, why)]));
        self.tables.push(TableProof::new("deliveries", 0, &[(deliveries, why)]));
        Ok(())
    }
}
