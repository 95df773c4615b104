use super::scene::{dispatch, is_of_desk};
use crate::command::{AnswerSupport, EndSupport, RequestSupport};
use crate::event::{Event, Record, TimerExpired};
use crate::kernel::id::{IncidentId, SupportId, TimerKey};
use crate::kernel::kind::OrderState;
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::time::Time;
use crate::response::support::{Support, SupportReason, SupportState};
use crate::sample::Centre;

fn ask(centre: &mut Centre, incident: IncidentId) -> SupportId {
    let request = RequestSupport { unit: "S1".into(), incident };
    centre.send(Some("north-dispatch"), request).unwrap();
    *centre.state.supports().keys().next_back().unwrap()
}

fn answer(support: SupportId, grant: bool) -> AnswerSupport {
    AnswerSupport { support, grant, reason: None, words: None }
}

#[test]
fn a_granted_unit_is_ordered_by_the_desk_that_asked_and_goes_home() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let support = ask(&mut centre, incident);
    let request = RequestSupport { unit: "S1".into(), incident };
    assert_eq!(centre.send(Some("north-dispatch"), request), Err(Refusal::NoChange));
    let own = RequestSupport { unit: "N1".into(), incident };
    assert!(matches!(centre.send(Some("north-dispatch"), own), Err(Refusal::Invalid { .. })));
    centre.send(Some("south-lead"), answer(support, true)).unwrap();
    assert_eq!(centre.unit("S1").desk.as_str(), "north");
    assert_eq!(centre.send(Some("south-lead"), answer(support, true)), Err(Refusal::SupportAnswered));
    centre.sound();
    let order = centre.order(incident, "S1");
    let end = EndSupport { support };
    assert!(matches!(centre.send(Some("south-lead"), end.clone()), Err(Refusal::UnitBusy { .. })));
    centre.reach(order, OrderState::Cleared);
    centre.send(Some("south-lead"), end.clone()).unwrap();
    assert_eq!(centre.unit("S1").desk.as_str(), "south");
    assert_eq!(centre.send(Some("south-lead"), end), Err(Refusal::NoChange));
    centre.sound();
}

#[test]
fn a_refusal_says_why() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let support = ask(&mut centre, incident);
    assert!(matches!(centre.send(Some("south-lead"), answer(support, false)), Err(Refusal::Invalid { .. })));
    let own = AnswerSupport { reason: Some(SupportReason::LentToAnother), ..answer(support, false) };
    assert_eq!(centre.send(Some("south-dispatch"), own), Err(Refusal::invalid("reason", Rule::NodeOnly)));
    let refuse = AnswerSupport { reason: Some(SupportReason::NeededHere), ..answer(support, false) };
    centre.send(Some("south-lead"), refuse).unwrap();
    let refused = centre.orders(dispatch(incident, &["S1"]));
    assert_eq!(refused, Err(Refusal::UnitOfOtherDesk { unit: "S1".into(), desk: "south".into() }));
    centre.sound();
}

#[test]
fn the_parent_desk_takes_for_priority_1_when_its_time_has_come() {
    let mut centre = Centre::new();
    let (urgent, ordinary) = (centre.incident_of("blaze"), centre.incident_of("theft"));
    let support = ask(&mut centre, urgent);
    let lead = Some("league-lead");
    let at = centre.now.plus_ms(30_000);
    assert_eq!(centre.send(lead, answer(support, true)), Err(Refusal::TooEarly { at }));
    assert!(is_of_desk(&centre.send(lead, answer(support, false)), "south"));
    centre.now = at;
    centre.send(lead, answer(support, true)).unwrap();
    assert_eq!(centre.unit("S1").desk.as_str(), "north");
    let request = RequestSupport { unit: "S2".into(), incident: ordinary };
    centre.send(Some("north-dispatch"), request).unwrap();
    let slow = centre.state.supports().values().find(|support| support.unit.as_str() == "S2").unwrap().id;
    centre.now = centre.now.plus_ms(600_000);
    assert!(is_of_desk(&centre.send(lead, answer(slow, true)), "south"));
    centre.sound();
}

#[test]
fn a_lent_unit_goes_home_before_its_incident_leaves_state() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let support = ask(&mut centre, incident);
    centre.send(Some("south-lead"), answer(support, true)).unwrap();
    centre.result(incident);
    let close = crate::command::CloseIncident { incident, expected_version: None };
    centre.send(Some("north-dispatch"), close).unwrap();
    let names = super::scene::names(&centre.run(86_400_000));
    assert_eq!(names, ["support_ended", "incident_archived"]);
    assert_eq!(centre.unit("S1").desk.as_str(), "south");
    assert!(centre.state.supports().is_empty());
    centre.sound();
}

#[test]
fn an_archive_that_waits_for_a_lent_unit_takes_no_turn() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    centre.order(incident, "N1");
    let support = ask(&mut centre, incident);
    let lent = Support {
        unit: "N1".into(),
        state: SupportState::Granted,
        ..centre.state.supports()[&support].clone()
    };
    // As many as one tick handles, all of them held back by a unit that has an order.
    for at in 0..crate::decide::EXPIRIES_PER_TICK_MAX {
        let id = uuid::Uuid::from_u128(at as u128);
        let lent = Support { id: SupportId(id), incident: IncidentId(id), ..lent.clone() };
        centre.state.response_mut().supports().insert(lent.id, lent);
        centre.state.timers.set(TimerKey::Archive(IncidentId(id)), Time(0));
    }
    let alarm = centre.call();
    centre.now = centre.state.timers.get(TimerKey::Answer(alarm)).and_then(|row| row.due).unwrap();
    let ran_out = centre.pass(0);
    let of_alarm = |record: &Record| matches!(&record.event, Event::TimerExpired(TimerExpired { timer: TimerKey::Answer(id), .. }) if *id == alarm);
    assert!(ran_out.iter().any(of_alarm), "the timer behind them runs out");
}
