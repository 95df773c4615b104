//! How long a leg takes: the seam behind which straight lines today and road networks later stand.
//!
//! Travel only. Readiness (crew asleep, engine cold) belongs to the unit and is added by the caller.

mod detour;

pub use detour::{Detour, Pace, PaceError, Terrain};

use crate::coord::Coord;

/// One way to go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leg {
    /// Where the unit is.
    pub from: Coord,
    /// Where it is needed.
    pub to: Coord,
    /// What moves: an index into the model's mover classes (patrol car, horse, on foot, ...).
    pub mover: u8,
}

/// A model of travel time.
///
/// Searches are exact because of two promises: `lower_bound_ms(leg) <= exact_ms(leg)`, and
/// `floor_ms(d) <= exact_ms(leg)` for every leg of at least `d` decimetres, whatever its mover;
/// `floor_ms` never falls as `d` grows.
pub trait TravelTime {
    /// Name and version of model and data, written into evidence so that an answer can be recomputed.
    fn version(&self) -> &str;

    /// A time the leg cannot undercut, cheap to compute, milliseconds.
    fn lower_bound_ms(&self, leg: &Leg) -> u32;

    /// The model's answer, milliseconds; `u32::MAX` when there is no way.
    fn exact_ms(&self, leg: &Leg) -> u32;

    /// A time that no leg of at least `distance_dm` can undercut, milliseconds.
    fn floor_ms(&self, distance_dm: u32) -> u32;
}
