//! What a seat owes: the version it saw, a time that can be, a signature for a shift, a seat for the register.

use super::scene::{advance, dispatch, is_of_desk};
use crate::command::{
    AdvanceOrder, AnswerShift, Command, HandOverShift, LinkIncidents, MergeIncident, RaiseAlarm, RecallOrder,
    SetTimers, SettleAlarm, SignNotice,
};
use crate::decide::decide;
use crate::kernel::id::TimerKey;
use crate::kernel::kind::{Channel, Mode, OrderState, OutcomeKind};
use crate::kernel::refusal::{Refusal, Rule};
use crate::response::alarm::AlarmSource;
use crate::response::incident::LinkKind;
use crate::response::order::{EndReason, StampSource, VoiceWay};
use crate::sample::Centre;
use crate::view::{OrderView, View};

const SEAT: Option<&str> = Some("north-dispatch");

#[test]
fn a_seat_names_the_version_it_saw() {
    let mut centre = Centre::new();
    let (one, other) = (centre.incident_of("theft"), centre.incident_of("crash"));
    let version = Some(centre.the_incident(one).version);
    let order = centre.order(other, "N1");
    let commands: [Command; 4] = [
        dispatch(one, &["N2"]).into(),
        LinkIncidents { incident: one, expected_version: None, other, kind: LinkKind::Related }.into(),
        RecallOrder { order, expected_version: None, reason: EndReason::Mistaken, words: None }.into(),
        MergeIncident { incident: one, expected_version: version, into: other, into_version: None }.into(),
    ];
    for (command, field) in
        commands.into_iter().zip(["expected_version"; 3].into_iter().chain(["into_version"]))
    {
        let envelope = centre.envelope(SEAT, command);
        let refused = decide(&centre.state, &centre.evidence(&envelope), &envelope, centre.now);
        assert_eq!(refused, Err(Refusal::invalid(field, Rule::VersionMissing)), "{envelope:?}");
    }
}

#[test]
fn a_stale_recall_and_a_stale_alarm_say_who_was_faster() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let seen = centre.the_order(order).version;
    centre.reach(order, OrderState::Signed);
    let recall =
        RecallOrder { order, expected_version: Some(seen), reason: EndReason::Mistaken, words: None };
    let Err(Refusal::Stale { between, .. }) = centre.send(SEAT, recall) else { panic!("stale") };
    assert_eq!((between[0].what.as_str(), between[0].actor.as_str()), ("order_advanced", "unit:N1"));
    let mut centre = Centre::new();
    let alarm = centre.call();
    centre.send(Some("league-call"), crate::command::AnswerAlarm { alarm }).unwrap();
    let settle = SettleAlarm {
        alarm,
        expected_version: Some(1),
        outcome: OutcomeKind::False,
        incident: None,
        agency: None,
        words: None,
    };
    let Err(Refusal::Stale { between, .. }) = centre.send(Some("league-lead"), settle) else {
        panic!("stale")
    };
    assert_eq!(between[0].seat, Some("league-call".into()));
}

#[test]
fn a_time_typed_at_a_seat_can_be() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let made = centre.the_order(order).created_at;
    centre.now = made.plus_ms(60_000);
    let typed = |at| AdvanceOrder {
        at: Some(at),
        source: StampSource::Voice,
        voice: Some(VoiceWay::Radio),
        ..advance(order, OrderState::Signed)
    };
    let early = centre.send(SEAT, typed(crate::kernel::time::Time(made.0 - 1)));
    assert_eq!(early, Err(Refusal::invalid("at", Rule::BeforeTheOrder)));
    let ahead = centre.send(SEAT, typed(centre.now.plus_ms(60_000)));
    assert_eq!(ahead, Err(Refusal::invalid("at", Rule::LiesAhead)));
    let system = AdvanceOrder { source: StampSource::System, ..advance(order, OrderState::Signed) };
    assert_eq!(centre.send(SEAT, system), Err(Refusal::invalid("source", Rule::NodeOnly)));
    centre.send(SEAT, typed(made.plus_ms(30_000))).unwrap();
}

#[test]
fn a_notice_signed_by_voice_says_who_and_when() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    centre
        .send(SEAT, RecallOrder { order, expected_version: None, reason: EndReason::Mistaken, words: None })
        .unwrap();
    let sign = SignNotice { order, source: StampSource::Voice, at: None, voice: None, words: None };
    assert_eq!(centre.send(SEAT, sign.clone()), Err(Refusal::invalid("voice", Rule::SayHow)));
    centre.send(SEAT, SignNotice { voice: Some(VoiceWay::Radio), ..sign }).unwrap();
    let order = centre.the_order(order);
    let said = order.notice_signed.clone().unwrap();
    assert_eq!((said.by.as_str(), said.voice), ("at-north-dispatch", Some(VoiceWay::Radio)));
    assert_eq!(order.stamp(OrderState::Recalled).unwrap().voice, Some(VoiceWay::Radio));
}

#[test]
fn a_shift_goes_over_when_it_is_signed_with_all_that_is_open() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let offer = HandOverShift { from: "north-dispatch".into(), to: "north-second".into() };
    centre.send(SEAT, offer).unwrap();
    let waits = |centre: &Centre| View::all(&centre.state).any(|view| matches!(view, View::Handover(_)));
    assert!(waits(&centre), "the other seat sees what it is to sign");
    assert_eq!(centre.the_order(order).seat, Some("north-dispatch".into()), "until then all stays");
    let accept = AnswerShift { from: "north-dispatch".into(), accept: true };
    let own = centre.send(SEAT, accept.clone());
    assert_eq!(own, Err(Refusal::invalid("from", Rule::OfferedToAnother)));
    let later = centre.order(incident, "N2");
    centre.send(Some("north-second"), accept).unwrap();
    for order in [order, later] {
        assert_eq!(centre.the_order(order).seat, Some("north-second".into()));
    }
    assert!(!waits(&centre));
    centre.sound();
    centre.run(centre.state.register().timers.delivered_ms[0]);
    let escalation = centre.state.timers.get(TimerKey::Delivered(order)).unwrap().escalation.clone().unwrap();
    assert_eq!(escalation.seat, Some("north-second".into()), "nobody calls who went home");
    let view = OrderView::new(&centre.state, centre.the_order(order));
    assert_eq!(view.overdue[0].phone.as_deref(), Some("0479-000-0000"), "whom to phone");
}

#[test]
fn whoever_owns_the_incident_is_called_before_whoever_gave_the_order() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let claim = crate::command::ClaimIncident { incident, expected_version: None, take_over: false };
    centre.send(Some("north-second"), claim).unwrap();
    centre.run(centre.state.register().timers.delivered_ms[0]);
    let escalation = centre.state.timers.get(TimerKey::Delivered(order)).unwrap().escalation.clone().unwrap();
    assert_eq!(escalation.seat, Some("north-second".into()));
}

#[test]
fn the_register_is_changed_from_a_seat_or_by_the_node() {
    let mut centre = Centre::new();
    let timers = crate::register::Timers { signed_ms: [31_000; 3], ..Default::default() };
    let mut envelope = centre.envelope(None, SetTimers { area_class: None, timers });
    envelope.channel = Channel::Api;
    assert_eq!(centre.decide(&envelope), Err(Refusal::SeatRequired));
    envelope.channel = Channel::System;
    centre.decide(&envelope).unwrap();
}

#[test]
fn a_duplicate_joins_only_what_its_desk_answers_for_and_of_its_mode() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let settle = |alarm| SettleAlarm {
        alarm,
        expected_version: None,
        outcome: OutcomeKind::Duplicate,
        incident: Some(incident),
        agency: None,
        words: None,
    };
    let south = centre.alarm(RaiseAlarm { trunk: Some("south".into()), ..RaiseAlarm::of(AlarmSource::Call) });
    let foreign = centre.send(Some("south-dispatch"), settle(south));
    assert!(is_of_desk(&foreign, "north"));
    let drill =
        RaiseAlarm { mode: Mode::Exercise, trunk: Some("north".into()), ..RaiseAlarm::of(AlarmSource::Call) };
    let drill = centre.alarm(drill);
    let mixed = centre.send(SEAT, settle(drill));
    assert_eq!(mixed, Err(Refusal::invalid("incident", Rule::OneMode)));
}

#[test]
fn a_unit_that_calls_for_help_is_ordered_with_a_second_key() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    centre.alarm(RaiseAlarm { unit: Some("N1".into()), ..RaiseAlarm::of(AlarmSource::Sos) });
    let once = crate::command::Dispatch { confirmed: false, ..dispatch(incident, &["N1"]) };
    let Err(Refusal::ConfirmationNeeded { because }) = centre.orders(once) else { panic!("a second key") };
    assert!(because.contains(&"unit_calls_for_help".to_owned()), "{because:?}");
    centre.orders(dispatch(incident, &["N1"])).unwrap();
}
