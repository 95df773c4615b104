//! One trial from its seed to its end: everybody at work while things fail, then a phase in which nothing fails any more
//! and everything has to finish.

use std::sync::Arc;

use dispatch_core::command::{AdoptRegion, Command};
use dispatch_core::event::Record;
use dispatch_core::kernel::id::{CommandId, IncidentId, JournalId};
use dispatch_core::kernel::time::Time;
use dispatch_core::register::{Automatic, Register};
use dispatch_core::sample;
use dispatch_core::seek::live_map::UnitFix;
use dispatch_core::state::State;
use dispatch_store::memory::MemoryStore;
use dispatch_store::{Batch, Content, Genesis, Witness};
use dispatch_writer::{Input, Limits, Request, Writer};
use uuid::Uuid;

use super::agenda::{Agenda, What};
use super::auditor::Auditor;
use super::delivery::SinkDelivery;
use super::hand::Hand;
use super::mind::EVERYBODY;
use super::report::Report;
use super::strikes::{Point, Strike, Strikes};
use crate::chance::Chance;

/// How long people work while things fail, milliseconds.
const WORK_MS: u32 = 4 * 60_000;
/// How long what was begun has to be finished once nothing fails.
const HEAL_MS: u32 = 10 * 60_000;
/// Nothing fails any more, and time is watched so long, while clocks are still set.
const QUIET_MS: u32 = 60_000;
/// By how much a clock is set, seconds: what is slewed, minutes, hours, days, years.
const STEPS_S: [i64; 9] = [2, 4, 20, 120, 500, 3_500, 30_000, 2_592_000, 95_040_000];
/// A clock that keeps so still is believed, up to so far.
const STEADY_MS: u32 = 20_000;
const NEAR_MS: u32 = 600_000;
/// Between two ticks.
const TICK_MS: u32 = 500;
/// What is over leaves state after this, a desk above may take a unit after this, an automatic order can be stopped for
/// so long.
const ARCHIVE_MS: u32 = 50_000;
const SUPPORT_MS: u32 = 12_000;
const COUNTDOWN_MS: u32 = 8_000;

/// A process at work.
pub(super) struct Process {
    pub writer: Writer,
    /// What it shows: committed truth.
    pub truth: State,
    /// A drain is on the agenda.
    pub draining: bool,
    /// When it began, by the time that passed.
    pub begun: Time,
}

/// Everything there is.
pub(super) struct World {
    pub now: Time,
    pub agenda: Agenda,
    pub store: MemoryStore,
    pub process: Option<Process>,
    /// Which process lives, by number; what was meant for another is void.
    pub life: u64,
    /// On its way to the store.
    pub air: Option<(u64, Arc<Batch>)>,
    /// Sent, given up for unknown, and perhaps still on its way.
    pub late: Option<Arc<Batch>>,
    /// To be looked up.
    pub asked: Vec<(dispatch_core::kernel::id::ActorId, CommandId)>,
    pub strikes: Strikes,
    pub chance: Chance,
    pub hands: Vec<Hand>,
    pub delivery: SinkDelivery,
    pub auditor: Auditor,
    pub tokens: u64,
    pub minted: u64,
    /// When the machine was started, by the time that passed.
    pub booted: Time,
    /// How far its clock is ahead, microseconds; negative where it is behind.
    pub ahead_us: i64,
    /// Since when it is so.
    pub steady_since: Time,
    /// Beside the journal: how far it had come, and what time it was on which start of the machine.
    pub witness: Option<Witness>,
    pub kills: u64,
    /// Chance of a disk that loses what it had written.
    pub luck: Chance,
    /// Incidents that were shown to leave live state.
    pub gone: Vec<IncidentId>,
    limits: Limits,
    /// What was asked, where somebody wants to know.
    pub kept: Option<Vec<Command>>,
}

/// The sample's register with times that a trial lives to see, and one type that is ordered automatically.
fn register() -> Register {
    let mut register = sample::register();
    register.timers.archive_ms = ARCHIVE_MS;
    register.timers.support_ms = SUPPORT_MS;
    if let Some(crash) = register.types.get_mut(&"crash".into()) {
        crash.automatic = Some(Automatic { countdown_ms: COUNTDOWN_MS });
    }
    register
}

/// Runs the trial of a seed.
pub fn run(seed: u64) -> Report {
    let (world, first) = play(World::new(seed));
    world.finish(seed, first)
}

/// What a trial wrote and what was asked in it: samples of every event and command, as they happen.
pub fn samples(seed: u64) -> (Vec<Record>, Vec<Command>) {
    let (world, _) = play(World { kept: Some(Vec::new()), ..World::new(seed) });
    (world.store.records_now().unwrap_or_default(), world.kept.unwrap_or_default())
}

/// A trial from its beginning until everything is finished, or broken; and when it began.
fn play(mut world: World) -> (World, Time) {
    world.begin_process();
    world.adopt();
    let first = world.now;
    for client in 0..EVERYBODY.len() {
        let when = world.soon(5_000);
        world.agenda.at(when, 0, What::Think(client));
    }
    let start = world.now;
    world.agenda.at(start, 0, What::Deliver);
    world.agenda.at(start, 0, What::Fix);
    let (heal, end) = (start.plus_ms(WORK_MS), start.plus_ms(WORK_MS + HEAL_MS));
    let quiet = heal.plus_ms(QUIET_MS);
    while let Some((at, life, what)) = world.agenda.take() {
        world.now = at;
        if at >= heal {
            world.strikes.healed = true;
        } else if world.strikes.struck() {
            world.auditor.disturbed(at);
        }
        if life == 0 || life == world.life {
            world.auditor.step(at, &what);
            world.happen(what);
        }
        if world.auditor.is_broken() || at >= end || (at >= quiet && world.is_finished()) {
            break;
        }
    }
    (world, first)
}

impl World {
    fn new(seed: u64) -> Self {
        let of_clock = Limits { clock_steady_ms: STEADY_MS, clock_near_ms: NEAR_MS, ..Limits::default() };
        let limits = match seed % 3 {
            0 => Limits { snapshot_rows: 40, ..of_clock },
            1 => Limits { batch_commands_max: 2, snapshot_rows: 25, ..of_clock },
            _ => Limits { commands_max: 3, alarms_max: 3, unrecorded_max: 64, snapshot_rows: 60, ..of_clock },
        };
        let journal = Genesis {
            journal: JournalId(Uuid::from_u128(u128::from(seed) + 1)),
            ..Genesis::new("wall", sample::START)
        };
        Self {
            now: sample::START,
            agenda: Agenda::default(),
            store: MemoryStore::new(&journal),
            process: None,
            life: 0,
            air: None,
            late: None,
            asked: Vec::new(),
            strikes: Strikes::new(Chance::new(seed, 1)),
            chance: Chance::new(seed, 2),
            hands: EVERYBODY.iter().map(|_| Hand::default()).collect(),
            delivery: SinkDelivery::default(),
            auditor: Auditor::new(limits.alarms_max),
            tokens: 0,
            minted: 0,
            booted: sample::START.moved(-3_600_000_000),
            ahead_us: 0,
            steady_since: sample::START,
            witness: None,
            kills: 0,
            luck: Chance::new(seed, 3),
            gone: Vec::new(),
            limits,
            kept: None,
        }
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits.clone()
    }

    /// The sample region is adopted before anything fails.
    fn adopt(&mut self) {
        self.strikes.healed = true;
        let hash = sample::REGION.to_owned();
        let adopt =
            AdoptRegion { hash: hash.clone(), register: Box::new(register()), duties: sample::duties() };
        let envelope = dispatch_core::command::Envelope {
            id: self.command_id(),
            actor: "system".into(),
            on_behalf_of: None,
            seat: None,
            channel: dispatch_core::kernel::kind::Channel::System,
            occurred_at: None,
            command: adopt.into(),
        };
        let request = Request {
            token: self.token(),
            fingerprint: [7; 32],
            envelope,
            words: Vec::new(),
            contents: vec![Content { hash, bytes: b"the sample region".to_vec() }],
            geography: None,
            archived: None,
        };
        self.auditor.sent(&request, None);
        self.hand_in(Input::Command(Box::new(request)));
        while self.process.as_ref().is_none_or(|process| process.truth.register().units.is_empty()) {
            let Some((at, _, what)) = self.agenda.take() else { return };
            self.now = at;
            self.auditor.step(at, &what);
            self.happen(what);
        }
        self.strikes.healed = false;
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Think(client) => self.think(client),
            What::Arrive(request) => self.arrive(request),
            What::Hear { token, reply } => self.hear(token, &reply),
            What::GiveUp { client, token } => self.give_up(client, token),
            What::Drain => self.drain(),
            What::Tick => self.tick(),
            What::Land => self.land(),
            What::Learn { flight, outcome } => self.hand_in(Input::Appended { flight, outcome }),
            What::Reopen => self.reopen(),
            What::Lookup => self.look_up(),
            What::Show(commit) => self.auditor.shown(&commit),
            What::ShowAll => self.show_all(),
            What::Keep(state) => self.keep(&state),
            What::Deliver => self.deliver(),
            What::Fix => self.fix(),
            What::Die => self.die(None),
            What::Accept => self.accept(),
            What::Begin => self.begin_process(),
        }
    }

    fn tick(&mut self) {
        self.step_clock();
        let id = self.command_id();
        self.hand_in(Input::Tick { id });
        if let Some(process) = &self.process {
            self.auditor.stands(&process.truth);
        }
        let next = self.now.plus_ms(TICK_MS);
        self.agenda.at(next, self.life, What::Tick);
    }

    /// The machine's clock is set now and then, by seconds to years, and set right again.
    fn step_clock(&mut self) {
        let (how, ahead_s) = match self.chance.below(160) {
            0 | 1 => ("stepped", *self.chance.pick(&STEPS_S).unwrap_or(&0)),
            2..5 if self.ahead_us != 0 => ("set right", 0),
            _ => return,
        };
        let sign = if self.chance.happens(0.5) { 1 } else { -1 };
        let before = std::mem::replace(&mut self.ahead_us, sign * ahead_s * 1_000_000);
        if self.ahead_us != before {
            self.steady_since = self.now;
        }
        self.strikes.count("clock", how);
    }

    /// Fixes: some again, some late, some of nobody. They are never journalled (D8).
    fn fix(&mut self) {
        if let Some(process) = &self.process {
            let units: Vec<_> = process.truth.register().units.keys().cloned().collect();
            let mut fixes = Vec::new();
            for unit in units {
                let home = process.truth.register().units[&unit].home;
                let late_ms = if self.chance.happens(0.2) { 90_000 } else { 0 };
                let fix = UnitFix {
                    unit,
                    at: home,
                    fix_time: Time(self.now.0 - late_ms * 1_000),
                    device_time: None,
                    received_at: self.now,
                    speed_cm_s: 0,
                    heading_deg: 0,
                    accuracy_m: None,
                };
                if self.chance.happens(0.3) {
                    fixes.push(fix.clone());
                }
                fixes.push(fix);
            }
            // A device nobody knows.
            let stray = fixes.first().map(|fix| UnitFix { unit: "nobody".into(), ..fix.clone() });
            fixes.extend(stray);
            let token = self.token();
            self.auditor.located(token, u32::try_from(fixes.len()).unwrap_or(u32::MAX), 1);
            self.hand_in(Input::Positions { token, fixes });
        }
        let next = self.soon(20_000);
        self.agenda.at(next, 0, What::Fix);
    }

    /// The next step of sink delivery.
    fn deliver(&mut self) {
        let mut pause_ms = 300;
        if self.process.is_some()
            && let Some(seq) = self.auditor.next_for(&mut self.delivery)
        {
            match self.strikes.at(Point::Deliver) {
                Some(Strike::Error) => {}
                Some(Strike::Stall) => pause_ms = 5_000,
                Some(Strike::Crash) => {
                    self.delivery.tell(seq);
                    self.die(None);
                }
                None => {
                    self.delivery.tell(seq);
                    self.delivery.keep(seq);
                    pause_ms = 10;
                }
            }
        }
        let next = self.now.plus_ms(pause_ms);
        self.agenda.at(next, 0, What::Deliver);
    }

    /// Nothing is under way and nobody waits.
    fn is_finished(&mut self) -> bool {
        let resting = self.process.as_ref().is_some_and(|process| {
            let waits = process.writer.gauges();
            !process.draining
                && waits.recording
                && waits.unrecorded == 0
                && waits.open == 0
                && waits.records_open == 0
        });
        resting
            && self.air.is_none()
            && self.hands.iter().all(|hand| hand.sending().is_none())
            && self.auditor.is_shown()
            && self.auditor.next_for(&mut self.delivery).is_none()
    }

    fn finish(mut self, seed: u64, first: Time) -> Report {
        if !self.auditor.is_broken() {
            if !self.is_finished() {
                let waits = self.process.as_ref().map(|process| process.writer.gauges());
                let busy: Vec<_> = self
                    .hands
                    .iter()
                    .filter_map(|hand| Some(hand.sending()?.envelope.command.name()))
                    .collect();
                self.auditor.broken(&format!(
                    "everything finishes once nothing fails: {waits:?}, still sending {busy:?}"
                ));
            } else if let Some(process) = &self.process {
                self.auditor.judge(&self.store, &process.writer, &process.truth, &self.delivery);
            }
        }
        let mut report = self.auditor.report();
        report.seeds = 1;
        report.simulated_ms = u64::from(self.now.ms_since(first));
        report.kills = self.kills;
        report.faults = self.strikes.counts().clone();
        report.violations = self.auditor.violations().into_iter().map(|what| (seed, what)).collect();
        report
    }

    /// A moment within a number of milliseconds from now, and never now.
    pub(super) fn soon(&mut self, within_ms: u32) -> Time {
        let ms = self.chance.below(usize::try_from(within_ms).unwrap_or(1).max(1));
        self.now.plus_ms(1 + u32::try_from(ms).unwrap_or(0))
    }

    pub(super) fn token(&mut self) -> u64 {
        self.tokens += 1;
        self.tokens
    }

    /// A new id, as a client mints it.
    pub(super) fn command_id(&mut self) -> CommandId {
        self.id_of(self.now)
    }

    /// A new id of a time.
    pub(super) fn id_of(&mut self, time: Time) -> CommandId {
        self.minted += 1;
        let millis = u64::try_from(time.0 / 1_000).unwrap_or(0);
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.minted.to_be_bytes());
        CommandId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}
