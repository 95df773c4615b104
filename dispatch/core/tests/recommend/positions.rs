//! Which fixes move a unit, which only tell of its past, and which are not taken (D8).

use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::kind::{Duty, OrderState};
use dispatch_core::kernel::time::Time;
use dispatch_core::response::unit::ServiceReason;
use dispatch_core::seek::live_map::{ImpossibleFix, NO_FIX};
use dispatch_core::seek::mask::{AVAILABLE, CALLS_FOR_HELP, IN_SERVICE, ON_DUTY};
use dispatch_core::{Coord, PositionVerdict as Verdict, UnitFix, mask};

use crate::steppe::{MINUTE_MS, NOW, Steppe, ago, at, codes, fix, path, place};

fn here() -> Coord {
    at(115.5, 44.0)
}

fn east_km(km: f64) -> Coord {
    at(115.5 + km / 80.0, 44.0)
}

fn one() -> (Steppe, UnitId) {
    let mut steppe = Steppe::new();
    let id = steppe.unit("one", at(115.2, 44.2), |_, _| ());
    (steppe, id)
}

fn live(steppe: &Steppe) -> (Coord, i64) {
    let fix = steppe.live_map.live.get(0).unwrap();
    (fix.at, fix.fix_time)
}

#[test]
fn without_a_fix_a_unit_stands_at_home() {
    let (mut steppe, id) = one();
    assert_eq!(live(&steppe), (at(115.2, 44.2), NO_FIX));
    assert_eq!(steppe.fix(&id, here(), ago(5_000)), Verdict::Applied);
    assert_eq!(live(&steppe), (here(), ago(5_000).0));
}

#[test]
fn late_and_repeated_fixes_never_move_it() {
    let (mut steppe, id) = one();
    assert_eq!(steppe.fix(&id, here(), ago(10_000)), Verdict::Applied);
    assert_eq!(steppe.fix(&id, here(), ago(10_000)), Verdict::Repeated);
    assert_eq!(steppe.fix(&id, east_km(0.3), ago(40_000)), Verdict::Late);
    assert_eq!(steppe.fix(&id, east_km(0.3), ago(10_000)), Verdict::Late);
    assert_eq!(live(&steppe), (here(), ago(10_000).0));
    assert!(Verdict::Late.is_history() && !Verdict::Repeated.is_history());
}

#[test]
fn any_order_of_arrival_ends_at_the_newest_fix() {
    let times = [50_000, 40_000, 30_000, 20_000];
    for first in 0..4 {
        for second in (0..4).filter(|second| *second != first) {
            let (mut steppe, id) = one();
            let rest = (0..4).filter(|third| ![first, second].contains(third));
            for turn in [first, second].into_iter().chain(rest) {
                steppe.fix(&id, east_km(0.1 * f64::from(u8::try_from(turn).unwrap())), ago(times[turn]));
            }
            assert_eq!(live(&steppe), (east_km(0.3), ago(20_000).0));
        }
    }
}

#[test]
fn one_wild_fix_moves_nothing() {
    let (mut steppe, id) = one();
    steppe.fix(&id, here(), ago(60_000));
    // 250 km/h for 10 s is 694 m; 200 m more are slack.
    assert_eq!(steppe.fix(&id, east_km(0.85), ago(50_000)), Verdict::Applied);
    assert_eq!(steppe.fix(&id, east_km(80.0), ago(40_000)), Verdict::Jump);
    assert_eq!(live(&steppe).0, east_km(0.85));
    assert_eq!(steppe.fix(&id, east_km(80.0), ago(40_000)), Verdict::Jump, "it does not confirm itself");
    assert_eq!(steppe.fix(&id, east_km(1.0), ago(30_000)), Verdict::Applied);
    assert_eq!(steppe.fix(&id, east_km(80.1), ago(20_000)), Verdict::Jump, "what was held is forgotten");
    assert_eq!(
        steppe.fix(&id, east_km(-80.0), ago(10_000)),
        Verdict::Jump,
        "two that disagree are two jumps"
    );
    assert_eq!(live(&steppe).0, east_km(1.0));
}

#[test]
fn a_second_fix_that_agrees_is_believed() {
    let (mut steppe, id) = one();
    // The live fix is the wild one here.
    assert_eq!(steppe.fix(&id, east_km(80.0), ago(60_000)), Verdict::Applied);
    assert_eq!(steppe.fix(&id, here(), ago(50_000)), Verdict::Jump);
    assert_eq!(steppe.fix(&id, east_km(-0.1), ago(55_000)), Verdict::Jump, "older than the one held");
    assert_eq!(steppe.fix(&id, east_km(0.1), ago(40_000)), Verdict::Applied);
    assert_eq!(live(&steppe), (east_km(0.1), ago(40_000).0));
}

#[test]
fn accuracy_excuses_a_wide_fix() {
    let (mut steppe, id) = one();
    steppe.fix(&id, here(), ago(10_000));
    let wide = |accuracy_m| UnitFix { accuracy_m, ..fix(&id, east_km(2.5), ago(5_000)) };
    assert_eq!(steppe.fixes(&mut [wide(Some(3_000))], NOW), [Verdict::Applied]);
    let (mut steppe, id) = one();
    steppe.fix(&id, here(), ago(10_000));
    assert_eq!(steppe.fixes(&mut [wide(None)], NOW), [Verdict::Jump]);
}

#[test]
fn impossible_fixes_are_not_taken() {
    let (mut steppe, id) = one();
    let lat_91 = Coord { lon: 0, lat: 910_000_000 };
    assert_eq!(steppe.fix(&id, lat_91, NOW), Verdict::Impossible(ImpossibleFix::Coordinate));
    for near_null in [(0, 0), (900, -900)] {
        let null = Coord { lon: near_null.0, lat: near_null.1 };
        assert_eq!(steppe.fix(&id, null, NOW), Verdict::Impossible(ImpossibleFix::NullIsland));
    }
    assert_eq!(steppe.fix(&id, here(), NOW.plus_ms(60_001)), Verdict::Impossible(ImpossibleFix::Future));
    assert_eq!(steppe.fix(&id, here(), Time(i64::MIN)), Verdict::Impossible(ImpossibleFix::Future));
    assert_eq!(live(&steppe).1, NO_FIX);
    assert_eq!(steppe.fix(&id, here(), NOW.plus_ms(60_000)), Verdict::Applied);
    assert_eq!(steppe.fix(&"nobody".into(), here(), NOW), Verdict::UnknownUnit);
}

#[test]
fn a_clock_that_ran_ahead_costs_no_true_fix() {
    for ahead_s in 1..=60 {
        let (mut steppe, id) = one();
        let (then, soon) = (NOW, NOW.plus_ms(1_000));
        let mut wrong = [fix(&id, here(), then.plus_ms(ahead_s * 1_000))];
        assert_eq!(steppe.fixes(&mut wrong, then), [Verdict::Applied]);
        assert_eq!(
            (wrong[0].fix_time, live(&steppe).1),
            (then, then.0),
            "its track has the believed time too"
        );
        // The clock is put right.
        assert_eq!(
            steppe.fixes(&mut [fix(&id, east_km(0.1), soon)], soon),
            [Verdict::Applied],
            "{ahead_s} s"
        );
        assert_eq!(live(&steppe), (east_km(0.1), soon.0));
        // What was sent twice meanwhile does not take the unit back.
        let mut again = [fix(&id, here(), then.plus_ms(ahead_s * 1_000))];
        let last = steppe.fixes(&mut again, soon)[0];
        assert_ne!(last, Verdict::Applied, "{ahead_s} s");
        assert_eq!(live(&steppe), (east_km(0.1), soon.0));
    }
}

#[test]
fn a_clock_that_alternates_loses_neither_kind_of_fix() {
    let (mut steppe, id) = one();
    for second in 0..30u32 {
        let now = NOW.plus_ms(second * 1_000);
        let ahead_ms = if second % 2 == 0 { 0 } else { second * 2_000 };
        let place = east_km(0.02 * f64::from(u8::try_from(second).unwrap()));
        let mut sent = [fix(&id, place, now.plus_ms(ahead_ms))];
        assert_eq!(steppe.fixes(&mut sent, now), [Verdict::Applied], "{second} s");
        assert_eq!(live(&steppe), (place, now.0));
    }
}

#[test]
fn what_a_clock_that_runs_ahead_has_kept_stays_in_order() {
    let (mut steppe, id) = one();
    let other = steppe.unit("other", here(), |_, _| ());
    // Of thirty seconds without a network, at 144 km/h: the places of their distances in time fit, and only those.
    let mut kept: Vec<UnitFix> = (0..30u8)
        .map(|second| {
            let at = NOW.plus_ms(u32::from(second) * 1_000 + 15_000);
            fix(&id, east_km(0.04 * f64::from(second)), at)
        })
        .collect();
    kept.push(fix(&other, here(), ago(5_000)));
    kept.push(fix(&id, here(), NOW.plus_ms(60_001)));
    let verdicts = steppe.fixes(&mut kept, NOW);
    assert_eq!(verdicts[..31], [Verdict::Applied; 31]);
    assert_eq!(verdicts[31], Verdict::Impossible(ImpossibleFix::Future));
    assert_eq!(live(&steppe), (east_km(0.04 * 29.0), NOW.0));
    assert!(kept[..30].windows(2).all(|pair| pair[1].fix_time == pair[0].fix_time.plus_ms(1_000)));
    assert_eq!(kept[30].fix_time, ago(5_000), "another unit's clock is its own");
}

#[test]
fn off_duty_nothing_is_followed() {
    let (mut steppe, id) = one();
    steppe.fix(&id, here(), ago(30 * MINUTE_MS));
    steppe.change(&id, |unit| {
        (unit.duty, unit.duty_since) = (Duty::Off, ago(20 * MINUTE_MS));
    });
    assert_eq!(live(&steppe), (at(115.2, 44.2), NO_FIX), "its last place says nothing of where it is");
    assert_eq!(steppe.fix(&id, here(), ago(15 * MINUTE_MS)), Verdict::OffDuty);
    steppe.change(&id, |unit| {
        (unit.duty, unit.duty_since) = (Duty::OnCall, ago(10 * MINUTE_MS));
    });
    assert_eq!(steppe.fix(&id, here(), ago(15 * MINUTE_MS)), Verdict::OffDuty, "measured off duty");
    assert_eq!(steppe.fix(&id, here(), ago(5 * MINUTE_MS)), Verdict::Applied);
    // A change between two readinesses is no gap.
    steppe.change(&id, |unit| {
        (unit.duty, unit.duty_since) = (Duty::Patrolling, NOW);
    });
    assert_eq!(steppe.fix(&id, here(), ago(4 * MINUTE_MS)), Verdict::Applied);
    assert_eq!(steppe.live_map.last_good(0), Some((here(), ago(4 * MINUTE_MS))));
}

#[test]
fn a_retired_unit_leaves_the_field() {
    let (mut steppe, id) = one();
    steppe.state.register_mut().register().units.get_mut(&id).unwrap().retired = true;
    steppe.live_map.sync_unit(&steppe.state, &id);
    assert!(steppe.live_map.live.is_empty());
    assert_eq!(mask(&steppe.state, &id), 0);
    assert_eq!(steppe.fix(&id, here(), NOW), Verdict::UnknownUnit);
}

#[test]
fn a_field_follows_a_state_that_was_rebuilt() {
    let (mut steppe, id) = one();
    steppe.unit("two", here(), |_, _| ());
    steppe.fix(&id, here(), ago(5_000));
    steppe.state.register_mut().slots().pop();
    steppe.state.register_mut().register().units.remove(&"two".into());
    steppe.state.response_mut().units().remove(&"two".into());
    steppe.state.response_mut().units().get_mut(&id).unwrap().sos = true;
    steppe.live_map.sync_all(&steppe.state);
    assert_eq!(steppe.live_map.live.len(), 1);
    assert_eq!(live(&steppe), (here(), ago(5_000).0), "fixes outlive a rebuilt state");
    assert_eq!(steppe.live_map.live.mask(0), mask(&steppe.state, &id));
}

#[test]
fn masks_say_what_state_says() {
    let mut steppe = Steppe::new();
    let id = steppe.unit("one", here(), |entry, _| {
        entry.capabilities = codes(&["medic", "boat", "not of this region"]);
        entry.class = "medic".into();
    });
    // Positions in the register: medic 0 and boat 3 are capabilities, 6 is the class of the same name.
    let kinds = 1 | 1 << 3 | 1 << 6;
    assert_eq!(mask(&steppe.state, &id), kinds | AVAILABLE | ON_DUTY | IN_SERVICE);
    let changed = |steppe: &mut Steppe, change: fn(&mut dispatch_core::response::unit::Unit)| {
        steppe.change(&id, change);
        assert_eq!(steppe.live_map.live.mask(0), mask(&steppe.state, &id));
        mask(&steppe.state, &id)
    };
    assert_eq!(changed(&mut steppe, |unit| unit.sos = true), kinds | ON_DUTY | IN_SERVICE | CALLS_FOR_HELP);
    assert_eq!(
        changed(&mut steppe, |unit| unit.out_of_service = Some(ServiceReason::Other)),
        kinds | ON_DUTY | CALLS_FOR_HELP
    );
    assert_eq!(changed(&mut steppe, |unit| unit.duty = Duty::Off), kinds | CALLS_FOR_HELP);
    let mut steppe = Steppe::new();
    let id = steppe.unit("two", here(), |_, _| ());
    let incident = steppe.incident(1, &place(here()));
    steppe.order(2, incident, &id, OrderState::Sent);
    assert_eq!(steppe.live_map.live.mask(0) & (AVAILABLE | ON_DUTY), ON_DUTY);
}

#[test]
fn places_know_their_area() {
    let steppe = Steppe::new();
    assert_eq!(steppe.live_map.locate(at(115.5, 44.0)), path(&["1525", "152501"]));
    assert_eq!(steppe.live_map.locate(at(116.5, 44.0)), path(&["1525", "152502"]));
    assert_eq!(steppe.live_map.locate(at(10.0, 44.0)), path(&[]));
}
