//! A unit: waits at home or patrols its beat, obeys orders, comes back. It is woken when something of it is due and
//! says when it wants to be woken next; between two wakings it costs nothing.

use dispatch_core::Coord;
use dispatch_core::command::AdvanceOrder;
use dispatch_core::id::{IncidentId, OrderId, UnitId};
use dispatch_core::order::{OrderState, StampSource};
use dispatch_core::time::Time;
use dispatch_core::unit::Duty;

use crate::chance::Chance;
use crate::crew::{Act, Assignment, NEVER, Step, Task};
use crate::errand::{self, Report, Sos};
use crate::ground::{metres, scattered};
use crate::message::{Body, Fix, Request};
use crate::moment::{after, seconds_between};
use crate::number::{degrees, natural};
use crate::route::Route;
use crate::scene::{Scene, UnitSeed};
use crate::settings::Settings;
use crate::signal::Signal;
use crate::vehicle::Vehicle;

/// Pause at a hot spot, s: stops of 10 to 16 minutes work, drive-bys do not (Koper).
const PAUSE_S: (f64, f64) = (600.0, 960.0);
/// A scene nobody placed is looked for around the unit, m.
const SEARCH_M: f64 = 2_500.0;
/// Farther from home than this it is not at home, m.
const AWAY_M: f64 = 500.0;
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
    /// There.
    AtScene,
    /// Driving back.
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

/// One unit.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Which.
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

    /// Whether it has coverage.
    pub fn is_reachable(&self) -> bool {
        !self.signal.is_lost()
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

    /// Hears what the centre says of one of its orders.
    pub fn hear(&mut self, news: &Assignment, now: Time) {
        self.next = now;
        if self.signal.is_lost() {
            self.unheard.retain(|before| before.order != news.order);
            self.unheard.push(news.clone());
            return;
        }
        if news.state.is_ended() {
            self.finished.retain(|order| *order != news.order);
            self.notice.take_if(|notice| notice.order == news.order);
            self.forget(news.order, now);
            return;
        }
        if self.finished.contains(&news.order) {
            return;
        }
        if !news.notice {
            self.notice.take_if(|notice| notice.order == news.order);
        } else if self.notice.is_none_or(|notice| notice.order != news.order) {
            let due = after(now, self.chance.log_normal(9.0, 0.4));
            self.notice = Some(Notice { order: news.order, recalled: news.recalled, due });
        }
        if self.task.as_ref().is_some_and(|task| task.assignment.order == news.order) {
            let turnout = self.turnout_s();
            let task = self.task.as_mut().expect("just looked at");
            if task.hear(news.clone(), now, turnout, &mut self.chance) {
                self.roll();
            }
        } else if let Some(task) = self.coming.as_mut().filter(|task| task.assignment.order == news.order) {
            task.hear(news.clone(), now, 10.0, &mut self.chance);
            if news.state.is_signed_open() {
                self.take_over();
            }
        } else if news.state != OrderState::Queued && self.duty != Duty::Off {
            let task = Task::new(news.clone(), now, &mut self.chance);
            self.take_up(task, now);
        }
    }

    /// The centre knows nothing of this order any more.
    pub fn forget(&mut self, order: OrderId, now: Time) {
        self.coming.take_if(|task| task.assignment.order == order);
        if self.task.take_if(|task| task.assignment.order == order).is_some() {
            if matches!(self.doing, Doing::ToScene | Doing::AtScene) {
                self.go_back();
            }
            if let Some(next) = self.coming.take() {
                self.take_up(next, now);
            }
            self.next = now;
        }
    }

    /// The simulator starts while the unit is away: it goes home, or back to its beat.
    pub fn come_back(&mut self, returning: bool, now: Time) {
        let away = self.duty != Duty::Patrolling && metres(self.vehicle.at, self.seed.home) > AWAY_M;
        let idle = self.task.is_none() && matches!(self.doing, Doing::Home | Doing::Pausing(_));
        if idle && (returning || away) {
            self.go_back();
            self.next = now;
        }
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
        let errands = errands.chain(self.notice.map(|notice| notice.due)).chain(self.sos.as_ref().map(|sos| sos.due));
        let next = errands.chain(self.signal.back_at()).fold(next, Time::min);
        next.max(Time(now.0 + 1))
    }

    fn say(&mut self, body: Body, around: Around<'_>, out: &mut Vec<Body>) {
        self.signal.say(body, &around.settings.coverage, &mut self.chance, out);
    }

    /// It has just come to the end of its way.
    fn stopped(&mut self, now: Time, around: Around<'_>, out: &mut Vec<Body>) {
        match self.doing {
            Doing::Roaming => self.doing = Doing::Pausing(after(now, self.chance.between(PAUSE_S.0, PAUSE_S.1))),
            Doing::ToScene => {
                self.doing = Doing::AtScene;
                if let Some(task) = &mut self.task {
                    task.arrived(now, &around.settings.habits, &mut self.chance);
                }
            }
            Doing::Returning => {
                self.doing = match self.duty {
                    Duty::Patrolling => Doing::Pausing(after(now, self.chance.between(PAUSE_S.0, PAUSE_S.1))),
                    _ => Doing::Home,
                };
                if self.task.is_none() {
                    self.say(errand::back(&self.id, now), around, out);
                }
            }
            _ => {}
        }
    }

    fn obey(&mut self, now: Time, around: Around<'_>, out: &mut Vec<Body>) {
        if self.signal.is_lost() {
            // What has not reached the device waits for coverage; what the crew does by itself goes on.
            let back = self.signal.back_at().map_or(now, |at| after(at, 1.0));
            for task in self.task.iter_mut().chain(&mut self.coming).filter(|task| task.step == Step::Receive) {
                task.due = task.due.max(back);
            }
        }
        while let Some(task) = self.task.as_mut().filter(|task| task.due <= now) {
            let (at_home, turnout) = (self.doing == Doing::Home, turnout_s(&self.seed, self.duty, self.doing));
            let turnout = turnout * self.chance.log_normal(1.0, 0.2);
            let acts = task.advance(now, at_home, turnout, &around.settings.habits, &mut self.chance);
            let assignment = task.assignment.clone();
            for act in acts {
                self.act(&act, &assignment, now, around, out);
            }
        }
        if let Some(task) = self.coming.as_mut().filter(|task| task.due <= now) {
            let acts = task.advance(now, false, 10.0, &around.settings.habits, &mut self.chance);
            let assignment = task.assignment.clone();
            let signed = acts.contains(&Act::Report(OrderState::Signed, None));
            for act in acts {
                match act {
                    Act::Over => {
                        self.coming = None;
                        self.finished.push(assignment.order);
                    }
                    act => self.act(&act, &assignment, now, around, out),
                }
            }
            if signed {
                self.take_over();
            }
        }
    }

    fn act(&mut self, act: &Act, assignment: &Assignment, now: Time, around: Around<'_>, out: &mut Vec<Body>) {
        match act {
            &Act::Report(state, reason) => {
                let command = AdvanceOrder {
                    order: assignment.order,
                    state,
                    at: Some(now),
                    source: StampSource::Device,
                    by_voice_of: None,
                    reason: reason.map(str::to_owned),
                };
                let request = Request::of_device(self.id.as_str(), now, command);
                self.say(Body::Request(Box::new(request)), around, out);
                self.reported(state, assignment, now, around, out);
            }
            Act::Roll => self.roll(),
            Act::Over => {
                self.task = None;
                self.finished.push(assignment.order);
                if matches!(self.doing, Doing::ToScene | Doing::AtScene) {
                    self.go_back();
                }
                if let Some(next) = self.coming.take() {
                    self.take_up(next, now);
                }
            }
        }
    }

    fn reported(
        &mut self,
        state: OrderState,
        assignment: &Assignment,
        now: Time,
        around: Around<'_>,
        out: &mut Vec<Body>,
    ) {
        match state {
            OrderState::OnScene if self.chance.happens(0.2) => {
                self.say(errand::arrival(&self.id, assignment.incident, assignment.order, now), around, out);
            }
            OrderState::Cleared => {
                let due = after(now, self.chance.log_normal(120.0, 0.8).min(1_700.0));
                self.reports.push(Report { incident: assignment.incident, order: assignment.order, due });
            }
            OrderState::Failed => {
                self.vehicle.halt();
                self.doing = Doing::Standing(after(now, self.chance.between(1_200.0, 2_400.0)));
            }
            _ => {}
        }
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

    /// Nothing is asked of it: the next hot spot, or home after a breakdown.
    fn loiter(&mut self, now: Time) {
        match self.doing {
            Doing::Pausing(until) if until <= now => {
                let spot = self.chance.pick(&self.seed.spots).copied().unwrap_or(self.seed.home);
                let spot = scattered(spot, 400.0, &mut self.chance);
                let pace = self.chance.between(0.5, 0.75);
                self.drive_to(spot, pace);
                self.doing = Doing::Roaming;
            }
            Doing::Standing(until) if until <= now => self.go_back(),
            _ => {}
        }
    }

    fn fix(&mut self, now: Time, around: Around<'_>, out: &mut Vec<Body>) {
        let at = self.signal.read(self.vehicle.at, &mut self.chance);
        let fix = Fix {
            unit: self.id.clone(),
            at,
            speed_cm_s: natural(self.vehicle.speed * 100.0),
            heading_deg: degrees(self.vehicle.heading),
            fix_time: now,
        };
        let settings = around.settings;
        let wait = match self.doing {
            _ if self.vehicle.is_moving() => settings.fix_s,
            Doing::Home => settings.heartbeat_s * self.chance.between(0.85, 1.15),
            _ => settings.standing_fix_s.min(settings.heartbeat_s),
        };
        self.next_fix = after(now, wait);
        self.say(Body::Fix(fix), around, out);
    }

    fn turnout_s(&self) -> f64 {
        turnout_s(&self.seed, self.duty, self.doing)
    }

    /// Takes up an order: as the only one, or as one to leave the present order for.
    fn take_up(&mut self, mut task: Task, now: Time) {
        if task.assignment.state.is_signed_open() {
            task.life_due = after(now, self.chance.between(600.0, 1_700.0));
        }
        if self.task.is_some() {
            self.coming = Some(task);
            return;
        }
        let step = task.step;
        self.task = Some(task);
        match step {
            Step::Drive => self.roll(),
            Step::Work => self.doing = Doing::AtScene,
            _ => {}
        }
    }

    /// The diverting order is signed: the old one is the centre's to end.
    fn take_over(&mut self) {
        if let Some(task) = self.coming.take() {
            self.task = Some(task);
            if matches!(self.doing, Doing::ToScene | Doing::AtScene) {
                self.vehicle.halt();
                self.doing = Doing::AtScene;
            }
        }
    }

    fn roll(&mut self) {
        let scene = self.task.as_ref().and_then(|task| task.assignment.scene);
        let scene = scene.unwrap_or_else(|| scattered(self.vehicle.at, SEARCH_M, &mut self.chance));
        let pace = self.chance.between(0.9, 1.0);
        self.drive_to(scene, pace);
        self.doing = Doing::ToScene;
    }

    fn go_back(&mut self) {
        let goal = if self.duty == Duty::Patrolling {
            self.seed.spots.iter().copied().min_by(|a, b| {
                metres(self.vehicle.at, *a).total_cmp(&metres(self.vehicle.at, *b))
            })
        } else {
            Some(self.seed.home)
        };
        let pace = self.chance.between(0.65, 0.85);
        self.drive_to(goal.unwrap_or(self.seed.home), pace);
        self.doing = Doing::Returning;
    }

    fn drive_to(&mut self, goal: Coord, pace: f64) {
        let way = Route::winding(self.vehicle.at, goal, self.seed.detour, &mut self.chance);
        self.vehicle.set_out(way, pace);
        self.next_fix = self.updated;
    }
}

/// Seconds from signing to rolling.
fn turnout_s(seed: &UnitSeed, duty: Duty, doing: Doing) -> f64 {
    match (doing, duty) {
        (Doing::Home, Duty::Reserve) => seed.readiness_s * 2.0,
        (Doing::Home, _) => seed.readiness_s,
        _ => 12.0,
    }
}
