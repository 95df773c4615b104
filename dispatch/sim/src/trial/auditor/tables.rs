//! What the auditor's model knows: a few flat tables, filled from events alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch_core::event::Event;
use dispatch_core::kernel::id::{
    ActorId, AlarmId, AreaClassCode, DeskId, EntityId, FeedbackId, HandoverId, IncidentId, LossId, OrderId,
    PointId, RecommendationId, SeatId, SupportId, SuppressionId, TechnicalId, TypeCode, UnitId, WordsId,
};
use dispatch_core::kernel::kind::{Duty, IncidentState, Mode, OrderState, Priority};
use dispatch_core::kernel::place::{AreaPath, Place};
use dispatch_core::kernel::recommendation::Recommendation;
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::{LocalDay, Time};
use dispatch_core::register::{Desk, IncidentType, PointEntry, RunCard, Timers, UnitEntry};
use dispatch_core::response::alarm::{AlarmSource, AlarmState};
use dispatch_core::response::feedback::Review;
use dispatch_core::response::incident::LinkKind;
use dispatch_core::response::support::{Support, SupportState};
use dispatch_core::response::unit::ServiceReason;
use dispatch_core::shift::ShiftHandover;
use dispatch_core::technical::{Suppression, Technical};

/// How much later at most something overdue is said, milliseconds: a process that was dead has to begin first.
const UNSAID_MS: u32 = 30_000;

/// A version, as views tell it after a commit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Version {
    pub told: u32,
    /// Something came since: it is what was told or more.
    pub stale: bool,
}

impl Version {
    /// Whether it may be this now.
    pub(super) fn may_be(self, actual: u32) -> bool {
        if self.is_sure() { actual == self.told } else { actual >= self.told }
    }

    pub(super) fn is_sure(self) -> bool {
        !self.stale && self.told != 0
    }

    pub(super) fn tell(&mut self, told: u32) {
        *self = Self { told, stale: false };
    }
}

/// An alarm as the model has it.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub state: AlarmState,
    pub version: Version,
    pub source: AlarmSource,
    pub mode: Mode,
    /// Who pressed, where a unit did.
    pub unit: Option<UnitId>,
    pub incident: Option<IncidentId>,
    pub desk: DeskId,
    pub area: AreaPath,
    pub place: Place,
    pub incident_type: Option<TypeCode>,
    pub silent: bool,
    pub answered_by: Option<SeatId>,
    /// A call-back is owed.
    pub owed: bool,
    pub settled_at: Option<Time>,
    /// The caller's number or name.
    pub caller: Option<WordsId>,
}

/// A piece of feedback.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub is_result: bool,
    pub review: Review,
    /// The row that brought it.
    pub seq: u64,
}

/// How far the one automatic order of an incident has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Countdown {
    Untried,
    Counting(Time),
    Over,
}

/// An incident as the model has it.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub state: IncidentState,
    pub version: Version,
    pub mode: Mode,
    /// Who answers for it, and where it is.
    pub desk: DeskId,
    pub area: AreaPath,
    pub place: Place,
    pub incident_type: Option<TypeCode>,
    pub priority: Priority,
    pub silent: bool,
    pub claimed_by: Option<SeatId>,
    pub alarms: Vec<AlarmId>,
    pub feedback: BTreeMap<FeedbackId, Told>,
    pub notes: BTreeSet<WordsId>,
    pub links: BTreeSet<(LinkKind, IncidentId)>,
    /// An order was given for it and is still its own.
    pub orders: BTreeSet<OrderId>,
    pub withdrawn: bool,
    pub reopened: bool,
    /// The row by which it was last taken up again.
    pub reopened_seq: Option<u64>,
    pub ended_at: Option<Time>,
    pub countdown: Countdown,
}

impl Life {
    pub(super) fn is_active(&self) -> bool {
        self.state == IncidentState::Active
    }
}

/// An order as the model has it.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub incident: IncidentId,
    pub target: Target,
    pub state: OrderState,
    pub version: Version,
    pub mode: Mode,
    /// Who gave it, and where.
    pub desk: DeskId,
    pub seat: Option<SeatId>,
    pub area: AreaPath,
    /// It draws its unit from another and is not signed yet.
    pub diverts: bool,
    pub recalled: bool,
    pub supplement: bool,
    pub created_at: Time,
    /// The row that made it.
    pub seq: u64,
    /// When it was sent, by the clock as it is now.
    pub sent_at: Option<Time>,
    /// What was said of it: state, when by the speaker's clock, by whom, and whether it got there.
    pub said: Vec<(OrderState, Time, ActorId, bool)>,
    /// What was released to its unit.
    pub caller: Vec<WordsId>,
}

impl Task {
    pub(super) fn is_open(&self) -> bool {
        use OrderState::{Delivered, Enroute, OnScene, Queued, Sent, Signed, Staged};
        matches!(self.state, Queued | Sent | Delivered | Signed | Enroute | Staged | OnScene)
    }

    /// Signed and not done.
    pub(super) fn is_taken_up(&self) -> bool {
        use OrderState::{Enroute, OnScene, Signed, Staged};
        matches!(self.state, Signed | Enroute | Staged | OnScene)
    }

    pub(super) fn unit(&self) -> Option<&UnitId> {
        match &self.target {
            Target::Unit(unit) => Some(unit),
            Target::Desk(_) | Target::Agency(_) => None,
        }
    }
}

/// A unit as the model has it.
#[derive(Clone, Debug)]
pub(super) struct Car {
    pub entry: UnitEntry,
    pub duty: Duty,
    pub broken: Option<ServiceReason>,
    /// Which desk commands it.
    pub desk: DeskId,
    pub returning: bool,
}

/// What a unit holds: what it is on, what draws it away, what waits behind.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    pub active: Option<OrderId>,
    pub divert: Option<OrderId>,
    pub stacked: Vec<OrderId>,
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Guess {
    pub alarms: BTreeMap<AlarmId, Call>,
    pub incidents: BTreeMap<IncidentId, Life>,
    pub orders: BTreeMap<OrderId, Task>,
    pub recommendations: BTreeMap<RecommendationId, Arc<Recommendation>>,
    pub supports: BTreeMap<SupportId, Support>,
    pub technicals: BTreeMap<TechnicalId, Technical>,
    pub suppressions: BTreeMap<SuppressionId, Suppression>,
    pub handovers: BTreeMap<HandoverId, ShiftHandover>,
    /// Units in the register and not retired; those that were, by id.
    pub units: BTreeMap<UnitId, Car>,
    pub retired: BTreeMap<UnitId, UnitEntry>,
    pub points: BTreeMap<PointId, PointEntry>,
    pub windows: BTreeMap<PointId, Time>,
    pub desks: BTreeMap<DeskId, Desk>,
    pub label_level: u8,
    pub seats: BTreeMap<SeatId, DeskId>,
    pub agencies: BTreeSet<String>,
    pub areas: BTreeSet<String>,
    pub types: BTreeMap<TypeCode, IncidentType>,
    pub cards: Vec<RunCard>,
    pub timers: Timers,
    pub class_timers: BTreeMap<AreaClassCode, Timers>,
    pub area_classes: BTreeSet<AreaClassCode>,
    /// Keys of presses whose alarm takes repeats.
    pub presses: BTreeMap<String, AlarmId>,
    /// The last number of each desk: of alarms, and of incidents.
    pub numbers: BTreeMap<(bool, DeskId), (LocalDay, u32)>,
    /// Orders of which it was said that nobody confirmed them.
    pub overdue: BTreeSet<OrderId>,
    /// Every id given to an entity at run time.
    pub ids: BTreeSet<EntityId>,
    /// What is alive, with the event it was born by: all that is known of kinds that have no table.
    pub born: BTreeMap<EntityId, Event>,
    pub region: String,
    /// Losses that nobody has accepted.
    pub losses: BTreeSet<LossId>,
}

impl Guess {
    /// Whether anything is lost that nobody has accepted.
    pub(super) fn is_halted(&self) -> bool {
        !self.losses.is_empty()
    }

    /// The orders of a unit that are open.
    pub(super) fn held(&self, unit: &UnitId) -> Held {
        let mut held = Held::default();
        let own = self.orders.iter().filter(|(_, task)| task.is_open() && task.unit() == Some(unit));
        for (id, task) in own {
            if task.state == OrderState::Queued {
                held.stacked.push(*id);
            } else if task.diverts {
                held.divert = Some(*id);
            } else {
                held.active = Some(*id);
            }
        }
        held
    }

    pub(super) fn open_orders(&self, incident: IncidentId) -> impl Iterator<Item = (OrderId, &Task)> {
        let own = self.orders.iter().filter(move |(_, task)| task.incident == incident && task.is_open());
        own.map(|(id, task)| (*id, task))
    }

    /// A unit calls for help from its press until what came of it has ended.
    pub(super) fn calls_for_help(&self, unit: &UnitId) -> bool {
        let pressed = |call: &&Call| call.source == AlarmSource::Sos && call.unit.as_ref() == Some(unit);
        self.alarms.values().filter(pressed).any(|call| {
            let life = call.incident.map(|incident| self.incidents.get(&incident));
            life.is_none_or(|life| life.is_some_and(Life::is_active))
        })
    }

    /// Whether a unit can take an order now.
    pub(super) fn is_available(&self, unit: &UnitId) -> bool {
        let held = self.held(unit);
        let ready = |car: &Car| car.duty != Duty::Off && car.broken.is_none();
        self.units.get(unit).is_some_and(ready)
            && held.active.is_none()
            && held.divert.is_none()
            && !self.calls_for_help(unit)
    }

    /// The request by which a unit is lent.
    pub(super) fn lent(&self, unit: &UnitId) -> Option<&Support> {
        let lent = |support: &&Support| matches!(support.state, SupportState::Granted | SupportState::Taken);
        self.supports.values().filter(lent).find(|support| support.unit == *unit)
    }

    /// Whether a desk may act on what another answers for in an area: its own, what lies below its area, and what a desk
    /// below it answers for.
    pub(super) fn is_over(&self, desk: &DeskId, responsible: &DeskId, area: &AreaPath) -> bool {
        let inside = |of: &Desk| !area.0.is_empty() && area.0.starts_with(&of.area.0);
        desk == responsible || self.is_above(desk, responsible) || self.desks.get(desk).is_some_and(inside)
    }

    /// Whether a desk stands above another.
    pub(super) fn is_above(&self, desk: &DeskId, below: &DeskId) -> bool {
        let mut above = self.desks.get(below).and_then(|desk| desk.parent.as_ref());
        while let Some(next) = above.filter(|above| *above != desk) {
            above = self.desks.get(next).and_then(|desk| desk.parent.as_ref());
        }
        above.is_some()
    }

    /// The desk that answers for an area, as an alarm from there lands.
    pub(super) fn landing(&self, area: &AreaPath) -> Option<&DeskId> {
        let around = |desk: &Desk| {
            desk.area.0.len() <= usize::from(self.label_level) + 1 && area.0.starts_with(&desk.area.0)
        };
        let mut best: Option<(&DeskId, usize)> = None;
        for (id, desk) in self.desks.iter().filter(|(_, desk)| around(desk)) {
            if best.is_none_or(|(_, depth)| desk.area.0.len() > depth) {
                best = Some((id, desk.area.0.len()));
            }
        }
        best.map(|(id, _)| id)
    }

    /// An order to a unit that nobody confirms is said to be overdue (D9).
    pub(super) fn is_on_time(&self, now: Time) -> Result<(), String> {
        let all = self.class_timers.values().chain([&self.timers]);
        let longest_ms = all.flat_map(|timers| timers.delivered_ms).max().unwrap_or(0);
        for (id, task) in &self.orders {
            let waits = task.state == OrderState::Sent && task.unit().is_some() && !task.recalled;
            let due = task.sent_at.map(|at| at.plus_ms(longest_ms + UNSAID_MS));
            if waits && due.is_some_and(|due| due < now) && !self.overdue.contains(id) {
                return Err(format!("D9: order {id} is not confirmed, and nobody was told"));
            }
        }
        Ok(())
    }

    /// What allows an incident to be ordered without a person (D14).
    pub(super) fn allows(&self, life: &Life) -> Option<u32> {
        let known = life.incident_type.as_ref().and_then(|code| self.types.get(code))?;
        let unattended = life.is_active()
            && life.mode != Mode::Test
            && life.claimed_by.is_none()
            && life.orders.is_empty()
            && !life.reopened
            && !life.withdrawn;
        let placed = life.place.coord.is_some() && life.place.confirmed_by.is_some();
        let harmless = !known.weapon && !known.sensitive;
        let countdown_ms = known.automatic.as_ref().map(|automatic| automatic.countdown_ms);
        countdown_ms.filter(|_| unattended && placed && harmless)
    }
}
