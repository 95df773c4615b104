//! A place known as an area only: units are sought from a spot inside it, and what is not known widens every time.

use dispatch_core::kernel::id::{IncidentId, RecommendationId};
use dispatch_core::kernel::kind::Priority;
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::recommendation::{Examination, Occasion, PlaceReason, Recommendation};
use dispatch_core::{examine, recommend};
use uuid::Uuid;

use crate::steppe::{MINUTE_MS, NOON, NOW, Steppe, ago, at, path, place};

fn somewhere(code: &str) -> Place {
    Place { kind: PlaceKind::Area, area: Some(code.into()), ..Place::unknown(PlaceSource::Caller) }
}

fn look(steppe: &Steppe, place: &Place) -> Examination {
    examine(&steppe.state, &steppe.live_map, place, None, Priority::P2, NOW, NOON)
}

fn made(examination: &Examination) -> Recommendation {
    let (id, incident) = (RecommendationId(Uuid::from_u128(1)), IncidentId(Uuid::from_u128(2)));
    recommend(id, incident, Occasion::Created, examination)
}

/// The western banner with a car in the middle of it, one near its edge and one in the next.
fn banner() -> Steppe {
    let mut steppe = Steppe::new();
    for (name, lon) in [("centre", 115.5), ("edge", 115.1), ("next", 116.2)] {
        let id = steppe.unit(name, at(lon, 44.0), |_, _| ());
        steppe.fix(&id, at(lon, 44.0), ago(0));
    }
    steppe
}

#[test]
fn an_area_gets_candidates_and_stays_an_area() {
    let steppe = banner();
    let found = look(&steppe, &somewhere("152501"));
    let around = found.around.clone().unwrap();
    assert_eq!((around.area, around.at), ("152501".into(), at(115.5, 44.0)));
    assert_eq!(found.place, somewhere("152501"), "the spot never becomes the place");
    let made = made(&found);
    let names: Vec<_> = made.ranked.iter().map(|one| one.candidate.unit.as_str()).collect();
    assert_eq!(names, ["centre", "edge", "next"]);
    assert_eq!(made.place_reason, Some(PlaceReason::PlaceIsArea));
    assert!(made.place_uncertain && made.ranked[1].overlaps_previous);
}

#[test]
fn its_reach_widens_every_estimate_as_the_age_of_a_fix_does() {
    let steppe = banner();
    let area = look(&steppe, &somewhere("152501"));
    let spot = look(&steppe, &place(at(115.5, 44.0)));
    let reach_dm = u64::from(area.around.as_ref().unwrap().reach_dm);
    // Half a degree east and a whole one north: some 118 km.
    assert!((1_150_000..1_220_000).contains(&reach_dm), "{reach_dm}");
    for (wide, exact) in area.available.iter().zip(&spot.available) {
        assert_eq!((&wide.unit, wide.travel_ms, exact.doubt_ms), (&exact.unit, exact.travel_ms, 0));
        let expected = match u64::from(wide.distance_dm) {
            0 => reach_dm * 10_000 / 3_500,
            distance_dm => reach_dm * u64::from(wide.travel_ms) / distance_dm,
        };
        assert_eq!(u64::from(wide.doubt_ms), expected, "{}", wide.unit);
        assert!(wide.eta_high_ms() > exact.eta_high_ms() + 30 * MINUTE_MS);
    }
}

#[test]
fn an_area_without_outline_is_sought_from_what_stands_in_it_or_from_the_one_above() {
    let steppe = banner();
    let sumu = look(&steppe, &somewhere("152501001")).around.unwrap();
    assert_eq!((sumu.area, sumu.at), ("152501001".into(), at(115.4, 44.4)));
    assert_eq!(sumu.reach_dm, at(115.4, 44.4).distance_dm(at(115.5, 44.4)));
    let of_path = |codes: &[&str]| steppe.live_map.middle(&path(codes)).map(|(area, _)| area.to_string());
    assert_eq!(of_path(&["1525", "152502", "152502009"]), Some("152502".to_owned()));
    assert_eq!(of_path(&["86"]), None);
}

#[test]
fn nobody_is_sought_for_a_place_nobody_knows_and_that_is_said() {
    let steppe = banner();
    let found = look(&steppe, &Place::unknown(PlaceSource::Caller));
    assert!(found.around.is_none() && found.available.is_empty() && found.passed.is_empty());
    assert_eq!(made(&found).place_reason, Some(PlaceReason::PlaceUnknown));
    assert_eq!(made(&look(&steppe, &place(at(115.5, 44.0)))).place_reason, None);
}

#[test]
fn what_was_recorded_for_an_area_is_recomputed_to_the_same_bytes() {
    let recorded = serde_json::to_vec(&made(&look(&banner(), &somewhere("152501")))).unwrap();
    let read: Recommendation = serde_json::from_slice(&recorded).unwrap();
    assert_eq!(serde_json::to_vec(&made(&read.examination)).unwrap(), recorded);
}
