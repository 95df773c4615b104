//! The state machine: gather, decide, record and apply at once on the speculative state; send batches one at a time;
//! let nothing leave before the commit it rests on (D3).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use dispatch_core::command::{AdoptRegion, Envelope};
use dispatch_core::event::{ClockCorrected, Event};
use dispatch_core::kernel::evidence::{ClockDoubt, Evidence};
use dispatch_core::kernel::id::{ActorId, CommandId, JournalId};
use dispatch_core::kernel::refusal::{Refusal, Rule};
use dispatch_core::kernel::time::{LocalTime, Time};
use dispatch_core::seek::live_map::LiveMap;
use dispatch_core::state::State;
use dispatch_store::{Answer, AppendOutcome, Batch, MINTED_MAX, Opening, StoredAnswer, key};
use uuid::Uuid;

use crate::clock::NodeClock;
use crate::counters::{Counters, Gauges};
use crate::draft::{Draft, Flight};
use crate::lanes::{Lanes, Waiting};
use crate::limits::Limits;
use crate::memory::Memory;
use crate::message::{Commit, Input, Moment, Output, Reply, Request};
use crate::outcome::accepted;
use crate::recovery::Recovery;

/// What a clock in the region shows at a time.
type Local<'a> = &'a dyn Fn(Time) -> LocalTime;

/// A command's identity: who sent it, and its id.
pub(crate) type Key = (ActorId, CommandId);

/// What is on record of a call for help whose id another one had.
const ANOTHER_BODY: &str = "was used with another body";

/// The same where what was kept of the other is under a key that is gone.
const UNKNOWN_BODY: &str = "was used before, and nobody can tell with which body";

/// The single writer of a node.
pub struct Writer {
    pub(crate) limits: Limits,
    pub(crate) clock: NodeClock,
    /// The clock as it was before a correction that is not committed yet.
    pub(crate) uncorrected: Option<NodeClock>,
    /// Consoles are shown that the machine's clock is in doubt.
    doubt_shown: bool,
    /// Everything decided, committed or not.
    pub(crate) state: State,
    pub(crate) live_map: LiveMap,
    pub(crate) memory: Memory,
    pub(crate) lanes: Lanes,
    /// Commands not answered yet, with their fingerprints and the requests that wait for the answer.
    pub(crate) open: BTreeMap<Key, Open>,
    /// How many requests wait in all.
    pub(crate) waiters: usize,
    pub(crate) draft: Draft,
    pub(crate) flight: Option<Flight>,
    flights: u64,
    /// Set while the journal does not take commits.
    pub(crate) recovery: Option<Recovery>,
    /// Alarms kept until the journal takes them, by the order they came.
    pub(crate) unrecorded: VecDeque<Waiting>,
    /// Number of batches still to carry one command each, so that one that cannot be committed takes no other with it.
    pub(crate) careful: usize,
    /// Failures since the last commit.
    pub(crate) failures: u32,
    snapshot_seq: u64,
    pub(crate) position_batches: usize,
    pub(crate) counters: Counters,
    pub(crate) outputs: VecDeque<Output>,
}

/// A command not answered yet.
#[derive(Debug)]
pub(crate) struct Open {
    pub fingerprint: [u8; 32],
    pub tokens: Vec<u64>,
}

impl Writer {
    /// Begins with what the store opened with, at the time of a clock that goes on from there. The live map's masks are
    /// brought in line with state.
    pub fn open(opening: Opening, clock: NodeClock, mut live_map: LiveMap, limits: Limits) -> Self {
        live_map.sync_all(&opening.state);
        Self {
            clock,
            uncorrected: None,
            doubt_shown: false,
            memory: opening.answers.into_iter().collect(),
            snapshot_seq: opening.snapshot_seq,
            state: opening.state,
            live_map,
            limits,
            lanes: Lanes::default(),
            open: BTreeMap::new(),
            waiters: 0,
            draft: Draft::default(),
            flight: None,
            flights: 0,
            recovery: None,
            unrecorded: VecDeque::new(),
            careful: 0,
            failures: 0,
            position_batches: 0,
            counters: Counters::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes an input.
    pub fn handle(&mut self, moment: Moment<'_>, input: Input) {
        let Moment { reading, wall, local } = moment;
        let now = self.clock.read(reading);
        match input {
            Input::Command(request) => self.admit(*request, now, wall, local),
            Input::Positions { token, mut fixes } => self.take_positions(token, &mut fixes),
            Input::Tick { id } => self.tick(id, now, local),
            Input::Appended { flight, outcome } => self.landed(flight, &outcome, now),
            Input::Reopened(opening) => self.reopened(opening, now),
            Input::Found(found) => self.found(found, now),
        }
        self.fill(local);
        self.show_doubt();
    }

    /// Says whether the machine's clock is in doubt.
    fn show_doubt(&mut self) {
        let on = self.is_in_doubt();
        if on != self.doubt_shown {
            self.doubt_shown = on;
            self.outputs.push_back(Output::Degraded { code: "clock_in_doubt", on });
        }
    }

    /// What has to be done now. If no batch is in flight, everything handled since the last drain goes into one.
    pub fn drain(&mut self) -> impl Iterator<Item = Output> {
        self.seal();
        self.position_batches = 0;
        self.outputs.drain(..)
    }

    /// Everything decided, committed or not: for questions whose answer is not a fact, such as a preview of a
    /// recommendation. Facts are taken from [`Output::Publish`].
    pub fn speculative(&self) -> &State {
        &self.state
    }

    /// The answer to a command of the batch being decided; none once that batch is sent, or while the command waits. It
    /// is no fact before the commit: only a caller that drops everything when a commit fails, as a replay does, may use
    /// it.
    pub fn decided(&self, actor: &ActorId, command: CommandId) -> Option<&Answer> {
        let mut answers = self.draft.batch.answers.iter().rev();
        answers.find(|known| known.command == command && known.actor == *actor).map(|known| &known.answer)
    }

    /// Alarms the journal could not take, in the order they came, each with the time it came. A leader that has to go
    /// hands them to the next.
    pub fn kept(&self) -> impl Iterator<Item = (&Request, Time)> {
        self.unrecorded.iter().map(|waiting| (&waiting.request, self.clock.at(waiting.received)))
    }

    /// The clock the node goes by, without a correction that is not committed: nobody is told the time, and none is kept
    /// beside the journal, that the journal may never know.
    pub fn clock(&self) -> &NodeClock {
        self.uncorrected.as_ref().unwrap_or(&self.clock)
    }

    /// Whether the machine's clock is in doubt. A correction ends that when it is committed.
    fn is_in_doubt(&self) -> bool {
        self.corrects_clock() || self.doubt().is_some()
    }

    /// Whether a correction of the clock is decided and not committed.
    pub fn corrects_clock(&self) -> bool {
        self.uncorrected.is_some()
    }

    /// The machine's clock, while it is in doubt.
    pub fn doubt(&self) -> Option<ClockDoubt> {
        self.clock.doubt(&self.limits)
    }

    /// Where things are.
    pub fn live_map(&self) -> &LiveMap {
        &self.live_map
    }

    /// Counts since the writer was opened.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// What waits now.
    pub fn gauges(&self) -> Gauges {
        let (alarms_waiting, commands_waiting) = self.lanes.waiting();
        let in_flight = self.flight.as_ref().map_or(0, |flight| flight.batch.records.len());
        Gauges {
            alarms_waiting,
            commands_waiting,
            open: self.open.len(),
            unrecorded: self.unrecorded.len(),
            answers: self.memory.count(),
            records_open: self.draft.batch.records.len() + in_flight,
            recording: self.recovery.is_none(),
            clock_in_doubt: self.doubt_shown,
        }
    }

    /// A command at the door: answered at once if it was before, joined to its first if that is under way, queued
    /// otherwise.
    fn admit(&mut self, mut request: Request, now: Time, wall: Time, local: Local<'_>) {
        // Nobody knows how old an id is while the clock is in doubt.
        let kept_us = self.limits.answer_us();
        let is_old = !self.is_in_doubt() && is_expired(request.envelope.id, now.min(wall), kept_us);
        if request.is_alarm() && is_old && !self.knows(&request.key()) {
            request.rename("may have been used: it is older than answers are kept");
        } else if request.is_alarm()
            && let Some(why) = self.used_otherwise(&request)
        {
            self.counters.conflicts += 1;
            request.rename(why);
        }
        let (key, token) = (request.key(), request.token);
        if let Some(stored) = self.memory.get(&key) {
            let reply = if key::may_be(&stored.fingerprint, &request.fingerprint) {
                self.counters.repeated += 1;
                Reply::Repeated(stored.answer)
            } else {
                self.counters.conflicts += 1;
                Reply::Conflict
            };
            return self.answer(token, reply);
        }
        if let Some(first) = self.open.get(&key) {
            return self.join(&request, first.fingerprint == request.fingerprint);
        }
        if self.state.is_halted() && !request.passes_halt() {
            self.counters.halted += 1;
            return self.answer(token, Reply::Halted);
        }
        if is_old && !request.is_alarm() {
            self.counters.expired += 1;
            return self.answer(token, Reply::Expired);
        }
        let received = self.clock.received();
        let waiting = Waiting { request, received, local: local(now), shown: false };
        if self.recovery.is_some() {
            return self.turn_away(waiting, now);
        }
        let (fingerprint, alarm) = (waiting.request.fingerprint, waiting.request.is_alarm());
        if self.lanes.push(waiting, &self.limits).is_err() {
            *(if alarm { &mut self.counters.alarms_busy } else { &mut self.counters.commands_busy }) += 1;
            return self.answer(token, Reply::Busy { retry_after_s: self.limits.retry_after_s });
        }
        self.open.insert(key, Open { fingerprint, tokens: vec![token] });
        self.waiters += 1;
    }

    /// How this id was used otherwise, as far as that is known: it rings, rather than be taken for what it is not. So does
    /// one that was given an id of its own before: the request that had its first id may be lost by now, and then this one
    /// must not be taken for another call.
    fn used_otherwise(&self, request: &Request) -> Option<&'static str> {
        let key = request.key();
        let stored = self.memory.get(&key).map(|stored| stored.fingerprint);
        let known = stored.or_else(|| self.open.get(&key).map(|first| first.fingerprint));
        match known {
            Some(known) if known != request.fingerprint && key::may_be(&known, &request.fingerprint) => {
                Some(UNKNOWN_BODY)
            }
            Some(known) if known != request.fingerprint => Some(ANOTHER_BODY),
            Some(_) | None => self.knows(&request.own_key()).then_some(ANOTHER_BODY),
        }
    }

    /// Whether a command of this key was answered, or is under way.
    fn knows(&self, key: &Key) -> bool {
        self.memory.knows(key) || self.open.contains_key(key)
    }

    /// The same command while its first is under way: both get the answer of its commit.
    fn join(&mut self, request: &Request, same: bool) {
        if !same {
            self.counters.conflicts += 1;
            return self.answer(request.token, Reply::Conflict);
        }
        if self.recovery.is_some() {
            self.counters.not_recorded += 1;
            return self.answer(request.token, Reply::NotRecorded);
        }
        if self.waiters >= self.limits.commands_max + self.limits.alarms_max {
            self.counters.commands_busy += 1;
            return self.answer(request.token, Reply::Busy { retry_after_s: self.limits.retry_after_s });
        }
        if let Some(first) = self.open.get_mut(&request.key()) {
            first.tokens.push(request.token);
            self.waiters += 1;
            self.counters.joined += 1;
        }
    }

    /// Decides what waits, alarms first, until the batch is full.
    pub(crate) fn fill(&mut self, local: Local<'_>) {
        if self.recovery.is_none() && !self.unrecorded.is_empty() {
            self.queue_unrecorded();
        }
        while self.recovery.is_none()
            && self.draft.has_room(&self.limits, self.careful > 0)
            && let Some(waiting) = self.lanes.pop()
        {
            self.process(waiting, local);
        }
    }

    /// Gathers, decides, records and applies one command.
    fn process(&mut self, waiting: Waiting, local: Local<'_>) {
        let now = self.clock.now();
        // An alarm is decided at the time it came, however long the journal could not take it.
        let alarm = waiting.request.is_alarm();
        let came = self.clock.at(waiting.received);
        let (at, local) = if alarm { (came, waiting.local) } else { (now, local(now)) };
        let envelope = &waiting.request.envelope;
        let decided = unfit(&waiting.request).map_or_else(
            || {
                let evidence = self.evidence(envelope, at, local);
                let evidence = match &waiting.request.archived {
                    Some(archived) => evidence.with_archived(&self.state, &self.live_map, archived, at),
                    None => evidence,
                };
                dispatch_core::decide(&self.state, &evidence, envelope, at)
            },
            Err,
        );
        let answer = match decided {
            Ok(events) => {
                let first = self.draft.batch.records.len();
                // What no row names, nobody could ask for and nobody could prove.
                if !events.is_empty() {
                    self.draft.batch.words.extend(waiting.request.words.iter().cloned());
                }
                self.apply(events, &waiting.request, now);
                self.draft.batch.contents.extend(waiting.request.contents.iter().cloned());
                if waiting.request.geography.is_some() {
                    self.draft.geography.clone_from(&waiting.request.geography);
                }
                Answer::Accepted(accepted(&self.state, &self.draft.batch.records[first..]))
            }
            Err(refusal) => Answer::Refused(refusal),
        };
        let (actor, command) = waiting.key();
        let fingerprint = waiting.request.fingerprint;
        let at = self.clock.now();
        self.draft.batch.answers.push(StoredAnswer { actor, command, fingerprint, answer, at });
        self.draft.commands += 1;
        if alarm {
            self.draft.alarms.push(waiting);
        }
    }

    /// What a decision rests on beside state.
    fn evidence(&self, envelope: &Envelope, at: Time, local: LocalTime) -> Evidence {
        let evidence = dispatch_core::gather(&self.state, &self.live_map, envelope, at, local);
        Evidence { doubt: self.doubt(), ..evidence }
    }

    /// Records events and applies them, and brings the masks of the units they changed in line.
    fn apply(&mut self, events: Vec<Event>, request: &Request, now: Time) {
        let first = self.draft.batch.records.len();
        for event in events {
            self.draft.batch.erase.extend(event.about().erases);
            let record =
                dispatch_core::record(&self.state, &request.envelope, event, self.state.seq + 1, now);
            dispatch_core::apply(&mut self.state, &record);
            if let Some(corrected) = record.event.get::<ClockCorrected>() {
                self.correct(corrected);
            }
            self.draft.batch.records.push(record);
        }
        for unit in dispatch_core::changed_units(&self.state, &self.draft.batch.records[first..]) {
            self.live_map.sync_unit(&self.state, &unit);
        }
    }

    /// The node goes by another time from here on, and whatever is kept for a while is kept for as long.
    fn correct(&mut self, corrected: &ClockCorrected) {
        self.uncorrected.get_or_insert_with(|| self.clock.clone());
        self.clock.correct(corrected.to);
        self.memory.move_by(corrected.moves());
        for answer in &mut self.draft.batch.answers {
            answer.at = answer.at.moved(corrected.moves());
        }
    }

    /// Lets time pass. When nothing is due, nothing happens and nothing is written (D7).
    fn tick(&mut self, id: CommandId, now: Time, local: Local<'_>) {
        if !self.is_in_doubt() {
            self.memory.forget_before(now.moved(-self.limits.answer_us()));
        }
        self.try_again(now);
        let due = self.state.timers().next_due().is_some_and(|due| due <= now)
            || self.doubt().is_some_and(|doubt| doubt.is_credible);
        if !due || self.recovery.is_some() || !self.draft.has_room(&self.limits, self.careful > 0) {
            return;
        }
        let request = Request::tick(id);
        let evidence = self.evidence(&request.envelope, now, local(now));
        // A tick is never refused, and it has nobody to be told if it were.
        if let Ok(events) = dispatch_core::decide(&self.state, &evidence, &request.envelope, now)
            && !events.is_empty()
        {
            self.apply(events, &request, now);
            self.draft.commands += 1;
        }
    }

    /// Sends the draft, if there is one and nothing is in flight.
    fn seal(&mut self) {
        if self.recovery.is_some() || self.flight.is_some() || self.draft.batch.is_empty() {
            return;
        }
        let Draft { mut batch, alarms, geography, .. } = std::mem::take(&mut self.draft);
        // The state is exactly the one after this batch: nothing later has been decided.
        batch.views = dispatch_core::changed_views(&self.state, &batch.records);
        let due = self.state.seq >= self.snapshot_seq + self.limits.snapshot_rows;
        let snapshot = due.then(|| Arc::new(self.state.clone()));
        let prev = batch.expected_head().unwrap_or(self.state.seq);
        let batch = Arc::new(batch);
        self.flights += 1;
        self.outputs.push_back(Output::Append { flight: self.flights, batch: Arc::clone(&batch) });
        self.flight = Some(Flight { id: self.flights, batch, prev, alarms, geography, snapshot });
    }

    /// What became of the batch in flight.
    fn landed(&mut self, id: u64, outcome: &AppendOutcome, now: Time) {
        let Some(flight) = self.flight.take_if(|flight| flight.id == id) else {
            self.counters.strays += 1;
            return;
        };
        match outcome {
            AppendOutcome::Committed { head, .. } if *head == flight.head() => {
                self.failures = 0;
                self.careful = self.careful.saturating_sub(1);
                self.committed(flight);
            }
            AppendOutcome::NotCommitted { .. } => {
                self.counters.not_committed += 1;
                self.fail(flight, false, now);
            }
            AppendOutcome::Committed { .. } | AppendOutcome::Unknown { .. } => {
                self.counters.unknown += 1;
                self.fail(flight, true, now);
            }
        }
    }

    /// A batch is durable: show it before it is answered, so that a sender finds what its answer tells of.
    pub(crate) fn committed(&mut self, flight: Flight) {
        self.counters.commits += 1;
        if flight.batch.clock_moves() != 0 {
            self.uncorrected = None;
        }
        self.counters.records += flight.batch.records.len() as u64;
        if let Some(last) = flight.batch.records.last() {
            let commit = Commit {
                journal: self.state.journal.unwrap_or(JournalId(Uuid::nil())),
                prev: flight.prev,
                seq: last.seq,
                records: flight.batch.records.clone(),
                views: flight.batch.views.clone(),
                at: last.recorded_at,
            };
            self.outputs.push_back(Output::Publish(Arc::new(commit)));
        }
        self.settle(&flight.batch);
        for alarm in flight.alarms.iter().filter(|alarm| alarm.shown) {
            let (actor, command) = alarm.key();
            self.outputs.push_back(Output::Recorded { actor, command });
        }
        if let Some(geography) = flight.geography {
            // It was tried before the region was adopted.
            if self.live_map.adopt(*geography).is_ok() {
                self.live_map.sync_all(&self.state);
            }
        }
        if let Some(state) = flight.snapshot {
            self.snapshot_seq = state.seq;
            self.outputs.push_back(Output::Snapshot(state));
        }
    }

    /// Gives the answers of a durable batch to all who wait for them, and remembers them.
    fn settle(&mut self, batch: &Batch) {
        for stored in &batch.answers {
            match &stored.answer {
                Answer::Accepted(_) => self.counters.accepted += 1,
                Answer::Refused(_) => self.counters.refused += 1,
            }
            let open = self.open.remove(&(stored.actor.clone(), stored.command));
            for (index, token) in open.into_iter().flat_map(|open| open.tokens).enumerate() {
                self.waiters = self.waiters.saturating_sub(1);
                let answer = stored.answer.clone();
                self.answer(token, if index == 0 { Reply::Answer(answer) } else { Reply::Repeated(answer) });
            }
            // From when it was durable: it may have been given by another clock than the one since corrected.
            self.memory.keep(StoredAnswer { at: self.clock.now(), ..stored.clone() });
        }
    }

    pub(crate) fn answer(&mut self, token: u64, reply: Reply) {
        self.outputs.push_back(Output::Answer { token, reply });
    }
}

/// What makes a request unfit before anything is decided: a region without its package, or with a ground nobody can
/// travel on.
fn unfit(request: &Request) -> Option<Refusal> {
    let adopt = request.envelope.command.get::<AdoptRegion>()?;
    if !request.contents.iter().any(|content| content.hash == adopt.hash) {
        return Some(Refusal::invalid("hash", Rule::ComesWithAdoption));
    }
    let ground = request.geography.as_ref()?;
    LiveMap::new((**ground).clone())
        .err()
        .map(|error| Refusal::invalid("geography", Rule::Unusable { detail: error.to_string() }))
}

/// Whether a command's id is older than ids are kept. Only a `UUIDv7` tells its time: the wall's, or the node's where
/// its sender lives by that, so an id is as old as the earlier of both lets it be. Beyond the last time an id can be of,
/// none can be newer.
fn is_expired(id: CommandId, now: Time, kept_us: i64) -> bool {
    let Some(stamp) = id.0.get_timestamp().filter(|_| id.0.get_version_num() == 7) else { return false };
    let (seconds, nanos) = stamp.to_unix();
    let minted =
        i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000) + i64::from(nanos / 1_000);
    minted < now.min(MINTED_MAX).0.saturating_sub(kept_us)
}
