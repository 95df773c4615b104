//! The loop.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dispatch_core::event::{LossAccepted, RegionAdopted};
use dispatch_core::kernel::id::{ActorId, CommandId};
use dispatch_core::seek::live_map::UnitFix;
use dispatch_core::state::State;
use dispatch_store::{
    Answers as _, AppendOutcome, Custody as _, Journal as _, StoreError, TrackPoint, WordsRecords as _,
    minted,
};
use dispatch_writer::message::PositionReceipt;
use dispatch_writer::{Commit, Input, Moment, Output, Reply, Request, Unrecorded, Writer};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};

use crate::clock::wall;
use crate::degraded::Degraded;
use crate::fault::{self, Point, Written};
use crate::gate::{Beside, Fixes, Gate, Inbox, Ticket, verdicts};
use crate::hub::Hub;
use crate::lead::{Lead, Leaving};
use crate::metrics::Metrics;
use crate::publisher::ToShow;
use crate::region::{InForce, Region};
use crate::truth::Truth;
use crate::witness::{TAIL_LOST, WitnessKeeper};
use crate::{handed, logs, unrecorded};

/// A tick comes at least this often.
const TICK_MAX: Duration = Duration::from_millis(200);
/// And at most this often, however much is due.
const TICK_MIN: Duration = Duration::from_millis(20);
/// Taken from one lane before the others are looked at again.
const TAKEN_AT_ONCE: usize = 64;
/// Fixes handed to the writer together, and taken before the other lanes are looked at again.
const FIXES_AT_ONCE: usize = 512;

/// Packages that may be on their way to be adopted.
const ADOPTING_MAX: usize = 4;

/// What of the node the driver works on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Changed with every commit, before anybody is shown it.
    pub truth: Truth,
    /// Changed with the commit that adopts another package.
    pub region: InForce,
    /// Where batches are appended.
    pub store: Written,
    /// Commits, rows and fixes are counted here.
    pub metrics: Arc<Metrics>,
    /// Told when a loss that stood was accepted.
    pub gate: Arc<Gate>,
    /// Told of the degraded modes the writer names.
    pub degraded: Arc<Degraded>,
    /// Told of alarms the journal cannot take at present; commits go there by the publisher.
    pub hub: Arc<Hub>,
    /// Holds what was said with those alarms.
    pub unrecorded: Arc<unrecorded::UnrecordedWords>,
    /// Told when another process leads.
    pub lead: Arc<Lead>,
    /// Told how far the journal has come.
    pub witness: Arc<WitnessKeeper>,
}

/// Runs the writer.
pub struct Driver {
    parts: Parts,
    writer: Writer,
    shown: mpsc::Sender<ToShow>,
    points: mpsc::Sender<Vec<TrackPoint>>,
    replies: BTreeMap<u64, oneshot::Sender<Reply>>,
    receipts: BTreeMap<u64, oneshot::Sender<PositionReceipt>>,
    /// Fixes nobody waits for, not handed to the writer yet.
    gathered: Vec<UnitFix>,
    /// Fixes taken since the other lanes were looked at.
    looked_at: usize,
    next_token: u64,
    work: FuturesUnordered<BoxFuture<'static, Input>>,
    flights: BTreeMap<u64, Instant>,
    /// Packages on their way to be adopted, by content hash.
    adopting: BTreeMap<String, Arc<Region>>,
    ticked: tokio::time::Instant,
    /// Nothing came of the last tick.
    idle: bool,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").field("waiting", &self.replies.len()).finish_non_exhaustive()
    }
}

impl Driver {
    /// Around a writer that was just opened.
    pub fn new(
        parts: Parts,
        writer: Writer,
        shown: mpsc::Sender<ToShow>,
        points: mpsc::Sender<Vec<TrackPoint>>,
    ) -> Self {
        Self {
            parts,
            writer,
            shown,
            points,
            replies: BTreeMap::new(),
            receipts: BTreeMap::new(),
            gathered: Vec::new(),
            looked_at: 0,
            next_token: 0,
            work: FuturesUnordered::new(),
            flights: BTreeMap::new(),
            adopting: BTreeMap::new(),
            ticked: tokio::time::Instant::now(),
            idle: false,
        }
    }

    /// Runs until told to stop, then until nothing is in flight.
    pub async fn run(mut self, mut inbox: Inbox, mut stop: watch::Receiver<bool>) {
        loop {
            let next_tick = self.next_tick();
            tokio::select! {
                biased;
                Some(done) = self.work.next(), if !self.work.is_empty() => self.handle(done),
                // Before the lanes: they may never be empty.
                _ = stop.changed() => break,
                Some(ticket) = inbox.alarms.recv() => self.command(ticket),
                Some(ticket) = inbox.commands.recv() => self.command(ticket),
                Some(fixes) = inbox.positions.recv() => self.take_fixes(fixes),
                Some(look) = inbox.looks.recv() => (look.0)(&self.writer),
                () = tokio::time::sleep_until(next_tick) => {}
            }
            self.take_more(&mut inbox);
            // Looked at whatever woke the loop: inputs without a pause must not keep time from passing.
            if tokio::time::Instant::now() >= next_tick {
                self.tick();
            }
            self.carry_out().await;
        }
        self.finish(inbox).await;
    }

    /// What came meanwhile is decided together, so that it commits together.
    fn take_more(&mut self, inbox: &mut Inbox) {
        for _ in 0..TAKEN_AT_ONCE {
            let Ok(ticket) = inbox.alarms.try_recv() else { break };
            self.command(ticket);
        }
        for _ in 0..TAKEN_AT_ONCE {
            let Ok(ticket) = inbox.commands.try_recv() else { break };
            self.command(ticket);
        }
        for _ in 0..TAKEN_AT_ONCE {
            let Ok(fixes) = inbox.positions.try_recv() else { break };
            self.take_fixes(fixes);
            // Large bodies one by one: commands are not to wait for many of them.
            if self.looked_at >= FIXES_AT_ONCE {
                break;
            }
        }
        self.give_gathered();
        self.looked_at = 0;
        for _ in 0..TAKEN_AT_ONCE {
            let Ok(look) = inbox.looks.try_recv() else { break };
            (look.0)(&self.writer);
        }
    }

    async fn finish(mut self, mut inbox: Inbox) {
        inbox.alarms.close();
        inbox.commands.close();
        inbox.positions.close();
        while let Ok(ticket) = inbox.alarms.try_recv() {
            self.command(ticket);
        }
        while let Ok(ticket) = inbox.commands.try_recv() {
            self.command(ticket);
        }
        while let Ok(fixes) = inbox.positions.try_recv() {
            self.take_fixes(fixes);
            self.carry_out().await;
        }
        self.give_gathered();
        self.carry_out().await;
        while let Some(done) = self.work.next().await {
            self.handle(done);
            self.carry_out().await;
        }
        self.hand_on().await;
    }

    /// Leaves alarms that could not be recorded to whoever leads next.
    async fn hand_on(&mut self) {
        let handed: Result<Vec<_>, _> =
            self.writer.kept().map(|(request, received_at)| handed::of(request, received_at)).collect();
        let done = match handed {
            Ok(handed) if handed.is_empty() => return,
            Ok(handed) => self.parts.store.hand_on(&handed).await.map_err(anyhow::Error::from),
            Err(error) => Err(error.into()),
        };
        let alarms = self.writer.gauges().unrecorded;
        match done {
            Ok(()) => {
                tracing::warn!(alarms, "alarms that could not be recorded were left to the next leader");
            }
            // Whoever sent them was told.
            Err(error) => tracing::error!(
                alarms,
                error = logs::told(&error),
                "alarms that were never recorded end with this process"
            ),
        }
    }

    /// When time passes next: as soon as a timer is due, within the bounds since the last tick.
    fn next_tick(&self) -> tokio::time::Instant {
        let due = self.parts.truth.state().timers().next_due();
        let nap = due.map_or(TICK_MAX, |due| self.parts.truth.clock().until(due).min(TICK_MAX));
        // What was due at the last tick, and of which nothing came, waits for something else to happen.
        let soonest = if self.idle { TICK_MAX } else { TICK_MIN };
        (tokio::time::Instant::now() + nap).clamp(self.ticked + soonest, self.ticked + TICK_MAX)
    }

    fn handle(&mut self, input: Input) {
        match &input {
            Input::Appended { flight, outcome } => self.landed(*flight, outcome),
            Input::Reopened(Err(StoreError::Superseded { .. })) => self.parts.lead.leave(Leaving::Superseded),
            _ => {}
        }
        let reopened = matches!(input, Input::Reopened(Ok(_)));
        let clock = self.parts.truth.clock();
        let region = self.parts.region.get();
        let local = |at| region.calendar.local(at);
        self.writer.handle(Moment { reading: clock.reading(), wall: wall(), local: &local }, input);
        clock.go_by(self.writer.clock().offset());
        if reopened {
            self.parts.truth.share(self.writer.speculative());
        }
    }

    fn landed(&mut self, flight: u64, outcome: &AppendOutcome) {
        let label = match outcome {
            AppendOutcome::Committed { head, audit } => {
                self.parts.witness.committed(*head, *audit);
                "committed"
            }
            AppendOutcome::NotCommitted { why } => {
                tracing::error!(%why, "a batch was not committed");
                "not_committed"
            }
            AppendOutcome::Unknown { why } => {
                tracing::error!(%why, "it is not known whether a batch was committed");
                "unknown"
            }
        };
        if let Some(began) = self.flights.remove(&flight) {
            self.parts.metrics.took("ortoo_commit_seconds", &[("outcome", label)], began.elapsed());
        }
    }

    fn token(&mut self) -> u64 {
        self.next_token += 1;
        self.next_token
    }

    fn command(&mut self, ticket: Ticket) {
        // What came before it is known when it is decided.
        self.give_gathered();
        let token = self.token();
        let Ticket { fingerprint, envelope, beside, reply } = ticket;
        let Beside { words, adopted, archived } = beside;
        let (contents, geography) = match adopted {
            Some(adopted) => {
                self.expect(adopted.region);
                (vec![adopted.content], Some(Box::new(adopted.geography)))
            }
            None => (Vec::new(), None),
        };
        self.replies.insert(token, reply);
        self.handle(Input::Command(Box::new(Request {
            token,
            fingerprint,
            envelope,
            words,
            contents,
            geography,
            archived,
        })));
    }

    /// Remembers a package until its adoption is committed. One that is refused is pushed out by later ones.
    fn expect(&mut self, region: Arc<Region>) {
        if self.adopting.len() >= ADOPTING_MAX {
            self.adopting.pop_first();
        }
        self.adopting.insert(region.hash.clone(), region);
    }

    /// Takes the fixes of one body. Those nobody waits for go together with others: a receipt for each body would cost
    /// more than what is in it.
    fn take_fixes(&mut self, Fixes { mut fixes, receipt }: Fixes) {
        self.looked_at += fixes.len();
        if receipt.is_none() && self.gathered.len() + fixes.len() <= FIXES_AT_ONCE {
            self.gathered.append(&mut fixes);
            return;
        }
        // In the order they came.
        self.give_gathered();
        self.positions(fixes, receipt);
    }

    /// Gives the writer what was gathered.
    fn give_gathered(&mut self) {
        if !self.gathered.is_empty() {
            let fixes = std::mem::take(&mut self.gathered);
            self.positions(fixes, None);
        }
    }

    fn positions(&mut self, fixes: Vec<UnitFix>, receipt: Option<oneshot::Sender<PositionReceipt>>) {
        let token = self.token();
        if let Some(receipt) = receipt {
            self.receipts.insert(token, receipt);
        }
        self.handle(Input::Positions { token, fixes });
    }

    fn tick(&mut self) {
        self.ticked = tokio::time::Instant::now();
        let now = self.parts.truth.clock().now();
        let was_due = self.writer.speculative().timers().next_due().is_some_and(|due| due <= now);
        let before = self.writer.speculative().seq;
        self.handle(Input::Tick { id: CommandId(minted(now)) });
        self.idle = was_due && self.writer.speculative().seq == before;
    }

    async fn carry_out(&mut self) {
        let outputs: Vec<Output> = self.writer.drain().collect();
        for output in outputs {
            self.carry(output).await;
        }
    }

    async fn carry(&mut self, output: Output) {
        let store = self.parts.store.clone();
        match output {
            Output::Append { flight, batch } => {
                self.flights.insert(flight, Instant::now());
                self.parts.metrics.add("ortoo_journal_rows_total", &[], batch.records.len() as u64);
                self.work.push(Box::pin(async move {
                    Input::Appended { flight, outcome: store.append(&batch).await }
                }));
            }
            Output::Answer { token, reply } => {
                if let Some(waiting) = self.replies.remove(&token) {
                    // Whoever sent it may have gone; the answer is kept for the repeat (D6).
                    if !fault::at(Point::Answer).await {
                        let _ = waiting.send(reply);
                    }
                } else if self.receipts.remove(&token).is_some() {
                    // Fixes the writer had no room for: whoever waits for the receipt is told with its end.
                    self.parts.metrics.count("ortoo_refused_total", &[("code", "positions_busy")]);
                }
            }
            Output::Positions { token, receipt } => self.receipt(token, receipt),
            Output::Tracks(points) => {
                if self.points.try_send(points).is_err() {
                    self.parts.degraded.set("tracks_behind", true);
                    self.parts.metrics.count("ortoo_track_batches_dropped_total", &[]);
                }
            }
            Output::Publish(commit) => self.publish(commit).await,
            Output::Reset(state) => {
                tracing::warn!(
                    head = state.seq,
                    "the journal went on without this writer; consoles begin anew"
                );
                self.parts.truth.replace(State::clone(&state));
                self.show(ToShow::Reset(state)).await;
            }
            Output::Reopen => {
                self.work.push(Box::pin(async move { Input::Reopened(store.open().await.map(Box::new)) }));
            }
            Output::Lookup(keys) => {
                self.work.push(Box::pin(async move { Input::Found(store.lookup(&keys).await) }));
            }
            Output::Snapshot(state) => {
                tokio::spawn(async move {
                    if let Err(error) = store.snapshot(&state).await {
                        tracing::error!(%error, seq = state.seq, "a snapshot was not kept");
                    }
                });
            }
            Output::Unrecorded(unrecorded) => self.show_unrecorded(unrecorded),
            Output::Recorded { actor, command } => self.recorded(&(actor, command)),
            Output::Degraded { code, on } => {
                if self.parts.degraded.set(code, on) {
                    tracing::warn!(code, on, "degraded");
                    self.parts.degraded.tell();
                }
            }
        }
    }

    fn show_unrecorded(&self, unrecorded: Unrecorded) {
        let Unrecorded { actor, command, alarm, words, kept } = unrecorded;
        let held = if kept { "yes" } else { "no" };
        self.parts.metrics.count("ortoo_alarms_unrecorded_total", &[("held", held)]);
        let key = (actor, command);
        if kept {
            self.parts.unrecorded.keep(key.clone(), words);
        }
        self.parts.hub.unrecorded(key, alarm, kept);
    }

    fn recorded(&self, key: &(ActorId, CommandId)) {
        self.parts.hub.recorded(key);
        let store = &self.parts.store;
        for said in self.parts.unrecorded.release(key) {
            for reading in said.readings {
                let (store, id) = (store.clone(), said.words.id);
                tokio::spawn(async move {
                    // Reading it once more leaves the mark of who read it before.
                    if let Err(error) = store.words(&[id], &reading).await {
                        tracing::error!(%error, %id, actor = reading.actor.as_str(), "a reading was not audited");
                    }
                });
            }
        }
    }

    async fn publish(&mut self, commit: Arc<Commit>) {
        self.parts.truth.take_in(&commit.records, self.writer.speculative());
        // Before consoles are told: they ask for the layers at once.
        for record in &commit.records {
            if let Some(adopted) = record.event.get::<RegionAdopted>()
                && let Some(region) = self.adopting.remove(&adopted.hash)
            {
                self.parts.region.enter(region);
            }
        }
        if commit.records.iter().any(|record| record.event.get::<LossAccepted>().is_some()) {
            let is_halted = self.parts.truth.state().is_halted();
            self.parts.degraded.set(TAIL_LOST, is_halted);
            if !is_halted {
                self.parts.gate.is_over(TAIL_LOST);
            }
            self.parts.degraded.tell();
        }
        self.parts.metrics.set("ortoo_head", &[], i64::try_from(commit.seq).unwrap_or(i64::MAX));
        let shown = if fault::at(Point::Publish).await {
            // What could not be shown one by one is shown anew, whole.
            ToShow::Reset(Arc::new(self.parts.truth.state().clone()))
        } else {
            ToShow::Commit(commit)
        };
        self.show(shown).await;
    }

    /// Hands on what is to be shown. The publisher waits for nobody, so a full lane means that it has not had its turn
    /// yet; it ends after the driver.
    async fn show(&mut self, shown: ToShow) {
        if let Err(TrySendError::Full(shown)) = self.shown.try_send(shown) {
            self.parts.metrics.count("ortoo_shown_waits_total", &[]);
            let _ = self.shown.send(shown).await;
        }
    }

    fn receipt(&mut self, token: u64, receipt: PositionReceipt) {
        let verdicts = verdicts(&receipt);
        self.parts.metrics.add_each("ortoo_positions_total", "verdict", verdicts);
        if let Some(waiting) = self.receipts.remove(&token) {
            let _ = waiting.send(receipt);
        }
    }
}
