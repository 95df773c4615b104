use super::scene::{is_of_desk, names, save};
use crate::command::{
    AnswerAlarm, CloseCallBack, Envelope, RaiseAlarm, SaveAlarm, SetTestWindow, SettleAlarm,
};
use crate::event::{Event, TimerExpired};
use crate::kernel::id::AlarmId;
use crate::kernel::kind::{Channel, IncidentState, Mode, OutcomeKind, Priority};
use crate::kernel::refusal::Refusal;
use crate::kernel::time::Time;
use crate::response::alarm::{AlarmSource, AlarmState, CallBackResult};
use crate::sample::{Centre, START, at, place, words};

fn settle(alarm: AlarmId, outcome: OutcomeKind) -> SettleAlarm {
    SettleAlarm { alarm, expected_version: None, outcome, incident: None, agency: None, words: None }
}

fn sos(unit: &str) -> RaiseAlarm {
    RaiseAlarm { unit: Some(unit.into()), ..RaiseAlarm::of(AlarmSource::Sos) }
}

#[test]
fn a_known_number_brings_its_point_before_anybody_answers() {
    let mut centre = Centre::new();
    let alarm =
        centre.alarm(RaiseAlarm { number: Some("0479-1001".into()), ..RaiseAlarm::of(AlarmSource::Point) });
    let alarm = &centre.state.alarms()[&alarm];
    assert_eq!(alarm.point, Some("P1".into()));
    assert_eq!(alarm.place.coord, Some(at(1_151_000_000, 441_000_000)));
    assert_eq!((alarm.desk.as_str(), alarm.number.as_str()), ("north", "NB20260730-001"));
    assert_eq!(alarm.state, AlarmState::Ringing);
    centre.sound();
}

#[test]
fn an_alarm_of_a_sumu_is_taken_at_the_banner() {
    let mut centre = Centre::new();
    let alarm = centre.alarm(RaiseAlarm { point: Some("P3".into()), ..RaiseAlarm::of(AlarmSource::Point) });
    assert_eq!(centre.state.alarms()[&alarm].desk.as_str(), "north");
    assert_eq!(centre.state.alarms()[&alarm].area.0.len(), 3);
}

#[test]
fn an_unplaced_alarm_lands_where_its_trunk_says_or_at_the_top() {
    let mut centre = Centre::new();
    let (top, trunk) = (
        centre.call(),
        centre.alarm(RaiseAlarm { trunk: Some("south".into()), ..RaiseAlarm::of(AlarmSource::Call) }),
    );
    assert_eq!(centre.state.alarms()[&top].desk.as_str(), "league");
    assert_eq!(centre.state.alarms()[&trunk].desk.as_str(), "south");
}

#[test]
fn what_nobody_knows_is_a_flaw_and_no_refusal() {
    let mut centre = Centre::new();
    let alarm = RaiseAlarm {
        point: Some("nowhere".into()),
        unit: Some("nobody".into()),
        incident_type: Some("nothing".into()),
        trunk: Some("no-trunk".into()),
        ..RaiseAlarm::of(AlarmSource::Call)
    };
    let envelope = centre.envelope(Some("no-seat"), alarm);
    let records = centre.decide(&envelope).unwrap();
    assert_eq!((records[0].seat.clone(), records[0].desk.clone()), (None, None));
    let alarm = centre.state.alarms().values().next().unwrap();
    assert_eq!(alarm.flaws.len(), 5, "{:?}", alarm.flaws);
    let typed = ["nowhere", "nobody", "nothing", "no-trunk", "no-seat"];
    assert!(
        alarm.flaws.iter().all(|flaw| typed.iter().all(|typed| !flaw.contains(typed))),
        "{:?}",
        alarm.flaws
    );
    assert_eq!(alarm.device.as_deref(), Some("nobody"));
    centre.sound();
}

#[test]
fn an_alarm_before_any_region_is_kept() {
    let mut centre = Centre::empty();
    let alarm = centre.alarm(sos("N1"));
    assert_eq!(centre.state.alarms()[&alarm].desk.as_str(), "none");
    assert_eq!(centre.state.incidents().len(), 1);
    centre.sound();
}

#[test]
fn a_button_makes_an_incident_at_once() {
    let mut centre = Centre::new();
    let records = centre
        .send(None, RaiseAlarm { point: Some("P2".into()), ..RaiseAlarm::of(AlarmSource::Button) })
        .unwrap();
    assert_eq!(
        names(&records),
        ["alarm_raised", "incident_created", "recommendation_recorded", "alarm_settled"]
    );
    let incident = centre.state.incidents().values().next().unwrap();
    assert_eq!((incident.number.as_str(), incident.priority), ("NB20260730-001", Priority::P2));
    assert!(incident.recommendation.is_some());
    centre.sound();
}

#[test]
fn an_sos_is_actual_urgent_late_and_heard() {
    let mut centre = Centre::new();
    centre.now = START.plus_ms(3_600_000);
    let pressed = centre.now.plus_ms(0).0 - 12 * 60 * 1_000_000;
    let mut envelope = centre.device("N1", RaiseAlarm { mode: Mode::Test, ..sos("N1") });
    envelope.occurred_at = Some(Time(pressed));
    centre.decide(&envelope).unwrap();
    let alarm = centre.state.alarms().values().next().unwrap();
    assert_eq!((alarm.mode, alarm.late, alarm.clock_wrong), (Mode::Actual, true, false));
    assert_eq!((alarm.occurred_at, alarm.received_at), (Time(pressed), centre.now));
    let incident = centre.state.incidents().values().next().unwrap();
    assert_eq!((incident.priority, incident.sos, incident.mode), (Priority::P1, true, Mode::Actual));
    assert!(centre.unit("N1").sos);
    centre.sound();
}

#[test]
fn one_press_is_one_alarm_until_its_incident_ends() {
    let mut centre = Centre::new();
    centre.alarm(sos("N1"));
    let again =
        centre.send(None, RaiseAlarm { place: Some(place(1_153_000_000, 442_000_000, None)), ..sos("N1") });
    assert_eq!(names(&again.unwrap())[0], "alarm_repeated");
    assert_eq!((centre.state.alarms().len(), centre.state.incidents().len()), (1, 1));
    let incident = *centre.state.incidents().keys().next().unwrap();
    centre.result(incident);
    centre
        .send(Some("north-dispatch"), crate::command::CloseIncident { incident, expected_version: None })
        .unwrap();
    assert!(!centre.unit("N1").sos, "the overlay ends with its incident");
    centre.alarm(sos("N1"));
    assert_eq!(centre.state.alarms().len(), 2);
    centre.sound();
}

#[test]
fn a_later_press_is_another_alarm_and_a_repeat_is_seen_on_the_incident() {
    let mut centre = Centre::new();
    let first = centre.alarm(sos("N1"));
    let incident = *centre.state.incidents().keys().next().unwrap();
    let version = centre.the_incident(incident).version;
    // A device that repeats every minute goes on being the same press, as long as it does.
    for _ in 0..5 {
        centre.now = centre.now.plus_ms(60_000);
        let again = centre.send(None, sos("N1")).unwrap();
        assert_eq!(names(&again)[0], "alarm_repeated");
        assert!(crate::changed_views(&centre.state, &again).iter().any(|view| view.kind() == "incident"));
    }
    let acts = &centre.the_incident(incident).acts;
    let heard: Vec<_> = acts.iter().filter(|act| act.what == "alarm_repeated").collect();
    assert_eq!((heard.len(), heard[0].at), (1, centre.now), "one act, however often");
    assert_eq!(centre.the_incident(incident).version, version, "what a seat is about to order is not stale");
    assert_eq!(centre.state.alarms()[&first].repeats, 5);
    let acts = &centre.state.alarms()[&first].acts;
    assert_eq!(acts.iter().filter(|act| act.what == "alarm_repeated").count(), 1, "nor on the alarm");
    // Three hours later somebody presses again: nobody may take that for an echo.
    centre.now = centre.now.plus_ms(3 * 3_600_000);
    let second = centre.send(None, sos("N1")).unwrap();
    assert_eq!(names(&second)[0], "alarm_raised");
    assert_eq!((centre.state.alarms().len(), centre.state.incidents().len()), (2, 2));
    let alarm = centre.state.alarms().values().find(|alarm| alarm.id != first).unwrap();
    assert_eq!(alarm.offers.first().map(|offer| offer.incident), Some(incident), "offered, never merged");
    centre.sound();
}

#[test]
fn a_press_is_its_senders_own() {
    let mut centre = Centre::new();
    let press = |raise: RaiseAlarm| RaiseAlarm { press: Some("1".into()), ..raise };
    let device =
        |device: &str| RaiseAlarm { device: Some(device.into()), ..RaiseAlarm::of(AlarmSource::Button) };
    let number =
        |number: &str| RaiseAlarm { number: Some(number.into()), ..RaiseAlarm::of(AlarmSource::Sms) };
    let alarms = [
        device("d1"),
        device("d2"),
        RaiseAlarm { source: AlarmSource::App, ..device("d1") },
        RaiseAlarm { unit: Some("N1".into()), ..device("d1") },
        number("13804790001"),
        number("13804790002"),
        RaiseAlarm::of(AlarmSource::Sms),
    ];
    for alarm in alarms.clone() {
        centre.alarm(press(alarm));
    }
    assert_eq!(centre.state.alarms().len(), alarms.len());
    for alarm in alarms {
        assert_eq!(names(&centre.send(None, press(alarm)).unwrap())[0], "alarm_repeated");
    }
    let keys: Vec<_> = centre.state.presses().keys().collect();
    assert!(keys.iter().all(|key| !key.contains("1380479")), "no number in the journal: {keys:?}");
    centre.sound();
}

#[test]
fn whoever_speaks_of_a_unit_is_not_the_unit() {
    let mut centre = Centre::new();
    let far = RaiseAlarm { place: Some(place(1_153_000_000, 442_000_000, None)), ..sos("N1") };
    let mut others = Vec::new();
    for (actor, channel) in
        [("console", Channel::Api), ("unit:N2", Channel::Device), ("point:P1", Channel::Device)]
    {
        let envelope = centre.device("N1", far.clone());
        let envelope = Envelope { actor: actor.into(), channel, ..envelope };
        let records = centre.decide(&envelope).unwrap();
        let Event::AlarmRaised(raised) = &records[0].event else { panic!("{actor}: {records:?}") };
        assert!(raised.flaws.contains(&"actor: is not the unit".to_owned()), "{actor}: {:?}", raised.flaws);
        others.push(raised.alarm);
    }
    // A gateway speaks for many and an operator for all: neither is doubted, and neither swallows what the unit says.
    for (actor, seat, channel) in
        [("gateway", None, Channel::Device), ("anna", Some("north-dispatch"), Channel::Console)]
    {
        let envelope = centre.device("N1", far.clone());
        let envelope = Envelope { actor: actor.into(), seat: seat.map(Into::into), channel, ..envelope };
        let records = centre.decide(&envelope).unwrap();
        let Event::AlarmRaised(raised) = &records[0].event else { panic!("{actor}: {records:?}") };
        assert!(raised.flaws.is_empty(), "{actor}: {:?}", raised.flaws);
    }
    let own = centre.say("N1", sos("N1")).unwrap();
    let Event::AlarmRaised(raised) = &own[0].event else { panic!("{own:?}") };
    assert!(raised.flaws.is_empty() && raised.place != far.place.unwrap(), "{raised:?}");
    assert_eq!(names(&centre.say("N1", sos("N1")).unwrap())[0], "alarm_repeated");
    let alarm = &centre.state.alarms()[&raised.alarm];
    assert!(!alarm.offers.is_empty(), "the others are offered");
    // The same of a press with a key, and of an alarm point.
    let button = RaiseAlarm {
        point: Some("P1".into()),
        press: Some("7".into()),
        ..RaiseAlarm::of(AlarmSource::Button)
    };
    for actor in ["point:P4", "console", "point:P1"] {
        let envelope = Envelope { actor: actor.into(), ..centre.device("N1", button.clone()) };
        let records = centre.decide(&envelope).unwrap();
        let Event::AlarmRaised(raised) = &records[0].event else { panic!("{actor}: {records:?}") };
        let doubted = raised.flaws.contains(&"actor: is not the alarm point".to_owned());
        assert_eq!(doubted, actor == "point:P4", "{:?}", raised.flaws);
    }
    centre.sound();
}

#[test]
fn presses_that_come_late_together_are_told_apart_by_their_times() {
    let mut centre = Centre::new();
    centre.now = START.plus_ms(10 * 3_600_000);
    for minutes in [120, 60, 60] {
        let mut envelope = centre.device("N1", sos("N1"));
        envelope.occurred_at = Some(Time(centre.now.0 - minutes * 60_000_000));
        centre.decide(&envelope).unwrap();
    }
    let repeats: Vec<u32> = centre.state.alarms().values().map(|alarm| alarm.repeats).collect();
    assert_eq!((repeats.len(), repeats.iter().sum::<u32>()), (2, 1));
    centre.sound();
}

#[test]
fn an_impossible_clock_is_kept_as_claimed() {
    let mut centre = Centre::new();
    for claimed in [Time(0), START.plus_ms(86_400_000)] {
        let mut envelope = centre.envelope(None, RaiseAlarm::of(AlarmSource::App));
        envelope.occurred_at = Some(claimed);
        let records = centre.decide(&envelope).unwrap();
        let Event::AlarmRaised(raised) = &records[0].event else { panic!() };
        let alarm = raised.alarm();
        assert_eq!((alarm.clock_wrong, alarm.claimed_at), (true, Some(claimed)));
        assert_eq!((alarm.occurred_at, alarm.late), (centre.now, false));
    }
}

#[test]
fn a_test_window_makes_tests_and_ends_by_itself() {
    let mut centre = Centre::new();
    let until = centre.now.plus_ms(60_000);
    let window = SetTestWindow { point: "P2".into(), until };
    centre.send(Some("north-lead"), window.clone()).unwrap();
    assert_eq!(centre.send(Some("north-lead"), window), Err(Refusal::NoChange));
    let button = || RaiseAlarm { point: Some("P2".into()), ..RaiseAlarm::of(AlarmSource::Button) };
    let (inside, sos_inside) =
        (centre.alarm(button()), centre.alarm(RaiseAlarm { source: AlarmSource::Sos, ..button() }));
    centre.now = until;
    let after = centre.alarm(button());
    let mode = |alarm: &AlarmId| centre.state.alarms()[alarm].mode;
    assert_eq!([&inside, &sos_inside, &after].map(mode), [Mode::Test, Mode::Actual, Mode::Actual]);
}

#[test]
fn two_seats_race_for_an_alarm_and_one_wins() {
    let mut centre = Centre::new();
    let alarm = centre.call();
    centre.send(Some("league-call"), AnswerAlarm { alarm }).unwrap();
    let lost = centre.send(Some("league-dispatch"), AnswerAlarm { alarm });
    assert_eq!(lost, Err(Refusal::AlreadyAnswered { seat: "league-call".into(), at: START }));
}

#[test]
fn saving_words_keeps_it_an_alarm_and_a_type_makes_the_incident() {
    let mut centre = Centre::new();
    let alarm = centre.call();
    let noted = centre.send(Some("league-call"), SaveAlarm { words: Some(words(1)), ..save(alarm) }).unwrap();
    assert_eq!(names(&noted), ["alarm_answered", "alarm_saved"]);
    let typed = SaveAlarm { incident_type: Some("theft".into()), ..save(alarm) };
    let stale = SaveAlarm { expected_version: Some(1), ..typed.clone() };
    let stale = centre.send(Some("league-call"), stale);
    assert!(matches!(stale, Err(Refusal::Stale { expected: 1, actual: 3, .. })), "{stale:?}");
    centre.send(Some("league-call"), typed.clone()).unwrap();
    let incident = centre.state.incidents().values().next().unwrap();
    assert_eq!((incident.priority, incident.place.is_known()), (Priority::P3, false));
    let id = Some(incident.id);
    let again = centre.send(Some("league-call"), typed);
    assert_eq!(again, Err(Refusal::AlarmSettled { outcome: OutcomeKind::Incident, incident: id }));
    centre.sound();
}

#[test]
fn what_a_call_taker_saves_is_checked() {
    let mut centre = Centre::new();
    let alarm = centre.call();
    let unknown =
        centre.send(Some("league-call"), SaveAlarm { incident_type: Some("x".into()), ..save(alarm) });
    assert_eq!(unknown, Err(Refusal::unknown("incident_type", "type", "x")));
    let other = centre.send(Some("south-dispatch"), save(alarm));
    assert!(is_of_desk(&other, "league"));
    assert_eq!(centre.send(None, save(alarm)), Err(Refusal::SeatRequired));
    let outcome = centre.send(Some("league-call"), settle(alarm, OutcomeKind::Incident));
    assert!(matches!(outcome, Err(Refusal::Invalid { .. })));
    let agency = SettleAlarm { agency: Some("x".into()), ..settle(alarm, OutcomeKind::Transferred) };
    assert_eq!(centre.send(Some("league-call"), agency), Err(Refusal::unknown("agency", "agency", "x")));
}

#[test]
fn a_duplicate_joins_the_incident_it_tells_of() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("crash");
    let alarm = centre.alarm(RaiseAlarm {
        trunk: Some("north".into()),
        place: Some(place(1_152_000_000, 441_000_100, None)),
        ..RaiseAlarm::of(AlarmSource::App)
    });
    assert_eq!(centre.state.alarms()[&alarm].offers.first().map(|offer| offer.incident), Some(incident));
    let joins = SettleAlarm { incident: Some(incident), ..settle(alarm, OutcomeKind::Duplicate) };
    centre.send(Some("north-call"), joins).unwrap();
    assert_eq!(centre.the_incident(incident).alarms.len(), 2);
    centre.sound();
}

#[test]
fn a_silent_line_is_called_back_and_a_silenced_alarm_never() {
    let mut centre = Centre::new();
    let (open, silent) =
        (centre.call(), centre.alarm(RaiseAlarm { silent: true, ..RaiseAlarm::of(AlarmSource::Call) }));
    for alarm in [open, silent] {
        centre.send(Some("league-call"), settle(alarm, OutcomeKind::HungUp)).unwrap();
    }
    assert!(centre.state.alarms()[&open].call_back.is_some());
    assert!(centre.state.alarms()[&silent].call_back.is_none());
    centre.sound();
    let reached = CloseCallBack { alarm: open, result: CallBackResult::Reached };
    centre.send(Some("league-call"), reached.clone()).unwrap();
    assert_eq!(centre.state.alarms()[&open].state, AlarmState::Answered);
    assert!(matches!(centre.send(Some("league-call"), reached), Err(Refusal::Invalid { .. })));
    centre.sound();
}

#[test]
fn nobody_answers_a_call_back_from_a_known_place_and_somebody_looks() {
    let mut centre = Centre::new();
    let alarm = centre.alarm(RaiseAlarm { point: Some("P1".into()), ..RaiseAlarm::of(AlarmSource::Point) });
    centre.send(Some("north-call"), settle(alarm, OutcomeKind::Silent)).unwrap();
    let close = CloseCallBack { alarm, result: CallBackResult::Unanswered };
    let records = centre.send(Some("north-call"), close).unwrap();
    assert!(names(&records).contains(&"incident_created"), "{:?}", names(&records));
    let incident = centre.state.incidents().values().next().unwrap();
    assert_eq!((incident.state, incident.alarms.as_slice()), (IncidentState::Active, &[alarm][..]));
    centre.sound();
}

#[test]
fn an_answered_alarm_that_comes_to_nothing_escalates() {
    let mut centre = Centre::new();
    let alarm = centre.call();
    centre.send(Some("league-call"), AnswerAlarm { alarm }).unwrap();
    let due = centre.state.timers.next_due().unwrap();
    assert_eq!(due, centre.now.plus_ms(centre.state.register().timers.claim_ms[Priority::P2.index()]));
    centre.now = due;
    let records = centre.pass(0);
    let Event::TimerExpired(TimerExpired { timer, escalation, .. }) = &records[0].event else {
        panic!("{records:?}")
    };
    assert_eq!((*timer, escalation.level), (crate::kernel::id::TimerKey::Settle(alarm), 0));
    assert_eq!(escalation.seat.as_ref().map(crate::kernel::id::SeatId::as_str), Some("league-call"));
    centre.sound();
    centre.send(Some("league-call"), settle(alarm, OutcomeKind::Advice)).unwrap();
    assert!(centre.state.timers.get(crate::kernel::id::TimerKey::Settle(alarm)).is_none());
    centre.sound();
}

#[test]
fn a_settled_alarm_leaves_state_in_time() {
    let mut centre = Centre::new();
    let alarm = centre.call();
    centre.send(Some("league-call"), settle(alarm, OutcomeKind::Advice)).unwrap();
    let records = centre.run(86_400_000);
    assert_eq!(names(&records), ["alarm_archived"]);
    assert!(centre.state.alarms().is_empty() && centre.state.timers.next_due().is_none());
}

#[test]
fn numbers_restart_with_the_day_and_never_go_back() {
    let mut centre = Centre::new();
    let mut number = |day: u32| {
        centre.local = crate::kernel::time::LocalTime::noon(day);
        let alarm = centre.call();
        centre.state.alarms()[&alarm].number.clone()
    };
    let given = [20_260_730, 20_260_730, 20_260_731, 20_260_730].map(&mut number);
    assert_eq!(given, ["ML20260730-001", "ML20260730-002", "ML20260731-001", "ML20260731-002"]);
}
