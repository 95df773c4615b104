use super::scene::{advance, dispatch, is_of_desk, save};
use crate::command::{Dispatch, MoveIncident, RaiseAlarm, RenewRecommendation, SaveAlarm, SetService};
use crate::event::{Event, OrderCreated};
use crate::kernel::kind::OrderState;
use crate::kernel::place::{Place, PlaceKind, PlaceSource};
use crate::kernel::recommendation::Occasion;
use crate::kernel::refusal::Refusal;
use crate::kernel::target::Target;
use crate::response::alarm::AlarmSource;
use crate::response::order::{OverrideReason, StampSource, VoiceWay};
use crate::response::recommended::kept::KeptRecommendation;
use crate::response::unit::ServiceReason;
use crate::sample::{Centre, place, words};

#[test]
fn the_first_candidate_with_the_recommendation_on_screen() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let seen = centre.the_incident(incident).recommendation.unwrap();
    let first = centre.state.recommendations()[&seen].recommendation().ranked[0].clone();
    assert_eq!(first.candidate.unit.as_str(), "N2", "it patrols and stands nearest");
    let order = centre
        .orders(Dispatch {
            recommendation: Some(seen),
            ..dispatch(incident, &[first.candidate.unit.as_str()])
        })
        .unwrap()[0];
    let order = centre.the_order(order);
    assert_eq!((order.rank, order.recommendation), (Some(1), Some(seen)));
    assert_eq!((order.eta_ms, order.eta_high_ms), (first.candidate.eta_ms(), first.candidate.eta_high_ms()));
    centre.sound();
}

#[test]
fn without_a_recommendation_the_choice_is_recorded_with_what_would_be_recommended() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let recorded = centre.the_order(order).recommendation.unwrap();
    assert_eq!(centre.state.recommendations()[&recorded].recommendation().occasion, Occasion::Dispatch);
    let seen = centre.the_incident(incident).recommendation;
    let overruled = Dispatch {
        recommendation: seen,
        override_reason: Some(OverrideReason::LocalKnowledge),
        words: Some(words(4)),
        ..dispatch(incident, &["N4"])
    };
    let order = centre.orders(overruled).unwrap()[0];
    assert_eq!(centre.the_order(order).recommendation, seen);
    let known = centre.state.recommendations().values().map(KeptRecommendation::recommendation);
    assert_eq!(known.filter(|known| known.occasion == Occasion::Override).count(), 1);
}

#[test]
fn all_targets_or_none() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let other = centre.orders(dispatch(incident, &["N1", "S1"]));
    assert_eq!(other, Err(Refusal::UnitOfOtherDesk { unit: "S1".into(), desk: "south".into() }));
    assert!(centre.state.orders().is_empty() && centre.unit("N1").active.is_none());
    assert_eq!(centre.orders(dispatch(incident, &["N1", "N2"])).unwrap().len(), 2);
    centre.sound();
}

#[test]
fn a_dispatch_has_a_form() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    for broken in [
        dispatch(incident, &[]),
        dispatch(incident, &["N1", "N1"]),
        Dispatch { stack: true, divert: true, ..dispatch(incident, &["N1"]) },
    ] {
        assert!(matches!(centre.orders(broken.clone()), Err(Refusal::Invalid { .. })), "{broken:?}");
    }
    assert_eq!(centre.orders(dispatch(incident, &["X"])), Err(Refusal::unknown("targets", "unit", "X")));
    let strange = crate::kernel::id::RecommendationId(crate::kernel::id::CommandId(incident.0).0);
    let unknown = centre.orders(Dispatch { recommendation: Some(strange), ..dispatch(incident, &["N1"]) });
    assert_eq!(unknown, Err(Refusal::unknown("recommendation", "recommendation", strange)));
}

#[test]
fn a_class_the_run_card_forbids_is_not_sent() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("blaze");
    let refused = centre.orders(dispatch(incident, &["N4"]));
    assert_eq!(refused, Err(Refusal::ClassForbidden { unit: "N4".into(), class: "joint".into() }));
}

#[test]
fn a_unit_out_of_service_is_not_sent() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let broken = SetService { unit: "N1".into(), out_of_service: Some(ServiceReason::Vehicle), words: None };
    centre.say("N1", broken).unwrap();
    assert_eq!(
        centre.orders(dispatch(incident, &["N1"])),
        Err(Refusal::UnitOutOfService { unit: "N1".into() })
    );
}

#[test]
fn a_screen_that_is_out_of_date_sends_nobody() {
    let mut centre = Centre::new();
    let (one, other) = (centre.incident_of("theft"), centre.incident_of("theft"));
    let seen = centre.the_incident(other).recommendation;
    centre.order(one, "N2");
    let late = centre.orders(Dispatch { recommendation: seen, ..dispatch(other, &["N2"]) });
    assert_eq!(late, Err(Refusal::RecommendationOutdated { units: vec!["N2".into()] }));
    let foreign = centre.orders(Dispatch { recommendation: seen, ..dispatch(one, &["N1"]) });
    assert!(matches!(foreign, Err(Refusal::Invalid { .. })));
    let there = place(1_155_000_000, 441_000_000, Some("north-dispatch"));
    let moved = MoveIncident { incident: other, expected_version: None, place: there };
    centre.send(Some("north-dispatch"), moved).unwrap();
    let elsewhere = centre.orders(Dispatch { recommendation: seen, ..dispatch(other, &["N1"]) });
    assert_eq!(elsewhere, Err(Refusal::RecommendationOutdated { units: Vec::new() }));
}

#[test]
fn units_are_looked_for_anew_when_those_proposed_were_taken() {
    let mut centre = Centre::new();
    let (one, other) = (centre.incident_of("theft"), centre.incident_of("theft"));
    let before = centre.the_incident(other).recommendation;
    centre.order(one, "N2");
    let seat = Some("north-dispatch");
    centre.send(seat, RenewRecommendation { incident: other }).unwrap();
    let renewed = centre.the_incident(other).recommendation;
    assert_ne!(renewed, before);
    let known = centre.state.recommendations()[&renewed.unwrap()].recommendation();
    assert_eq!(known.occasion, Occasion::Asked);
    assert!(
        known.ranked.iter().all(|ranked| ranked.candidate.unit != "N2".into()),
        "it is on its way elsewhere"
    );
    let first = known.ranked[0].candidate.unit.clone();
    let order = Dispatch { recommendation: renewed, confirmed: true, ..dispatch(other, &[first.as_str()]) };
    centre.orders(order).unwrap();
    let foreign = centre.send(Some("south-dispatch"), RenewRecommendation { incident: other });
    assert!(matches!(foreign, Err(Refusal::OtherDesk { .. })));
    centre.sound();
}

#[test]
fn doubt_asks_for_a_second_key() {
    let mut centre = Centre::new();
    let armed = centre.incident_of("armed");
    let one_key = |incident| Dispatch { confirmed: false, ..dispatch(incident, &["N1"]) };
    let asked = |word: &str| Err(Refusal::ConfirmationNeeded { because: vec![word.into()] });
    assert_eq!(centre.orders(one_key(armed)), asked("sensitive_type"));
    let alarm = centre.alarm(RaiseAlarm { trunk: Some("north".into()), ..RaiseAlarm::of(AlarmSource::Call) });
    let typed = SaveAlarm { incident_type: Some("theft".into()), ..save(alarm) };
    centre.send(Some("north-call"), typed).unwrap();
    let nowhere = centre.state.incidents().values().find(|incident| !incident.place.is_known()).unwrap().id;
    assert_eq!(centre.orders(one_key(nowhere)), asked("place_missing"));
    let vague =
        Place { kind: PlaceKind::Area, area: Some("1501".into()), ..Place::unknown(PlaceSource::Caller) };
    let moved = MoveIncident { incident: nowhere, expected_version: None, place: vague };
    centre.send(Some("north-dispatch"), moved).unwrap();
    assert_eq!(centre.orders(one_key(nowhere)), asked("place_uncertain"));
    centre.orders(dispatch(nowhere, &["N1"])).unwrap();
}

#[test]
fn a_desk_given_an_order_carries_the_incident_on_with_its_own_units() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let steppe = |units: &[&str]| dispatch(incident, units);
    let early = centre.send(Some("steppe-dispatch"), steppe(&["T1"]));
    assert!(is_of_desk(&early, "north"));
    let down = Dispatch { targets: vec![Target::Desk("steppe".into())], ..dispatch(incident, &[]) };
    let given = centre.orders(down.clone()).unwrap()[0];
    assert!(matches!(centre.orders(down), Err(Refusal::Invalid { .. })), "it has one already");
    let own = Dispatch { targets: vec![Target::Desk("north".into())], ..dispatch(incident, &[]) };
    assert!(matches!(centre.orders(own), Err(Refusal::Invalid { .. })));
    let signed =
        crate::command::AdvanceOrder { source: StampSource::Operator, ..advance(given, OrderState::Signed) };
    centre.send(Some("steppe-dispatch"), signed).unwrap();
    let records = centre.send(Some("steppe-dispatch"), steppe(&["T1"])).unwrap();
    let parent = records.iter().find_map(|record| match &record.event {
        Event::OrderCreated(OrderCreated { parent, .. }) => *parent,
        _ => None,
    });
    assert_eq!(parent, Some(given));
    centre.sound();
}

#[test]
fn an_agency_takes_an_incident_over_the_telephone() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("crash");
    let to =
        |agency: &str| Dispatch { targets: vec![Target::Agency(agency.into())], ..dispatch(incident, &[]) };
    assert_eq!(centre.orders(to("x")), Err(Refusal::unknown("targets", "agency", "x")));
    let order = centre.orders(to("rail")).unwrap()[0];
    let spoken = crate::command::AdvanceOrder {
        source: StampSource::Voice,
        voice: Some(VoiceWay::Phone),
        ..advance(order, OrderState::Signed)
    };
    centre.send(Some("north-dispatch"), spoken).unwrap();
    assert_eq!(centre.the_order(order).state, OrderState::Signed);
    centre.sound();
}
