use super::scene::{dispatch, is_of_desk};
use crate::command::{
    AnswerShift, CancelIncident, ClaimIncident, ClassifyIncident, CloseIncident, GiveFeedback,
    HandOverIncident, HandOverShift, LinkIncidents, MergeIncident, RaiseAlarm, ReopenIncident,
    ReviewFeedback, SettleAlarm, SplitIncident,
};
use crate::event::IncidentHandedOver;
use crate::kernel::id::{IncidentId, TimerKey};
use crate::kernel::kind::{IncidentState, Mode, OrderState, OutcomeKind, Priority};
use crate::kernel::refusal::Refusal;
use crate::response::alarm::AlarmSource;
use crate::response::feedback::{FeedbackKind, ReturnReason};
use crate::response::incident::{CancelReason, Incident, IncidentStatus, Link, LinkKind};
use crate::response::status::incident_status;
use crate::sample::{Centre, words};
use crate::state::State;

const SEAT: Option<&str> = Some("north-dispatch");

fn claim(incident: IncidentId) -> ClaimIncident {
    ClaimIncident { incident, expected_version: None, take_over: false }
}

fn close(incident: IncidentId) -> CloseIncident {
    CloseIncident { incident, expected_version: None }
}

fn cancel(incident: IncidentId) -> CancelIncident {
    CancelIncident { incident, expected_version: None, reason: CancelReason::FalseAlarm }
}

#[test]
fn one_seat_claims_and_another_takes_over_openly() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let version = centre.the_incident(incident).version;
    let stale = ClaimIncident { expected_version: Some(version - 1), ..claim(incident) };
    let Err(Refusal::Stale { between, actual, .. }) = centre.send(SEAT, stale) else { panic!("stale") };
    assert_eq!((actual, between.len()), (version, 1));
    centre.send(SEAT, claim(incident)).unwrap();
    assert_eq!(centre.send(SEAT, claim(incident)), Err(Refusal::NoChange));
    let other = centre.send(Some("north-second"), claim(incident));
    assert_eq!(other, Err(Refusal::ClaimedByOther { seat: "north-dispatch".into() }));
    centre.send(Some("north-second"), ClaimIncident { take_over: true, ..claim(incident) }).unwrap();
    assert_eq!(centre.the_incident(incident).claimed_by, Some("north-second".into()));
    centre.sound();
}

#[test]
fn a_type_brings_its_priority_and_an_sos_keeps_its_own() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let classify = |incident, code: &str| ClassifyIncident {
        incident,
        expected_version: None,
        incident_type: Some(code.into()),
        priority: None,
    };
    assert_eq!(centre.send(SEAT, classify(incident, "theft")), Err(Refusal::NoChange));
    assert_eq!(
        centre.send(SEAT, classify(incident, "x")),
        Err(Refusal::unknown("incident_type", "type", "x"))
    );
    let records = centre.send(SEAT, classify(incident, "blaze")).unwrap();
    assert_eq!(super::scene::names(&records), ["incident_classified", "recommendation_recorded"]);
    assert_eq!(centre.the_incident(incident).priority, Priority::P1);
    let due = centre.state.timers.get(TimerKey::Claim(incident)).unwrap().due;
    assert_eq!(due, Some(centre.now.plus_ms(30_000)), "the timers follow the priority");
    centre.alarm(RaiseAlarm { unit: Some("N1".into()), ..RaiseAlarm::of(AlarmSource::Sos) });
    let sos = centre.state.incidents().values().find(|incident| incident.sos).unwrap().id;
    centre.send(SEAT, classify(sos, "theft")).unwrap();
    assert_eq!(centre.the_incident(sos).priority, Priority::P1);
}

#[test]
fn an_open_order_and_a_missing_result_keep_it_open() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    assert_eq!(centre.send(SEAT, close(incident)), Err(Refusal::OrdersOpen { orders: vec![order] }));
    assert_eq!(centre.send(SEAT, cancel(incident)), Err(Refusal::OrdersOpen { orders: vec![order] }));
    centre.reach(order, OrderState::Cleared);
    assert_eq!(centre.send(SEAT, close(incident)), Err(Refusal::ResultMissing));
    let feedback = centre.unreviewed(incident);
    assert_eq!(centre.send(SEAT, close(incident)), Err(Refusal::ResultMissing), "nobody has accepted it");
    let review = ReviewFeedback {
        incident,
        expected_version: None,
        feedback,
        accept: true,
        reason: None,
        words: None,
    };
    let above = centre.send(Some("league-dispatch"), review.clone());
    assert!(is_of_desk(&above, "north"));
    centre.send(SEAT, review.clone()).unwrap();
    assert_eq!(centre.send(SEAT, review), Err(Refusal::NoChange));
    centre.send(SEAT, close(incident)).unwrap();
    assert_eq!(
        centre.send(SEAT, close(incident)),
        Err(Refusal::IncidentEnded { field: "incident".into(), state: IncidentState::Closed })
    );
    assert!(centre.state.timers.get(TimerKey::Feedback(order)).is_none());
    centre.sound();
}

#[test]
fn a_returned_result_does_not_close() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let feedback = centre.unreviewed(incident);
    let back = ReviewFeedback {
        incident,
        expected_version: None,
        feedback,
        accept: false,
        reason: None,
        words: None,
    };
    assert!(matches!(centre.send(SEAT, back.clone()), Err(Refusal::Invalid { .. })));
    centre
        .send(SEAT, ReviewFeedback { reason: Some(ReturnReason::Incomplete), words: Some(words(5)), ..back })
        .unwrap();
    assert_eq!(centre.send(SEAT, close(incident)), Err(Refusal::ResultMissing));
    let formless =
        GiveFeedback { incident, order: None, kind: FeedbackKind::Result, disposition: None, words: None };
    assert!(matches!(centre.send(SEAT, formless), Err(Refusal::Invalid { .. })));
}

#[test]
fn taken_up_again_it_waits_anew_and_needs_a_new_result() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    centre.reach(order, OrderState::Cleared);
    centre.result(incident);
    let reopen = ReopenIncident { incident, words: None };
    assert_eq!(centre.send(SEAT, reopen.clone()), Err(Refusal::IncidentActive));
    centre.send(SEAT, close(incident)).unwrap();
    centre.now = centre.now.plus_ms(60_000);
    centre.send(SEAT, reopen).unwrap();
    let status = incident_status(&centre.state, centre.the_incident(incident));
    assert_eq!(status, [IncidentStatus::AwaitingResponse, IncidentStatus::Active, IncidentStatus::ReOpened]);
    assert_eq!(centre.send(SEAT, close(incident)), Err(Refusal::ResultMissing));
    assert!(centre.state.timers.get(TimerKey::FirstOrder(incident)).is_some());
    centre.sound();
}

#[test]
fn an_ended_incident_leaves_state_with_all_that_is_its_own() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    centre.reach(order, OrderState::Cleared);
    centre.result(incident);
    centre.send(SEAT, close(incident)).unwrap();
    let records = centre.run(86_400_000);
    assert_eq!(super::scene::names(&records), ["incident_archived"]);
    let state = &centre.state;
    assert!(state.incidents().is_empty() && state.alarms().is_empty() && state.orders().is_empty());
    assert!(state.recommendations().is_empty() && state.timers.next_due().is_none());
    centre.archive.clear();
    assert_eq!(
        centre.send(SEAT, ReopenIncident { incident, words: None }),
        Err(Refusal::unknown("incident", "incident", incident)),
        "nobody knows it any more"
    );
}

#[test]
fn what_has_ended_is_held_once_by_two_states_that_say_the_same() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    centre.reach(order, OrderState::Cleared);
    centre.result(incident);
    let mut other = State::default();
    let mut seen = 0;
    // Whether the incident, its alarm, its order and its recommendation are each the same in memory.
    let mut catch_up = |centre: &Centre| {
        let (state, records) = (&centre.state, &centre.records[seen..]);
        for record in records {
            crate::apply(&mut other, record);
        }
        other.share_ended(state, records);
        seen = centre.records.len();
        assert_eq!(other, *state);
        let known = centre.the_incident(incident);
        let (alarm, recommended) = (known.alarms[0], known.recommendation.unwrap());
        [
            std::ptr::eq(&raw const other.incidents()[&incident], &raw const state.incidents()[&incident]),
            std::ptr::eq(&raw const other.alarms()[&alarm], &raw const state.alarms()[&alarm]),
            std::ptr::eq(&raw const other.orders()[&order], &raw const state.orders()[&order]),
            std::ptr::eq(
                &raw const other.recommendations()[&recommended],
                &raw const state.recommendations()[&recommended],
            ),
        ]
    };
    assert_eq!(catch_up(&centre), [false, true, false, true], "what goes on is each one's own");
    centre.send(SEAT, close(incident)).unwrap();
    assert_eq!(catch_up(&centre), [true; 4]);
    centre.send(SEAT, ReopenIncident { incident, words: None }).unwrap();
    assert_eq!(catch_up(&centre), [false, true, true, true], "only what changes is each one's own again");
    let mut read: State = serde_json::from_str(&serde_json::to_string(&centre.state).unwrap()).unwrap();
    read.share_all(&centre.state);
    assert_eq!(read, centre.state);
    assert!(std::ptr::eq(&raw const read.orders()[&order], &raw const centre.state.orders()[&order]));
}

#[test]
fn an_archived_incident_is_taken_up_by_a_new_one_that_replaces_it() {
    let mut centre = Centre::new();
    let old = centre.incident_of("theft");
    centre.send(SEAT, cancel(old)).unwrap();
    centre.run(86_400_000);
    let reopen = ReopenIncident { incident: old, words: Some(words(9)) };
    let foreign = centre.send(Some("south-dispatch"), reopen.clone());
    assert!(is_of_desk(&foreign, "north"));
    let records = centre.send(SEAT, reopen.clone()).unwrap();
    assert_eq!(
        super::scene::names(&records),
        ["incident_created", "recommendation_recorded", "incident_replaced"]
    );
    let new = *centre.state.incidents().keys().next().unwrap();
    let born = centre.the_incident(new).clone();
    let was = centre.archive[&old].incident.clone();
    assert_eq!(born.links, [Link { kind: LinkKind::Replacing, incident: old }]);
    assert_eq!((&born.place, &born.area, &born.incident_type), (&was.place, &was.area, &was.incident_type));
    assert_eq!((born.received_at, born.reopened, born.notes.as_slice()), (centre.now, true, &[words(9)][..]));
    assert_ne!(born.number, was.number);
    assert_eq!(was.links, [Link { kind: LinkKind::ReplacedBy, incident: new }]);
    assert_eq!((was.state, was.cancelled_because), (IncidentState::Replaced, Some(CancelReason::FalseAlarm)));
    let recommended = centre.state.recommendations()[&born.recommendation.unwrap()].recommendation();
    assert_eq!(recommended.ranked[0].candidate.unit.as_str(), "N2", "units are looked for anew");
    // No screen shows the old one again; its timeline names what replaces it.
    let views = crate::changed_views(&centre.state, &records);
    assert!(views.iter().all(|view| view.id() != old.to_string()));
    assert!(records[2].event.about().named().any(|id| *id == old.into()));
    assert_eq!(centre.send(SEAT, reopen.clone()), Err(Refusal::IncidentReplaced { by: new }));
    // Nor while the read model is a commit behind.
    centre.archive.get_mut(&old).unwrap().incident = Incident { state: IncidentState::Cancelled, ..was };
    assert_eq!(centre.send(SEAT, reopen), Err(Refusal::IncidentReplaced { by: new }));
    assert!(centre.state.timers.get(TimerKey::FirstOrder(new)).is_some());
    centre.sound();
}

#[test]
fn links_are_mirrored() {
    let mut centre = Centre::new();
    let (one, other) = (centre.incident_of("theft"), centre.incident_of("crash"));
    let link = LinkIncidents { incident: one, expected_version: None, other, kind: LinkKind::Related };
    centre.send(SEAT, link.clone()).unwrap();
    assert_eq!(centre.the_incident(other).links[0].incident, one);
    assert_eq!(centre.send(SEAT, link.clone()), Err(Refusal::NoChange));
    let own = LinkIncidents { other: one, ..link.clone() };
    assert!(matches!(centre.send(SEAT, own), Err(Refusal::Invalid { .. })));
    let merging = LinkIncidents { kind: LinkKind::Replacing, ..link };
    assert!(matches!(centre.send(SEAT, merging), Err(Refusal::Invalid { .. })));
}

#[test]
fn merged_incidents_share_alarms_and_open_orders() {
    let mut centre = Centre::new();
    let (from, into) = (centre.incident_of("theft"), centre.incident_of("theft"));
    let (done, open) = (centre.order(from, "N1"), centre.order(from, "N2"));
    centre.reach(done, OrderState::Cleared);
    let merge = MergeIncident { incident: from, expected_version: None, into, into_version: None };
    let own = MergeIncident { into: from, ..merge.clone() };
    assert!(matches!(centre.send(SEAT, own), Err(Refusal::Invalid { .. })));
    centre.send(SEAT, merge).unwrap();
    assert_eq!(centre.the_incident(from).state, IncidentState::Replaced);
    assert_eq!(
        (centre.the_incident(into).alarms.len(), centre.the_incident(into).orders.as_slice()),
        (2, &[open][..])
    );
    assert_eq!(centre.the_incident(from).orders, [done]);
    assert_eq!(centre.the_incident(into).links[0].kind, LinkKind::Replacing);
    assert!(centre.state.timers.get(TimerKey::FirstOrder(into)).is_none());
    let again = centre.send(SEAT, ReopenIncident { incident: from, words: None });
    assert_eq!(again, Err(Refusal::IncidentReplaced { by: into }));
    centre.sound();
}

#[test]
fn a_test_is_not_merged_into_what_is_actual() {
    let mut centre = Centre::new();
    let into = centre.incident_of("theft");
    let drill =
        RaiseAlarm { mode: Mode::Exercise, point: Some("P2".into()), ..RaiseAlarm::of(AlarmSource::Button) };
    centre.alarm(drill);
    let incident =
        centre.state.incidents().values().find(|incident| incident.mode == Mode::Exercise).unwrap().id;
    let merge = MergeIncident { incident, expected_version: None, into, into_version: None };
    assert!(matches!(centre.send(SEAT, merge), Err(Refusal::Invalid { .. })));
}

#[test]
fn a_split_takes_some_alarms_and_the_sos_with_them() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let button = centre.alarm(RaiseAlarm { unit: Some("N1".into()), ..RaiseAlarm::of(AlarmSource::Sos) });
    let sos = centre.state.incidents().values().find(|incident| incident.sos).unwrap().id;
    let merge = MergeIncident { incident: sos, expected_version: None, into: incident, into_version: None };
    centre.send(SEAT, merge).unwrap();
    assert!(centre.the_incident(incident).sos && centre.unit("N1").sos);
    let split = |alarms: &[crate::kernel::id::AlarmId]| SplitIncident {
        incident,
        expected_version: None,
        alarms: alarms.to_vec(),
        place: None,
    };
    let all = centre.the_incident(incident).alarms.clone();
    assert!(matches!(centre.send(SEAT, split(&[])), Err(Refusal::Invalid { .. })));
    assert!(matches!(centre.send(SEAT, split(&all)), Err(Refusal::Invalid { .. })), "one must stay");
    let records = centre.send(SEAT, split(&[button])).unwrap();
    assert!(super::scene::names(&records).ends_with(&["incident_split"]));
    assert!(!centre.the_incident(incident).sos && centre.unit("N1").sos);
    let new = centre
        .state
        .incidents()
        .values()
        .find(|incident| incident.sos && incident.state == IncidentState::Active);
    assert_eq!(new.unwrap().alarms, [button]);
    centre.sound();
    let unknown = centre.send(SEAT, split(&[button]));
    assert_eq!(unknown, Err(Refusal::unknown("alarms", "alarm of this incident", button)));
}

#[test]
fn a_desk_above_takes_up_and_another_does_not() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    centre.send(SEAT, claim(incident)).unwrap();
    let to = |desk: &str| HandOverIncident { incident, expected_version: None, desk: desk.into() };
    assert!(is_of_desk(&centre.send(Some("south-dispatch"), to("south")), "north"));
    assert_eq!(centre.send(SEAT, to("north")), Err(Refusal::NoChange));
    assert_eq!(centre.send(SEAT, to("x")), Err(Refusal::unknown("desk", "desk", "x")));
    let records = centre.send(Some("league-dispatch"), to("league")).unwrap();
    assert!(matches!(
        records[0].event,
        crate::event::Event::IncidentHandedOver(IncidentHandedOver { taken_up: true, .. })
    ));
    assert_eq!(centre.the_incident(incident).claimed_by, None);
    assert!(centre.state.timers.get(TimerKey::Claim(incident)).is_some());
    centre.sound();
}

#[test]
fn a_shift_goes_over_with_everything_that_is_open() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    centre.send(SEAT, claim(incident)).unwrap();
    let alarm = centre.alarm(RaiseAlarm { trunk: Some("north".into()), ..RaiseAlarm::of(AlarmSource::Call) });
    centre.send(SEAT, crate::command::AnswerAlarm { alarm }).unwrap();
    let shift = |from: &str, to: &str| HandOverShift { from: from.into(), to: to.into() };
    let far = centre.send(SEAT, shift("north-dispatch", "south-dispatch"));
    assert!(matches!(far, Err(Refusal::Invalid { .. })));
    assert_eq!(centre.send(SEAT, shift("north-dispatch", "north-dispatch")), Err(Refusal::NoChange));
    let foreign = centre.send(Some("south-dispatch"), shift("north-dispatch", "north-second"));
    assert!(is_of_desk(&foreign, "north"));
    centre.send(Some("north-second"), shift("north-dispatch", "north-second")).unwrap();
    let accept = AnswerShift { from: "north-dispatch".into(), accept: true };
    centre.send(Some("north-second"), accept).unwrap();
    assert_eq!(centre.the_incident(incident).claimed_by, Some("north-second".into()));
    assert_eq!(centre.state.alarms()[&alarm].answered.as_ref().unwrap().1.as_str(), "north-second");
    let settle = SettleAlarm {
        alarm,
        expected_version: None,
        outcome: OutcomeKind::Advice,
        incident: None,
        agency: None,
        words: None,
    };
    centre.send(Some("north-second"), settle).unwrap();
    centre.sound();
}

#[test]
fn a_cancelled_incident_takes_no_orders() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    centre.send(SEAT, cancel(incident)).unwrap();
    let ended = Err(Refusal::IncidentEnded { field: "incident".into(), state: IncidentState::Cancelled });
    assert_eq!(centre.orders(dispatch(incident, &["N1"])), ended);
    centre.sound();
}
