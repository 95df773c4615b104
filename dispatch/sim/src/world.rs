//! The seeded day: units, callers, faults and operators on one agenda of simulated time. Pure: the same seed, settings,
//! start and what is heard when, and the same messages come out, byte for byte, in however many steps it is run.
//!
//! Leaves out: clocks, sockets, retries and command ids; see [`crate::driver`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch_core::Coord;
use dispatch_core::kernel::id::{AlarmId, IncidentId, OrderId, SeatId, UnitId};
use dispatch_core::kernel::time::Time;
use dispatch_core::view::View;

use crate::caller::{Call, Callers, Storm};
use crate::chance::Chance;
use crate::conversation::Conversation;
use crate::fault::Faults;
use crate::message::{Body, Intent, Message, Reply};
use crate::moment::after;
use crate::operator::{Operators, Sight};
use crate::room::Room;
use crate::scene::Scene;
use crate::settings::Settings;
use crate::tally::Tally;
use crate::unit::{Around, Doing, Unit};

/// Streams of chance that are not a unit's.
const CALLERS: u64 = 1;
const FAULTS: u64 = 2;
const PRESSES: u64 = 3;
const OPERATORS: u64 = 4;
/// Units draw from this stream on.
const UNITS: u64 = 1_000;

/// Whose turn it is. The order breaks ties of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Unit(usize),
    Callers,
    Faults,
    Presses,
    Operators,
}

/// What the answer to a message is wanted for.
#[derive(Debug, Clone)]
enum Awaited {
    Alarm(Conversation),
    Technical,
}

/// The world of one day.
#[derive(Debug)]
pub struct World {
    pub(crate) scene: Arc<Scene>,
    pub(crate) settings: Settings,
    now: Time,
    serial: u64,
    pub(crate) units: Vec<Unit>,
    pub(crate) by_id: BTreeMap<UnitId, usize>,
    callers: Callers,
    pub(crate) faults: Faults,
    pub(crate) operators: Operators,
    chance: Chance,
    next_press: Time,
    /// Presses that belong to a drill.
    drilled: BTreeSet<(Time, usize)>,
    pub(crate) room: Room,
    attended: BTreeSet<SeatId>,
    pub(crate) conversations: BTreeMap<AlarmId, Conversation>,
    pub(crate) happenings: BTreeMap<u32, IncidentId>,
    /// The incident of each alarm that has come to one.
    pub(crate) made: BTreeMap<AlarmId, IncidentId>,
    pub(crate) seen: BTreeSet<OrderId>,
    awaited: BTreeMap<u64, Awaited>,
    agenda: BTreeSet<(Time, Who)>,
    booked: BTreeMap<Who, Time>,
    pub(crate) tally: Tally,
    reported: BTreeSet<u32>,
}

impl World {
    /// A day that starts at `start`.
    pub fn new(scene: Arc<Scene>, settings: Settings, seed: u64, start: Time) -> Self {
        let around = Around { scene: &scene, settings: &settings };
        let unit = |(at, unit): (usize, &crate::scene::UnitSeed)| {
            let stream = UNITS + u64::try_from(at).unwrap_or(u64::MAX - UNITS);
            Unit::new(unit, start, Chance::new(seed, stream), around)
        };
        let units: Vec<Unit> = scene.units.iter().enumerate().map(unit).collect();
        let mut chance = Chance::new(seed, PRESSES);
        let next_press = after(start, press_wait(&mut chance, &settings));
        let mut world = Self {
            by_id: units.iter().enumerate().map(|(at, unit)| (unit.id.clone(), at)).collect(),
            units,
            callers: Callers::new(Chance::new(seed, CALLERS), start),
            faults: Faults::new(Chance::new(seed, FAULTS), start, &settings),
            operators: Operators::new(settings.operators, Chance::new(seed, OPERATORS), start),
            scene,
            settings,
            now: start,
            serial: 0,
            chance,
            next_press,
            drilled: BTreeSet::new(),
            room: Room::default(),
            attended: BTreeSet::new(),
            conversations: BTreeMap::new(),
            happenings: BTreeMap::new(),
            made: BTreeMap::new(),
            seen: BTreeSet::new(),
            awaited: BTreeMap::new(),
            agenda: BTreeSet::new(),
            booked: BTreeMap::new(),
            tally: Tally::default(),
            reported: BTreeSet::new(),
        };
        for at in 0..world.units.len() {
            world.book(Who::Unit(at));
        }
        for who in [Who::Callers, Who::Faults, Who::Presses, Who::Operators] {
            world.book(who);
        }
        world
    }

    /// The time it has come to.
    pub fn now(&self) -> Time {
        self.now
    }

    /// What it came to so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Adds the drill: a storm of alarms, with one SOS in the midst of it.
    pub fn storm(&mut self, storm: &Storm) {
        self.callers.storm(storm, self.now, &self.scene, &self.settings);
        let pressing = self.units.iter().enumerate().filter(|(_, unit)| unit.doing != Doing::Nothing);
        let near: Vec<usize> = pressing
            .filter(|(at, _)| match &storm.area {
                Some(area) => self.scene.units[*at].desk.as_str().contains(area.as_str()),
                None => self.scene.busiest_desk.as_ref() == Some(&self.scene.units[*at].desk),
            })
            .map(|(at, _)| at)
            .collect();
        if let Some(&unit) = self.chance.pick(&near) {
            self.drilled.insert((after(self.now, storm.after_s + storm.seconds / 2.0), unit));
        }
        self.book(Who::Callers);
        self.book(Who::Presses);
    }

    /// Where the centre last saw a unit; before the first step only.
    pub fn place(&mut self, unit: &UnitId, at: Coord) {
        if let Some(&index) = self.by_id.get(unit) {
            self.units[index].place(at);
        }
    }

    /// Lives on until a time and says what is said until then.
    pub fn step(&mut self, until: Time) -> Vec<Message> {
        let mut messages = Vec::new();
        while let Some(&(at, who)) = self.agenda.first()
            && at <= until
        {
            self.now = self.now.max(at);
            self.turn(who, &mut messages);
            self.book(who);
        }
        self.now = self.now.max(until);
        messages
    }

    /// Hears the answer to a message.
    pub fn answered(&mut self, serial: u64, reply: &Reply) {
        if matches!(reply, Reply::Refused(_)) {
            self.tally.refused += 1;
        }
        match (self.awaited.remove(&serial), reply) {
            (Some(Awaited::Alarm(conversation)), Reply::Accepted { alarm: Some(alarm), .. }) => {
                if let (Some(happening), Some(&incident)) = (conversation.happening, self.made.get(alarm)) {
                    self.happenings.entry(happening).or_insert(incident);
                }
                self.conversations.insert(*alarm, conversation);
            }
            (Some(Awaited::Technical), Reply::Accepted { technical: Some(technical), .. }) => {
                self.faults.raised(*technical, self.now);
                self.book(Who::Faults);
            }
            _ => {}
        }
        self.operators.answered(serial, reply, self.now);
        self.book(Who::Operators);
    }

    /// Puts somebody's next time on the agenda.
    pub(crate) fn rebook(&mut self, unit: usize) {
        self.book(Who::Unit(unit));
    }

    /// The same for those who are not units.
    pub(crate) fn rebook_others(&mut self) {
        for who in [Who::Faults, Who::Operators] {
            self.book(who);
        }
    }

    fn book(&mut self, who: Who) {
        let next = match who {
            Who::Unit(at) => self.units[at].next,
            Who::Callers => self.callers.next(),
            Who::Faults => self.faults.next(),
            Who::Presses => self.drilled.first().map_or(self.next_press, |(at, _)| self.next_press.min(*at)),
            Who::Operators => self.operators.next(),
        };
        if let Some(before) = self.booked.insert(who, next) {
            self.agenda.remove(&(before, who));
        }
        self.agenda.insert((next, who));
    }

    fn turn(&mut self, who: Who, messages: &mut Vec<Message>) {
        match who {
            Who::Unit(at) => {
                let mut bodies = Vec::new();
                let around = Around { scene: &self.scene, settings: &self.settings };
                self.units[at].wake(self.now, around, &mut bodies);
                for body in bodies {
                    match &body {
                        Body::Fix(_) => self.tally.fixes += 1,
                        Body::Intent(_) => self.tally.reports += 1,
                    }
                    self.say(body, messages);
                }
            }
            Who::Callers => {
                for call in self.callers.wake(self.now, &self.scene, &self.settings) {
                    self.call(call, messages);
                }
            }
            Who::Faults => {
                let (mended, failed) = self.faults.wake(self.now, &self.scene, &self.settings);
                for intent in mended {
                    self.say(Body::Intent(Box::new(intent)), messages);
                }
                if let Some(intent) = failed {
                    self.tally.technicals += 1;
                    let serial = self.say(Body::Intent(Box::new(intent)), messages);
                    self.awaited.insert(serial, Awaited::Technical);
                }
            }
            Who::Presses => self.press(),
            Who::Operators => self.operate(messages),
        }
    }

    fn say(&mut self, body: Body, messages: &mut Vec<Message>) -> u64 {
        self.serial += 1;
        messages.push(Message { serial: self.serial, at: self.now, body });
        self.serial
    }

    fn call(&mut self, call: Call, messages: &mut Vec<Message>) {
        use dispatch_core::kernel::kind::OutcomeKind;
        self.tally.alarms += 1;
        match (call.conversation.outcome, call.conversation.happening) {
            (OutcomeKind::HungUp, _) => self.tally.hung_up += 1,
            (OutcomeKind::Silent, _) => self.tally.silent += 1,
            (_, None) => self.tally.idle += 1,
            (_, Some(happening)) if !self.reported.insert(happening) => self.tally.repeated += 1,
            _ => {}
        }
        let serial = self.say(Body::Intent(Box::new(call.intent)), messages);
        self.awaited.insert(serial, Awaited::Alarm(call.conversation));
    }

    /// Somebody presses SOS: half of the time somebody at a scene.
    fn press(&mut self) {
        let mut pressing: Vec<usize> = Vec::new();
        while let Some(&(at, unit)) = self.drilled.first()
            && at <= self.now
        {
            self.drilled.pop_first();
            pressing.push(unit);
        }
        if self.next_press <= self.now {
            self.next_press = after(self.now, press_wait(&mut self.chance, &self.settings));
            let at_scene: Vec<usize> =
                (0..self.units.len()).filter(|&at| self.units[at].doing == Doing::AtScene).collect();
            let rough = self.chance.happens(0.5);
            let drawn = if rough { self.chance.pick(&at_scene).copied() } else { None };
            if let Some(unit) =
                drawn.or_else(|| (!self.units.is_empty()).then(|| self.chance.below(self.units.len())))
            {
                pressing.push(unit);
            }
        }
        for at in pressing {
            self.tally.sos += 1;
            self.units[at].press_sos(self.now, Around { scene: &self.scene, settings: &self.settings });
            self.rebook(at);
        }
    }

    fn operate(&mut self, messages: &mut Vec<Message>) {
        let sight = Sight {
            scene: &self.scene,
            settings: &self.settings,
            room: &self.room,
            conversations: &self.conversations,
            happenings: &self.happenings,
            attended: &self.attended,
        };
        let (serial, now, tally) = (&mut self.serial, self.now, &mut self.tally);
        self.operators.wake(now, sight, |intent: Intent| {
            *serial += 1;
            tally.operator_acts += 1;
            messages.push(Message { serial: *serial, at: now, body: Body::Intent(Box::new(intent)) });
            *serial
        });
    }

    /// Somebody sits at these seats: automatic operators leave their desks to them.
    pub fn attend(&mut self, seats: impl IntoIterator<Item = SeatId>) {
        self.attended = seats.into_iter().collect();
    }

    /// One commit of the centre.
    pub fn hear(&mut self, views: &[View]) {
        crate::hearing::commit(self, views);
    }

    /// Everything alive, instead of all that was heard before: units go on from the centre's own truth.
    pub fn hear_all(&mut self, views: &[View]) {
        crate::hearing::snapshot(self, views);
    }
}

fn press_wait(chance: &mut Chance, settings: &Settings) -> f64 {
    if settings.sos_per_day > 0.0 { chance.exponential(86_400.0 / settings.sos_per_day) } else { 1e9 }
}
