//! The process: the writer, driven as the server drives it, with failures at every point of its way.

use std::sync::Arc;

use dispatch_core::event::{Event, IncidentArchived};
use dispatch_core::kernel::time::{LocalTime, Time};
use dispatch_core::sample;
use dispatch_core::seek::live_map::LiveMap;
use dispatch_core::state::State;
use dispatch_store::{AppendOutcome, Batch, StoreError};
use dispatch_writer::{Commit, Input, Moment, NodeClock, Output, Reading, Reply, Writer};

use super::agenda::What;
use super::auditor::Shown;
use super::strikes::{Point, Strike};
use super::world::{Process, World};

/// A stall takes so long at most.
const STALL_MS: u32 = 8_000;
/// Somebody at the machine takes so long at most to go on without what is lost.
const PONDERED_MS: u32 = 40_000;
/// A new day begins so long after the start.
const MIDNIGHT_MS: u32 = 150_000;

fn asked() -> String {
    "asked to fail".to_owned()
}

impl World {
    pub(super) fn reading(&self) -> Reading {
        Reading { since_boot: self.now.apart(self.booted), shows: self.now.moved(self.ahead_us) }
    }

    /// The time a process goes by.
    pub(super) fn node_time(&self, process: &Process) -> Time {
        Time(self.reading().since_boot + process.writer.clock().offset())
    }

    fn shown(&self, process: &Process) -> Shown {
        let steady_ms = self.now.ms_since(self.steady_since.max(self.booted).max(process.begun));
        Shown {
            passed: self.now,
            node: self.node_time(process),
            machine: self.reading().shows,
            steady: steady_ms >= self.limits().clock_steady_ms,
        }
    }

    /// A process opens what the disk holds.
    pub(super) fn begin_process(&mut self) {
        let opening = match self.store.open_now() {
            Ok(opening) => opening,
            Err(error) => return self.auditor.broken(&format!("D4: the journal can be opened: {error}")),
        };
        let Ok(live_map) = LiveMap::new(sample::geography()) else {
            return self.auditor.broken("the ground of the sample is whole");
        };
        self.life += 1;
        let reading = self.reading();
        let kept = self.witness.as_ref().filter(|kept| Some(kept.journal) == opening.state.journal);
        let counted = kept.and_then(|kept| kept.counted(&self.boot(), reading.since_boot));
        let clock = NodeClock::resume(opening.state.now, counted, reading);
        let Some(opening) = self.without_what_is_lost(opening, clock.now()) else { return };
        self.auditor.opened(&opening, true);
        self.witness_row(opening.state.journal, opening.head);
        self.witness_time(reading.since_boot, clock.now());
        let truth = opening.state.clone();
        let halted = truth.is_halted();
        let writer = Writer::open(opening, clock, live_map, self.limits());
        self.process = Some(Process { writer, truth, draining: false, begun: self.now });
        let soon = self.now.plus_ms(10);
        self.agenda.at(soon, self.life, What::Tick);
        if halted {
            let soon = self.soon(PONDERED_MS);
            self.agenda.at(soon, self.life, What::Accept);
        }
    }

    /// The process dies, and another begins after a while. What was on its way to the disk is there whole, not at all, or
    /// torn.
    pub(super) fn die(&mut self, reached: Option<bool>) {
        if self.process.take().is_none() {
            return;
        }
        self.kills += 1;
        self.life += 1;
        self.asked.clear();
        let flying = self.air.take().map(|(_, batch)| batch).or_else(|| self.late.take());
        self.late = None;
        if let Some(batch) = flying {
            let arrives = reached.unwrap_or_else(|| self.chance.happens(0.5));
            self.reach(&batch, arrives);
            if !arrives {
                self.tear(&batch);
            }
        }
        self.auditor.died();
        self.lose_end();
        let mut next = self.soon(5_000);
        if self.chance.happens(0.3) {
            // The machine is started anew.
            self.strikes.count("machine", "started");
            self.booted = next;
            next = next.plus_ms(1);
        }
        self.agenda.at(next, 0, What::Begin);
    }

    /// Hands something to the process, if one lives.
    pub(super) fn hand_in(&mut self, input: Input) {
        let (reading, wall) = (self.reading(), self.now);
        let Some(shown) = self.process.as_ref().map(|process| self.shown(process)) else { return };
        let Some(process) = &mut self.process else { return };
        let shown = (!process.writer.corrects_clock()).then_some(shown);
        self.auditor.told(shown);
        if let Input::Command(request) = &input {
            self.auditor.arrived(request, shown);
        }
        // Midnight falls into every trial.
        let local = |at| {
            LocalTime::noon(if at < sample::START.plus_ms(MIDNIGHT_MS) { 20_260_730 } else { 20_260_731 })
        };
        process.writer.handle(Moment { reading, wall, local: &local }, input);
        let time = Time(reading.since_boot + process.writer.clock().offset());
        let was_draining = std::mem::replace(&mut process.draining, true);
        self.witness_time(reading.since_boot, time);
        if !was_draining {
            // What comes in the same moment is decided together.
            let soon = self.soon(3);
            self.agenda.at(soon, self.life, What::Drain);
        }
    }

    pub(super) fn drain(&mut self) {
        let Some(process) = &mut self.process else { return };
        process.draining = false;
        let outputs: Vec<Output> = process.writer.drain().collect();
        let life = self.life;
        for output in outputs {
            self.carry(output);
            if self.life != life {
                return;
            }
        }
        if self.process.is_some() {
            self.auditor.said();
        }
    }

    fn carry(&mut self, output: Output) {
        match output {
            Output::Append { flight, batch } => self.append(flight, batch),
            Output::Answer { token, reply } => self.answer(token, reply),
            Output::Publish(commit) => self.publish(commit),
            Output::Snapshot(state) => self.snapshot(state),
            Output::Reopen => {
                let soon = self.soon(200);
                self.agenda.at(soon, self.life, What::Reopen);
            }
            Output::Lookup(keys) => {
                self.asked = keys;
                let soon = self.soon(50);
                self.agenda.at(soon, self.life, What::Lookup);
            }
            Output::Reset(_) => self.auditor.broken("D4: nobody else writes this journal"),
            Output::Unrecorded(alarm) => self.auditor.unrecorded(&alarm),
            Output::Recorded { actor, command } => self.auditor.recorded(&(actor, command)),
            Output::Degraded { code, on } => self.auditor.degraded(code, on),
            Output::Positions { token, receipt } => self.auditor.receipt(token, &receipt),
            Output::Tracks(_) => {}
        }
    }

    fn append(&mut self, flight: u64, batch: Arc<Batch>) {
        if self.air.is_some() {
            self.auditor.broken("D3: one batch is in flight at most");
        }
        self.auditor.decided(&batch);
        let mut when = self.soon(20);
        match self.strikes.at(Point::Append) {
            Some(Strike::Error) => return self.lose(flight, &batch),
            Some(Strike::Stall) => when = self.soon(STALL_MS),
            Some(Strike::Crash) => {
                self.air = Some((flight, batch));
                return self.die(Some(false));
            }
            None => {}
        }
        self.air = Some((flight, batch));
        self.agenda.at(when, self.life, What::Land);
    }

    /// The store does not take a batch, or nobody knows whether it does.
    fn lose(&mut self, flight: u64, batch: &Arc<Batch>) {
        let outcome = match self.chance.below(3) {
            0 => AppendOutcome::NotCommitted { why: asked() },
            // It may arrive as long as the store was not opened again.
            1 => {
                self.strikes.count("append", "late");
                self.late = Some(batch.clone());
                AppendOutcome::Unknown { why: asked() }
            }
            _ => AppendOutcome::Unknown { why: asked() },
        };
        if self.late.is_none() {
            self.auditor.lost();
            if matches!(outcome, AppendOutcome::Unknown { .. }) {
                self.tear(batch);
            }
        }
        let when = self.soon(50);
        self.agenda.at(when, self.life, What::Learn { flight, outcome });
    }

    /// A part of a batch that was lost lies on the disk now and then.
    fn tear(&mut self, batch: &Batch) {
        if self.chance.happens(0.4) {
            self.strikes.count("append", "torn");
            self.store.tear_now(batch, 1 + self.chance.below(3));
        }
    }

    pub(super) fn land(&mut self) {
        let Some((flight, batch)) = self.air.take() else { return };
        let (mut outcome, mut when) = (self.reach(&batch, true), self.now);
        match self.strikes.at(Point::Commit) {
            Some(Strike::Error) => outcome = AppendOutcome::Unknown { why: asked() },
            Some(Strike::Stall) => when = self.soon(STALL_MS),
            Some(Strike::Crash) => return self.die(None),
            None => {}
        }
        self.agenda.at(when, self.life, What::Learn { flight, outcome });
    }

    /// A batch is written, or is lost on its way.
    fn reach(&mut self, batch: &Arc<Batch>, arrives: bool) -> AppendOutcome {
        if !arrives {
            self.auditor.lost();
            return AppendOutcome::NotCommitted { why: asked() };
        }
        let outcome = self.store.append_now(batch);
        self.auditor.landed(batch, &outcome);
        outcome
    }

    fn answer(&mut self, token: u64, reply: Reply) {
        self.auditor.answered(token, &reply);
        let mut when = self.soon(5);
        match self.strikes.at(Point::Answer) {
            Some(Strike::Error) => return,
            Some(Strike::Stall) => when = self.soon(STALL_MS),
            Some(Strike::Crash) => return self.die(None),
            None => {}
        }
        // The connection outlives what the process does next, as long as the process lives.
        self.agenda.at(when, self.life, What::Hear { token, reply });
    }

    fn publish(&mut self, commit: Arc<Commit>) {
        self.auditor.published(&commit);
        self.witness_row(Some(commit.journal), commit.seq);
        let strike = self.strikes.at(Point::Publish);
        if strike == Some(Strike::Crash) {
            return self.die(None);
        }
        if let Some(process) = &mut self.process {
            for record in &commit.records {
                if let Event::IncidentArchived(IncidentArchived { incident, .. }) = &record.event {
                    self.gone.push(*incident);
                }
                dispatch_core::apply(&mut process.truth, record);
            }
        }
        let what = if strike == Some(Strike::Error) { What::ShowAll } else { What::Show(commit) };
        let delay = if strike == Some(Strike::Stall) { STALL_MS } else { 0 };
        let when = self.auditor.show_at(self.now.plus_ms(delay));
        self.agenda.at(when, self.life, what);
    }

    /// Consoles get committed truth, whole.
    pub(super) fn show_all(&mut self) {
        if let Some(process) = &self.process {
            self.auditor.shown_whole(&process.truth);
        }
    }

    fn snapshot(&mut self, state: Arc<State>) {
        let mut when = self.soon(100);
        match self.strikes.at(Point::Snapshot) {
            Some(Strike::Error) => return,
            Some(Strike::Stall) => when = self.soon(STALL_MS),
            Some(Strike::Crash) => return self.die(None),
            None => {}
        }
        self.agenda.at(when, self.life, What::Keep(state));
    }

    pub(super) fn keep(&mut self, state: &State) {
        if let Err(error) = self.store.snapshot_now(state) {
            self.auditor.broken(&format!("D3: a snapshot is of what is committed: {error}"));
        }
    }

    pub(super) fn reopen(&mut self) {
        if !self.strikes.healed && self.chance.happens(0.2) {
            self.strikes.count("reopen", "error");
            let error = StoreError::Impossible(asked());
            return self.hand_in(Input::Reopened(Err(error)));
        }
        if let Some(batch) = self.late.take() {
            let arrives = self.chance.happens(0.5);
            self.reach(&batch, arrives);
        }
        let opening = self.store.open_now();
        if let Ok(opening) = &opening {
            self.auditor.opened(opening, false);
        }
        self.hand_in(Input::Reopened(opening.map(Box::new)));
    }

    pub(super) fn look_up(&mut self) {
        let keys = std::mem::take(&mut self.asked);
        if !self.strikes.healed && self.chance.happens(0.1) {
            self.strikes.count("lookup", "error");
            return self.hand_in(Input::Found(Err(StoreError::Impossible(asked()))));
        }
        let found = self.store.lookup_now(&keys);
        self.hand_in(Input::Found(Ok(found)));
    }
}
