//! What a region package says of its ground, in the units of the live map.

use std::collections::BTreeMap;

use geo_index::cells::Resolution;
use geo_index::geo::MultiPolygon;
use geo_index::middle::Middle;
use geo_index::travel::{Pace, Terrain};

use crate::kernel::id::AreaCode;
use crate::kernel::place::AreaPath;

/// What a live map is made from: plain values, taken from the region package when the node is opened.
#[derive(Clone, Debug)]
pub struct Geography {
    /// Content hash of the region package, hex.
    pub region: String,
    /// Polygons in degrees of the areas that have one, by their codes from the top down. An area without a polygon is
    /// known by the code of its points and beats only.
    pub areas: Vec<(AreaPath, MultiPolygon<f64>)>,
    /// A spot inside every area whose location is known, by its outline or by what stands in it: units are
    /// sought from there when no more than the area is known.
    pub middles: BTreeMap<AreaCode, Middle>,
    /// Terrain class of every cell.
    pub terrain: Terrain,
    /// Paces by mover (the order of `Register::movers`), then by terrain class. A speed of 0 means it cannot go there.
    pub paces: Vec<Vec<Pace>>,
    /// Which fixes are believed.
    pub rules: FixRules,
}

/// Which fixes are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixRules {
    /// A move faster than this is not believed from one fix alone, metres per hour.
    pub jump_m_per_h: u32,
    /// So much of a move is never called a jump, decimetres: receivers wander by tens of metres from one second to
    /// the next.
    pub jump_slack_dm: u32,
    /// A fix measured this much after now has a wrong clock, milliseconds.
    pub future_ms: u32,
}

impl Default for FixRules {
    /// 250 km/h, 200 m, 60 s.
    fn default() -> Self {
        Self { jump_m_per_h: 250_000, jump_slack_dm: 2_000, future_ms: 60_000 }
    }
}

impl Default for Geography {
    /// No region: no area, everything goes at 60 km/h with a detour of 1.3.
    fn default() -> Self {
        Self {
            region: String::new(),
            areas: Vec::new(),
            middles: BTreeMap::new(),
            terrain: Terrain { resolution: Resolution::Seven, classes: BTreeMap::new(), default: 0 },
            paces: vec![vec![Pace { speed_cm_s: 1_667, detour_per_mille: 1_300 }]],
            rules: FixRules::default(),
        }
    }
}

impl Geography {
    /// The paces with 1 cm/s where a mover cannot go: such a way is never chosen while there is any other, and the
    /// model needs a speed.
    pub(crate) fn passable(&self) -> Vec<Vec<Pace>> {
        let slowest = |pace: &Pace| Pace { speed_cm_s: pace.speed_cm_s.max(1), ..*pace };
        self.paces.iter().map(|row| row.iter().map(slowest).collect()).collect()
    }
}
