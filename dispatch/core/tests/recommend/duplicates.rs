//! Which incidents are offered as possibly the same, and in which order.

use dispatch_core::kernel::id::IncidentId;
use dispatch_core::kernel::kind::{IncidentState, Mode, OutcomeKind};
use dispatch_core::kernel::place::{Place, PlaceSource};
use dispatch_core::offers;
use dispatch_core::response::alarm::{Alarm, AlarmSource, AlarmState, Outcome};
use dispatch_core::response::duplicate::{KIN_MAX, NEAREST_MAX};
use dispatch_core::response::incident::Incident;

use crate::steppe::{MINUTE_MS, NOW, Steppe, ago, alarm, at, path, place};

fn north_m(metres: f64) -> Place {
    place(at(115.5, 44.0 + metres / 111_195.0))
}

/// An alarm in the western banner now, 0 m north.
fn ringing(change: impl FnOnce(&mut Alarm)) -> Alarm {
    let mut ringing = alarm(1, AlarmSource::Call, &north_m(0.0), &path(&["1525", "152501"]));
    ringing.incident_type = Some("fire".into());
    change(&mut ringing);
    ringing
}

/// An incident with one alarm, of the same type.
fn burning(
    steppe: &mut Steppe,
    number: u128,
    place: &Place,
    ago_ms: u32,
    change: impl FnOnce(&mut Alarm),
) -> IncidentId {
    let id = steppe.incident(number, place);
    let mut told = alarm(1_000 + number, AlarmSource::Call, place, &steppe.state.incidents()[&id].area);
    told.received_at = ago(ago_ms);
    change(&mut told);
    with_incident(steppe, id, |incident| {
        incident.incident_type = Some("fire".into());
        incident.received_at = ago(ago_ms);
    });
    tell_of(steppe, id, told);
    id
}

fn with_incident(steppe: &mut Steppe, id: IncidentId, how: impl FnOnce(&mut Incident)) {
    steppe.state.response_mut().incidents().change(&id, how).unwrap();
}

/// Has an alarm settled as one that tells of an incident.
fn tell_of(steppe: &mut Steppe, id: IncidentId, mut told: Alarm) {
    let outcome = Outcome { kind: OutcomeKind::Incident, incident: Some(id), agency: None };
    (told.state, told.outcome) = (AlarmState::Settled, Some(outcome));
    with_incident(steppe, id, |incident| incident.alarms.push(told.id));
    steppe.state.response_mut().alarms().insert(told.id, told);
}

fn score(steppe: &Steppe, alarm: &Alarm) -> Option<u16> {
    offers(&steppe.state, alarm).first().map(|offer| offer.score_per_mille)
}

#[test]
fn weights_add_up_as_documented() {
    type Case = (&'static str, f64, u32, fn(&mut Alarm), fn(&mut Alarm), Option<u16>);
    let cases: [Case; 12] = [
        ("same place, now, same type", 0.0, 0, |_| (), |_| (), Some(800)),
        (
            "and the same point",
            0.0,
            0,
            |a| a.point = Some("p".into()),
            |b| b.point = Some("p".into()),
            Some(1_000),
        ),
        ("another point", 0.0, 0, |a| a.point = Some("p".into()), |b| b.point = Some("q".into()), Some(800)),
        ("half the distance", 1_500.0, 0, |_| (), |_| (), Some(600)),
        ("half the time", 0.0, 30 * MINUTE_MS, |_| (), |_| (), Some(675)),
        ("another type", 0.0, 0, |a| a.incident_type = Some("flood".into()), |_| (), Some(700)),
        ("no type yet", 0.0, 0, |a| a.incident_type = None, |_| (), Some(700)),
        ("another banner", 0.0, 0, |a| a.area = path(&["1525", "152502"]), |_| (), Some(750)),
        ("beyond 3 km", 3_010.0, 0, |_| (), |_| (), None),
        (
            "beyond 3 km, same unit",
            9_000.0,
            0,
            |a| a.unit = Some("u".into()),
            |b| b.unit = Some("u".into()),
            Some(600),
        ),
        ("beyond an hour", 0.0, 60 * MINUTE_MS + 1, |_| (), |_| (), None),
        ("far and long ago", 2_900.0, 55 * MINUTE_MS, |_| (), |_| (), None),
    ];
    for (name, metres, ago_ms, ring, tell, expected) in cases {
        let mut steppe = Steppe::new();
        burning(&mut steppe, 7, &north_m(metres), ago_ms, tell);
        let actual = score(&steppe, &ringing(ring));
        // The lattice of coordinates is 1 cm: a point is lost to rounding at most.
        let close = actual.zip(expected).is_some_and(|(actual, expected)| actual.abs_diff(expected) <= 1);
        assert!(close || (actual.is_none() && expected.is_none()), "{name}: {actual:?}, not {expected:?}");
    }
}

#[test]
fn radii_take_distance_off_and_make_it_say_less() {
    let mut steppe = Steppe::new();
    burning(&mut steppe, 7, &north_m(4_000.0), 0, |_| ());
    assert_eq!(score(&steppe, &ringing(|_| ())), None);
    // 1 km beyond a radius of 3 km: two thirds of 400, halved by 3 / (3 + 3); 250 + 100 + 50 beside.
    let wide = ringing(|alarm| alarm.place.radius_m = 3_000);
    let offer = &offers(&steppe.state, &wide)[0];
    assert!(offer.score_per_mille.abs_diff(533) <= 1, "{}", offer.score_per_mille);
    assert!(offer.distance_dm.unwrap().abs_diff(40_000) <= 1);
}

#[test]
fn without_a_place_source_type_and_time_speak() {
    let mut steppe = Steppe::new();
    burning(&mut steppe, 7, &north_m(0.0), 0, |told| told.device = Some("d".into()));
    let unplaced = |alarm: &mut Alarm| {
        alarm.place = Place::unknown(PlaceSource::Caller);
        alarm.area = path(&[]);
    };
    assert_eq!(score(&steppe, &ringing(unplaced)), None);
    let same_device = ringing(|alarm| {
        unplaced(alarm);
        alarm.device = Some("d".into());
    });
    let offer = &offers(&steppe.state, &same_device)[0];
    assert_eq!(
        (offer.score_per_mille, offer.distance_dm, offer.same_source, offer.same_type),
        (550, None, true, true)
    );
}

#[test]
fn only_others_that_go_on_in_the_same_mode_are_offered() {
    let mut steppe = Steppe::new();
    let id = burning(&mut steppe, 7, &north_m(0.0), 0, |_| ());
    let ringing = ringing(|_| ());
    assert_eq!(offers(&steppe.state, &ringing).len(), 1);
    let mut with = |how: &dyn Fn(&mut Incident)| {
        let before = steppe.state.incidents()[&id].clone();
        with_incident(&mut steppe, id, how);
        let count = offers(&steppe.state, &ringing).len();
        steppe.state.response_mut().incidents().insert(id, before);
        count
    };
    assert_eq!(with(&|incident| incident.mode = Mode::Exercise), 0);
    assert_eq!(with(&|incident| incident.state = IncidentState::Closed), 0);
    assert_eq!(with(&|incident| incident.alarms.push(ringing.id)), 0);
    assert_eq!(with(&|_| ()), 1);
}

#[test]
fn five_at_most_the_most_alike_first_and_the_latest_alarm_counts() {
    let mut steppe = Steppe::new();
    for number in [9, 3, 5, 4, 8, 6, 7] {
        let metres = if number == 9 { 0.0 } else { 300.0 };
        burning(&mut steppe, number, &north_m(metres), 10 * MINUTE_MS, |_| ());
    }
    let found = offers(&steppe.state, &ringing(|_| ()));
    let order: Vec<u128> = found.iter().map(|offer| offer.incident.0.as_u128()).collect();
    assert_eq!(order, [9, 3, 4, 5, 6]);
    // An incident of an hour and a half ago that rang again a minute ago.
    let mut steppe = Steppe::new();
    let old = burning(&mut steppe, 7, &north_m(0.0), 90 * MINUTE_MS, |_| ());
    assert_eq!(score(&steppe, &ringing(|_| ())), None);
    let mut again = alarm(50, AlarmSource::Call, &north_m(0.0), &path(&[]));
    again.received_at = ago(MINUTE_MS);
    tell_of(&mut steppe, old, again);
    assert_eq!(offers(&steppe.state, &ringing(|_| ()))[0].apart_ms, MINUTE_MS);
    assert_eq!(NOW, ringing(|_| ()).received_at);
}

#[test]
fn of_many_near_by_the_nearest_are_looked_at_and_whatever_its_source_told_of() {
    let many = u128::try_from(NEAREST_MAX).unwrap();
    let mut steppe = Steppe::new();
    for number in 1..=many {
        burning(&mut steppe, number, &north_m(0.0), 50 * MINUTE_MS, |_| ());
    }
    // It rang just now, but lies behind all of those.
    let behind = many + 1;
    burning(&mut steppe, behind, &north_m(10.0), 0, |told| told.device = Some("d".into()));
    let first = |steppe: &Steppe, alarm: &Alarm| offers(&steppe.state, alarm)[0].incident.0.as_u128();
    assert_ne!(first(&steppe, &ringing(|_| ())), behind);
    let same_device = ringing(|alarm| alarm.device = Some("d".into()));
    assert_eq!(first(&steppe, &same_device), behind);
    // Wide places are counted apart: they hide no narrow one.
    for number in 1..=many {
        let id = steppe.state.incidents().values().find(|known| known.id.0.as_u128() == number).unwrap().id;
        with_incident(&mut steppe, id, |incident| incident.place.radius_m = 2_000);
    }
    assert_eq!(first(&steppe, &ringing(|_| ())), behind);
}

#[test]
fn of_a_sources_alarms_the_last_are_looked_at() {
    let mut steppe = Steppe::new();
    let told_by = |told: &mut Alarm| told.device = Some("d".into());
    let first = burning(&mut steppe, 1, &north_m(50_000.0), 0, told_by);
    let same_device = ringing(told_by);
    assert_eq!(offers(&steppe.state, &same_device)[0].incident, first);
    for number in 2..=u128::try_from(KIN_MAX).unwrap() + 1 {
        burning(&mut steppe, number, &north_m(50_000.0), 0, told_by);
    }
    assert!(offers(&steppe.state, &same_device).iter().all(|offer| offer.incident != first));
}
