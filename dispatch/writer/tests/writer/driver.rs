//! A driver without threads: outputs are carried out when the test says so. It checks on every output what must hold
//! whatever the test is about: no answer before its commit, and publications without a gap.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use dispatch_core::command::{Command, RaiseAlarm};
use dispatch_core::kernel::id::{ActorId, CommandId, IncidentId, Minter};
use dispatch_core::kernel::time::Time;
use dispatch_core::screen::on_screen;
use dispatch_core::seek::live_map::{Geography, LiveMap, UnitFix};
use dispatch_core::state::State;
use dispatch_store::conformance::small_centre::{DAWN, DAY, command_id, of_whoever_may, package, register};
use dispatch_store::memory::{Fault, MemoryStore};
use dispatch_store::{Accepted, Answer, AppendOutcome, Batch, Genesis, TrackPoint};
use dispatch_writer::{
    Commit, Input, Limits, Moment, NodeClock, Output, PositionReceipt, Reading, Reply, Request, Unrecorded,
    Writer,
};

type Key = (ActorId, CommandId);

/// The writer, its store, and everything that came out.
pub struct Driver {
    pub writer: Writer,
    pub store: MemoryStore,
    /// What really passed, as a time.
    pub now: Time,
    /// How far the machine's clock is ahead of that, microseconds.
    pub ahead_us: i64,
    /// Batches sent and not landed.
    pub airborne: VecDeque<(u64, Arc<Batch>)>,
    /// The store is to be opened again.
    pub reopening: bool,
    /// These are to be looked up.
    pub looking_up: Option<Vec<Key>>,
    pub replies: BTreeMap<u64, Reply>,
    pub receipts: BTreeMap<u64, PositionReceipt>,
    pub published: Vec<Arc<Commit>>,
    pub unrecorded: Vec<Unrecorded>,
    pub recorded: Vec<Key>,
    pub degraded: Vec<(&'static str, bool)>,
    pub tracks: Vec<TrackPoint>,
    pub snapshots: u64,
    /// What a reader of publications knows.
    pub replica: State,
    sent: BTreeMap<u64, (Key, [u8; 32])>,
    tokens: u64,
    minted: u64,
}

impl Driver {
    /// A node with the small region adopted.
    pub fn new(limits: Limits) -> Self {
        let store = MemoryStore::new(&Genesis::new("wall", DAWN));
        let opening = store.open_now().unwrap();
        let replica = opening.state.clone();
        let live_map = LiveMap::new(Geography::default()).unwrap();
        let mut driver = Self {
            writer: Writer::open(opening, NodeClock::resume(DAWN, None, reading(DAWN, 0)), live_map, limits),
            store,
            now: DAWN,
            ahead_us: 0,
            airborne: VecDeque::new(),
            reopening: false,
            looking_up: None,
            replies: BTreeMap::new(),
            receipts: BTreeMap::new(),
            published: Vec::new(),
            unrecorded: Vec::new(),
            recorded: Vec::new(),
            degraded: Vec::new(),
            tracks: Vec::new(),
            snapshots: 0,
            replica,
            sent: BTreeMap::new(),
            tokens: 0,
            minted: 0,
        };
        let content = package();
        let hash = content.hash.clone();
        let adopt =
            dispatch_core::command::AdoptRegion { hash, register: Box::new(register()), duties: Vec::new() };
        let mut request = driver.request(adopt);
        request.contents.push(content);
        let token = driver.send(request);
        driver.settle();
        driver.accepted(token);
        driver
    }

    /// A command of the dispatcher at the banner, or of whoever may.
    pub fn request(&mut self, command: impl Into<Command>) -> Request {
        self.minted += 1;
        self.tokens += 1;
        let id = command_id(self.now, self.minted);
        Request {
            token: self.tokens,
            fingerprint: [1; 32],
            envelope: of_whoever_may(id, on_screen(self.writer.speculative(), command.into())),
            words: Vec::new(),
            contents: Vec::new(),
            geography: None,
            archived: None,
        }
    }

    /// The same request once more, under another token.
    pub fn again(&mut self, request: &Request) -> Request {
        self.tokens += 1;
        Request { token: self.tokens, ..request.clone() }
    }

    /// Hands a request in without draining; returns its token.
    pub fn send(&mut self, request: Request) -> u64 {
        let token = request.token;
        self.sent.insert(token, (request.key(), request.fingerprint));
        self.writer.handle(moment(self.now, self.ahead_us), Input::Command(Box::new(request)));
        token
    }

    /// Hands a command in without draining; returns its token.
    pub fn queue(&mut self, command: impl Into<Command>) -> u64 {
        let request = self.request(command);
        self.send(request)
    }

    /// Hands a command in and drains.
    pub fn command(&mut self, command: impl Into<Command>) -> u64 {
        let token = self.queue(command);
        self.drain();
        token
    }

    pub fn positions(&mut self, fixes: Vec<UnitFix>) -> u64 {
        self.tokens += 1;
        let token = self.tokens;
        self.writer.handle(moment(self.now, self.ahead_us), Input::Positions { token, fixes });
        token
    }

    /// Lets time pass, and the writer know.
    pub fn tick(&mut self, ms: u32) {
        self.now = self.now.plus_ms(ms);
        self.minted += 1;
        let id = command_id(self.now, self.minted);
        self.writer.handle(moment(self.now, self.ahead_us), Input::Tick { id });
        self.drain();
    }

    /// Takes what came out; nothing is carried out yet.
    pub fn drain(&mut self) {
        let outputs: Vec<Output> = self.writer.drain().collect();
        for output in outputs {
            self.take(output);
        }
        assert!(self.airborne.len() <= 1, "one batch is in flight at most");
    }

    fn take(&mut self, output: Output) {
        match output {
            Output::Append { flight, batch } => self.airborne.push_back((flight, batch)),
            Output::Answer { token, reply } => {
                if let Reply::Answer(answer) | Reply::Repeated(answer) = &reply {
                    let (key, fingerprint) = &self.sent[&token];
                    let stored = self.store.lookup_now(&[key.clone(), renamed(key, *fingerprint)]);
                    let durable = stored.iter().flatten().any(|stored| stored.answer == *answer);
                    assert!(durable, "an answer is durable before it is given");
                }
                assert_eq!(self.replies.insert(token, reply), None, "a request is answered once");
            }
            Output::Positions { token, receipt } => drop(self.receipts.insert(token, receipt)),
            Output::Tracks(points) => self.tracks.extend(points),
            Output::Publish(commit) => self.publish(commit),
            Output::Reopen => self.reopening = true,
            Output::Lookup(keys) => self.looking_up = Some(keys),
            Output::Reset(_) => panic!("nobody else writes this journal"),
            Output::Snapshot(state) => {
                self.store.snapshot_now(&state).unwrap();
                self.snapshots += 1;
            }
            Output::Unrecorded(alarm) => self.unrecorded.push(alarm),
            Output::Recorded { actor, command } => self.recorded.push((actor, command)),
            Output::Degraded { code, on } => self.degraded.push((code, on)),
        }
    }

    fn publish(&mut self, commit: Arc<Commit>) {
        assert_eq!(commit.prev, self.replica.seq, "publications have no gap");
        let stored = self.store.records_now().unwrap();
        let range = usize::try_from(commit.prev).unwrap()..usize::try_from(commit.seq).unwrap();
        assert_eq!(stored[range], commit.records, "what is shown is durable");
        for record in &commit.records {
            dispatch_core::apply(&mut self.replica, record);
        }
        assert_eq!(self.replica.journal, Some(commit.journal));
        self.published.push(commit);
    }

    /// Lands the batch in flight as the store's plan says; false when there was none.
    pub fn land(&mut self) -> bool {
        let Some((flight, batch)) = self.airborne.pop_front() else { return false };
        let outcome = self.store.append_now(&batch);
        self.writer.handle(moment(self.now, self.ahead_us), Input::Appended { flight, outcome });
        self.drain();
        true
    }

    /// Lands the batch in flight with this fault.
    pub fn land_with(&mut self, fault: Fault) {
        self.store.plan([fault]);
        assert!(self.land(), "a batch is in flight");
    }

    /// Reports an outcome without asking the store.
    pub fn report(&mut self, flight: u64, outcome: AppendOutcome) {
        self.writer.handle(moment(self.now, self.ahead_us), Input::Appended { flight, outcome });
        self.drain();
    }

    /// Opens the store again and looks up what is asked; false when nothing was to be done.
    pub fn recover(&mut self) -> bool {
        if std::mem::take(&mut self.reopening) {
            let opening = self.store.open_now().map(Box::new);
            self.writer.handle(moment(self.now, self.ahead_us), Input::Reopened(opening));
            self.drain();
            return true;
        }
        let Some(keys) = self.looking_up.take() else { return false };
        let found = self.store.lookup_now(&keys);
        self.writer.handle(moment(self.now, self.ahead_us), Input::Found(Ok(found)));
        self.drain();
        true
    }

    /// Carries everything out until nothing is left to do.
    pub fn settle(&mut self) {
        self.drain();
        for _ in 0..10_000 {
            if !self.land() && !self.recover() {
                if self.writer.gauges().recording && self.writer.gauges().unrecorded == 0 {
                    return self.check();
                }
                self.tick(1_000);
            }
        }
        panic!("the node does not come to rest: {:?}", self.writer.gauges());
    }

    /// What holds whenever nothing is under way.
    pub fn check(&self) {
        let opening = self.store.open_now().unwrap();
        assert_eq!(self.writer.speculative(), &opening.state, "what was decided is what is durable");
        assert_eq!(self.replica, opening.state, "what was shown is what is durable");
        self.store.verify_now().unwrap();
        let mut live_map = LiveMap::new(Geography::default()).unwrap();
        live_map.sync_all(&opening.state);
        let masks = |live_map: &LiveMap| {
            live_map.live.iter().map(|(slot, _)| (slot, live_map.live.mask(slot))).collect::<Vec<_>>()
        };
        assert_eq!(masks(self.writer.live_map()), masks(&live_map), "masks follow from state");
    }

    /// The answer to a token that has to be an acceptance.
    pub fn accepted(&self, token: u64) -> Accepted {
        match self.replies.get(&token) {
            Some(Reply::Answer(Answer::Accepted(accepted)) | Reply::Repeated(Answer::Accepted(accepted))) => {
                accepted.clone()
            }
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// A button is pressed and its incident committed.
    pub fn incident(&mut self, point: &str) -> IncidentId {
        let token = self.command(dispatch_store::conformance::small_centre::button(point));
        self.settle();
        self.accepted(token).named.incident.unwrap()
    }
}

/// The key an alarm is given whose own was used with another body.
pub fn renamed((actor, command): &Key, fingerprint: [u8; 32]) -> Key {
    let own = ActorId::from(format!("{fingerprint:?}").as_str());
    (actor.clone(), CommandId(Minter::new(&own, *command).mint()))
}

/// What the clocks of a machine show that was started an hour before dawn.
pub fn reading(now: Time, ahead_us: i64) -> Reading {
    Reading { since_boot: now.apart(DAWN) + 3_600_000_000, shows: now.moved(ahead_us) }
}

/// A moment of a node whose machine's clock is ahead.
pub fn moment(now: Time, ahead_us: i64) -> Moment<'static> {
    Moment { reading: reading(now, ahead_us), wall: now, local: &|_| DAY }
}

/// A call of which nothing is known.
pub fn call() -> RaiseAlarm {
    dispatch_store::conformance::small_centre::call()
}
