//! Any command from a few small numbers: what it names exists now and then, and is of the right kind now and then.

use super::scene::{advance, dispatch, save};
use crate::command::*;
use crate::kernel::ground::Over;
use crate::kernel::id::{AlarmId, IncidentId, OrderId, SupportId, SuppressionId, TechnicalId, UnitId};
use crate::kernel::kind::{Duty, ErasureReason, OrderState, OutcomeKind};
use crate::kernel::target::Target;
use crate::response::alarm::{AlarmSource, CallBackResult};
use crate::response::feedback::{Disposition, FeedbackKind, ReturnReason};
use crate::response::incident::{CancelReason, LinkKind};
use crate::response::order::{EndReason, OverrideReason, StampSource};
use crate::response::support::SupportReason;
use crate::response::unit::ServiceReason;
use crate::sample::{Centre, PLAIN_ACTS, REGION, place, register, words};
use crate::technical::{ShelfReason, TechnicalKind};

/// How many kinds of step there are.
pub const KINDS: u8 = 58;

/// One step of a sequence: a kind of command, three choices, and how much time goes by before it.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub kind: u8,
    pub a: u8,
    pub b: u8,
    pub c: u8,
    pub pass_ms: u32,
}

const SEATS: [&str; 5] = ["north-dispatch", "north-lead", "south-dispatch", "league-lead", "steppe-dispatch"];
const UNITS: [&str; 8] = ["N1", "N2", "N3", "N4", "S1", "S2", "T1", "X9"];
const TYPES: [&str; 4] = ["theft", "crash", "blaze", "armed"];
const SOURCES: [AlarmSource; 6] = [
    AlarmSource::Call,
    AlarmSource::Point,
    AlarmSource::Button,
    AlarmSource::Sos,
    AlarmSource::App,
    AlarmSource::Sensor,
];
const STATES: [OrderState; 8] = [
    OrderState::Delivered,
    OrderState::Signed,
    OrderState::Enroute,
    OrderState::Staged,
    OrderState::OnScene,
    OrderState::Cleared,
    OrderState::Declined,
    OrderState::Failed,
];

/// How far a clock in doubt is ahead.
const AHEAD_MS: [i64; 6] = [6_000, -6_000, 1_800_000, -1_800_000, 2_592_000_000, -2_592_000_000];

fn one<T: Copy>(of: &[T], n: u8) -> T {
    of[usize::from(n) % of.len()]
}

/// The n-th key, or one that is of something else.
fn nth<'a, K: Copy + 'a>(mut keys: impl ExactSizeIterator<Item = &'a K>, n: u8, strange: K) -> K {
    let len = keys.len().max(1);
    keys.nth(usize::from(n) % len).copied().unwrap_or(strange)
}

impl Step {
    /// Sends this step's command; a refusal is an answer like any other.
    pub fn send(
        self,
        centre: &mut Centre,
    ) -> Result<Vec<crate::event::Record>, crate::kernel::refusal::Refusal> {
        centre.now = centre.now.plus_ms(self.pass_ms);
        if self.kind % KINDS == 51 {
            centre.clock_ahead_ms = Some(one(&AHEAD_MS, self.a));
            if self.c.is_multiple_of(4) {
                return Ok(centre.loses());
            }
        }
        let command = self.command(centre);
        // The fleet is seen before time passes, so that ETAs can be told apart.
        if matches!(command, Command::Tick(_)) {
            centre.report_home();
        }
        let own = matches!(self.c % 3, 0);
        let unit = match &command {
            Command::AdvanceOrder(AdvanceOrder { order, .. })
            | Command::SignNotice(SignNotice { order, .. })
            | Command::ConfirmLife(ConfirmLife { order, .. }) => {
                centre.state.orders().get(order).and_then(|order| match &order.target {
                    Target::Unit(unit) => Some(unit.clone()),
                    _ => None,
                })
            }
            Command::SetDuty(SetDuty { unit, .. })
            | Command::SetService(SetService { unit, .. })
            | Command::ReportBack(ReportBack { unit }) => Some(unit.clone()),
            _ => None,
        };
        match unit {
            Some(unit) if !own => centre.say(unit.as_str(), command),
            _ if command.row().over == [Over::Node] => centre.send(None, command),
            // Only the top decides what holds everywhere.
            _ if command.row().over == [Over::Region] => centre.send(Some("league-lead"), command),
            _ if matches!(command, Command::AnswerShift(_)) => centre.send(Some("north-lead"), command),
            // Most of what happens, happens in the north.
            _ if self.b % 4 != 3 => centre.send(Some("north-dispatch"), command),
            _ => centre.send(Some(one(&SEATS, self.c)), command),
        }
    }

    fn alarm(self, centre: &Centre) -> AlarmId {
        nth(centre.state.alarms().keys(), self.a, AlarmId(centre.state.journal.expect("open").0))
    }

    fn incident(self, centre: &Centre) -> IncidentId {
        nth(centre.state.incidents().keys(), self.a, IncidentId(centre.state.journal.expect("open").0))
    }

    fn order(self, centre: &Centre) -> OrderId {
        nth(centre.state.orders().keys(), self.a, OrderId(centre.state.journal.expect("open").0))
    }

    fn technical(self, centre: &Centre) -> TechnicalId {
        nth(centre.state.technicals().keys(), self.a, TechnicalId(centre.state.journal.expect("open").0))
    }

    fn suppression(self, centre: &Centre) -> SuppressionId {
        nth(centre.state.suppressions().keys(), self.a, SuppressionId(centre.state.journal.expect("open").0))
    }

    fn support(self, centre: &Centre) -> SupportId {
        nth(centre.state.supports().keys(), self.a, SupportId(centre.state.journal.expect("open").0))
    }

    fn unit(self) -> UnitId {
        one(&UNITS, self.b).into()
    }

    fn spot(self) -> crate::kernel::place::Place {
        let confirmed = (self.c.is_multiple_of(2)).then_some("north-dispatch");
        place(
            1_140_000_000 + i32::from(self.b) * 1_500_000,
            440_000_000 + i32::from(self.c) * 100_000,
            confirmed,
        )
    }

    fn command(self, centre: &Centre) -> Command {
        match self.kind % KINDS {
            0..=3 => self.call_for_help().into(),
            4..=7 => self.alarms(centre),
            8..=19 => self.incidents(centre),
            20..=29 => self.orders(centre),
            30..=33 => self.feedback(centre),
            34..=40 => self.units(centre),
            41..=50 => self.register(centre),
            51 => {
                CorrectClock { ahead_ms: centre.clock_ahead_ms.unwrap_or(0) + i64::from(self.b % 4) * 3_000 }
                    .into()
            }
            _ => self.plain(centre).unwrap_or(Tick {}.into()),
        }
    }

    fn plain(self, centre: &Centre) -> Option<Command> {
        let act = one(&PLAIN_ACTS, self.c);
        let shown = act.shown(&centre.state);
        let id = shown.get(usize::from(self.a) % shown.len().max(1))?;
        act.on(id, centre.now.plus_ms(u32::from(self.b) * 1_000))
    }

    fn call_for_help(self) -> RaiseAlarm {
        RaiseAlarm {
            unit: (self.a.is_multiple_of(3)).then(|| self.unit()),
            point: (self.a % 3 == 1).then(|| one(&["P1", "P2", "P3", "P4", "P9"], self.b).into()),
            place: (self.a % 3 == 2).then(|| self.spot()),
            press: (self.c.is_multiple_of(4)).then(|| format!("press-{}", self.b % 4)),
            incident_type: (self.b.is_multiple_of(5)).then(|| one(&TYPES, self.c).into()),
            trunk: (self.b.is_multiple_of(2)).then(|| "north".into()),
            silent: self.c.is_multiple_of(7),
            words: (self.c.is_multiple_of(5)).then(|| words(u32::from(self.b))),
            caller: (self.a.is_multiple_of(2)).then(|| words(500 + u32::from(self.b))),
            ..RaiseAlarm::of(one(&SOURCES, self.c))
        }
    }

    fn alarms(self, centre: &Centre) -> Command {
        let alarm = self.alarm(centre);
        match self.kind % KINDS {
            4 => AnswerAlarm { alarm }.into(),
            5 => SaveAlarm {
                incident_type: (self.b.is_multiple_of(2)).then(|| one(&TYPES, self.b / 2).into()),
                place: (self.c.is_multiple_of(2)).then(|| self.spot()),
                words: Some(words(u32::from(self.c))),
                ..save(alarm)
            }
            .into(),
            6 => SettleAlarm {
                alarm,
                expected_version: None,
                outcome: one(
                    &[
                        OutcomeKind::Silent,
                        OutcomeKind::Duplicate,
                        OutcomeKind::HungUp,
                        OutcomeKind::Transferred,
                        OutcomeKind::False,
                    ],
                    self.b,
                ),
                incident: Some(nth(centre.state.incidents().keys(), self.c, IncidentId(alarm.0))),
                agency: Some("rail".into()),
                words: None,
            }
            .into(),
            _ => {
                let owed = centre.state.alarms().values().find(|alarm| alarm.call_back.is_some());
                let result = one(&[CallBackResult::Reached, CallBackResult::Unanswered], self.b);
                CloseCallBack { alarm: owed.map_or(alarm, |alarm| alarm.id), result }.into()
            }
        }
    }

    fn incidents(self, centre: &Centre) -> Command {
        let incident = self.incident(centre);
        let other = nth(centre.state.incidents().keys(), self.b, incident);
        let known = centre.state.incidents().get(&incident);
        let expected_version = known.map(|known| known.version).filter(|_| self.c.is_multiple_of(2));
        match self.kind % KINDS {
            8 => ClaimIncident { incident, expected_version, take_over: self.b.is_multiple_of(2) }.into(),
            9 => ClassifyIncident {
                incident,
                expected_version,
                incident_type: Some(one(&TYPES, self.b).into()),
                priority: None,
            }
            .into(),
            10 => MoveIncident { incident, expected_version, place: self.spot() }.into(),
            11 => NoteIncident {
                incident,
                words: words(u32::from(self.b)),
                danger: self.c.is_multiple_of(2),
                caller_withdrew: self.c.is_multiple_of(5),
            }
            .into(),
            12 => LinkIncidents { incident, expected_version: None, other, kind: LinkKind::Related }.into(),
            13 => MergeIncident { incident, expected_version, into: other, into_version: None }.into(),
            14 => {
                let many = centre.state.incidents().values().find(|incident| incident.alarms.len() > 1);
                let from = many.map_or(incident, |many| many.id);
                let alarms = many.map(|many| vec![many.alarms[0]]).unwrap_or_default();
                SplitIncident { incident: from, expected_version: None, alarms, place: None }.into()
            }
            15 => CancelIncident { incident, expected_version, reason: CancelReason::Mistake }.into(),
            16 | 17 => CloseIncident { incident, expected_version }.into(),
            18 => {
                let archived = nth(centre.archive.keys(), self.b, incident);
                let incident = if self.c.is_multiple_of(2) { incident } else { archived };
                ReopenIncident { incident, words: None }.into()
            }
            _ => HandOverIncident {
                incident,
                expected_version,
                desk: one(&["north", "south", "league", "steppe"], self.b).into(),
            }
            .into(),
        }
    }

    fn orders(self, centre: &Centre) -> Command {
        let order = self.order(centre);
        let source = if self.c.is_multiple_of(3) { StampSource::Operator } else { StampSource::Device };
        match self.kind % KINDS {
            20..=23 => {
                let incident = self.incident(centre);
                let target = match self.b % 9 {
                    8 => Target::Desk("steppe".into()),
                    7 => Target::Agency("rail".into()),
                    _ => Target::Unit(self.unit()),
                };
                let known = centre.state.incidents().get(&incident);
                Dispatch {
                    targets: vec![target],
                    stack: self.c % 4 == 1,
                    divert: self.c % 4 == 2,
                    confirmed: !self.c.is_multiple_of(9),
                    recommendation: known
                        .and_then(|known| known.recommendation)
                        .filter(|_| self.c.is_multiple_of(2)),
                    override_reason: (self.c.is_multiple_of(5)).then_some(OverrideReason::Nearer),
                    ..dispatch(incident, &[])
                }
                .into()
            }
            24..=26 => AdvanceOrder { source, ..advance(order, one(&STATES, self.b)) }.into(),
            27 => {
                RecallOrder { order, expected_version: None, reason: EndReason::Mistaken, words: None }.into()
            }
            28 => {
                let told = centre
                    .state
                    .orders()
                    .values()
                    .find(|order| order.recall_pending || order.supplement_pending);
                SignNotice {
                    order: told.map_or(order, |order| order.id),
                    source,
                    at: None,
                    voice: None,
                    words: None,
                }
                .into()
            }
            _ if self.b.is_multiple_of(3) => ReleaseCaller { order, expected_version: None }.into(),
            _ => ConfirmLife { order, source, at: None, voice: None, words: None }.into(),
        }
    }

    fn feedback(self, centre: &Centre) -> Command {
        let incident = self.incident(centre);
        let known = centre.state.incidents().get(&incident);
        let last = known.and_then(|known| known.feedback.last());
        match last.filter(|_| self.kind.is_multiple_of(2)) {
            Some(last) => ReviewFeedback {
                incident,
                expected_version: None,
                feedback: last.id,
                accept: !self.b.is_multiple_of(4),
                reason: (self.b.is_multiple_of(4)).then_some(ReturnReason::Incomplete),
                words: (self.b.is_multiple_of(8)).then(|| words(u32::from(self.c))),
            }
            .into(),
            None => GiveFeedback {
                incident,
                order: known
                    .and_then(|known| known.orders.last().copied())
                    .filter(|_| self.c.is_multiple_of(2)),
                kind: if self.b.is_multiple_of(4) { FeedbackKind::Progress } else { FeedbackKind::Result },
                disposition: (!self.b.is_multiple_of(4)).then_some(Disposition::Resolved),
                words: Some(words(u32::from(self.c))),
            }
            .into(),
        }
    }

    fn units(self, centre: &Centre) -> Command {
        let unit = self.unit();
        match self.kind % KINDS {
            34 => SetDuty {
                unit,
                duty: one(&[Duty::Off, Duty::Patrolling, Duty::OnCall, Duty::Reserve], self.a),
            }
            .into(),
            35 => SetService {
                unit,
                out_of_service: (self.a.is_multiple_of(2)).then_some(ServiceReason::Vehicle),
                words: (self.a.is_multiple_of(4)).then(|| words(u32::from(self.c))),
            }
            .into(),
            36 => {
                let back = centre.state.units().values().find(|unit| unit.returning);
                ReportBack { unit: back.map_or(unit, |unit| unit.id.clone()) }.into()
            }
            37 => RequestSupport {
                unit: one(&["S1", "S2", "T1", "N1"], self.c).into(),
                incident: self.incident(centre),
            }
            .into(),
            38 => AnswerSupport {
                support: self.support(centre),
                grant: !self.b.is_multiple_of(3),
                reason: Some(SupportReason::NeededHere),
                words: None,
            }
            .into(),
            39 => EndSupport { support: self.support(centre) }.into(),
            _ => match centre.state.handovers().values().next().filter(|_| self.b.is_multiple_of(2)) {
                Some(offered) => {
                    AnswerShift { from: offered.from.clone(), accept: !self.a.is_multiple_of(5) }.into()
                }
                None => HandOverShift { from: one(&SEATS, self.a).into(), to: "north-lead".into() }.into(),
            },
        }
    }

    fn register(self, centre: &Centre) -> Command {
        let technical = self.technical(centre);
        let point = one(&["P1", "P2", "P8"], self.b);
        match (self.kind % KINDS, self.a % 4) {
            (41, 0) => RaiseTechnical {
                kind: TechnicalKind::Device,
                cause: one(&["battery", "link"], self.b).into(),
                point: Some(one(&["P1", "P2"], self.c).into()),
                unit: None,
            }
            .into(),
            (41, 1) => ShelveTechnical {
                technical,
                reason: ShelfReason::Maintenance,
                words: Some(words(u32::from(self.c))),
                until: centre.now.plus_ms(30_000 * (1 + u32::from(self.c))),
            }
            .into(),
            (41, 2) => UnshelveTechnical { technical }.into(),
            (41, _) if self.b.is_multiple_of(3) => SuppressSource {
                kind: (self.c.is_multiple_of(2)).then_some(TechnicalKind::Device),
                point: Some(one(&["P1", "P2"], self.c).into()),
                unit: None,
                until: centre.now.plus_ms(30_000 * (1 + u32::from(self.c))),
                reason: ShelfReason::Nuisance,
                words: (self.b.is_multiple_of(2)).then(|| words(u32::from(self.b))),
            }
            .into(),
            (41, _) if self.b % 3 == 1 => UnsuppressSource { suppression: self.suppression(centre) }.into(),
            (41, _) => ClearTechnical { technical }.into(),
            (42, 0) => AdoptRegion {
                hash: format!("{REGION}-{}", self.b % 3),
                register: Box::new(register()),
                duties: crate::sample::duties(),
            }
            .into(),
            (42, 1) => SetTimers {
                area_class: self.b.is_multiple_of(2).then(|| "open".into()),
                timers: crate::register::Timers {
                    signed_ms: [20_000 + u32::from(self.b); 3],
                    ..Default::default()
                },
            }
            .into(),
            (42, 2) => {
                EraseWords { words: vec![words(u32::from(self.b))], reason: ErasureReason::Retention }.into()
            }
            (42, _) => SetTestWindow { point: point.into(), until: centre.now.plus_ms(60_000) }.into(),
            (43, 0) => {
                let entry = register().units[&"N1".into()].clone();
                RegisterUnit { unit: one(&["X9", "Y9"], self.b).into(), entry }.into()
            }
            (43, 1) => RetireUnit { unit: one(&["X9", "Y9", "N4"], self.b).into() }.into(),
            (43, 2) => {
                let mut entry = register().points[&"P1".into()].clone();
                entry.number = format!("0479-{}", self.c);
                RegisterPoint { point: point.into(), entry }.into()
            }
            (43, _) => RetirePoint { point: point.into() }.into(),
            (47, _) => SetAutomatic {
                incident_type: one(&TYPES, self.b).into(),
                countdown_ms: (!self.c.is_multiple_of(4)).then_some(5_000 + u32::from(self.c)),
            }
            .into(),
            // Where it is clear who is nearest.
            (50, _) => SaveAlarm {
                incident_type: Some("theft".into()),
                place: Some(place(1_151_500_000, 440_000_000, Some("north-dispatch"))),
                ..save(self.alarm(centre))
            }
            .into(),
            (48, _) => StopAutomaticOrder { incident: self.incident(centre) }.into(),
            _ => Tick {}.into(),
        }
    }
}

/// Choices without a random number: a linear congruential sequence (Knuth's MMIX constants).
pub fn steps(seed: u64, count: usize) -> Vec<Step> {
    let mut at = seed;
    let mut next = || {
        at = at.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (at >> 33) as u32
    };
    (0..count)
        .map(|_| {
            let [kind, a, b, c] = [next(), next(), next(), next()].map(|n| (n % 251) as u8);
            let pass_ms = match next() % 16 {
                0 => 40_000_000,
                1..=3 => 60_000,
                _ => next() % 5_000,
            };
            Step { kind, a, b, c, pass_ms }
        })
        .collect()
}
