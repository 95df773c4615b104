//! The seeded world that all contenders share.
//!
//! A region of 68 x 111 km; half of the units uniform, half in 32 Gaussian clusters (sigma 1.5 km); queries
//! from the same distribution; a move is about 50 m. Masks are drawn independently of place, which favours
//! no structure that skips cells.

use geo_index::Coord;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SOUTH_WEST: (f64, f64) = (115.575, 43.4);
const SIZE_DEG: (f64, f64) = (0.85, 1.0);
const CLUSTERS: usize = 32;
/// 1.5 km in degrees of latitude.
const SIGMA_DEG: f64 = 0.013_49;
/// 50 m in degrees of latitude.
const STEP_DEG: f64 = 0.000_45;
/// Degrees of longitude to one of latitude at 44 degrees north.
const STRETCH: f64 = 1.39;

/// Predicates: the bit a unit must have, and the share of units that have it.
pub const PREDICATES: [Predicate; 4] = [
    Predicate { name: "none", bit: 0, share: 1.0 },
    Predicate { name: "18 %", bit: 1, share: 0.18 },
    Predicate { name: "1.8 %", bit: 2, share: 0.018 },
    Predicate { name: "0.18 %", bit: 4, share: 0.0018 },
];

/// A demand on units.
#[derive(Clone, Copy, Debug)]
pub struct Predicate {
    /// As tables show it.
    pub name: &'static str,
    /// Mask bit demanded; 0 demands nothing.
    pub bit: u64,
    /// Share of units that qualify.
    pub share: f64,
}

/// A place, as coordinate and as unit vector, so that no peer pays for the conversion.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// WGS84.
    pub at: Coord,
    /// The same on the unit sphere.
    pub vector: [f64; 3],
}

impl Spot {
    /// From degrees.
    fn new(lon: f64, lat: f64) -> Self {
        let at = Coord::from_degrees(lon, lat).expect("the region lies far from every limit");
        let ((sin_lon, cos_lon), (sin_lat, cos_lat)) =
            (at.lon_deg().to_radians().sin_cos(), at.lat_deg().to_radians().sin_cos());
        Self { at, vector: [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat] }
    }
}

/// Squared straight-line distance: the metric of every contender.
#[must_use]
pub fn chord2(a: [f64; 3], b: [f64; 3]) -> f64 {
    let [dx, dy, dz] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    dx * dx + dy * dy + dz * dz
}

/// One unit at the start.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// Where it stands: WGS84, and the same on the unit sphere.
    pub spot: Spot,
    /// Bits of [`PREDICATES`].
    pub mask: u64,
}

/// One step of one unit.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Which unit.
    pub slot: u32,
    /// Where it is now.
    pub to: Spot,
}

/// Units and a stream of questions and moves, all from one seed.
pub struct World {
    random: ChaCha8Rng,
    clusters: Vec<(f64, f64)>,
    /// Units by slot, where they are now.
    pub units: Vec<Unit>,
}

impl World {
    /// A world of `count` units.
    pub fn new(seed: u64, count: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let clusters = (0..CLUSTERS).map(|_| anywhere(&mut random)).collect();
        let mut world = Self { random, clusters, units: Vec::with_capacity(count) };
        for _ in 0..count {
            let spot = world.spot();
            let mut mask = 0;
            for predicate in &PREDICATES[1..] {
                if world.random.random_bool(predicate.share) {
                    mask |= predicate.bit;
                }
            }
            world.units.push(Unit { spot, mask });
        }
        world
    }

    /// A place drawn as units and questions are.
    pub fn spot(&mut self) -> Spot {
        let random = &mut self.random;
        let (lon, lat) = if random.random_bool(0.5) {
            anywhere(random)
        } else {
            let (lon, lat) = self.clusters[random.random_range(0..CLUSTERS)];
            let (a, b) = gaussian(random);
            (lon + a * SIGMA_DEG * STRETCH, lat + b * SIGMA_DEG)
        };
        Spot::new(lon, lat)
    }

    /// Places to ask about.
    pub fn questions(&mut self, count: usize) -> Vec<Spot> {
        (0..count).map(|_| self.spot()).collect()
    }

    /// Moves of about 50 m by units drawn at random; the world remembers them.
    pub fn steps(&mut self, count: usize) -> Vec<Step> {
        (0..count)
            .map(|_| {
                let slot = self.random.random_range(0..self.units.len());
                let direction = self.random.random_range(0.0..std::f64::consts::TAU);
                let at = self.units[slot].spot.at;
                let to = Spot::new(
                    at.lon_deg() + direction.sin() * STEP_DEG * STRETCH,
                    at.lat_deg() + direction.cos() * STEP_DEG,
                );
                self.units[slot].spot = to;
                Step { slot: u32::try_from(slot).expect("slots are 32 bits"), to }
            })
            .collect()
    }

    /// The first `count` units drive to one station and stand at exactly the same place.
    pub fn crowd(&mut self, count: usize) -> Vec<Step> {
        let station = self.spot();
        (0..count.min(self.units.len()))
            .map(|slot| {
                self.units[slot].spot = station;
                Step { slot: u32::try_from(slot).expect("slots are 32 bits"), to: station }
            })
            .collect()
    }
}

fn anywhere(random: &mut ChaCha8Rng) -> (f64, f64) {
    (SOUTH_WEST.0 + random.random_range(0.0..SIZE_DEG.0), SOUTH_WEST.1 + random.random_range(0.0..SIZE_DEG.1))
}

/// Two independent normal numbers (Box and Muller 1958).
fn gaussian(random: &mut ChaCha8Rng) -> (f64, f64) {
    let radius = (-2.0 * random.random_range(f64::EPSILON..1.0).ln()).sqrt();
    let (sin, cos) = random.random_range(0.0..std::f64::consts::TAU).sin_cos();
    (radius * sin, radius * cos)
}
