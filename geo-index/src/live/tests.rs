//! Every answer against looking at every unit.

use super::*;
use crate::filter::Filter;
use geo::{Intersects, Rect, coord};
use proptest::prelude::*;

const LON: i32 = 1_800_000_000;
const LAT: i32 = 900_000_000;

/// Where the units of one case are: a region, one spot, both sides of the antimeridian, a pole, anywhere.
fn place() -> impl Strategy<Value = Coord> {
    prop_oneof![
        6 => (1_140_000_000i32..1_180_000_000, 420_000_000i32..460_000_000),
        2 => Just((1_160_860_000, 439_330_000)),
        2 => (-3_000_000i32..3_000_000, 600_000_000i32..620_000_000)
            .prop_map(|(off, lat)| (if off < 0 { LON + off } else { off - LON }, lat)),
        2 => (-LON..=LON, LAT - 2_000_000..=LAT),
        1 => (-LON..=LON, Just(-LAT)),
        1 => (-LON..=LON, -LAT..=LAT),
    ]
    .prop_map(|(lon, lat)| Coord { lon, lat })
}

/// Cases in which one of those kinds stands alone, so that the grid is built around it.
fn places(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Coord>> {
    let near = |lon: i32, lat: i32, reach: i32| {
        prop::collection::vec((-reach..reach, -reach..reach), count.clone()).prop_map(move |offsets| {
            let wrap = |lon: i64| (lon + i64::from(LON)).rem_euclid(2 * i64::from(LON)) - i64::from(LON);
            offsets
                .into_iter()
                .map(|(dx, dy)| Coord {
                    lon: i32::try_from(wrap(i64::from(lon) + i64::from(dx) * 20)).unwrap(),
                    lat: (lat + dy).clamp(-LAT, LAT),
                })
                .collect()
        })
    };
    prop_oneof![
        prop::collection::vec(place(), count.clone()),
        near(1_160_000_000, 440_000_000, 5_000_000),
        near(LON, 0, 1_000_000),
        near(0, LAT, 50_000_000),
        near(-1_700_000_000, -LAT, 50),
        near(-LON, 660_000_000, 40),
    ]
}

fn fix(at: Coord) -> Fix {
    Fix { at, fix_time: 0, speed_cm_s: 0, heading_deg: 0 }
}

/// Sixteen bits spread so that bit 0 is common and bit 9 is one in 512.
fn mask(random: u64) -> u64 {
    (0..10).filter(|bit| random.trailing_zeros() >= *bit).fold(0, |mask, bit| mask | 1 << bit)
        | (random >> 60) << 60
}

fn filter() -> impl Strategy<Value = Filter> {
    prop_oneof![
        Just(Filter::ALL),
        (0u32..10).prop_map(|bit| Filter::require(1 << bit)),
        Just(Filter { require: 1, forbid: 1 << 60, any_of: 0b11 << 61 }),
        Just(Filter { require: 0, forbid: u64::MAX, any_of: 0 }),
    ]
}

fn filled(places: &[Coord], randoms: &[u64]) -> LiveUnits {
    let mut units = LiveUnits::new();
    for (slot, (at, random)) in (0..).zip(places.iter().zip(randoms.iter().cycle())) {
        units.update_with_mask(slot, fix(*at), mask(*random));
    }
    units
}

fn agree(units: &LiveUnits, at: Coord, k: usize, filter: Filter) {
    assert_eq!(units.nearest(at, k, filter), units.nearest_by_scan(at, k, filter), "{at:?} {k} {filter:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nearest_equals_the_scan(
        places in places(0..600), randoms in prop::collection::vec(any::<u64>(), 97),
        asked in prop::collection::vec((place(), 0usize..12, filter()), 1..12), large_k in 0usize..700
    ) {
        let units = filled(&places, &randoms);
        prop_assert_eq!(units.len(), places.len());
        for (at, k, filter) in asked {
            agree(&units, at, k, filter);
            agree(&units, at, large_k, filter);
            if let Some(near) = places.first() {
                agree(&units, *near, k, filter);
            }
        }
    }

    #[test]
    fn moves_masks_and_removals_keep_it_exact(
        places in places(1..300), randoms in prop::collection::vec(any::<u64>(), 31),
        acts in prop::collection::vec((0u32..320, place(), -30_000i32..30_000, any::<u64>(), 0u8..8), 1..400),
        filter in filter()
    ) {
        let mut units = filled(&places, &randoms);
        let mut model: std::collections::BTreeMap<u32, Coord> = (0..).zip(places).collect();
        let mut masks: std::collections::BTreeMap<u32, u64> =
            model.keys().map(|slot| (*slot, units.mask(*slot))).collect();
        for (number, (slot, far, step, random, act)) in acts.into_iter().enumerate() {
            match (act, model.get(&slot).copied()) {
                (0, _) => {
                    prop_assert_eq!(units.remove(slot).map(|fix| fix.at), model.remove(&slot));
                    masks.remove(&slot);
                }
                (1, _) => {
                    units.set_mask(slot, mask(random));
                    masks.insert(slot, mask(random));
                }
                (2..=5, Some(at)) => {
                    let at = Coord { lon: (at.lon.saturating_add(step)).clamp(-LON, LON), ..at };
                    units.update(slot, fix(at));
                    model.insert(slot, at);
                }
                _ => {
                    units.update_with_mask(slot, fix(far), mask(random));
                    model.insert(slot, far);
                    masks.insert(slot, mask(random));
                }
            }
            if number % 20 == 0 {
                agree(&units, far, 5, filter);
            }
        }
        agree(&units, Coord { lon: 1_160_000_000, lat: 440_000_000 }, 9, filter);
        let now: Vec<(u32, Coord)> = units.iter().map(|(slot, fix)| (slot, fix.at)).collect();
        prop_assert_eq!(now, model.into_iter().collect::<Vec<_>>());
        for (slot, mask) in masks {
            prop_assert_eq!(units.mask(slot), mask);
        }
        let copy = units.snapshot();
        prop_assert_eq!(copy.slots.len(), units.len());
        prop_assert!(copy.slots.iter().zip(&copy.fixes).all(|(slot, fix)| units.get(*slot) == Some(fix)));
        prop_assert!(copy.slots.iter().zip(&copy.masks).all(|(slot, mask)| units.mask(*slot) == *mask));
    }

    #[test]
    fn circles_and_polygons_equal_the_scan(
        places in places(0..400), randoms in prop::collection::vec(any::<u64>(), 97), at in place(),
        radius in prop_oneof![0u32..100_000, 0u32..210_000_000], filter in filter(),
        corners in (-180.0f64..180.0, -90.0f64..90.0, 0.0f64..360.0, 0.0f64..180.0)
    ) {
        let units = filled(&places, &randoms);
        let mut all = units.nearest_by_scan(at, usize::MAX, filter);
        let everywhere = units.within_radius(at, u32::MAX, filter);
        prop_assert_eq!(&everywhere, &all);
        all.retain(|hit| hit.distance_dm <= radius);
        prop_assert_eq!(units.within_radius(at, radius, filter), all);

        let (west, south) = (corners.0, corners.1);
        let to = coord! { x: (west + corners.2).min(180.0), y: (south + corners.3).min(90.0) };
        let area = Rect::new(coord! { x: west, y: south }, to).to_polygon();
        let inside = |at: Coord| area.intersects(&crate::cells::point(at));
        let expected: Vec<u32> = units
            .iter()
            .filter(|(slot, fix)| filter.passes(units.mask(*slot)) && inside(fix.at))
            .map(|(slot, _)| slot)
            .collect();
        prop_assert_eq!(units.within_polygon(&area, filter), expected);
    }

    #[test]
    fn cheapest_equals_the_scan(
        places in places(0..400), randoms in prop::collection::vec(any::<u64>(), 97), at in place(),
        k in 0usize..9, filter in filter(), divisor in 100u32..5_000
    ) {
        let units = filled(&places, &randoms);
        let cost = |candidate: Candidate| {
            let random = randoms[candidate.slot as usize % randoms.len()];
            (random % 7 != 0).then(|| candidate.distance_dm / divisor + u32::try_from(random % 900).unwrap())
        };
        let mut asked = 0;
        let found = units.nearest_by(at, k, filter, |dm| dm / divisor, |candidate| {
            asked += 1;
            // Who is seen to be too dear is not answered for.
            cost(candidate).filter(|cost| candidate.cost_max.is_none_or(|cost_max| *cost <= cost_max))
        });
        let mut expected: Vec<(u32, u32, u32)> = units
            .nearest_by_scan(at, usize::MAX, filter)
            .into_iter()
            .filter_map(|Hit { slot, distance_dm }| {
                Some((cost(Candidate { slot, distance_dm, cost_max: None })?, slot, distance_dm))
            })
            .collect();
        expected.sort_unstable();
        expected.truncate(k);
        let found: Vec<(u32, u32, u32)> = found.iter().map(|one| (one.cost, one.slot, one.distance_dm)).collect();
        prop_assert_eq!(found, expected);
        prop_assert!(asked <= units.len());
    }
}

/// A thousand cars over a region, and a filter that two of them pass.
#[test]
fn one_in_five_hundred_is_found_exactly() {
    let mut units = LiveUnits::new();
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = |below: u64| {
        // Xorshift64 (Marsaglia 2003): a fixed stream, no dependency.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i32::try_from(state % below).unwrap()
    };
    for slot in 0..20_000 {
        let at = Coord { lon: 1_150_000_000 + random(8_000_000), lat: 430_000_000 + random(9_000_000) };
        units.update_with_mask(slot, fix(at), u64::from(slot % 500 == 0));
    }
    for _ in 0..300 {
        let at = Coord { lon: 1_149_000_000 + random(10_000_000), lat: 429_000_000 + random(11_000_000) };
        agree(&units, at, 5, Filter::require(1));
        agree(&units, at, 50, Filter::require(1));
    }
    for slot in 0..20_000 {
        let at = Coord { lon: 1_150_000_000 + random(8_000_000), lat: 430_000_000 + random(9_000_000) };
        units.update(slot, fix(at));
        if slot % 500 == 0 {
            agree(&units, at, 5, Filter::require(1));
        }
    }
}

#[test]
fn a_hundred_at_one_station_come_by_slot() {
    let station = Coord { lon: 1_160_860_000, lat: 439_330_000 };
    let mut units = LiveUnits::new();
    for slot in (0..1_000).rev() {
        assert_eq!(
            units.update_with_mask(slot, fix(station), 1 + u64::from(slot == 700) * 2),
            Moved::Entered
        );
    }
    let slots = |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.slot).collect::<Vec<_>>();
    assert_eq!(slots(units.nearest(station, 5, Filter::ALL)), [0, 1, 2, 3, 4]);
    assert_eq!(slots(units.nearest(station, 5, Filter::require(2))), [700]);
    let away = Coord { lon: station.lon + 100_000_000, ..station };
    for slot in 0..990 {
        assert_eq!(units.update(slot, fix(away)), Moved::Across);
    }
    assert_eq!(slots(units.nearest(station, 3, Filter::ALL)), [990, 991, 992]);
    assert_eq!(units.update(0, fix(Coord { lon: away.lon + 1, ..away })), Moved::Within);
    units.set_mask(700, 1);
    assert!(units.nearest(station, 1, Filter::require(2)).is_empty());
}

#[test]
fn a_mask_waits_for_its_position() {
    let mut units = LiveUnits::new();
    units.set_mask(3, 5);
    assert!(units.is_empty() && units.get(3).is_none());
    let at = Coord { lon: 0, lat: 0 };
    assert!(units.nearest(at, 1, Filter::ALL).is_empty());
    units.update(3, fix(at));
    assert_eq!(units.nearest(at, 1, Filter::require(4)), [Hit { slot: 3, distance_dm: 0 }]);
    assert_eq!(units.remove(3), Some(fix(at)));
    assert_eq!((units.remove(3), units.mask(3), units.len()), (None, 0, 0));
}

#[test]
fn cells_are_counted() {
    let at = |lon| Coord::from_degrees(lon, 44.0).unwrap();
    let mut units = filled(&[at(116.0), at(116.0), at(118.0)], &[0]);
    units.set_mask(1, 1 << 40);
    let resolution = h3o::Resolution::Seven;
    let cell = |lon| crate::cells::cell_of(at(lon), resolution);
    let all = units.count_by_cell(resolution, Filter::ALL);
    assert_eq!(all.into_iter().collect::<Vec<_>>().len(), 2);
    let marked = units.count_by_cell(resolution, Filter::require(1 << 40));
    assert_eq!(marked.into_iter().collect::<Vec<_>>(), [(cell(116.0), 1)]);
}

/// Two towns a thousand kilometres apart: an even grid alone would put each into one cell.
#[test]
fn far_towns_do_not_share_one_cell() {
    let mut units = LiveUnits::new();
    for slot in 0..4_000i32 {
        let town = if slot % 2 == 0 { 0 } else { 120_000_000 };
        let at =
            Coord { lon: 1_100_000_000 + town + slot % 63 * 20_000, lat: 440_000_000 + slot / 63 * 15_000 };
        units.update(u32::try_from(slot).unwrap(), fix(at));
    }
    assert!(units.buckets.mates_mean() < 500, "{}", units.buckets.mates_mean());
    for slot in (0..4_000).step_by(97) {
        agree(&units, units.get(slot).unwrap().at, 7, Filter::ALL);
    }
}
