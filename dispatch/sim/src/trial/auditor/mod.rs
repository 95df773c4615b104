//! The auditor: looks at everything that goes into the process and comes out of it, knows what the disk holds, and says
//! what is wrong, naming the settled decision it breaks. It shares no code with what it audits but the vocabulary and
//! the one function that folds events into state.

mod book;
mod clock;
mod door;
mod examined;
mod guess;
mod learning;
mod rows;
mod rules;
mod screen;
mod tables;
mod way;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use dispatch_core::event::{Event, Record};
use dispatch_core::kernel::id::{ActorId, CommandId};
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;
use dispatch_store::memory::MemoryStore;
use dispatch_store::{Answer, AppendOutcome, Batch, Opening};
use dispatch_writer::{Commit, PositionReceipt, Reply, Request, Unrecorded, Writer};

use self::book::{Book, is_old};
use self::clock::Hours;
pub use self::clock::Shown;
use self::door::Door;
use self::guess::body;
use self::rules::passes_halt;
use self::screen::Screen;
use self::tables::Guess;
use super::agenda::What;
use super::delivery::SinkDelivery;
use super::report::Report;

/// Who sent a command, and its id.
pub type Key = (ActorId, CommandId);

/// Steps shown with a violation.
const TRACE: usize = 40;
/// A request as it was sent.
#[derive(Debug)]
struct Sent {
    client: Option<usize>,
    request: Arc<Request>,
    /// A loss stood when it was handed in.
    halted: bool,
    /// Its id was older than ids are kept when it was handed in, by a clock that was not in doubt.
    old: bool,
}

/// All it knows.
#[derive(Debug, Default)]
pub struct Auditor {
    sent: BTreeMap<u64, Sent>,
    /// Bodies of commands, by key and fingerprint: what is decided is looked up here.
    bodies: BTreeMap<Key, Vec<Arc<Request>>>,
    book: Book,
    /// What it guesses the centre knows, as far as it is durable.
    guess: Guess,
    /// And after the batch that is under way.
    next: Option<Guess>,
    screen: Screen,
    /// Alarms shown as not recorded.
    marks: BTreeSet<Key>,
    /// Degraded modes that are shown.
    modes: BTreeSet<&'static str>,
    door: Door,
    /// What was answered and is lost, and was not answered since.
    lost: BTreeSet<(Key, [u8; 32])>,
    /// Calls for help that find room at the least.
    room: usize,
    hours: Hours,
    report: Report,
    violations: Vec<String>,
    trace: VecDeque<String>,
}

impl Auditor {
    /// An auditor of a process that has room for `room` calls for help.
    pub fn new(room: usize) -> Self {
        Self { room, ..Self::default() }
    }

    /// Notes an input or output: counts it and keeps it for the trace.
    pub fn step(&mut self, at: Time, what: &What) {
        self.report.steps += 1;
        if matches!(what, What::Tick | What::Drain | What::Fix | What::Deliver) {
            return;
        }
        if self.trace.len() == TRACE {
            self.trace.pop_front();
        }
        let line = match what {
            What::Arrive(request) => {
                format!("arrive {} {:?} {}", request.token, request.key(), request.envelope.command.name())
            }
            What::Show(commit) => format!("show {}..{}", commit.prev, commit.seq),
            What::Keep(state) => format!("keep {}", state.seq),
            other => format!("{other:?}"),
        };
        self.trace.push_back(format!("{:.3} s {line}", seconds(at)));
    }

    /// Notes that a rule was broken; only the first is kept.
    pub fn broken(&mut self, what: &str) {
        if self.violations.is_empty() {
            let trace: Vec<_> = self.trace.iter().map(|line| format!("    {line}")).collect();
            self.violations.push(format!("{what}\n{}", trace.join("\n")));
        }
    }

    /// Whether a rule was broken.
    pub fn is_broken(&self) -> bool {
        !self.violations.is_empty()
    }

    /// The first rule that was broken, with the trace that led to it; empty when none was.
    pub fn violations(&self) -> Vec<String> {
        self.violations.clone()
    }

    /// Counts so far.
    pub fn report(&self) -> Report {
        let mut events = BTreeMap::new();
        for record in self.book.records() {
            *events.entry(record.event.name()).or_default() += 1;
        }
        Report { events, rows: self.book.head(), requests: self.sent.len() as u64, ..self.report.clone() }
    }

    fn check(&mut self, found: Result<(), String>) {
        if let Err(what) = found {
            self.broken(&what);
        }
    }

    /// A client begins with a new command.
    pub fn begun(&mut self) {
        self.report.commands += 1;
    }

    /// A request goes out.
    pub fn sent(&mut self, request: &Request, client: Option<usize>) {
        let request = Arc::new(request.clone());
        let bodies = self.bodies.entry(request.key()).or_default();
        if !bodies.iter().any(|known| known.fingerprint == request.fingerprint) {
            bodies.push(request.clone());
        }
        self.sent.insert(request.token, Sent { client, request, halted: false, old: false });
    }

    /// Whose a request is, its key and its body's fingerprint.
    pub fn request(&self, token: u64) -> Option<(usize, Key, [u8; 32])> {
        let sent = self.sent.get(&token)?;
        Some((sent.client?, sent.request.key(), sent.request.fingerprint))
    }

    /// An answer reaches its client.
    pub fn heard(&mut self, reply: &Reply) {
        let kind = match reply {
            Reply::Answer(Answer::Accepted(_)) => "accepted",
            Reply::Answer(Answer::Refused(_)) => "refused",
            Reply::Repeated(_) => "repeated",
            Reply::NotRecorded => "not recorded",
            Reply::Halted => "halted",
            Reply::Conflict => "conflict",
            Reply::Expired => "expired",
            Reply::Busy { .. } => "busy",
        };
        *self.report.answers.entry(kind).or_default() += 1;
    }

    /// A batch leaves for the store: everything in it was decided on what was decided before.
    pub fn decided(&mut self, batch: &Arc<Batch>) {
        let found = self.book.continues(batch);
        self.check(found);
        let found = self.hours.decided(&batch.records);
        self.check(found);
        let mut next = self.guess.clone();
        let found = next.follow(batch, &self.bodies, &mut self.report);
        self.check(found);
        self.next = Some(next);
    }

    /// It reached the store.
    pub fn landed(&mut self, batch: &Arc<Batch>, outcome: &AppendOutcome) {
        let found = match outcome {
            AppendOutcome::Committed { .. } => self.book.write(batch),
            other => Err(format!("D4: a batch of the one writer continues the journal: {other:?}")),
        };
        self.check(found);
        if let Some(next) = self.next.take() {
            self.guess = next;
        }
    }

    /// It never will.
    pub fn lost(&mut self) {
        self.next = None;
    }

    /// A process opened the store.
    pub fn opened(&mut self, opening: &Opening, anew: bool) {
        let found = self.book.is_opened(opening);
        self.check(found);
        if anew {
            let found = self.book.is_begun();
            self.check(found);
            self.hours.begin();
            self.door = Door::default();
            let found = self.screen.resume(opening);
            self.check(found);
        }
    }

    /// The last row on the disk.
    pub fn head(&self) -> u64 {
        self.book.head()
    }

    /// Commits on the disk, in order.
    pub fn written(&self) -> &[Arc<Batch>] {
        self.book.written()
    }

    /// Whether a loss stands.
    pub fn is_halted(&self) -> bool {
        self.guess.is_halted()
    }

    /// The first commits are left on the disk: what was answered with the others, with whoever had sent it, last first.
    pub fn set_back(&mut self, commits: usize) -> Vec<(usize, Arc<Request>)> {
        let lost = match self.book.set_back(commits) {
            Ok(lost) => lost,
            Err(what) => {
                self.broken(&what);
                return Vec::new();
            }
        };
        (self.guess, self.next) = (Guess::default(), None);
        for batch in self.book.written() {
            for row in &batch.records {
                self.guess.learn(row);
            }
            // It was looked at when it was decided.
            let _ = self.guess.look(&batch.views);
        }
        self.screen.forget();
        let answers = lost.iter().flat_map(|batch| &batch.answers).rev();
        let asked = answers.filter_map(|answer| {
            let key = (answer.actor.clone(), answer.command);
            let token = body(&self.bodies, &key, answer.fingerprint)?.token;
            let sent = self.sent.get(&token)?;
            self.lost.insert((sent.request.key(), answer.fingerprint));
            Some((sent.client?, sent.request.clone()))
        });
        asked.collect()
    }

    /// The journal that lost its end goes on, under another id and with the loss on record.
    pub fn gone_on(&mut self, rows: &[Record]) {
        let found = self.book.gone_on(rows);
        self.check(found);
        for row in rows {
            self.guess.learn(row);
        }
    }

    /// The process died: what it kept in memory is gone.
    pub fn died(&mut self) {
        self.marks.clear();
        self.modes.clear();
        self.hours.begin();
        self.screen.cut();
    }

    /// An answer leaves the process.
    pub fn answered(&mut self, token: u64, reply: &Reply) {
        let Some(sent) = self.sent.get(&token) else {
            return self.broken(&format!("D6: request {token} was never sent"));
        };
        let mut found = self.book.answer(&sent.request, reply, sent.old);
        if *reply == Reply::Halted && (!sent.halted || passes_halt(&sent.request)) {
            let name = sent.request.envelope.command.name();
            found = found.and(Err(format!("D5: {name} waits for a loss, and nothing is in its way")));
        }
        if *reply == Reply::NotRecorded && !self.modes.contains("not_recording") {
            found =
                found.and(Err(format!("D17: {token} is not recorded, and no console says that nothing is")));
        }
        if matches!(reply, Reply::Answer(_))
            && self.lost.remove(&(sent.request.key(), sent.request.fingerprint))
        {
            let kind = if sent.request.is_alarm() { "call anew" } else { "anew" };
            *self.report.answers.entry(kind).or_default() += 1;
        }
        let door = self.door.answered(token, reply, self.room, &self.marks);
        self.check(found.and(door));
    }

    /// A request goes in at the door of the process; none is shown while the process corrects its time.
    pub fn arrived(&mut self, request: &Request, shown: Option<Shown>) {
        if let Some(sent) = self.sent.get_mut(&request.token) {
            // An id is as old as the earlier of both clocks lets it be.
            sent.halted = self.guess.is_halted();
            let shown = shown.filter(|shown| !shown.is_doubtful());
            sent.old = shown.is_some_and(|shown| is_old(request, shown.node.min(shown.passed)));
        }
        // What its door looked up may be another thing than what an earlier one did.
        let mut bodies = self.bodies.get_mut(&request.key()).into_iter().flatten();
        if let Some(known) = bodies.find(|known| known.fingerprint == request.fingerprint) {
            Arc::make_mut(known).archived.clone_from(&request.archived);
        }
        self.door.arrived(request);
    }

    /// Fixes go in, some of them of units nobody knows.
    pub fn located(&mut self, token: u64, all: u32, of_nobody: u32) {
        self.door.located(token, all, of_nobody);
    }

    /// What became of them.
    pub fn receipt(&mut self, token: u64, receipt: &PositionReceipt) {
        let found = self.door.receipt(token, receipt);
        self.check(found);
    }

    /// A degraded mode begins or ends.
    pub fn degraded(&mut self, code: &'static str, on: bool) {
        let changes = if on { self.modes.insert(code) } else { self.modes.remove(code) };
        if !changes {
            self.broken(&format!("D17: {code} begins or ends twice"));
        }
    }

    /// Something failed: what is due may be told later.
    pub fn disturbed(&mut self, passed: Time) {
        self.hours.disturb(passed);
    }

    /// The process is told a time; none while it corrects its own.
    pub fn told(&mut self, shown: Option<Shown>) {
        let found = self.hours.told(shown);
        self.check(found);
    }

    /// It has said what it had to say.
    pub fn said(&mut self) {
        let found = self.hours.is_said(self.modes.contains("clock_in_doubt"));
        self.check(found);
    }

    /// This is what is committed: all that is due is told.
    pub fn stands(&mut self, truth: &State) {
        let found = self.hours.is_told(truth);
        self.check(found);
    }

    /// A commit leaves the process.
    pub fn published(&mut self, commit: &Commit) {
        self.hours.published(&commit.records);
        let found = self.book.published(commit);
        self.check(found);
    }

    /// When what leaves now reaches consoles: not before what left earlier.
    pub fn show_at(&mut self, wanted: Time) -> Time {
        self.screen.show_at(wanted)
    }

    /// A commit reaches the consoles.
    pub fn shown(&mut self, commit: &Commit) {
        let found = self.screen.take(commit);
        self.check(found);
    }

    /// Consoles begin anew from this.
    pub fn shown_whole(&mut self, truth: &State) {
        self.screen.whole(truth);
    }

    /// Consoles have seen what left.
    pub fn is_shown(&self) -> bool {
        self.screen.seq == self.book.head()
    }

    /// An alarm is shown as not recorded.
    pub fn unrecorded(&mut self, alarm: &Unrecorded) {
        if !self.modes.contains("not_recording") {
            self.broken("D17: an alarm is shown as not recorded while everything is");
        }
        if alarm.kept {
            self.marks.insert((alarm.actor.clone(), alarm.command));
        }
    }

    /// And is not any more.
    pub fn recorded(&mut self, key: &Key) {
        if !self.marks.remove(key) {
            self.broken(&format!("D3: {key:?} lost a mark it did not have"));
        }
    }

    /// The next order for the sink.
    pub fn next_for(&self, delivery: &mut SinkDelivery) -> Option<u64> {
        delivery.next(self.book.records())
    }

    /// Everything has finished: nothing is lost, nothing is there twice, and all tell the same.
    pub fn judge(&mut self, store: &MemoryStore, writer: &Writer, truth: &State, delivery: &SinkDelivery) {
        let found = self.book.judge(store, writer.speculative(), truth);
        self.check(found);
        let found = self.screen.equals(truth);
        self.check(found);
        if let Some(mark) = self.marks.first() {
            self.broken(&format!("D3: {mark:?} is in the journal and shown as not recorded"));
        }
        let found = self.door.judge(&writer.counters());
        self.check(found);
        let found = self.guess.is_on_time(self.book.latest());
        self.check(found);
        if self.modes.contains("not_recording") {
            self.broken("D17: consoles say that nothing is recorded, and everything is");
        }
        let orders =
            self.book.records().iter().filter(|record| matches!(record.event, Event::OrderCreated { .. }));
        let missed: Vec<u64> =
            orders.map(|record| record.seq).filter(|seq| !delivery.heard.contains_key(seq)).collect();
        if !missed.is_empty() {
            self.broken(&format!("D9: orders of rows {missed:?} never reached their receiver"));
        }
    }
}

fn seconds(at: Time) -> f64 {
    crate::number::float((at.0 - dispatch_core::sample::START.0) / 1_000) / 1_000.0
}
