//! Unit vectors: one metric without projection centre, seam or pole (D16).
//!
//! Sine and cosine come from a table of whole degrees, corrected by a short series. Coordinates are integers,
//! so the remainder is at most half a degree and eight multiplications reach the last bits. This is faster than the
//! library functions on every move, and it is made of IEEE additions and multiplications only, so every
//! platform orders units alike.

use crate::coord::Coord;
use crate::number::{float, low, nearest_u32};

/// Mean radius of the earth (IUGG R1), decimetres.
const RADIUS_DM: f64 = 63_710_088.0;
const RADIANS_PER_DEGREE: f64 = std::f64::consts::PI / 180.0;
/// Radians in one unit of [`Coord`].
pub(crate) const RADIANS_PER_UNIT: f64 = RADIANS_PER_DEGREE / 1e7;
/// Below this squared chord (127 km) the series for the arc is exact to a double.
const NEAR: f64 = 4e-4;

/// (sine, cosine) of whole degrees from -180 to 180.
static DEGREES: [(f64, f64); 361] = degrees();

const fn degrees() -> [(f64, f64); 361] {
    let mut table = [(0.0, 0.0); 361];
    let mut degree = 0;
    while degree <= 180 {
        // Fold into 0..=45 degrees, where the series converges fast and the symmetric values come out equal.
        let right = if degree > 90 { 180 - degree } else { degree };
        let (sin, cos) = if right > 45 {
            let (cos, sin) = series(float(90 - right) * RADIANS_PER_DEGREE);
            (sin, cos)
        } else {
            series(float(right) * RADIANS_PER_DEGREE)
        };
        let cos = if degree > 90 { -cos } else { cos };
        table[180 + degree] = (sin, cos);
        table[180 - degree] = (-sin, cos);
        degree += 1;
    }
    table
}

/// Sine and cosine by their power series, for angles up to 45 degrees.
const fn series(angle: f64) -> (f64, f64) {
    let square = angle * angle;
    let (mut sin, mut cos) = (0.0, 0.0);
    // Horner from the 25th power down: pi/4 ^ 25 / 25! is below 1e-27.
    let mut power = 24;
    while power >= 2 {
        cos = (1.0 + cos) * -square / (float(power) * float(power - 1));
        sin = (1.0 + sin) * -square / (float(power) * float(power + 1));
        power -= 2;
    }
    (angle + angle * sin, 1.0 + cos)
}

/// (sine, cosine) of an angle in units of 1e-7 degree; beyond ±180 degrees the nearest end counts.
fn sin_cos(units: i32) -> (f64, f64) {
    const HALF_TURN: i64 = 1_800_000_000;
    const DEGREE: i64 = 10_000_000;
    let shifted = (i64::from(units) + HALF_TURN).clamp(0, 2 * HALF_TURN).unsigned_abs();
    let whole = low((shifted + DEGREE.unsigned_abs() / 2) / DEGREE.unsigned_abs());
    let rest = f64::from(low(shifted)) - f64::from(whole) * 1e7;
    let angle = rest * RADIANS_PER_UNIT;
    let square = angle * angle;
    let small_sin = angle * (1.0 - square * (1.0 / 6.0 - square * (1.0 / 120.0 - square * (1.0 / 5_040.0))));
    let small_cos =
        1.0 - square * (0.5 - square * (1.0 / 24.0 - square * (1.0 / 720.0 - square * (1.0 / 40_320.0))));
    let (sin, cos) = DEGREES[crate::number::index(whole)];
    (sin * small_cos + cos * small_sin, cos * small_cos - sin * small_sin)
}

/// A direction from the centre of the earth, of length one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct UnitVec {
    pub x: f64,
    pub y: f64,
    pub z: f64,
}

impl UnitVec {
    pub(crate) fn of(at: Coord) -> Self {
        let (sin_lon, cos_lon) = sin_cos(at.lon);
        let (sin_lat, cos_lat) = sin_cos(at.lat);
        Self { x: cos_lat * cos_lon, y: cos_lat * sin_lon, z: sin_lat }
    }

    /// Squared straight-line distance through the earth, 0 to 4: the order of all answers.
    #[inline]
    pub(crate) fn chord2(self, other: Self) -> f64 {
        let (dx, dy, dz) = (self.x - other.x, self.y - other.y, self.z - other.z);
        dx * dx + dy * dy + dz * dz
    }

    /// Arc in decimetres, rounded.
    pub(crate) fn distance_dm(self, other: Self) -> u32 {
        rounded_dm(self, self.chord2(other), || other)
    }

    /// Arc in decimetres by both chords: accurate at every angle, also near the antipode where arcsine is not.
    fn arc_dm(self, other: Self, chord2: f64) -> f64 {
        let opposite = Self { x: -other.x, y: -other.y, z: -other.z };
        2.0 * RADIUS_DM * libm::atan2(chord2.sqrt(), self.chord2(opposite).sqrt())
    }

    /// The direction a share `part` of `whole` along the way to `other`; antipodes have no such way.
    pub(crate) fn between(self, other: Self, part: u32, whole: u32) -> Option<Self> {
        let share = f64::from(part) / f64::from(whole);
        let mix = |a: f64, b: f64| a + (b - a) * share;
        let (x, y, z) = (mix(self.x, other.x), mix(self.y, other.y), mix(self.z, other.z));
        let length = (x * x + y * y + z * z).sqrt();
        (length > 1e-9).then(|| Self { x: x / length, y: y / length, z: z / length })
    }

    /// Back to longitude and latitude.
    pub(crate) fn coord(self) -> Coord {
        let lon = libm::atan2(self.y, self.x) / RADIANS_PER_DEGREE;
        let lat = libm::atan2(self.z, (self.x * self.x + self.y * self.y).sqrt()) / RADIANS_PER_DEGREE;
        Coord::from_degrees(lon.clamp(-180.0, 180.0), lat.clamp(-90.0, 90.0))
            .expect("arctangents clamped to their range are coordinates")
    }
}

/// Rounded arc of a known squared chord; the other end is looked up only where its vector is needed.
pub(crate) fn rounded_dm(from: UnitVec, chord2: f64, to: impl FnOnce() -> UnitVec) -> u32 {
    nearest_u32(if chord2 < NEAR { near_arc_dm(chord2) } else { from.arc_dm(to(), chord2) })
}

/// Arc for short chords by the series of the arcsine: 2R (s + s^3/6 + 3s^5/40 + 15s^7/336), s = chord / 2.
fn near_arc_dm(chord2: f64) -> f64 {
    let square = chord2 * 0.25;
    let series = 1.0 + square * (1.0 / 6.0 + square * (3.0 / 40.0 + square * (15.0 / 336.0)));
    2.0 * RADIUS_DM * square.sqrt() * series
}

/// Arc in decimetres, rounded down, of a squared chord: a lower bound for anything at least that far.
pub(crate) fn floor_dm(chord2: f64) -> u32 {
    let arc = if chord2 < NEAR {
        near_arc_dm(chord2)
    } else {
        2.0 * RADIUS_DM * libm::asin((chord2.sqrt() * 0.5).min(1.0))
    };
    // Near the antipode the arcsine is off by up to 2 dm; elsewhere by nothing that counts.
    crate::number::floor_u32(arc).saturating_sub(4)
}

/// Squared chord that no point within `distance_dm` exceeds.
pub(crate) fn reach_chord2(distance_dm: u32) -> f64 {
    let half = (f64::from(distance_dm) + 1.0) / (2.0 * RADIUS_DM);
    if half >= std::f64::consts::FRAC_PI_2 {
        return 5.0;
    }
    let sin = libm::sin(half);
    4.0 * sin * sin * (1.0 + 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sine_and_cosine_agree_with_the_library(units in -1_800_000_000i32..=1_800_000_000) {
            let angle = f64::from(units) / 1e7;
            let (sin, cos) = sin_cos(units);
            prop_assert!((sin - angle.to_radians().sin()).abs() < 6e-16);
            prop_assert!((cos - angle.to_radians().cos()).abs() < 6e-16);
        }

        #[test]
        fn vectors_turn_back_into_coordinates(
            lon in -1_799_999_999i32..=1_800_000_000, lat in -899_000_000i32..=899_000_000
        ) {
            let at = Coord { lon, lat };
            prop_assert_eq!(at.vector().coord(), at);
        }

        #[test]
        fn bounds_enclose_the_distance(
            a in (-1_800_000_000i32..=1_800_000_000, -900_000_000i32..=900_000_000),
            b in (-1_800_000_000i32..=1_800_000_000, -900_000_000i32..=900_000_000)
        ) {
            let (a, b) = (Coord { lon: a.0, lat: a.1 }.vector(), Coord { lon: b.0, lat: b.1 }.vector());
            let (chord2, dm) = (a.chord2(b), a.distance_dm(b));
            prop_assert!(floor_dm(chord2) <= dm);
            prop_assert!(chord2 <= reach_chord2(dm));
        }
    }
}
