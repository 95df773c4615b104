//! A unit: waits at home or patrols its beat, obeys orders, comes back. It is woken when something of it is due and
//! says when it wants to be woken next; between two wakings it costs nothing.

mod motion;
mod obedience;

use dispatch_core::Coord;
use dispatch_core::kernel::id::{IncidentId, OrderId, UnitId};
use dispatch_core::kernel::kind::Duty;
use dispatch_core::kernel::time::Time;

use crate::chance::Chance;
use crate::crew::{Assignment, NEVER, Task};
use crate::errand::{self, Report, Sos};
use crate::message::Body;
use crate::moment::{after, seconds_between};
use crate::scene::{Scene, UnitSeed};
use crate::settings::Settings;
use crate::signal::Signal;
use crate::vehicle::Vehicle;

/// Pause at a hot spot, s: stops of 10 to 16 minutes work, drive-bys do not (Koper).
const PAUSE_S: (f64, f64) = (600.0, 960.0);
/// Presses of one SOS and seconds between them.
const SOS_REPEATS: u8 = 3;
const SOS_REPEAT_S: f64 = 8.0;

/// What a unit does with itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Off duty: silent.
    Nothing,
    /// On call at home, silent between heartbeats.
    Home,
    /// At a hot spot until then.
    Pausing(Time),
    /// Driving to the next one.
    Roaming,
    /// Driving to a scene.
    ToScene,
    /// At a scene, working.
    AtScene,
    /// Driving back to its beat or base.
    Returning,
    /// Broken down until then.
    Standing(Time),
}

/// A recall or a supplement to be signed.
#[derive(Debug, Clone, Copy)]
struct Notice {
    order: OrderId,
    recalled: bool,
    due: Time,
}

/// What every unit shares.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// What stands still.
    pub scene: &'a Scene,
    /// What kind of day it is.
    pub settings: &'a Settings,
}

/// One unit, its crew and its device.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Id of the unit, as the register has it.
    pub id: UnitId,
    /// Its duty, as the centre says.
    pub duty: Duty,
    /// What it does.
    pub doing: Doing,
    /// Where it is.
    pub vehicle: Vehicle,
    /// When it wants to be woken.
    pub next: Time,
    seed: UnitSeed,
    task: Option<Task>,
    /// An order that came while another was open: a divert, until it is signed.
    coming: Option<Task>,
    reports: Vec<Report>,
    notice: Option<Notice>,
    /// Said by the centre while there was no coverage.
    unheard: Vec<Assignment>,
    /// Orders that are over for the crew, though the centre may not know it yet.
    finished: Vec<OrderId>,
    sos: Option<Sos>,
    signal: Signal,
    chance: Chance,
    updated: Time,
    next_fix: Time,
}

impl Unit {
    /// A unit at home, or on its beat when it patrols.
    pub fn new(seed: &UnitSeed, start: Time, mut chance: Chance, around: Around<'_>) -> Self {
        let first = after(start, chance.between(0.0, around.settings.heartbeat_s));
        let mut unit = Self {
            id: seed.id.clone(),
            duty: Duty::OnCall,
            doing: Doing::Home,
            vehicle: Vehicle::parked(seed.mover, seed.home),
            next: first,
            seed: seed.clone(),
            task: None,
            coming: None,
            reports: Vec::new(),
            notice: None,
            unheard: Vec::new(),
            finished: Vec::new(),
            sos: None,
            signal: Signal::default(),
            chance,
            updated: start,
            next_fix: first,
        };
        unit.set_duty(seed.duty, start);
        if seed.duty == Duty::Patrolling {
            unit.vehicle.at = unit.chance.pick(&seed.spots).copied().unwrap_or(seed.home);
            unit.next_fix = after(start, unit.chance.between(0.0, 10.0));
        }
        unit
    }

    /// Stands there, as the centre last saw it; only before its day begins.
    pub fn place(&mut self, at: Coord) {
        if !self.vehicle.is_moving() {
            self.vehicle.at = at;
        }
    }

    /// The order it is on.
    pub fn order(&self) -> Option<OrderId> {
        self.task.as_ref().map(|task| task.assignment.order)
    }

    /// Orders it knows of.
    pub fn orders(&self) -> impl Iterator<Item = OrderId> + '_ {
        self.task.iter().chain(&self.coming).map(|task| task.assignment.order)
    }

    /// Hears its duty.
    pub fn set_duty(&mut self, duty: Duty, now: Time) {
        if duty == self.duty && !(duty == Duty::Patrolling && self.doing == Doing::Home) {
            return;
        }
        self.duty = duty;
        match (duty, self.doing) {
            (Duty::Off, _) => {
                self.vehicle.halt();
                self.doing = Doing::Nothing;
            }
            (Duty::Patrolling, Doing::Home | Doing::Nothing) => {
                self.doing = Doing::Pausing(after(now, self.chance.between(0.0, PAUSE_S.1)));
            }
            (Duty::OnCall | Duty::Reserve, Doing::Nothing) => self.doing = Doing::Home,
            (Duty::OnCall | Duty::Reserve, Doing::Pausing(_) | Doing::Roaming) => self.go_back(),
            _ => {}
        }
        self.next = now;
    }

    /// Its result was returned: it is written again.
    pub fn report_again(&mut self, incident: IncidentId, order: OrderId, now: Time) {
        if !self.reports.iter().any(|report| report.order == order) {
            let due = after(now, self.chance.between(60.0, 300.0));
            self.reports.push(Report { incident, order, due });
            self.next = self.next.min(due);
        }
    }

    /// Somebody presses the button; perhaps out of coverage.
    pub fn press_sos(&mut self, now: Time, around: Around<'_>) {
        if self.sos.is_some() || self.doing == Doing::Nothing {
            return;
        }
        if self.chance.happens(around.settings.sos_late) {
            self.signal.lose_until(after(now, self.chance.between(180.0, 780.0)));
        }
        let press = format!("{}:{}", self.id, now.0);
        self.sos = Some(Sos { press, pressed_at: now, left: SOS_REPEATS, due: now });
        self.next = now;
    }

    /// Does all that is due and says when it wants to be woken next.
    pub fn wake(&mut self, now: Time, around: Around<'_>, out: &mut Vec<Body>) {
        let seconds = seconds_between(self.updated, now);
        self.updated = now;
        let moving = self.vehicle.is_moving();
        if moving {
            self.vehicle.drive(seconds, &around.scene.ground, &mut self.chance);
            self.signal.wander(now, seconds, &around.settings.coverage, &mut self.chance);
        }
        self.signal.refresh(now, &mut self.chance, out);
        if !self.signal.is_lost() {
            for news in std::mem::take(&mut self.unheard) {
                self.hear(&news, now);
            }
        }
        if moving && !self.vehicle.is_moving() {
            self.stopped(now, around, out);
        }
        self.obey(now, around, out);
        self.run_errands(now, around, out);
        self.loiter(now);
        if self.next_fix <= now && self.doing != Doing::Nothing {
            self.fix(now, around, out);
        }
        self.next = self.soonest(now, around);
    }

    fn soonest(&self, now: Time, around: Around<'_>) -> Time {
        let mut next = if self.doing == Doing::Nothing { NEVER } else { self.next_fix };
        if self.vehicle.is_moving() {
            next = next.min(after(now, around.settings.fix_s));
        }
        // An order cannot be received, nor anything heard, without coverage; acts are kept by the device.
        for task in self.task.iter().chain(&self.coming) {
            next = next.min(task.due).min(task.life_due);
        }
        if let Doing::Pausing(until) | Doing::Standing(until) = self.doing {
            next = next.min(until);
        }
        let errands = self.reports.iter().map(|report| report.due);
        let errands =
            errands.chain(self.notice.map(|notice| notice.due)).chain(self.sos.as_ref().map(|sos| sos.due));
        let next = errands.chain(self.signal.back_at()).fold(next, Time::min);
        next.max(Time(now.0 + 1))
    }

    fn say(&mut self, body: Body, around: Around<'_>, out: &mut Vec<Body>) {
        self.signal.say(body, &around.settings.coverage, &mut self.chance, out);
    }

    fn run_errands(&mut self, now: Time, around: Around<'_>, out: &mut Vec<Body>) {
        if let Some(notice) = self.notice.take_if(|notice| notice.due <= now) {
            self.say(errand::notice(&self.id, notice.order, now), around, out);
            if notice.recalled {
                self.finished.push(notice.order);
                self.forget(notice.order, now);
            }
        }
        let (due, later) = self.reports.drain(..).partition(|report: &Report| report.due <= now);
        self.reports = later;
        for report in due {
            let body = errand::result(&self.id, &report, now, around.scene.chinese, &mut self.chance);
            self.say(body, around, out);
        }
        if let Some(task) = self.task.as_mut().filter(|task| task.life_due <= now) {
            let order = task.assignment.order;
            task.life_due = after(now, self.chance.between(1_200.0, 1_700.0));
            if !self.chance.happens(around.settings.habits.lifeless) {
                self.say(errand::life(&self.id, order, now), around, out);
            }
        }
        if let Some(mut sos) = self.sos.take_if(|sos| sos.due <= now) {
            let at = self.signal.read(self.vehicle.at, &mut self.chance);
            self.say(errand::sos(&self.id, &sos, at), around, out);
            (sos.left, sos.due) = (sos.left - 1, after(now, SOS_REPEAT_S));
            self.sos = (sos.left > 0).then_some(sos);
        }
    }
}
