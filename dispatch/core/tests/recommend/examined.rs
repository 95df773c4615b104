//! The search against brute force over all units, and the reasons given for those passed over.

use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::kind::{Duty, OrderState, Priority, UnitStatus};
use dispatch_core::kernel::place::Place;
use dispatch_core::kernel::recommendation::{CandidatePlace, Examination, Need, PassedReason};
use dispatch_core::register::{RunCard, UnitEntry};
use dispatch_core::response::unit::{ServiceReason, Unit};
use dispatch_core::{Coord, examine};
use geo_index::travel::Leg;
use proptest::prelude::*;

use crate::steppe::{MINUTE_MS, NOON, NOW, Steppe, ago, at, card, codes, need, place};

const CAPABILITIES: [&str; 3] = ["medic", "4x4", "officer"];
const CLASSES: [&str; 3] = ["police", "fire", "medic"];

pub fn search(steppe: &Steppe, coord: Coord) -> Examination {
    examine(&steppe.state, &steppe.live_map, &place(coord), None, Priority::P1, NOW, NOON)
}

fn names(found: &Examination) -> Vec<&str> {
    found.available.iter().map(|candidate| candidate.unit.as_str()).collect()
}

#[derive(Clone, Debug)]
struct Sketch {
    home: Coord,
    fix: Option<(Coord, u32)>,
    class: usize,
    capabilities: u8,
    duty: Duty,
    hindrance: u8,
    readiness_ms: u32,
    mover: u8,
}

fn spot() -> impl Strategy<Value = Coord> {
    // A coarse lattice, so that equal distances and equal places are met.
    (0i32..20, 0i32..20)
        .prop_map(|(x, y)| Coord { lon: 1_150_000_000 + x * 1_000_000, lat: 430_000_000 + y * 1_000_000 })
}

fn sketch() -> impl Strategy<Value = Sketch> {
    let duty = prop_oneof![Just(Duty::Patrolling), Just(Duty::OnCall), Just(Duty::Reserve), Just(Duty::Off)];
    let fix = prop::option::of((spot(), 0..90 * MINUTE_MS));
    let readiness = (0u32..10).prop_map(|minutes| minutes * MINUTE_MS);
    (spot(), fix, 0usize..3, 0u8..8, duty, 0u8..12, readiness, 0u8..2).prop_map(
        |(home, fix, class, capabilities, duty, hindrance, readiness_ms, mover)| Sketch {
            home,
            fix,
            class,
            capabilities,
            duty,
            hindrance,
            readiness_ms,
            mover,
        },
    )
}

fn chosen(names: &[&'static str], bits: u8) -> Vec<&'static str> {
    let bit = |index: usize| bits >> index & 1 == 1;
    names.iter().enumerate().filter(|(index, _)| bit(*index)).map(|(_, name)| *name).collect()
}

fn line() -> impl Strategy<Value = Need> {
    (1u8..4, 0u8..8, 0u8..8).prop_map(|(count, capabilities, classes)| {
        need(count, &chosen(&CAPABILITIES, capabilities & 3), &chosen(&CLASSES, classes))
    })
}

fn run_card() -> impl Strategy<Value = RunCard> {
    (prop::collection::vec(line(), 1..4), prop_oneof![4 => Just(0u8), 1 => 0u8..8])
        .prop_map(|(needs, forbidden)| card(None, &[], needs, &chosen(&CLASSES, forbidden)))
}

fn draw(sketches: &[Sketch], card: RunCard) -> Steppe {
    let mut steppe = Steppe::new();
    steppe.state.register_mut().register().run_cards = vec![card];
    for (number, sketch) in sketches.iter().enumerate() {
        let id = steppe.unit(&format!("u{number:03}"), sketch.home, |entry, unit| {
            entry.class = CLASSES[sketch.class].into();
            entry.capabilities = codes(&chosen(&CAPABILITIES, sketch.capabilities));
            entry.readiness_ms = sketch.readiness_ms;
            entry.mover = sketch.mover;
            entry.retired = sketch.hindrance == 0;
            unit.duty = sketch.duty;
            unit.out_of_service = (sketch.hindrance == 1).then_some(ServiceReason::Maintenance);
            unit.sos = sketch.hindrance == 2;
            unit.returning = sketch.hindrance == 3;
        });
        if let Some((coord, age_ms)) = sketch.fix {
            steppe.fix(&id, coord, ago(age_ms));
        }
    }
    steppe
}

/// Readiness + travel of a unit that may be sent, worked out from the sketch and not from index, mask or state.
fn eta_ms(steppe: &Steppe, sketch: &Sketch, to: Coord) -> Option<u32> {
    if sketch.duty == Duty::Off || sketch.hindrance < 3 {
        return None;
    }
    let from = sketch.fix.map_or(sketch.home, |(coord, _)| coord);
    let travel = steppe.live_map.travel().exact_ms(&Leg { from, to, mover: sketch.mover });
    let ready = match sketch.duty {
        _ if sketch.hindrance == 3 => 0,
        Duty::OnCall => sketch.readiness_ms,
        Duty::Reserve => sketch.readiness_ms * 2,
        _ => 0,
    };
    Some(ready + travel)
}

fn fits(sketch: &Sketch, need: &Need, card: &RunCard) -> bool {
    let class = CLASSES[sketch.class].into();
    let has = chosen(&CAPABILITIES, sketch.capabilities);
    !card.forbidden.contains(&class)
        && (need.classes.is_empty() || need.classes.contains(&class))
        && need.capabilities.iter().all(|asked| has.contains(&asked.as_str()))
}

/// (ETA, slot) of the soonest of every line, by looking at every unit.
fn brute_force(sketches: &[(Option<u32>, Vec<bool>)], needs: &[Need]) -> Vec<(u32, usize)> {
    let k = needs.iter().map(|need| usize::from(need.count)).sum::<usize>().max(5);
    let mut found = std::collections::BTreeSet::new();
    for line in 0..needs.len() {
        let of = |(slot, (eta, fits)): (usize, &(Option<u32>, Vec<bool>))| {
            eta.filter(|_| fits[line]).map(|eta| (eta, slot))
        };
        let mut all: Vec<(u32, usize)> = sketches.iter().enumerate().filter_map(of).collect();
        all.sort_unstable();
        found.extend(all.into_iter().take(k));
    }
    found.into_iter().collect()
}

proptest! {
    #[test]
    fn the_search_finds_what_looking_at_everyone_finds(
        sketches in prop::collection::vec(sketch(), 0..60), card in run_card(), to in spot()
    ) {
        let steppe = draw(&sketches, card.clone());
        let found = search(&steppe, to);
        let known: Vec<(Option<u32>, Vec<bool>)> = sketches
            .iter()
            .map(|sketch| {
                let fits = card.needs.iter().map(|need| fits(sketch, need, &card)).collect();
                (eta_ms(&steppe, sketch, to), fits)
            })
            .collect();
        let expected: Vec<(u32, String)> = brute_force(&known, &card.needs)
            .into_iter()
            .map(|(eta, slot)| (eta, format!("u{slot:03}")))
            .collect();
        let actual: Vec<(u32, String)> =
            found.available.iter().map(|unit| (unit.eta_ms(), unit.unit.to_string())).collect();
        prop_assert_eq!(actual, expected);
        for candidate in &found.available {
            let slot: usize = candidate.unit.as_str()[1..].parse().unwrap();
            let lines: Vec<u8> = (0u8..).zip(&known[slot].1).filter(|(_, fits)| **fits).map(|(line, _)| line).collect();
            prop_assert_eq!(&candidate.fills, &lines);
            let away = sketches[slot].fix.map_or(sketches[slot].home, |(coord, _)| coord).distance_dm(to);
            prop_assert_eq!(candidate.distance_dm, away);
        }
    }

    #[test]
    fn those_passed_over_are_the_nearest_that_were_not_offered(
        sketches in prop::collection::vec(sketch(), 0..60), card in run_card(), to in spot()
    ) {
        let steppe = draw(&sketches, card);
        let found = search(&steppe, to);
        let nearer_than = found.available.first().map_or(u32::MAX, |best| best.distance_dm);
        let mut expected: Vec<u32> = sketches
            .iter()
            .enumerate()
            .filter(|(slot, sketch)| {
                let id = UnitId::from(format!("u{slot:03}").as_str());
                sketch.hindrance != 0 && found.available.iter().all(|candidate| candidate.unit != id)
            })
            .map(|(_, sketch)| {
                let followed = sketch.fix.filter(|_| sketch.duty != Duty::Off);
                followed.map_or(sketch.home, |(coord, _)| coord).distance_dm(to)
            })
            .filter(|distance_dm| *distance_dm < nearer_than)
            .collect();
        expected.sort_unstable();
        expected.truncate(8);
        let actual: Vec<u32> = found.passed.iter().map(|passed| passed.candidate.distance_dm).collect();
        prop_assert_eq!(actual, expected);
    }
}

#[test]
fn every_reason_is_told() {
    let mut steppe = Steppe::new();
    let near = |north: u32| at(115.5, 44.0 + f64::from(north) * 0.01);
    steppe.state.register_mut().register().run_cards =
        vec![card(None, &[], vec![need(1, &["4x4"], &["police"])], &["fire"])];
    let incident = steppe.incident(1, &place(at(115.2, 44.9)));
    let able = |entry: &mut UnitEntry, _: &mut Unit| entry.capabilities = codes(&["4x4"]);
    let busy = steppe.unit("busy", near(1), able);
    let order = steppe.order(9, incident, &busy, OrderState::Enroute);
    let off = steppe.unit("off", near(2), able);
    steppe.change(&off, |unit| unit.duty = Duty::Off);
    let broken = steppe.unit("broken", near(3), able);
    steppe.change(&broken, |unit| unit.out_of_service = Some(ServiceReason::Maintenance));
    let sos = steppe.unit("sos", near(4), able);
    steppe.change(&sos, |unit| unit.sos = true);
    steppe.unit("plain", near(5), |_, _| ());
    steppe.unit("forbidden", near(6), |entry, _| {
        entry.class = "fire".into();
        entry.capabilities = codes(&["4x4"]);
    });
    steppe.unit("other", near(7), |entry, _| {
        entry.class = "medic".into();
        entry.capabilities = codes(&["4x4"]);
    });
    steppe.unit("horse", near(8), |entry, _| {
        entry.capabilities = codes(&["4x4"]);
        entry.mover = 1;
    });
    for number in 0..5 {
        steppe.unit(&format!("car{number}"), near(10), able);
    }
    let found = search(&steppe, near(0));
    assert_eq!(names(&found), ["car0", "car1", "car2", "car3", "car4"]);
    let because: Vec<(&str, &PassedReason)> =
        found.passed.iter().map(|passed| (passed.candidate.unit.as_str(), &passed.because)).collect();
    let expected = [
        ("busy", PassedReason::Busy { order, incident }),
        ("off", PassedReason::OffDuty),
        ("broken", PassedReason::OutOfService),
        ("sos", PassedReason::CallsForHelp),
        ("plain", PassedReason::MissingCapability { capability: "4x4".into() }),
        ("forbidden", PassedReason::ForbiddenClass { class: "fire".into() }),
        ("other", PassedReason::OtherClass { class: "medic".into() }),
        ("horse", PassedReason::Slower),
    ];
    assert_eq!(because, expected.iter().map(|(name, reason)| (*name, reason)).collect::<Vec<_>>());
    assert_eq!(found.passed[0].candidate.status, UnitStatus::Enroute);
}

#[test]
fn age_widens_and_never_excludes() {
    let mut steppe = Steppe::new();
    let to = at(115.5, 44.0);
    let old = steppe.unit("old", at(115.1, 44.8), |_, unit| unit.duty_since = ago(9 * 60 * MINUTE_MS));
    let fresh = steppe.unit("fresh", at(115.1, 44.8), |_, _| ());
    steppe.unit("home", at(115.5, 44.2), |_, unit| unit.duty_since = ago(10 * MINUTE_MS));
    steppe.fix(&old, at(115.5, 44.1), ago(8 * 60 * MINUTE_MS));
    steppe.fix(&fresh, at(115.5, 44.15), NOW);
    let found = search(&steppe, to);
    assert_eq!(names(&found), ["old", "fresh", "home"]);
    let [old, fresh, home] = &found.available[..] else { panic!("three were found") };
    assert_eq!((old.from, old.fix_age_ms), (CandidatePlace::Fix, Some(8 * 60 * MINUTE_MS)));
    assert_eq!((fresh.fix_age_ms, fresh.doubt_ms), (Some(0), 0));
    assert_eq!((home.from, home.fix_time, home.fix_age_ms), (CandidatePlace::HomeBase, None, None));
    // Ten minutes on call without a fix count as five: the radius of those at the pace of its leg, detour 1.25 at 17 m/s.
    let radius_dm = geo_index::stale::radius_dm(5 * MINUTE_MS, 3_500);
    assert!(radius_dm > 15_000 && home.doubt_ms.abs_diff(radius_dm * 125 / 17) <= 1);
    assert!(old.doubt_ms > old.eta_ms(), "after 8 hours it may be anywhere: {}", old.doubt_ms);
    assert_eq!(old.eta_low_ms(), 0);
}

#[test]
fn without_a_coordinate_nobody_is_found_and_nothing_breaks() {
    let mut steppe = Steppe::new();
    steppe.unit("one", at(115.5, 44.0), |_, _| ());
    let nowhere = Place::unknown(dispatch_core::kernel::place::PlaceSource::Caller);
    let found = examine(&steppe.state, &steppe.live_map, &nowhere, None, Priority::P1, NOW, NOON);
    assert!(found.available.is_empty() && found.passed.is_empty());
    assert_eq!(found.needs, [need(1, &[], &[])]);
}

#[test]
fn the_card_for_the_type_and_the_smallest_area_holds() {
    let mut steppe = Steppe::new();
    let count = |count| vec![need(count, &[], &[])];
    steppe.state.register_mut().register().run_cards = vec![
        card(None, &[], count(1), &[]),
        card(None, &["1525", "152501"], count(2), &[]),
        card(Some("fire"), &[], count(3), &[]),
        card(Some("fire"), &["1525", "152502"], count(4), &[]),
        RunCard { level: 2, ..card(Some("fire"), &["1525", "152502"], count(9), &[]) },
    ];
    let asked = |incident_type: Option<&str>, lon: f64| {
        let code = incident_type.map(Into::into);
        let found = examine(
            &steppe.state,
            &steppe.live_map,
            &place(at(lon, 44.0)),
            code.as_ref(),
            Priority::P1,
            NOW,
            NOON,
        );
        found.needs[0].count
    };
    assert_eq!(asked(Some("fire"), 116.5), 4);
    assert_eq!(asked(Some("fire"), 115.5), 3);
    assert_eq!(asked(Some("flood"), 115.5), 2);
    assert_eq!(asked(None, 116.5), 1);
}
