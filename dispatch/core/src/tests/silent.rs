//! 静默: never called back, approached without siren, looked for where the place is known.

use super::scene::{dispatch, names, save};
use crate::command::{MergeIncident, RaiseAlarm, ReleaseCaller, SaveAlarm, SettleAlarm};
use crate::kernel::id::{AlarmId, IncidentId, OrderId};
use crate::kernel::kind::{OrderState, OutcomeKind};
use crate::kernel::refusal::{Refusal, Rule};
use crate::response::alarm::AlarmSource;
use crate::sample::{Centre, words};

fn settle(alarm: AlarmId, outcome: OutcomeKind) -> SettleAlarm {
    SettleAlarm { alarm, expected_version: None, outcome, incident: None, agency: None, words: None }
}

fn silent_call() -> RaiseAlarm {
    RaiseAlarm { point: Some("P1".into()), silent: true, ..RaiseAlarm::of(AlarmSource::Point) }
}

#[test]
fn a_silent_line_with_a_place_sends_a_unit_to_look_and_is_not_called_back() {
    let mut centre = Centre::new();
    let alarm = centre.alarm(silent_call());
    let records = centre.send(Some("north-call"), settle(alarm, OutcomeKind::Silent)).unwrap();
    assert_eq!(names(&records), ["incident_created", "recommendation_recorded", "alarm_settled"]);
    let alarm = &centre.state.alarms()[&alarm];
    let outcome = alarm.outcome.clone().unwrap();
    assert_eq!((outcome.kind, alarm.call_back.clone()), (OutcomeKind::Silent, None));
    let incident = outcome.incident.unwrap();
    let order = centre.order(incident, "N1");
    assert!(centre.the_incident(incident).silent && centre.the_order(order).silent);
    centre.sound();
}

#[test]
fn a_silent_line_from_nowhere_is_settled_without_a_call_back() {
    let mut centre = Centre::new();
    let alarm = centre.alarm(RaiseAlarm { silent: true, ..RaiseAlarm::of(AlarmSource::Call) });
    centre.send(Some("league-call"), settle(alarm, OutcomeKind::HungUp)).unwrap();
    assert!(centre.state.incidents().is_empty() && centre.state.alarms()[&alarm].call_back.is_none());
    centre.sound();
}

/// An incident with a signed order.
fn under_way(centre: &mut Centre) -> (IncidentId, OrderId) {
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    centre.reach(order, OrderState::Signed);
    (incident, order)
}

#[test]
fn a_repeat_that_says_so_hushes_the_crew_under_way() {
    let mut centre = Centre::new();
    let press = || RaiseAlarm {
        point: Some("P2".into()),
        press: Some("p".into()),
        ..RaiseAlarm::of(AlarmSource::Button)
    };
    centre.alarm(press());
    let incident = *centre.state.incidents().keys().next().unwrap();
    let order = centre.order(incident, "N1");
    let records = centre.send(None, RaiseAlarm { silent: true, ..press() }).unwrap();
    assert_eq!(names(&records), ["alarm_repeated", "incident_silenced"]);
    let order = centre.the_order(order);
    assert!(order.silent && order.supplement_pending);
    centre.sound();
}

#[test]
fn a_silent_duplicate_and_a_silent_merge_hush_what_they_join() {
    let mut centre = Centre::new();
    let (incident, order) = under_way(&mut centre);
    let alarm = centre.alarm(silent_call());
    let joins = SettleAlarm { incident: Some(incident), ..settle(alarm, OutcomeKind::Duplicate) };
    centre.send(Some("north-call"), joins).unwrap();
    assert!(centre.the_order(order).silent);
    let other = centre.incident_of("crash");
    let going = centre.orders(dispatch(other, &["N2"])).unwrap()[0];
    let merge = MergeIncident { incident: other, expected_version: None, into: incident, into_version: None };
    centre.send(Some("north-dispatch"), merge).unwrap();
    assert!(centre.the_order(going).silent);
    centre.sound();
}

#[test]
fn a_callers_number_goes_to_one_order_and_never_that_of_a_silent_caller() {
    let mut centre = Centre::new();
    let alarm = centre.alarm(RaiseAlarm {
        point: Some("P1".into()),
        caller: Some(words(7)),
        ..RaiseAlarm::of(AlarmSource::Point)
    });
    let typed = SaveAlarm { incident_type: Some("theft".into()), ..save(alarm) };
    centre.send(Some("north-call"), typed).unwrap();
    let incident = *centre.state.incidents().keys().next().unwrap();
    let (order, other) = (centre.order(incident, "N1"), centre.order(incident, "N2"));
    let release = ReleaseCaller { order, expected_version: None };
    assert!(matches!(centre.say("N1", release.clone()), Err(Refusal::SeatRequired)));
    centre.send(Some("north-dispatch"), release.clone()).unwrap();
    assert_eq!(centre.the_order(order).caller, [words(7)]);
    assert!(centre.the_order(other).caller.is_empty());
    assert_eq!(centre.send(Some("north-dispatch"), release), Err(Refusal::NoChange));

    let alarm = centre.alarm(RaiseAlarm { caller: Some(words(8)), ..silent_call() });
    centre.send(Some("north-call"), settle(alarm, OutcomeKind::Silent)).unwrap();
    let incident = centre.state.alarms()[&alarm].outcome.clone().unwrap().incident.unwrap();
    let order = centre.order(incident, "N3");
    let refused = centre.send(Some("north-dispatch"), ReleaseCaller { order, expected_version: None });
    assert_eq!(refused, Err(Refusal::invalid("order", Rule::SilentCaller)));
    centre.sound();
}
