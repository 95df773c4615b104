//! Who may: every command there is, sent by everybody who might send it, against a table written by hand. A command that
//! is new stops this test until somebody says here who may.

use std::collections::BTreeSet;

use super::scene::{advance, dispatch, is_of_desk, save};
use crate::command::*;
use crate::decide::decide;
use crate::event::Event;
use crate::kernel::id::{
    ActorId, AlarmId, FeedbackId, IncidentId, LossId, OrderId, ReminderId, SupportId, SuppressionId,
    TechnicalId,
};
use crate::kernel::kind::{Channel, Duty, ErasureReason, OrderState, OutcomeKind, Priority};
use crate::kernel::refusal::{Refusal, Rule};
use crate::register::Timers;
use crate::register::speaker::{SYSTEM, of_point, of_unit};
use crate::response::alarm::{AlarmSource, CallBackResult};
use crate::response::feedback::FeedbackKind;
use crate::response::incident::{CancelReason, LinkKind};
use crate::response::order::{EndReason, StampSource};
use crate::sample::{Centre, register, words};
use crate::screen::on_screen;
use crate::technical::{ShelfReason, TechnicalKind};

/// A name for the table, the seat and the actor.
type Sender = (&'static str, Option<&'static str>, &'static str);

/// Everybody who might send something.
const EVERYBODY: [Sender; 14] = [
    ("own", Some("north-dispatch"), "anna"),
    ("child", Some("steppe-dispatch"), "boris"),
    ("parent", Some("league-dispatch"), "chen"),
    ("sibling", Some("south-dispatch"), "dorj"),
    ("unit", None, "unit:N1"),
    ("unit, spelt as it was", None, "N1"),
    ("other unit", None, "unit:N2"),
    ("point", None, "point:P1"),
    ("other point", None, "point:P4"),
    ("source", None, "exchange"),
    ("program", None, "console"),
    ("node", None, SYSTEM),
    ("unit at a seat", Some("north-dispatch"), "unit:N1"),
    ("retired unit, spelt as it was", None, "N4"),
];

/// Who does not exist.
const INVENTED: [Sender; 5] = [
    ("invented seat", Some("nowhere"), "anna"),
    ("invented unit", None, "unit:U9"),
    ("retired unit", None, "unit:N4"),
    ("invented point", None, "point:P9"),
    ("retired point", None, "point:P2"),
];

const SEATS: &[&str] = &["own", "parent"];
const UNIT: &[&str] = &["own", "parent", "unit", "unit, spelt as it was", "node"];
const KEPT: &[&str] = &["own", "parent", "node"];
const WHOLE: &[&str] = &["parent", "node"];

/// Who may, beside the command itself.
fn who_may(name: &str) -> &'static [&'static str] {
    match name {
        "tick" | "adopt_region" => &["node"],
        "correct_clock" | "set_timers" | "set_automatic" | "accept_loss" | "erase_words" => WHOLE,
        "register_unit" | "retire_unit" | "register_point" | "retire_point" | "set_test_window" => KEPT,
        "answer_alarm"
        | "save_alarm"
        | "settle_alarm"
        | "close_call_back"
        | "claim_incident"
        | "classify_incident"
        | "move_incident"
        | "split_incident"
        | "cancel_incident"
        | "close_incident"
        | "reopen_incident"
        | "renew_recommendation"
        | "hand_over_incident"
        | "link_incidents"
        | "merge_incident"
        | "dispatch"
        | "recall_order"
        | "release_caller"
        | "stop_automatic_order"
        | "request_support"
        | "set_reminder"
        | "postpone_reminder"
        | "finish_reminder"
        | "clear_reminder"
        | "hand_over_shift"
        | "shelve_technical"
        | "unshelve_technical"
        | "suppress_source"
        | "unsuppress_source" => SEATS,
        "note_incident" => &["own", "parent", "unit", "unit, spelt as it was"],
        "advance_order" | "sign_notice" | "confirm_life" | "give_feedback" | "set_duty" | "set_service"
        | "report_back" => UNIT,
        "review_feedback" => &["own"],
        "answer_support" => &["sibling", "parent"],
        "end_support" => &["own", "sibling", "parent"],
        "raise_technical" => &["own", "parent", "point", "source", "program", "node"],
        "clear_technical" => &["own", "parent", "point", "node"],
        "answer_shift" => &["own", "child", "parent", "sibling"],
        other => panic!("{other} is new: say here who may"),
    }
}

/// One of everything, in the north.
struct Scene {
    centre: Centre,
    alarm: AlarmId,
    incident: IncidentId,
    other: IncidentId,
    order: OrderId,
    feedback: FeedbackId,
    technical: TechnicalId,
    suppression: SuppressionId,
    support: SupportId,
    reminder: ReminderId,
    loss: LossId,
}

fn scene() -> Scene {
    let mut centre = Centre::new();
    let own = Some("north-dispatch");
    centre.send(None, RetireUnit { unit: "N4".into() }).unwrap();
    centre.send(None, RetirePoint { point: "P2".into() }).unwrap();
    let (incident, other) = (centre.incident_of("theft"), centre.incident_of("crash"));
    let urgent = ClassifyIncident {
        incident,
        expected_version: None,
        incident_type: None,
        priority: Some(Priority::P1),
    };
    centre.send(own, urgent).unwrap();
    let order = centre.order(incident, "N1");
    let feedback = centre.unreviewed(incident);
    centre.send(own, RequestSupport { unit: "S1".into(), incident }).unwrap();
    let (kind, cause) = (TechnicalKind::Device, "battery_low".to_owned());
    centre.send(None, RaiseTechnical { kind, cause, point: Some("P1".into()), unit: None }).unwrap();
    let until = centre.now.plus_ms(60_000);
    let suppress = SuppressSource {
        kind: None,
        point: Some("P1".into()),
        unit: None,
        reason: ShelfReason::Known,
        words: None,
        until,
    };
    centre.send(own, suppress).unwrap();
    centre.send(own, SetReminder { incident, due: until, to: None, words: None }).unwrap();
    centre.send(own, HandOverShift { from: "north-dispatch".into(), to: "north-second".into() }).unwrap();
    let alarm = centre.alarm(RaiseAlarm { trunk: Some("north".into()), ..RaiseAlarm::of(AlarmSource::Call) });
    let rows = centre.loses();
    let loss = rows.iter().find_map(|row| match &row.event {
        Event::LossFound(found) => Some(found.loss),
        _ => None,
    });
    let state = &centre.state;
    let technical = *state.technicals().keys().next().unwrap();
    let suppression = *state.suppressions().keys().next().unwrap();
    let support = *state.supports().keys().next().unwrap();
    let reminder = *state.reminders().keys().next().unwrap();
    let loss = loss.unwrap();
    Scene { centre, alarm, incident, other, order, feedback, technical, suppression, support, reminder, loss }
}

impl Scene {
    /// A command of a name on what is in the north.
    #[expect(clippy::too_many_lines, reason = "one arm for each command")]
    fn command(&self, name: &str) -> Command {
        let Self { alarm, incident, other, order, technical, support, reminder, .. } = *self;
        let expected_version = None;
        let (source, at, voice, words_of) = (StampSource::Device, None, None, None);
        let until = self.centre.now.plus_ms(120_000);
        let register = register();
        match name {
            "tick" => Tick {}.into(),
            "correct_clock" => CorrectClock { ahead_ms: 0 }.into(),
            "adopt_region" => {
                AdoptRegion { hash: "x".into(), register: Box::new(register), duties: Vec::new() }.into()
            }
            "register_unit" => {
                let mut entry = register.units[&"N2".into()].clone();
                entry.crew = 5;
                RegisterUnit { unit: "N2".into(), entry }.into()
            }
            "retire_unit" => RetireUnit { unit: "N3".into() }.into(),
            "register_point" => {
                let mut entry = register.points[&"P1".into()].clone();
                entry.number = "0479-9999".into();
                RegisterPoint { point: "P1".into(), entry }.into()
            }
            "retire_point" => RetirePoint { point: "P1".into() }.into(),
            "set_test_window" => SetTestWindow { point: "P1".into(), until }.into(),
            "set_timers" => {
                let timers = Timers { signed_ms: [31_000; 3], ..Timers::default() };
                SetTimers { area_class: None, timers }.into()
            }
            "raise_alarm" => RaiseAlarm::of(AlarmSource::App).into(),
            "answer_alarm" => AnswerAlarm { alarm }.into(),
            "save_alarm" => save(alarm).into(),
            "settle_alarm" => SettleAlarm {
                alarm,
                expected_version,
                outcome: OutcomeKind::False,
                incident: None,
                agency: None,
                words: None,
            }
            .into(),
            "close_call_back" => CloseCallBack { alarm, result: CallBackResult::Unanswered }.into(),
            "claim_incident" => ClaimIncident { incident, expected_version, take_over: false }.into(),
            "classify_incident" => ClassifyIncident {
                incident,
                expected_version,
                incident_type: None,
                priority: Some(Priority::P3),
            }
            .into(),
            "move_incident" => {
                let place = crate::sample::place(1_152_000_000, 442_000_000, None);
                MoveIncident { incident, expected_version, place }.into()
            }
            "note_incident" => {
                NoteIncident { incident, words: words(7), danger: false, caller_withdrew: false }.into()
            }
            "link_incidents" => {
                LinkIncidents { incident, expected_version, other, kind: LinkKind::Related }.into()
            }
            "merge_incident" => {
                MergeIncident { incident, expected_version, into: other, into_version: None }.into()
            }
            "split_incident" => {
                SplitIncident { incident, expected_version, alarms: vec![alarm], place: None }.into()
            }
            "cancel_incident" => {
                CancelIncident { incident: other, expected_version, reason: CancelReason::FalseAlarm }.into()
            }
            "close_incident" => CloseIncident { incident, expected_version }.into(),
            "reopen_incident" => ReopenIncident { incident, words: None }.into(),
            "renew_recommendation" => RenewRecommendation { incident }.into(),
            "hand_over_incident" => {
                HandOverIncident { incident, expected_version, desk: "south".into() }.into()
            }
            "dispatch" => dispatch(incident, &["N2"]).into(),
            "advance_order" => advance(order, OrderState::Signed).into(),
            "recall_order" => {
                RecallOrder { order, expected_version, reason: EndReason::Mistaken, words: None }.into()
            }
            "sign_notice" => SignNotice { order, source, at, voice, words: words_of }.into(),
            "confirm_life" => ConfirmLife { order, source, at, voice, words: words_of }.into(),
            "release_caller" => ReleaseCaller { order, expected_version }.into(),
            "stop_automatic_order" => StopAutomaticOrder { incident }.into(),
            "set_automatic" => {
                SetAutomatic { incident_type: "theft".into(), countdown_ms: Some(30_000) }.into()
            }
            "give_feedback" => GiveFeedback {
                incident,
                order: Some(order),
                kind: FeedbackKind::Arrival,
                disposition: None,
                words: None,
            }
            .into(),
            "review_feedback" => ReviewFeedback {
                incident,
                expected_version,
                feedback: self.feedback,
                accept: true,
                reason: None,
                words: None,
            }
            .into(),
            "set_duty" => SetDuty { unit: "N1".into(), duty: Duty::Patrolling }.into(),
            "set_service" => SetService { unit: "N1".into(), out_of_service: None, words: None }.into(),
            "report_back" => ReportBack { unit: "N1".into() }.into(),
            "request_support" => RequestSupport { unit: "S2".into(), incident }.into(),
            "answer_support" => AnswerSupport { support, grant: true, reason: None, words: None }.into(),
            "end_support" => EndSupport { support }.into(),
            "raise_technical" => RaiseTechnical {
                kind: TechnicalKind::Link,
                cause: "link_lost".into(),
                point: Some("P1".into()),
                unit: None,
            }
            .into(),
            "shelve_technical" => {
                ShelveTechnical { technical, reason: ShelfReason::Known, words: None, until }.into()
            }
            "unshelve_technical" => UnshelveTechnical { technical }.into(),
            "clear_technical" => ClearTechnical { technical }.into(),
            "suppress_source" => SuppressSource {
                kind: None,
                point: Some("P1".into()),
                unit: None,
                reason: ShelfReason::Known,
                words: None,
                until,
            }
            .into(),
            "unsuppress_source" => UnsuppressSource { suppression: self.suppression }.into(),
            "hand_over_shift" => {
                HandOverShift { from: "north-dispatch".into(), to: "north-second".into() }.into()
            }
            "answer_shift" => AnswerShift { from: "north-dispatch".into(), accept: true }.into(),
            "set_reminder" => SetReminder { incident, due: until, to: None, words: None }.into(),
            "postpone_reminder" => PostponeReminder { reminder, due: until }.into(),
            "finish_reminder" => FinishReminder { reminder }.into(),
            "clear_reminder" => ClearReminder { reminder }.into(),
            "accept_loss" => AcceptLoss { loss: self.loss }.into(),
            "erase_words" => EraseWords { words: vec![words(7)], reason: ErasureReason::Requested }.into(),
            other => panic!("{other} is new: say here how it is sent"),
        }
    }

    /// What comes of a command that somebody sends.
    fn sent(&self, (name, seat, actor): Sender, command: Command) -> Result<Vec<Event>, Refusal> {
        let envelope = Envelope {
            id: self.centre.records[0].command,
            actor: ActorId::from(actor),
            on_behalf_of: None,
            seat: seat.map(Into::into),
            occurred_at: None,
            channel: match name {
                "node" => Channel::System,
                "program" => Channel::Api,
                _ if seat.is_some() => Channel::Console,
                _ => Channel::Device,
            },
            command: on_screen(&self.centre.state, command),
        };
        decide(&self.centre.state, &self.centre.evidence(&envelope), &envelope, self.centre.now)
    }
}

/// Whether a command was refused for who sent it.
fn is_for_its_sender(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::SeatRequired | Refusal::OtherDesk { .. } => true,
        Refusal::Unknown { field, .. } | Refusal::Invalid { field, .. } => {
            field == "actor" || field == "seat"
        }
        _ => false,
    }
}

#[test]
fn every_command_is_for_those_who_may_and_for_nobody_else() {
    let scene = scene();
    for name in Command::NAMES.iter().filter(|name| **name != "raise_alarm") {
        let may: BTreeSet<&str> = who_may(name).iter().copied().collect();
        let does = EVERYBODY.iter().chain(&INVENTED).filter(|who| {
            let came = scene.sent(**who, scene.command(name));
            came.err().is_none_or(|refusal| !is_for_its_sender(&refusal))
        });
        let does: BTreeSet<&str> = does.map(|(who, ..)| *who).collect();
        assert_eq!(does, may, "{name}");
    }
}

#[test]
fn a_call_for_help_rings_whoever_sends_it() {
    let scene = scene();
    for who in EVERYBODY.iter().chain(&INVENTED) {
        let events = scene.sent(*who, scene.command("raise_alarm")).unwrap();
        let Event::AlarmRaised(raised) = &events[0] else { panic!("{events:?}") };
        let known = !INVENTED.contains(who) && !who.0.starts_with("retired") && who.0 != "unit at a seat";
        let said = raised.flaws.iter().any(|flaw| flaw.starts_with("actor:") || flaw.starts_with("seat:"));
        assert_eq!(said, !known, "{}: {:?}", who.0, raised.flaws);
    }
}

#[test]
fn what_a_device_said_is_taken_back_by_that_device() {
    let mut scene = scene();
    let (exchange, another) = (EVERYBODY[9], ("another source", None, "gateway"));
    let raise = |cause: &str| RaiseTechnical {
        kind: TechnicalKind::Link,
        cause: cause.into(),
        point: Some("P1".into()),
        unit: None,
    };
    let mut envelope = scene.centre.envelope(None, raise("link_lost"));
    (envelope.actor, envelope.channel) = ("exchange".into(), Channel::Device);
    let records = scene.centre.decide(&envelope).unwrap();
    let Event::TechnicalRaised(raised) = &records[0].event else { panic!("{records:?}") };
    let clear = |technical| Command::from(ClearTechnical { technical });
    assert_eq!(scene.sent(another, clear(raised.technical)), Err(Refusal::SeatRequired));
    scene.sent(exchange, clear(raised.technical)).unwrap();
    assert_eq!(scene.sent(exchange, clear(scene.technical)), Err(Refusal::SeatRequired));
    let both = RaiseTechnical { unit: Some("S1".into()), ..raise("both") };
    assert_eq!(scene.sent(exchange, both.into()), Err(Refusal::invalid("point", Rule::PointOrUnit)));
}

#[test]
fn nobody_gets_a_code_under_which_another_speaks() {
    let mut centre = Centre::new();
    let (units, points) = (register().units, register().points);
    for code in ["P1", "console", "system", "unit:N1", "point:P1"] {
        let register = RegisterUnit { unit: code.into(), entry: units[&"N1".into()].clone() };
        let refused = centre.send(Some("league-lead"), register);
        assert_eq!(refused, Err(Refusal::invalid("unit", Rule::NameTaken)), "{code}");
    }
    for code in ["N1", "console", "system", "unit:N1", "point:P1"] {
        let mut entry = points[&"P1".into()].clone();
        entry.number = "0479-9999".into();
        let refused = centre.send(Some("league-lead"), RegisterPoint { point: code.into(), entry });
        assert_eq!(refused, Err(Refusal::invalid("point", Rule::NameTaken)), "{code}");
    }
    let mut package = register();
    package.points.insert("N1".into(), points[&"P1".into()].clone());
    let adopt = AdoptRegion { hash: "x".into(), register: Box::new(package), duties: Vec::new() };
    assert_eq!(centre.send(None, adopt), Err(Refusal::invalid("register.units.N1", Rule::NameTaken)));
    // Whoever sits at a seat is not the unit whose code is the same.
    let mut claims = centre.envelope(Some("north-dispatch"), AnswerShift { from: "x".into(), accept: true });
    claims.actor = "N1".into();
    assert_eq!(centre.decide(&claims).err(), Some(Refusal::unknown("from", "shift on offer", "x")));
}

#[test]
fn a_refusal_says_where_authority_is_needed_and_where_the_seat_has_it() {
    let scene = scene();
    let refused = scene.sent(EVERYBODY[3], scene.command("erase_words")).unwrap_err();
    let Refusal::OtherDesk { desk, area, own } = &refused else { panic!("{refused:?}") };
    assert_eq!((desk.as_str(), area.to_string(), own.to_string()), ("league", "15".into(), "15/1502".into()));
    let refused = scene.sent(EVERYBODY[3], scene.command("retire_point")).unwrap_err();
    let Refusal::OtherDesk { area, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!(area.to_string(), "15/1501");
}

#[test]
fn what_is_changed_is_ones_own_before_and_after() {
    let mut centre = Centre::new();
    let seat = Some("north-lead");
    let (units, points) = (register().units, register().points);
    let (north, south) = (&units[&"N3".into()], &units[&"S1".into()]);
    let mut unit = |unit: &str, entry| centre.send(seat, RegisterUnit { unit: unit.into(), entry });
    let mut away = north.clone();
    away.desk = "south".into();
    assert!(is_of_desk(&unit("N3", away.clone()), "south"), "to another desk");
    assert!(is_of_desk(&unit("N9", away), "south"), "new, at another desk");
    let mut elsewhere = north.clone();
    elsewhere.area = south.area.clone();
    assert!(is_of_desk(&unit("N3", elsewhere), "south"), "to another area");
    assert!(is_of_desk(&unit("S1", north.clone()), "south"), "of another desk");
    let mut below = north.clone();
    (below.desk, below.area) = ("steppe".into(), units[&"T1".into()].area.clone());
    unit("N3", below).expect("a desk below is one's own");
    let mut point = |point: &str, entry| centre.send(seat, RegisterPoint { point: point.into(), entry });
    let mut moved = points[&"P1".into()].clone();
    moved.area = points[&"P4".into()].area.clone();
    assert!(is_of_desk(&point("P1", moved.clone()), "south"));
    moved.area.0.clear();
    assert!(is_of_desk(&point("P1", moved), "league"), "what lies nowhere is the topmost desk's");
    let mut taken = points[&"P4".into()].clone();
    taken.area = points[&"P1".into()].area.clone();
    assert!(is_of_desk(&point("P4", taken), "south"));
}

#[test]
fn a_timer_is_one_that_a_person_can_mean() {
    let mut centre = Centre::new();
    let top = Some("league-lead");
    let mut set = |timers| centre.send(top, SetTimers { area_class: None, timers });
    let good = Timers::default();
    let weeks = u32::MAX;
    for (field, timers) in [
        ("timers.answer_ms", Timers { answer_ms: [10_000, 10_000, weeks], ..good.clone() }),
        ("timers.departed_slack_ms", Timers { departed_slack_ms: [weeks; 3], ..good.clone() }),
        ("timers.signed_ms", Timers { signed_ms: [999, 30_000, 30_000], ..good.clone() }),
        ("timers.escalation_ms", Timers { escalation_ms: weeks, ..good.clone() }),
        ("timers.support_ms", Timers { support_ms: 0, ..good.clone() }),
        ("timers.archive_ms", Timers { archive_ms: 86_400_001, ..good.clone() }),
        ("timers.skew_ms", Timers { skew_ms: weeks, ..good.clone() }),
    ] {
        assert_eq!(set(timers), Err(Refusal::invalid(field, Rule::Timer)));
    }
    for share in [0, 999, 10_001, weeks] {
        let timers = Timers { arrival_per_mille: [1_500, share, 1_500], ..good.clone() };
        assert_eq!(set(timers), Err(Refusal::invalid("timers.arrival_per_mille", Rule::ArrivalShare)));
    }
    set(Timers { archive_ms: 3_600_000, skew_ms: 0, ..good }).unwrap();
}

#[test]
fn one_that_speaks_is_spelt_in_one_way() {
    use crate::register::speaker::{Speaker, spelt};
    let register = register();
    for (written, read) in
        [("N1", "unit:N1"), ("unit:N1", "unit:N1"), ("P1", "point:P1"), ("console", "console")]
    {
        assert_eq!(spelt(&register, written).as_str(), read);
    }
    assert_eq!((of_unit(&"N1".into()).as_str(), of_point(&"P1".into()).as_str()), ("unit:N1", "point:P1"));
    let of = |actor: &str| Speaker::of(&register, &actor.into(), None, Channel::Device);
    assert_eq!(of("N1"), of("unit:N1"));
    assert_ne!(of("N1"), of("unit:N2"));
    // A unit of that code takes nothing from whoever has not said a name.
    let mut odd = register.clone();
    odd.units.insert("console".into(), register.units[&"N1".into()].clone());
    let nameless = Speaker::of(&odd, &"console".into(), None, Channel::Api);
    assert_eq!(nameless, Ok(Speaker::Program));
}
