//! Callers and points: who raises an alarm, when, by what way and how badly. A Poisson process thinned by the hour
//! draws happenings; a happening may be reported by several; some calls are about nothing at all.
//!
//! Leaves out: units' own SOS (see [`crate::unit`]) and answering.

use std::collections::BTreeMap;

use dispatch_core::Coord;
use dispatch_core::command::RaiseAlarm;
use dispatch_core::kernel::id::ActorId;
use dispatch_core::kernel::kind::{Channel, OutcomeKind};
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::time::Time;
use dispatch_core::response::alarm::AlarmSource;
use region::places::PointKind;

use crate::chance::Chance;
use crate::conversation::Conversation;
use crate::ground::scattered;
use crate::hours;
use crate::message::Intent;
use crate::moment::after;
use crate::number::natural;
use crate::scene::Scene;
use crate::settings::Settings;

/// A happening seldom lies far from a point, m.
const AROUND_M: f64 = 1_800.0;
/// A point this near is used rather than the own phone, m.
const PHONE_M: f64 = 4_000.0;
/// Extra callers of a happening that several report, and how long after the first they call, s.
const EXTRA_MAX: usize = 3;
const EXTRA_WITHIN_S: f64 = 60.0;
/// Radius a network gives for a mobile phone, m.
const CELL_RADII_M: [u32; 5] = [50, 150, 300, 800, 2_000];

/// A storm: many alarms of one banner in a short time, as a drill.
#[derive(Debug, Clone)]
pub struct Storm {
    /// Code of an area; alarms come from points below it. `None` is the busiest.
    pub area: Option<String>,
    /// How many alarms.
    pub alarms: usize,
    /// Within how many seconds.
    pub seconds: f64,
    /// How long after the start of the day.
    pub after_s: f64,
}

/// A call that is about to be made.
#[derive(Debug, Clone)]
pub struct Call {
    /// What reaches the centre.
    pub intent: Intent,
    /// What lies behind it.
    pub conversation: Conversation,
}

/// Something that happened.
#[derive(Debug, Clone, Copy)]
struct Happening {
    id: u32,
    at: Coord,
    kind: usize,
    /// Index of a point nearby.
    point: usize,
}

/// Everybody who may call.
#[derive(Debug, Clone)]
pub struct Callers {
    chance: Chance,
    /// Calls to be made, by time and then by number.
    pending: BTreeMap<(Time, u32), Call>,
    next_happening: Time,
    happenings: u32,
    calls: u32,
}

impl Callers {
    /// Callers of a day that starts at `start`.
    pub fn new(chance: Chance, start: Time) -> Self {
        Self { chance, pending: BTreeMap::new(), next_happening: start, happenings: 0, calls: 0 }
    }

    /// When somebody wants to be woken.
    pub fn next(&self) -> Time {
        let call = self.pending.keys().next().map_or(self.next_happening, |key| key.0);
        call.min(self.next_happening)
    }

    /// Calls made now.
    pub fn wake(&mut self, now: Time, scene: &Scene, settings: &Settings) -> Vec<Call> {
        if self.next_happening <= now {
            self.happen(now, scene, settings);
        }
        let mut due = Vec::new();
        while let Some(entry) = self.pending.first_entry()
            && entry.key().0 <= now
        {
            due.push(entry.remove());
        }
        due
    }

    /// The drill: a number of alarms, about every third of them a repeat of one before.
    pub fn storm(&mut self, storm: &Storm, start: Time, scene: &Scene, settings: &Settings) {
        let inside = |area: &str, path: &str| path.split('/').any(|code| code == area);
        let points: Vec<usize> = (0..scene.points.len())
            .filter(|&at| match &storm.area {
                Some(area) => inside(area, &scene.points[at].path),
                None => scene.busiest_desk.as_ref() == Some(&scene.points[at].desk),
            })
            .collect();
        let mut made: Vec<Happening> = Vec::new();
        for _ in 0..storm.alarms {
            let again = made.len() > 2 && self.chance.happens(0.35);
            let happening = if again {
                made[self.chance.below(made.len())]
            } else if let Some(&point) = self.chance.pick(&points) {
                self.happening_near(point, scene)
            } else {
                return;
            };
            made.push(happening);
            let at = after(start, storm.after_s + self.chance.between(0.0, storm.seconds));
            let call = self.call_about(happening, at, again, scene, settings);
            self.push(at, call);
        }
    }

    fn push(&mut self, at: Time, call: Call) {
        self.calls += 1;
        self.pending.insert((at, self.calls), call);
    }

    /// One candidate of the thinned process.
    fn happen(&mut self, now: Time, scene: &Scene, settings: &Settings) {
        let idle = settings.hung_up + settings.silent + settings.idle;
        let extra = settings.repeated * (crate::number::size(EXTRA_MAX) + 1.0) / 2.0 * (1.0 - idle);
        let per_second = settings.alarms_per_minute / 60.0 / (1.0 + extra);
        let wait = if per_second > 0.0 {
            self.chance.exponential(1.0 / (per_second * hours::peak()))
        } else {
            3_600.0
        };
        self.next_happening = after(now, wait);
        let kept = self.chance.happens(hours::share(now, &scene.zone) / hours::peak());
        if !kept || per_second <= 0.0 || scene.points.is_empty() || scene.types.is_empty() {
            return;
        }
        let point = self.chance.weighted(&scene.near_points);
        let draw = self.chance.unit();
        if draw < idle {
            let call = self.idle_call(point, draw, now, scene, settings);
            self.push(now, call);
            return;
        }
        let happening = self.happening_near(point, scene);
        let call = self.call_about(happening, now, false, scene, settings);
        self.push(now, call);
        if self.chance.happens(settings.repeated) {
            for _ in 0..=self.chance.below(EXTRA_MAX) {
                let at = after(now, 5.0 + self.chance.exponential(EXTRA_WITHIN_S));
                let call = self.call_about(happening, at, true, scene, settings);
                self.push(at, call);
            }
        }
    }

    fn happening_near(&mut self, point: usize, scene: &Scene) -> Happening {
        self.happenings += 1;
        let at = scattered(scene.points[point].at, AROUND_M, &mut self.chance);
        Happening { id: self.happenings, at, kind: self.chance.weighted(&scene.type_totals), point }
    }

    /// A call about something: from the point beside it, from another nearby, or from a phone of one's own.
    fn call_about(
        &mut self,
        what: Happening,
        at: Time,
        again: bool,
        scene: &Scene,
        settings: &Settings,
    ) -> Call {
        let kind = &scene.types[what.kind];
        let beside = &scene.points[what.point];
        // A second caller stands at a neighbour's point or calls himself.
        let point = if again {
            self.chance.pick(&beside.neighbours).copied().unwrap_or(what.point)
        } else {
            what.point
        };
        let near = crate::ground::metres(scene.points[point].at, what.at) < PHONE_M;
        let mut intent = if near && self.chance.happens(0.5) {
            point_rings(point, at, scene)
        } else {
            self.phone_rings(what.at, point, at, scene, settings)
        };
        let told_wrong = again && self.chance.happens(0.15);
        let told = if told_wrong {
            scene.types[self.chance.weighted(&scene.type_totals)].clone()
        } else {
            kind.clone()
        };
        if !matches!(source_of(&intent), AlarmSource::Button | AlarmSource::Sensor) {
            intent.text = Some(told.plot.told.clone());
        }
        let doubt = [30_u32, 100, 300][self.chance.below(3)];
        let described = Place {
            kind: PlaceKind::Point,
            coord: Some(scattered(what.at, f64::from(doubt) / 2.0, &mut self.chance)),
            radius_m: doubt,
            ..Place::unknown(PlaceSource::Caller)
        };
        let conversation = Conversation {
            happening: Some(what.id),
            outcome: OutcomeKind::Incident,
            incident_type: Some(told.code),
            place: Some(described),
            told: told.plot.told,
        };
        Call { intent, conversation }
    }

    /// A call about nothing: hung up, silent, or one that wants no unit.
    fn idle_call(&mut self, point: usize, draw: f64, at: Time, scene: &Scene, settings: &Settings) -> Call {
        let own_phone = self.chance.happens(0.6);
        let here = scattered(scene.points[point].at, AROUND_M, &mut self.chance);
        let mut intent = if own_phone {
            self.phone_rings(here, point, at, scene, settings)
        } else {
            point_rings(point, at, scene)
        };
        let said = |zh: &str, en: &str| if scene.chinese { zh.to_owned() } else { en.to_owned() };
        let (outcome, told) = if draw < settings.hung_up {
            (OutcomeKind::HungUp, String::new())
        } else if draw < settings.hung_up + settings.silent {
            (OutcomeKind::Silent, String::new())
        } else {
            match self.chance.below(4) {
                0 => (OutcomeKind::Nuisance, said("（笑声）喂喂喂。", "(laughter) Hello hello.")),
                1 => (OutcomeKind::False, said("按错了，没事。", "Pressed it by mistake, all is well.")),
                _ => {
                    (OutcomeKind::Advice, said("问一下落户要带什么？", "What papers do I need to register?"))
                }
            }
        };
        if let Some(alarm) = intent.command.get::<RaiseAlarm>()
            && matches!(alarm.source, AlarmSource::Button | AlarmSource::Sensor)
        {
            // Nobody talks to a button: a mistaken press is what remains.
            return Call { intent, conversation: nothing(OutcomeKind::False, String::new()) };
        }
        intent.text = (!told.is_empty()).then(|| told.clone());
        Call { intent, conversation: nothing(outcome, told) }
    }

    /// A phone of one's own: a number, and a place the network thinks it is at, or none.
    fn phone_rings(
        &mut self,
        at: Coord,
        point: usize,
        now: Time,
        scene: &Scene,
        settings: &Settings,
    ) -> Intent {
        let source = match self.chance.below(20) {
            0..=14 => AlarmSource::Call,
            15..=17 => AlarmSource::App,
            _ => AlarmSource::Sms,
        };
        let beside = &scene.points[point];
        let place = if source == AlarmSource::App {
            Some((scattered(at, 8.0, &mut self.chance), 20, PlaceSource::Fix))
        } else if self.chance.happens(settings.unplaced) {
            None
        } else {
            let radius = CELL_RADII_M[self.chance.below(CELL_RADII_M.len())];
            let spread =
                if self.chance.happens(settings.misplaced) { 12_000.0 } else { f64::from(radius) / 2.0 };
            Some((scattered(at, spread, &mut self.chance), radius, PlaceSource::Network))
        };
        let known = place.is_some() || self.chance.happens(0.5);
        let place = match place {
            Some((coord, radius_m, source)) => {
                Some(Place { kind: PlaceKind::Point, coord: Some(coord), radius_m, ..Place::unknown(source) })
            }
            // The exchange at least knows whose trunk it came by.
            None if known && self.chance.happens(0.5) => Some(Place {
                kind: PlaceKind::Area,
                area: Some(beside.area.clone()),
                ..Place::unknown(PlaceSource::Network)
            }),
            None => None,
        };
        let trunk = scene.trunk_of(&beside.desk).filter(|_| known).cloned();
        let command = RaiseAlarm { place, trunk, ..RaiseAlarm::of(source) };
        let mut intent = intent("exchange", now, command);
        // Numbers that no exchange gives out.
        let number = natural(self.chance.between(0.0, 99_999_999.0));
        intent.caller = Some(format!("000 {:04} {:04}", number / 10_000, number % 10_000));
        if source == AlarmSource::Sms {
            intent.occurred_at = after(now, -self.chance.exponential(20.0));
        }
        intent
    }
}

/// A registered point: its number says where.
fn point_rings(point: usize, at: Time, scene: &Scene) -> Intent {
    let point = &scene.points[point];
    let source = match point.kind {
        PointKind::Phone => AlarmSource::Point,
        PointKind::Button => AlarmSource::Button,
        PointKind::Sensor | PointKind::Camera => AlarmSource::Sensor,
    };
    // The exchange passes the number; only buttons and sensors name themselves.
    let named = source != AlarmSource::Point;
    let command = RaiseAlarm {
        number: (!named).then(|| point.number.clone()),
        point: named.then(|| point.id.clone()),
        device: named.then(|| format!("point-{}", point.id)),
        ..RaiseAlarm::of(source)
    };
    intent("exchange", at, command)
}

fn nothing(outcome: OutcomeKind, told: String) -> Conversation {
    Conversation { happening: None, outcome, incident_type: None, place: None, told }
}

fn intent(actor: &str, at: Time, command: RaiseAlarm) -> Intent {
    Intent {
        actor: ActorId::from(actor),
        seat: None,
        channel: Channel::Api,
        occurred_at: at,
        command: command.into(),
        text: None,
        caller: None,
    }
}

fn source_of(intent: &Intent) -> AlarmSource {
    intent.command.get::<RaiseAlarm>().map_or(AlarmSource::Call, |alarm| alarm.source)
}
