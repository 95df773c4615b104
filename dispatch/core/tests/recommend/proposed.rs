//! Rank, proposal and record of a recommendation.

use dispatch_core::kernel::id::{IncidentId, RecommendationId};
use dispatch_core::kernel::kind::UnitStatus;
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::recommend::is_uncertain;
use dispatch_core::kernel::recommendation::{
    Candidate, CandidatePlace, Examination, Need, Occasion, Ranked, Recommendation,
};
use dispatch_core::recommend;
use proptest::prelude::*;
use uuid::Uuid;

use crate::examined::search;
use crate::steppe::{MINUTE_MS, NOW, Steppe, ago, at, card, codes, need, place};

fn made(examination: &Examination) -> Recommendation {
    let (id, incident) = (RecommendationId(Uuid::from_u128(1)), IncidentId(Uuid::from_u128(2)));
    recommend(id, incident, Occasion::Created, examination)
}

fn candidate(name: &str, minutes: u32, fills: &[u8]) -> Candidate {
    Candidate {
        unit: name.into(),
        from: CandidatePlace::Fix,
        fix_time: Some(NOW),
        fix_age_ms: Some(0),
        distance_dm: minutes * 10_000,
        readiness_ms: 0,
        travel_ms: minutes * MINUTE_MS,
        doubt_ms: 0,
        status: UnitStatus::Patrolling,
        desk: "west".into(),
        fills: fills.to_vec(),
    }
}

fn examination(needs: Vec<Need>, available: Vec<Candidate>) -> Examination {
    let mut empty = search(&Steppe::new(), at(115.5, 44.0));
    (empty.needs, empty.available) = (needs, available);
    empty
}

fn lines(counts: &[u8]) -> Vec<Need> {
    counts.iter().map(|count| need(*count, &[], &[])).collect()
}

fn proposal(made: &Recommendation) -> Vec<(&str, u8)> {
    let of = |ranked: &'_ Ranked| ranked.proposed_for;
    made.ranked.iter().filter_map(|ranked| Some((ranked.candidate.unit.as_str(), of(ranked)?))).collect()
}

/// DECISIONS T10 with one unit to a line: officers twice, a medic, a 4x4; A 5 min officer, B 9 officer and 4x4, C 12
/// medic, D 7 officer and medic, E 20 all three. Least sum and least last arrival: A, B, C, D, 33 minutes, last 12.
#[test]
fn the_worked_cover_is_filled_by_the_soonest_that_fit_together() {
    let (officer, medic, four) = (0, 1, 2);
    let available = vec![
        candidate("a", 5, &[officer]),
        candidate("b", 9, &[officer, four]),
        candidate("c", 12, &[medic]),
        candidate("d", 7, &[officer, medic]),
        candidate("e", 20, &[officer, medic, four]),
    ];
    let made_of = made(&examination(lines(&[2, 1, 1]), available.clone()));
    assert_eq!(proposal(&made_of), [("a", officer), ("d", officer), ("b", four), ("c", medic)]);
    assert!(made_of.unfilled.is_empty());
    let ranks: Vec<(u16, &str, u32)> = made_of
        .ranked
        .iter()
        .map(|ranked| (ranked.rank, ranked.candidate.unit.as_str(), ranked.behind_ms))
        .collect();
    let minute = |minutes: u32| minutes * MINUTE_MS;
    assert_eq!(
        ranks,
        [(1, "a", 0), (2, "d", minute(2)), (3, "b", minute(4)), (4, "c", minute(7)), (5, "e", minute(15))]
    );
    // One officer, one medic: D alone is both, and cannot be in two places; A leaves it the medic's.
    assert_eq!(proposal(&made(&examination(lines(&[1, 1, 0]), available))), [("a", officer), ("d", medic)]);
}

#[test]
fn a_unit_moves_between_lines_to_let_another_in() {
    let available =
        vec![candidate("both", 7, &[0, 1]), candidate("one", 9, &[0]), candidate("late", 30, &[1])];
    let made_of = made(&examination(lines(&[1, 1]), available));
    assert_eq!(proposal(&made_of), [("both", 1), ("one", 0)]);
}

#[test]
fn what_is_missing_is_said_and_the_first_lines_go_first() {
    let available = vec![candidate("only", 7, &[0, 1, 2])];
    let made_of = made(&examination(lines(&[2, 1, 1]), available));
    assert_eq!(proposal(&made_of), [("only", 0)]);
    assert_eq!(made_of.unfilled, [(0, 1), (1, 1), (2, 1)]);
}

/// All ways to give each unit one line or none: (filled, sum, last, first), the best by most filled, then least sum.
fn best_of_all(units: &[(u32, Vec<u8>)], counts: &mut [u8]) -> (usize, u32, u32, u32) {
    let Some(((eta, fills), rest)) = units.split_first() else { return (0, 0, 0, u32::MAX) };
    let mut best = best_of_all(rest, counts);
    for line in fills.iter().map(|line| usize::from(*line)) {
        if counts[line] == 0 {
            continue;
        }
        counts[line] -= 1;
        let (filled, sum, last, first) = best_of_all(rest, counts);
        counts[line] += 1;
        let with = (filled + 1, sum + eta, last.max(*eta), first.min(*eta));
        if (std::cmp::Reverse(with.0), with.1) < (std::cmp::Reverse(best.0), best.1) {
            best = with;
        }
    }
    best
}

proptest! {
    #[test]
    fn the_proposal_is_the_best_of_all(
        units in prop::collection::vec((0u32..40, prop::collection::btree_set(0u8..3, 0..=3)), 0..8),
        counts in prop::collection::vec(0u8..4, 3)
    ) {
        let available =
            (0..).zip(&units).map(|(number, (minutes, fills))| {
                candidate(&format!("u{number}"), *minutes, &fills.iter().copied().collect::<Vec<_>>())
            });
        let made_of = made(&examination(lines(&counts), available.collect()));
        let chosen: Vec<&Ranked> = made_of.ranked.iter().filter(|ranked| ranked.proposed_for.is_some()).collect();
        for ranked in &chosen {
            prop_assert!(ranked.fills.contains(&ranked.proposed_for.unwrap()));
        }
        let etas: Vec<u32> = chosen.iter().map(|ranked| ranked.candidate.eta_ms()).collect();
        let actual = (etas.len(), etas.iter().sum(), etas.iter().max().copied().unwrap_or(0),
            etas.iter().min().copied().unwrap_or(u32::MAX));
        let plain: Vec<(u32, Vec<u8>)> =
            units.iter().map(|(minutes, fills)| (minutes * MINUTE_MS, fills.iter().copied().collect())).collect();
        prop_assert_eq!(actual, best_of_all(&plain, &mut counts.clone()));
        let missing: u8 = made_of.unfilled.iter().map(|(_, missing)| *missing).sum();
        prop_assert_eq!(usize::from(counts.iter().sum::<u8>()), chosen.len() + usize::from(missing));
    }
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let mut steppe = Steppe::new();
    steppe.state.register_mut().register().run_cards =
        vec![card(None, &[], vec![need(1, &["4x4"], &[]), need(2, &[], &[])], &[])];
    for number in 0..12u32 {
        let home = at(115.1 + f64::from(number) * 0.13, 44.0);
        let id = steppe.unit(&format!("u{number}"), home, |entry, unit| {
            entry.capabilities = if number % 3 == 0 { codes(&["4x4"]) } else { codes(&[]) };
            unit.desk = if number % 2 == 0 { "west-sumu".into() } else { "east".into() };
            unit.duty_since = ago(60 * MINUTE_MS);
        });
        if number % 4 != 0 {
            steppe.fix(&id, at(115.12 + f64::from(number) * 0.13, 44.1), ago(number * 70_000));
        }
    }
    let examination = search(&steppe, at(115.9, 44.0)).for_desk(&"west".into());
    let first = serde_json::to_vec(&made(&examination)).unwrap();
    let read: Recommendation = serde_json::from_slice(&first).unwrap();
    let again = serde_json::to_vec(&made(&read.examination)).unwrap();
    assert_eq!(first, again);
    assert!(read.ranked.len() >= 5 && read.ranked.iter().any(|ranked| ranked.overlaps_previous));
}

#[test]
fn units_of_other_desks_need_support() {
    let mut steppe = Steppe::new();
    for (number, desk) in ["west", "west-sumu", "east", "league"].into_iter().enumerate() {
        steppe.unit(desk, at(115.5, 44.0 + f64::from(u8::try_from(number).unwrap()) * 0.01), |_, unit| {
            unit.desk = desk.into();
        });
    }
    let found = search(&steppe, at(115.5, 44.0));
    let needing = |desk: &str| {
        let made_of = made(&found.clone().for_desk(&desk.into()));
        let needing = made_of.ranked.iter().filter(|ranked| ranked.needs_support);
        needing.map(|ranked| ranked.candidate.unit.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(needing("west"), ["west-sumu", "east", "league"]);
    assert_eq!(needing("west-sumu"), ["west", "east", "league"]);
    assert_eq!(needing("league"), ["west", "west-sumu", "east"]);
}

#[test]
fn estimates_overlap_only_because_of_doubt() {
    let doubted = |name: &str, minutes, doubt_minutes| Candidate {
        doubt_ms: doubt_minutes * MINUTE_MS,
        ..candidate(name, minutes, &[0])
    };
    let overlaps = |candidates: Vec<Candidate>| {
        let made_of = made(&examination(lines(&[1]), candidates));
        made_of.ranked.iter().map(|ranked| ranked.overlaps_previous).collect::<Vec<_>>()
    };
    assert_eq!(overlaps(vec![doubted("a", 5, 0), doubted("b", 5, 0)]), [false, false]);
    assert_eq!(overlaps(vec![doubted("a", 5, 1), doubted("b", 8, 2)]), [false, true]);
    assert_eq!(
        overlaps(vec![doubted("a", 5, 1), doubted("b", 8, 1), doubted("c", 9, 0)]),
        [false, false, true]
    );
}

#[test]
fn a_place_is_certain_when_somebody_stands_for_it() {
    let certain = place(at(115.5, 44.0));
    assert!(!is_uncertain(&certain));
    assert!(is_uncertain(&Place { radius_m: 501, ..certain.clone() }));
    assert!(is_uncertain(&Place { coord: None, kind: PlaceKind::Area, ..certain.clone() }));
    for source in [PlaceSource::Caller, PlaceSource::Network, PlaceSource::LastFix, PlaceSource::HomeBase] {
        let told = Place { source, ..certain.clone() };
        assert!(is_uncertain(&told));
        assert!(!is_uncertain(&Place { confirmed_by: Some("west-2".into()), ..told }));
    }
}
