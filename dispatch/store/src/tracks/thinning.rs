//! Thinning: when more fixes come than may be written, every unit still keeps its newest, and the rest is taken
//! evenly. What was left out is counted, never silent (D8).

use std::collections::BTreeMap;

use dispatch_core::kernel::id::UnitId;

use super::TrackPoint;

/// What thinning left and how much it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thinned {
    /// In the order given.
    pub kept: Vec<TrackPoint>,
    /// How many were left out.
    pub dropped: u64,
}

/// Thins points to about `limit`: of each unit every n-th counted back from its newest, n being how many times too
/// many there are. Never more than `limit` plus one for each unit; never fewer than one for each unit.
pub fn thin(points: Vec<TrackPoint>, limit: usize) -> Thinned {
    if points.len() <= limit {
        return Thinned { kept: points, dropped: 0 };
    }
    let stride = points.len().div_ceil(limit.max(1));
    let mut newer: BTreeMap<UnitId, usize> = BTreeMap::new();
    let before = points.len();
    let mut kept: Vec<TrackPoint> = points
        .into_iter()
        .rev()
        .filter(|point| {
            let seen = newer.entry(point.unit.clone()).or_default();
            *seen += 1;
            (*seen - 1).is_multiple_of(stride)
        })
        .collect();
    kept.reverse();
    let dropped = (before - kept.len()) as u64;
    Thinned { kept, dropped }
}
