//! Where crews are sent when their incident moves, or is merged into one elsewhere.

use super::scene::save;
use crate::changed_views::changed_views;
use crate::command::{ClaimIncident, MergeIncident, MoveIncident, SaveAlarm};
use crate::event::Event;
use crate::kernel::id::{OrderId, TimerKey};
use crate::kernel::kind::{OrderState, Priority};
use crate::kernel::place::{Place, PlaceKind, PlaceSource};
use crate::kernel::time::Time;
use crate::sample::{Centre, place};

const SEAT: Option<&str> = Some("north-dispatch");

#[test]
fn a_merge_takes_crews_to_the_new_place_and_keeps_the_higher_priority() {
    let mut centre = Centre::new();
    let (from, into) = (centre.incident_of("crash"), centre.incident_at("theft", 1_167_000_000));
    let order = centre.order(from, "N1");
    centre.reach(order, OrderState::Signed);
    let (before, due) = (centre.the_order(order).clone(), arrival(&centre, order));
    let merge = MergeIncident { incident: from, expected_version: None, into, into_version: None };
    let records = centre.send(Some("league-dispatch"), merge).unwrap();
    assert!(changed_views(&centre.state, &records).iter().any(|view| view.id() == order.to_string()));
    let after = centre.the_order(order);
    assert!(after.supplement_pending, "the crew signs that it goes elsewhere");
    assert_eq!(after.area, centre.the_incident(into).area);
    assert_ne!(after.area, before.area);
    assert!(after.eta_high_ms > before.eta_high_ms && arrival(&centre, order) > due, "it is farther");
    assert_eq!(centre.the_incident(into).priority, Priority::P2, "the higher of the two");
    centre.sound();
}

#[test]
fn a_merge_into_what_has_no_place_gives_it_one() {
    let mut centre = Centre::new();
    let (from, alarm) = (centre.incident_of("crash"), centre.call());
    let typed = SaveAlarm { incident_type: Some("theft".into()), ..save(alarm) };
    centre.send(Some("league-call"), typed).unwrap();
    let into = centre.state.incidents().values().find(|incident| !incident.place.is_known()).unwrap().id;
    let order = centre.order(from, "N1");
    let merge = MergeIncident { incident: from, expected_version: None, into, into_version: None };
    centre.send(Some("league-dispatch"), merge).unwrap();
    assert!(centre.the_incident(into).place.coord.is_some());
    assert!(centre.the_order(order).eta_ms > 0);
    centre.sound();
}

#[test]
fn a_move_changes_area_and_arrival_of_every_open_order() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let (rolling, done) = (centre.order(incident, "N1"), centre.order(incident, "N2"));
    centre.reach(rolling, OrderState::Signed);
    centre.reach(done, OrderState::Cleared);
    let old = centre.the_order(done).clone();
    let far = place(1_167_000_000, 441_000_000, Some("league-dispatch"));
    let due = arrival(&centre, rolling);
    centre.send(SEAT, MoveIncident { incident, expected_version: None, place: far }).unwrap();
    assert_eq!(centre.the_order(rolling).area, centre.the_incident(incident).area);
    assert!(arrival(&centre, rolling) > due);
    assert_eq!(centre.the_order(done), &old, "what is over stays as it was");
    let somewhere = Place {
        kind: PlaceKind::RoadPost,
        road: Some("G207 km 12".into()),
        ..Place::unknown(PlaceSource::Caller)
    };
    let vague = MoveIncident { incident, expected_version: None, place: somewhere };
    centre.send(Some("league-dispatch"), vague).unwrap();
    assert_eq!((centre.the_order(rolling).eta_ms, arrival(&centre, rolling)), (0, None), "nobody can tell");
    centre.sound();
}

fn arrival(centre: &Centre, order: OrderId) -> Option<Time> {
    centre.state.timers.get(TimerKey::Arrival(order)).and_then(|row| row.due)
}

#[test]
fn a_call_that_is_given_a_place_is_the_incident_of_that_places_desk() {
    let mut centre = Centre::new();
    let alarm = centre.call();
    assert_eq!(centre.state.alarms()[&alarm].desk.as_str(), "league");
    let known = SaveAlarm {
        incident_type: Some("theft".into()),
        place: Some(place(1_152_000_000, 441_000_000, Some("league-call"))),
        ..save(alarm)
    };
    centre.send(Some("league-call"), known).unwrap();
    let incident = centre.state.incidents().values().next().unwrap().clone();
    assert_eq!(incident.desk.as_str(), "north");
    let advice = centre.records.iter().rev().find_map(|record| match &record.event {
        Event::RecommendationRecorded(recorded) => Some(recorded.recommendation()),
        _ => None,
    });
    let advice = advice.expect("units are near");
    assert!(!advice.ranked[0].needs_support, "its nearest unit needs no support request");
    centre.order(incident.id, "N1");
    centre.sound();
}

#[test]
fn an_incident_that_is_given_a_place_goes_home_unless_somebody_has_it_in_hand() {
    for claimed in [false, true] {
        let mut centre = Centre::new();
        let alarm = centre.call();
        let typed = SaveAlarm { incident_type: Some("theft".into()), ..save(alarm) };
        centre.send(Some("league-call"), typed).unwrap();
        let incident = centre.state.incidents().values().next().unwrap().id;
        assert_eq!(centre.the_incident(incident).desk.as_str(), "league");
        if claimed {
            let claim = ClaimIncident { incident, expected_version: None, take_over: false };
            centre.send(Some("league-dispatch"), claim).unwrap();
        }
        let there = place(1_152_000_000, 441_000_000, Some("league-call"));
        let moved = MoveIncident { incident, expected_version: None, place: there };
        centre.send(Some("league-dispatch"), moved).unwrap();
        let desk = if claimed { "league" } else { "north" };
        assert_eq!(centre.the_incident(incident).desk.as_str(), desk);
        centre.sound();
    }
}
