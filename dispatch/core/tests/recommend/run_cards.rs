//! Which run card holds: by type, area and the hour of the region's clock.

use dispatch_core::kernel::id::{IncidentId, RecommendationId};
use dispatch_core::kernel::kind::Priority;
use dispatch_core::kernel::recommendation::{Examination, Occasion, Recommendation};
use dispatch_core::register::run_card::run_card;
use dispatch_core::register::{Hours, RunCard};
use dispatch_core::{examine, recommend};
use proptest::prelude::*;
use uuid::Uuid;

use crate::steppe::{NOW, Steppe, ago, at, card, need, path, place};

/// 20:00 to 06:00.
const NIGHT: Hours = Hours { from: 1_200, until: 360 };

fn at_night(card: RunCard) -> RunCard {
    RunCard { hours: Some(NIGHT), ..card }
}

/// One police car for a theft by day, two and never joint defence by night; in the sumu one, day and night.
fn steppe() -> Steppe {
    let mut steppe = Steppe::new();
    steppe.state.register_mut().register().run_cards = vec![
        at_night(card(None, &[], vec![need(4, &[], &[])], &[])),
        at_night(card(Some("theft"), &[], vec![need(2, &[], &["police"])], &["fire"])),
        card(Some("theft"), &[], vec![need(1, &[], &["police"])], &[]),
        card(Some("theft"), &["1525", "152501", "152501001"], vec![need(3, &[], &[])], &[]),
        card(None, &[], vec![need(1, &[], &[])], &[]),
    ];
    steppe
}

fn count(steppe: &Steppe, kind: Option<&str>, area: &[&str], minute: u16) -> u8 {
    let kind = kind.map(Into::into);
    run_card(steppe.state.register(), kind.as_ref(), &path(area), minute, 1).needs[0].count
}

#[test]
fn a_card_holds_from_its_first_minute_until_before_its_last_also_over_midnight() {
    let steppe = steppe();
    let theft = |minute| count(&steppe, Some("theft"), &["1525", "152501"], minute);
    for (minute, units) in [(0, 2), (359, 2), (360, 1), (719, 1), (1_199, 1), (1_200, 2), (1_439, 2)] {
        assert_eq!(theft(minute), units, "minute {minute}");
    }
    let day = Hours { from: 480, until: 1_080 };
    assert!([480, 1_079].map(|minute| day.holds(minute)) == [true; 2]);
    assert!([479, 1_080].map(|minute| day.holds(minute)) == [false; 2]);
}

#[test]
fn type_goes_before_area_and_area_before_hours() {
    let steppe = steppe();
    let midnight = |kind, area: &[&str]| count(&steppe, kind, area, 0);
    assert_eq!(midnight(Some("theft"), &["1525", "152502"]), 2, "the general card of the night gives way");
    assert_eq!(midnight(Some("theft"), &["1525", "152501", "152501001"]), 3);
    assert_eq!((midnight(None, &["1525"]), count(&steppe, None, &["1525"], 720)), (4, 1));
}

fn look(minute: u16) -> Examination {
    let mut steppe = steppe();
    for (number, lon) in (0..6).zip([115.1, 115.2, 115.3, 115.4, 115.6, 116.2]) {
        let id = steppe.unit(&format!("u{number}"), at(lon, 44.0), |entry, _| {
            entry.class = if number % 3 == 0 { "fire".into() } else { "police".into() };
        });
        steppe.fix(&id, at(lon, 44.0), ago(number * 60_000));
    }
    let theft = "theft".into();
    let here = place(at(115.5, 44.0));
    examine(&steppe.state, &steppe.live_map, &here, Some(&theft), Priority::P2, NOW, minute)
}

proptest! {
    /// What was recorded is recomputed to the same bytes at whatever hour it was made, from its own evidence alone.
    #[test]
    fn a_recorded_recommendation_is_recomputed_to_the_same_bytes(minute in 0u16..1_440) {
        let (id, incident) = (RecommendationId(Uuid::from_u128(1)), IncidentId(Uuid::from_u128(2)));
        let made = recommend(id, incident, Occasion::Created, &look(minute));
        let proposed = made.ranked.iter().filter(|one| one.proposed_for.is_some()).count();
        prop_assert_eq!(proposed, if NIGHT.holds(minute) { 2 } else { 1 });
        let recorded = serde_json::to_vec(&made).unwrap();
        let read: Recommendation = serde_json::from_slice(&recorded).unwrap();
        let again = recommend(read.id, read.incident, read.occasion, &read.examination);
        prop_assert_eq!(serde_json::to_vec(&again).unwrap(), recorded);
        prop_assert_eq!(look(minute), made.examination);
    }
}
