use super::scene::{advance, dispatch, is_of_desk, names};
use crate::command::{
    AdvanceOrder, ConfirmLife, Dispatch, MoveIncident, NoteIncident, RecallOrder, SetService, SignNotice,
};
use crate::kernel::id::TimerKey;
use crate::kernel::kind::{Duty, OrderState, UnitStatus};
use crate::kernel::recommendation::Occasion;
use crate::kernel::refusal::{Refusal, Rule};
use crate::response::incident::IncidentStatus;
use crate::response::order::{EndReason, StampSource, VoiceWay};
use crate::response::status::{incident_status, unit_status};
use crate::response::unit::ServiceReason;
use crate::sample::{Centre, place, words};

fn recall(order: crate::kernel::id::OrderId) -> RecallOrder {
    RecallOrder { order, expected_version: None, reason: EndReason::NotNeeded, words: None }
}

#[test]
fn a_life_from_sent_to_cleared() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let status = |centre: &Centre| incident_status(&centre.state, centre.the_incident(incident));
    assert_eq!(status(&centre), [IncidentStatus::AwaitingResponse, IncidentStatus::Active]);
    let order = centre.order(incident, "N1");
    let unit = |centre: &Centre| unit_status(&centre.state, &"N1".into());
    assert_eq!(unit(&centre), UnitStatus::Ordered);
    assert!(status(&centre).contains(&IncidentStatus::AwaitingResponse), "nobody has signed");
    for (to, expected, word) in [
        (OrderState::Signed, UnitStatus::Signed, IncidentStatus::ResourcesAssigned),
        (OrderState::Enroute, UnitStatus::Enroute, IncidentStatus::ResourcesEnroute),
        (OrderState::Staged, UnitStatus::Staged, IncidentStatus::ResourcesAssigned),
        (OrderState::OnScene, UnitStatus::OnScene, IncidentStatus::ResourcesOnscene),
        (OrderState::Cleared, UnitStatus::Returning, IncidentStatus::Active),
    ] {
        centre.now = centre.now.plus_ms(60_000);
        centre.reach(order, to);
        assert_eq!(unit(&centre), expected);
        assert!(status(&centre).contains(&word), "{to:?}: {:?}", status(&centre));
        assert!(!status(&centre).contains(&IncidentStatus::AwaitingResponse));
        centre.sound();
    }
    assert!(centre.state.timers.get(TimerKey::Feedback(order)).is_some());
    centre.say("N1", crate::command::ReportBack { unit: "N1".into() }).unwrap();
    assert_eq!(unit(&centre), UnitStatus::OnCall);
    let again = centre.say("N1", crate::command::ReportBack { unit: "N1".into() });
    assert_eq!(again, Err(Refusal::NoChange));
}

#[test]
fn a_decline_puts_the_incident_back_with_a_new_recommendation() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let before = centre.the_incident(incident).recommendation;
    let silent = centre.say("N1", AdvanceOrder { reason: None, ..advance(order, OrderState::Declined) });
    assert_eq!(silent, Err(Refusal::invalid("reason", Rule::SayWhy)));
    let records = centre.reach(order, OrderState::Declined);
    assert_eq!(names(&records), ["order_advanced", "recommendation_recorded"]);
    assert_ne!(centre.the_incident(incident).recommendation, before);
    assert!(centre.state.timers.get(TimerKey::FirstOrder(incident)).is_some());
    assert_eq!(unit_status(&centre.state, &"N1".into()), UnitStatus::OnCall, "it never left");
    centre.sound();
}

#[test]
fn signing_by_voice_says_who_and_how() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let voice = AdvanceOrder { source: StampSource::Voice, ..advance(order, OrderState::Signed) };
    let nameless = centre.send(Some("north-dispatch"), voice.clone());
    assert_eq!(nameless, Err(Refusal::invalid("voice", Rule::SayHow)));
    let named = AdvanceOrder { voice: Some(VoiceWay::Radio), words: Some(words(3)), ..voice };
    assert_eq!(centre.say("N1", named.clone()), Err(Refusal::SeatRequired));
    centre.send(Some("north-dispatch"), named).unwrap();
    let stamp = centre.the_order(order).stamp(OrderState::Signed).unwrap();
    assert_eq!((stamp.voice, stamp.words), (Some(VoiceWay::Radio), Some(words(3))));
}

#[test]
fn no_unit_speaks_for_another() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let other = centre.say("N2", advance(order, OrderState::Signed));
    assert!(matches!(other, Err(Refusal::Invalid { .. })), "{other:?}");
    let foreign = centre.send(Some("south-dispatch"), advance(order, OrderState::Signed));
    assert!(is_of_desk(&foreign, "north"));
}

#[test]
fn a_device_message_from_before_it_staged_does_not_move_it_on() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let early = centre.now;
    centre.now = centre.now.plus_ms(600_000);
    centre.reach(order, OrderState::Staged);
    centre.now = centre.now.plus_ms(1_000);
    centre.say("N1", AdvanceOrder { at: Some(early), ..advance(order, OrderState::Enroute) }).unwrap();
    assert_eq!(centre.the_order(order).state, OrderState::Staged);
    centre.reach(order, OrderState::Enroute);
    assert_eq!(centre.the_order(order).state, OrderState::Enroute);
    centre.sound();
}

#[test]
fn a_message_repeated_word_for_word_changes_nothing() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let report = AdvanceOrder { at: Some(centre.now), ..advance(order, OrderState::Signed) };
    centre.say("N1", report.clone()).unwrap();
    assert_eq!(centre.say("N1", report), Err(Refusal::NoChange));
}

#[test]
fn a_sent_order_is_recalled_and_the_recall_is_signed() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    assert_eq!(
        centre
            .say("N1", SignNotice { order, source: StampSource::Device, at: None, voice: None, words: None }),
        Err(Refusal::NothingToSign)
    );
    centre.send(Some("north-dispatch"), recall(order)).unwrap();
    assert!(centre.the_order(order).recall_pending && centre.unit("N1").active == Some(order));
    assert_eq!(centre.send(Some("north-dispatch"), recall(order)), Err(Refusal::NoChange));
    centre.sound();
    centre
        .say("N1", SignNotice { order, source: StampSource::Device, at: None, voice: None, words: None })
        .unwrap();
    assert_eq!(centre.the_order(order).state, OrderState::Recalled);
    assert_eq!((centre.unit("N1").active, centre.unit("N1").returning), (None, false));
    let ended = centre.send(Some("north-dispatch"), recall(order));
    assert!(matches!(ended, Err(Refusal::OrderState { from: OrderState::Recalled, .. })));
    centre.sound();
}

#[test]
fn a_stacked_order_goes_out_when_the_unit_comes_free() {
    let mut centre = Centre::new();
    let (first, second, third) =
        (centre.incident_of("theft"), centre.incident_of("crash"), centre.incident_of("theft"));
    let active = centre.order(first, "N1");
    let mut stack = |incident| {
        let stacked = Dispatch { stack: true, ..dispatch(incident, &["N1"]) };
        centre.orders(stacked).unwrap()[0]
    };
    let (next, last) = (stack(second), stack(third));
    assert_eq!(centre.the_order(next).state, OrderState::Queued);
    centre.send(Some("north-dispatch"), recall(last)).unwrap();
    assert_eq!(centre.the_order(last).state, OrderState::Recalled, "what was never sent just ends");
    let records = centre.reach(active, OrderState::Cleared);
    assert_eq!(names(&records), ["order_advanced", "order_unstacked"]);
    assert_eq!((centre.the_order(next).state, centre.unit("N1").active), (OrderState::Sent, Some(next)));
    centre.sound();
}

#[test]
fn a_broken_down_unit_gets_its_stack_when_it_is_back() {
    let mut centre = Centre::new();
    let (first, second) = (centre.incident_of("theft"), centre.incident_of("crash"));
    let active = centre.order(first, "N1");
    let next = centre.orders(Dispatch { stack: true, ..dispatch(second, &["N1"]) }).unwrap()[0];
    let set = |why| SetService { unit: "N1".into(), out_of_service: why, words: None };
    centre.say("N1", set(Some(ServiceReason::Vehicle))).unwrap();
    centre.reach(active, OrderState::Failed);
    assert_eq!(centre.the_order(next).state, OrderState::Queued);
    assert_eq!(unit_status(&centre.state, &"N1".into()), UnitStatus::OutOfService);
    centre.sound();
    let records = centre.say("N1", set(None)).unwrap();
    assert_eq!(names(&records), ["service_set", "order_unstacked"]);
    centre.sound();
}

#[test]
fn a_diverted_unit_stays_committed_until_it_signs() {
    let mut centre = Centre::new();
    let (first, second) = (centre.incident_of("theft"), centre.incident_of("crash"));
    let old = centre.order(first, "N1");
    centre.reach(old, OrderState::Enroute);
    let busy = centre.orders(dispatch(second, &["N1"]));
    assert_eq!(busy, Err(Refusal::UnitBusy { unit: "N1".into(), order: old, incident: first }));
    let divert = Dispatch { divert: true, ..dispatch(second, &["N1"]) };
    let new = centre.orders(divert.clone()).unwrap()[0];
    assert_eq!((centre.unit("N1").active, centre.unit("N1").divert), (Some(old), Some(new)));
    centre.sound();
    let third = centre.incident_of("crash");
    let twice = centre.orders(Dispatch { incident: third, ..divert });
    assert_eq!(twice, Err(Refusal::UnitBusy { unit: "N1".into(), order: new, incident: second }));
    let records = centre.reach(new, OrderState::Signed);
    assert_eq!(names(&records), ["order_advanced", "order_advanced", "recommendation_recorded"]);
    assert_eq!(
        (centre.the_order(old).state, centre.the_order(old).end_reason),
        (OrderState::Failed, Some(EndReason::Diverted))
    );
    assert_eq!((centre.unit("N1").active, centre.unit("N1").divert), (Some(new), None));
    let again = centre.state.recommendations().values().filter(|known| known.incident() == first);
    assert_eq!(again.filter(|known| known.recommendation().occasion == Occasion::Changed).count(), 1);
    centre.sound();
}

#[test]
fn a_declined_divert_leaves_the_unit_where_it_was() {
    let mut centre = Centre::new();
    let (first, second) = (centre.incident_of("theft"), centre.incident_of("crash"));
    let old = centre.order(first, "N1");
    let new = centre.orders(Dispatch { divert: true, ..dispatch(second, &["N1"]) }).unwrap()[0];
    centre.reach(new, OrderState::Declined);
    assert_eq!((centre.unit("N1").active, centre.unit("N1").divert), (Some(old), None));
    let newer = centre.orders(Dispatch { divert: true, ..dispatch(second, &["N1"]) }).unwrap()[0];
    centre.reach(old, OrderState::Cleared);
    assert_eq!(
        (centre.unit("N1").active, centre.unit("N1").divert),
        (Some(newer), None),
        "it goes over by itself"
    );
    centre.sound();
}

#[test]
fn a_new_place_and_a_danger_are_signed_again() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    centre.reach(order, OrderState::Signed);
    let note = NoteIncident { incident, words: words(7), danger: true, caller_withdrew: false };
    centre.send(Some("north-dispatch"), note.clone()).unwrap();
    assert!(centre.the_order(order).supplement_pending);
    assert_eq!(centre.send(Some("north-dispatch"), note), Err(Refusal::NoChange));
    centre
        .say("N1", SignNotice { order, source: StampSource::Device, at: None, voice: None, words: None })
        .unwrap();
    assert!(!centre.the_order(order).supplement_pending);
    let there = place(1_155_000_000, 441_000_000, Some("south-dispatch"));
    let moved = MoveIncident { incident, expected_version: None, place: there };
    let records = centre.send(Some("north-dispatch"), moved.clone()).unwrap();
    assert_eq!(names(&records), ["incident_moved", "recommendation_recorded"]);
    assert!(centre.the_order(order).supplement_pending && centre.the_incident(incident).moved);
    let confirmed = &centre.the_incident(incident).place.confirmed_by;
    assert_eq!(*confirmed, Some("north-dispatch".into()), "a seat confirms for itself alone");
    assert_eq!(centre.send(Some("north-dispatch"), moved), Err(Refusal::NoChange));
    centre.sound();
}

#[test]
fn signs_of_life_are_asked_for_while_assigned() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let confirm = ConfirmLife { order, source: StampSource::Device, at: None, voice: None, words: None };
    assert!(matches!(centre.say("N1", confirm.clone()), Err(Refusal::Invalid { .. })));
    centre.reach(order, OrderState::OnScene);
    centre.now = centre.now.plus_ms(1_000_000);
    centre.say("N1", confirm).unwrap();
    let due = centre.state.timers.get(TimerKey::SignOfLife(order)).unwrap().due;
    assert_eq!(due, Some(centre.now.plus_ms(1_800_000)));
    let said = centre.the_order(order).sign_of_life.clone().expect("it was said");
    assert_eq!((said.at, said.received_at, said.by.as_str()), (centre.now, centre.now, "unit:N1"));
}

#[test]
fn no_unit_goes_off_duty_with_an_order() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let off = crate::command::SetDuty { unit: "N1".into(), duty: Duty::Off };
    assert_eq!(centre.say("N1", off.clone()), Err(Refusal::UnitBusy { unit: "N1".into(), order, incident }));
    centre.reach(order, OrderState::Declined);
    centre.say("N1", off.clone()).unwrap();
    assert_eq!(centre.say("N1", off), Err(Refusal::NoChange));
    assert_eq!(centre.orders(dispatch(incident, &["N1"])), Err(Refusal::UnitOffDuty { unit: "N1".into() }));
}

#[test]
fn a_reason_is_a_code_and_what_was_said_is_apart() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let (declined, recalled) = (centre.order(incident, "N1"), centre.order(incident, "N2"));
    let no = AdvanceOrder {
        reason: Some(EndReason::Road),
        words: Some(words(6)),
        ..advance(declined, OrderState::Declined)
    };
    let own = AdvanceOrder { reason: Some(EndReason::NotSigned), ..no.clone() };
    assert_eq!(centre.say("N1", own), Err(Refusal::invalid("reason", Rule::NodeOnly)));
    centre.say("N1", no).unwrap();
    let ended = |centre: &Centre, order| {
        let order = centre.the_order(order);
        (order.state, order.end_reason, order.end_words)
    };
    assert_eq!(ended(&centre, declined), (OrderState::Declined, Some(EndReason::Road), Some(words(6))));
    let back = RecallOrder { reason: EndReason::Mistaken, words: Some(words(7)), ..recall(recalled) };
    let own = RecallOrder { reason: EndReason::Diverted, ..back.clone() };
    assert!(matches!(centre.send(Some("north-dispatch"), own), Err(Refusal::Invalid { .. })));
    centre.send(Some("north-dispatch"), back).unwrap();
    let sign =
        SignNotice { order: recalled, source: StampSource::Device, at: None, voice: None, words: None };
    centre.say("N2", sign).unwrap();
    assert_eq!(
        ended(&centre, recalled),
        (OrderState::Recalled, Some(EndReason::Mistaken), Some(words(7))),
        "signing the recall leaves what was said with it"
    );
    centre.sound();
}

#[test]
fn words_explain_a_reason_or_are_refused() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let unexplained = Err(Refusal::invalid("words", Rule::ExplainReason));
    let chosen = Dispatch { words: Some(words(8)), ..dispatch(incident, &["N1"]) };
    assert_eq!(centre.orders(chosen).map(|_| ()), unexplained);
    let back = SetService { unit: "N1".into(), out_of_service: None, words: Some(words(8)) };
    assert_eq!(centre.say("N1", back.clone()).map(|_| ()), unexplained);
    let out = SetService { out_of_service: Some(ServiceReason::Crew), ..back };
    centre.say("N1", out.clone()).unwrap();
    assert_eq!(centre.unit("N1").service_words, Some(words(8)));
    centre.say("N1", SetService { words: Some(words(9)), ..out }).unwrap();
    assert_eq!(centre.unit("N1").service_words, Some(words(9)), "more can be said later");
}
