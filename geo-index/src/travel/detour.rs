//! The first travel model: great circle times detour over speed, by what moves and over what ground.
//!
//! The leg is looked at in its first and last cell and at points between; each stretch between two looks
//! takes the mean of its ends' paces. Roads, rivers and slopes are not here: a river makes a detour only as
//! far as its terrain class says so.

use std::collections::BTreeMap;

use h3o::Resolution;

use super::{Leg, TravelTime};
use crate::cells;
use crate::coord::Coord;
use crate::number::saturate;
use crate::vector::UnitVec;

/// A stretch is about this long: 2 km.
const STRETCH_DM: u32 = 20_000;
/// Most stretches a leg is cut into.
const STRETCHES_MAX: u32 = 32;

/// How a mover class fares in a terrain class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Speed along the way, cm/s, more than 0.
    pub speed_cm_s: u32,
    /// Length of the way over the straight line, per mille, at least 1000.
    pub detour_per_mille: u32,
}

impl Pace {
    /// Milliseconds for a straight distance, rounded down: dm * 10 cm * detour / 1000 / speed * 1000.
    fn time_ms(self, distance_dm: u32) -> u64 {
        u64::from(distance_dm) * 10 * u64::from(self.detour_per_mille) / u64::from(self.speed_cm_s)
    }

    fn quicker_than(self, other: Self) -> bool {
        u64::from(self.detour_per_mille) * u64::from(other.speed_cm_s)
            < u64::from(other.detour_per_mille) * u64::from(self.speed_cm_s)
    }
}

/// Which terrain class each cell has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terrain {
    /// H3 resolution of the cells.
    pub resolution: Resolution,
    /// Terrain class by H3 cell.
    pub classes: BTreeMap<u64, u8>,
    /// Class of cells that are not listed.
    pub default: u8,
}

/// Why a pace table cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PaceError {
    /// No mover class at all.
    #[error("the pace table names no mover class")]
    Empty,
    /// A terrain class in use that a mover has no pace for.
    #[error("mover class {mover} has no pace for terrain class {terrain}")]
    Missing {
        /// Index of the mover class, from 0.
        mover: usize,
        /// Terrain class that has no pace.
        terrain: u8,
    },
    /// A speed of 0, or a way shorter than the straight line.
    #[error(
        "mover class {mover}, terrain class {terrain}: speed must be above 0 and detour at least 1000 per mille"
    )]
    Impossible {
        /// Index of the mover class, from 0.
        mover: usize,
        /// Index of the terrain class, from 0.
        terrain: usize,
    },
}

/// Distance times detour over speed, by mover and terrain.
///
/// ```
/// use geo_index::{Coord, cells::Resolution, travel::{Detour, Leg, Pace, Terrain, TravelTime}};
/// let grass = Pace { speed_cm_s: 1_000, detour_per_mille: 1_300 };
/// let terrain = Terrain { resolution: Resolution::Seven, classes: Default::default(), default: 0 };
/// let model = Detour::new("steppe-1".into(), vec![vec![grass]], terrain)?;
/// let (from, to) = (Coord::from_degrees(116.0, 44.0)?, Coord::from_degrees(116.0, 44.1)?);
/// // 11,119.5 m * 1.3 / 10 m/s
/// assert_eq!(model.exact_ms(&Leg { from, to, mover: 0 }), 1_445_535);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Detour {
    version: String,
    /// By mover, then terrain.
    paces: Vec<Vec<Pace>>,
    /// Quickest pace of each mover.
    best: Vec<Pace>,
    /// Quickest pace of all.
    best_of_all: Pace,
    terrain: Terrain,
}

impl Detour {
    /// A model from paces by mover, then terrain class.
    pub fn new(version: String, paces: Vec<Vec<Pace>>, terrain: Terrain) -> Result<Self, PaceError> {
        let terrain_last = terrain.classes.values().copied().max().unwrap_or(0).max(terrain.default);
        let mut best = Vec::with_capacity(paces.len());
        for (mover, row) in paces.iter().enumerate() {
            if row.len() <= usize::from(terrain_last) {
                return Err(PaceError::Missing { mover, terrain: terrain_last });
            }
            let impossible = |pace: &Pace| pace.speed_cm_s == 0 || pace.detour_per_mille < 1_000;
            if let Some(terrain) = row.iter().position(impossible) {
                return Err(PaceError::Impossible { mover, terrain });
            }
            best.extend(quickest(row));
        }
        let best_of_all = quickest(&best).ok_or(PaceError::Empty)?;
        Ok(Self { version, paces, best, best_of_all, terrain })
    }

    fn pace(&self, mover: u8, at: Coord) -> Pace {
        let cell = cells::cell_of(at, self.terrain.resolution);
        let class = self.terrain.classes.get(&cell).copied().unwrap_or(self.terrain.default);
        self.paces[self.known(mover)][usize::from(class)]
    }

    /// A mover class the table does not name moves as the last one it names.
    fn known(&self, mover: u8) -> usize {
        usize::from(mover).min(self.paces.len() - 1)
    }
}

impl TravelTime for Detour {
    fn version(&self) -> &str {
        &self.version
    }

    fn lower_bound_ms(&self, leg: &Leg) -> u32 {
        saturate(self.best[self.known(leg.mover)].time_ms(leg.from.distance_dm(leg.to)))
    }

    fn exact_ms(&self, leg: &Leg) -> u32 {
        let distance_dm = leg.from.distance_dm(leg.to);
        let stretches = distance_dm.div_ceil(STRETCH_DM).clamp(1, STRETCHES_MAX);
        let (from, to) = (leg.from.vector(), leg.to.vector());
        let mut twice_total = 0;
        for look in 0..=stretches {
            let at = match look {
                0 => leg.from,
                _ if look == stretches => leg.to,
                // Between antipodes every way is as good: look at the start again.
                _ => from.between(to, look, stretches).map_or(leg.from, UnitVec::coord),
            };
            // Ends belong to one stretch, the points between to two.
            let weight = if look == 0 || look == stretches { 1 } else { 2 };
            twice_total += weight * self.pace(leg.mover, at).time_ms(distance_dm);
        }
        // A mean of times that are each at least the lower bound, rounded up: never below it.
        saturate(twice_total.div_ceil(2 * u64::from(stretches)))
    }

    fn floor_ms(&self, distance_dm: u32) -> u32 {
        saturate(self.best_of_all.time_ms(distance_dm))
    }
}

fn quickest(paces: &[Pace]) -> Option<Pace> {
    paces.iter().copied().reduce(|best, pace| if pace.quicker_than(best) { pace } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place() -> impl Strategy<Value = Coord> {
        (1_150_000_000i32..1_170_000_000, 430_000_000i32..450_000_000)
            .prop_map(|(lon, lat)| Coord { lon, lat })
    }

    fn pace() -> impl Strategy<Value = Pace> {
        (1u32..5_000, 1_000u32..3_000)
            .prop_map(|(speed_cm_s, detour_per_mille)| Pace { speed_cm_s, detour_per_mille })
    }

    proptest! {
        #[test]
        fn lower_bounds_are_true(
            paces in prop::collection::vec(prop::collection::vec(pace(), 3), 1..4),
            from in place(), to in place(), mover in 0u8..5,
            marked in prop::collection::vec((place(), 0u8..3), 0..200)
        ) {
            let resolution = Resolution::Five;
            let classes = marked.into_iter().map(|(at, class)| (cells::cell_of(at, resolution), class));
            let terrain = Terrain { resolution, classes: classes.collect(), default: 1 };
            let model = Detour::new("test".into(), paces, terrain).unwrap();
            let leg = Leg { from, to, mover };
            let distance_dm = from.distance_dm(to);
            prop_assert!(model.lower_bound_ms(&leg) <= model.exact_ms(&leg));
            prop_assert!(model.floor_ms(distance_dm) <= model.lower_bound_ms(&leg));
            prop_assert!(model.floor_ms(distance_dm / 2) <= model.floor_ms(distance_dm));
        }
    }

    #[test]
    fn ground_on_the_way_counts() {
        let at = |lat| Coord::from_degrees(116.0, lat).unwrap();
        let (road, sand) = (
            Pace { speed_cm_s: 2_000, detour_per_mille: 1_200 },
            Pace { speed_cm_s: 400, detour_per_mille: 1_500 },
        );
        let resolution = Resolution::Seven;
        let middle = cells::cell_of(at(44.1), resolution);
        let classes = cells::disk(middle, 2).unwrap().into_iter().map(|cell| (cell, 1)).collect();
        let terrain = Terrain { resolution, classes, default: 0 };
        let model = Detour::new("test".into(), vec![vec![road, sand]], terrain).unwrap();
        let leg = |from, to| Leg { from: at(from), to: at(to), mover: 0 };
        let (around, through) = (model.exact_ms(&leg(44.3, 44.5)), model.exact_ms(&leg(44.0, 44.2)));
        assert_eq!(around, model.lower_bound_ms(&leg(44.3, 44.5)));
        assert!(through > 2 * around, "{through} and {around}");
        assert_eq!(model.exact_ms(&leg(44.0, 44.0)), 0);
        assert_eq!(model.version(), "test");
    }

    #[test]
    fn tables_with_holes_are_refused() {
        let terrain = Terrain { resolution: Resolution::Seven, classes: BTreeMap::new(), default: 1 };
        let make = |paces| Detour::new("test".into(), paces, terrain.clone()).map(|_| ());
        let good = Pace { speed_cm_s: 1, detour_per_mille: 1_000 };
        let still = Pace { speed_cm_s: 0, ..good };
        assert_eq!(make(vec![]), Err(PaceError::Empty));
        assert_eq!(make(vec![vec![good]]), Err(PaceError::Missing { mover: 0, terrain: 1 }));
        assert_eq!(make(vec![vec![good, still]]), Err(PaceError::Impossible { mover: 0, terrain: 1 }));
        assert_eq!(make(vec![vec![good, good]]), Ok(()));
    }
}
