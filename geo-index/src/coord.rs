//! A place on the globe as the journal stores it.

use std::ops::RangeInclusive;

use crate::number::nearest_i32;
use crate::vector::UnitVec;
use serde::{Deserialize, Serialize};

/// Units of [`Coord`] in one degree.
pub(crate) const PER_DEGREE: f64 = 1e7;
const LON_MAX: i32 = 1_800_000_000;
const LAT_MAX: i32 = 900_000_000;

/// WGS84 longitude and latitude in 1e-7 degree (about 1 cm).
///
/// ```
/// use geo_index::Coord;
/// let xilinhot = Coord::from_degrees(116.086, 43.933)?;
/// let abag = Coord::new(1_149_500_000, 440_220_000)?;
/// assert_eq!(xilinhot.distance_dm(abag), 914_361);
/// assert!(Coord::new(0, 910_000_000).is_err());
/// # Ok::<(), geo_index::CoordError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Coord {
    /// Longitude, east positive, at most 180 degrees either way.
    pub lon: i32,
    /// Latitude, north positive, at most 90 degrees either way.
    pub lat: i32,
}

/// Why a pair of numbers is not a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CoordError {
    /// Longitude beyond ±180 degrees, or not a number.
    #[error("longitude must lie between -180 and 180 degrees")]
    Longitude,
    /// Latitude beyond ±90 degrees, or not a number.
    #[error("latitude must lie between -90 and 90 degrees")]
    Latitude,
}

impl Coord {
    /// A place from integers of 1e-7 degree.
    pub fn new(lon: i32, lat: i32) -> Result<Self, CoordError> {
        if !(-LON_MAX..=LON_MAX).contains(&lon) {
            return Err(CoordError::Longitude);
        }
        if !(-LAT_MAX..=LAT_MAX).contains(&lat) {
            return Err(CoordError::Latitude);
        }
        Ok(Self { lon, lat })
    }

    /// A place from degrees, rounded to the nearest 1e-7.
    pub fn from_degrees(lon: f64, lat: f64) -> Result<Self, CoordError> {
        if !(-180.0..=180.0).contains(&lon) {
            return Err(CoordError::Longitude);
        }
        if !(-90.0..=90.0).contains(&lat) {
            return Err(CoordError::Latitude);
        }
        Ok(Self { lon: nearest_i32(lon * PER_DEGREE), lat: nearest_i32(lat * PER_DEGREE) })
    }

    /// Longitude in degrees.
    pub fn lon_deg(self) -> f64 {
        f64::from(self.lon) / PER_DEGREE
    }

    /// Latitude in degrees.
    pub fn lat_deg(self) -> f64 {
        f64::from(self.lat) / PER_DEGREE
    }

    /// Great-circle distance in decimetres on a sphere of 6,371,008.8 m (D16), rounded to the nearest.
    pub fn distance_dm(self, other: Self) -> u32 {
        self.vector().distance_dm(other.vector())
    }

    /// Latitudes of every place within a distance, decimetres; some that are farther may be among them.
    pub fn latitudes_within(self, distance_dm: u32) -> RangeInclusive<i32> {
        // 1e-7 degree of a great circle is 0.11119 dm.
        let most = ((u64::from(distance_dm) + 1) * 10_000).div_ceil(1_111);
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        self.lat.saturating_sub(most).max(-LAT_MAX)..=self.lat.saturating_add(most).min(LAT_MAX)
    }

    pub(crate) fn vector(self) -> UnitVec {
        UnitVec::of(self)
    }
}

/// The same shape before its range is known: what arrives in JSON.
#[derive(Deserialize)]
struct Unchecked {
    lon: i32,
    lat: i32,
}

impl TryFrom<Unchecked> for Coord {
    type Error = CoordError;

    fn try_from(raw: Unchecked) -> Result<Self, CoordError> {
        Self::new(raw.lon, raw.lat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked_at_every_door() {
        assert_eq!(Coord::new(LON_MAX + 1, 0), Err(CoordError::Longitude));
        assert_eq!(Coord::new(0, -LAT_MAX - 1), Err(CoordError::Latitude));
        assert_eq!(Coord::from_degrees(f64::NAN, 0.0), Err(CoordError::Longitude));
        assert_eq!(Coord::from_degrees(0.0, 91.0), Err(CoordError::Latitude));
        assert!(Coord::new(-LON_MAX, LAT_MAX).is_ok());
        assert!(serde_json::from_str::<Coord>(r#"{"lon":0,"lat":910000000}"#).is_err());
        let at = Coord::from_degrees(-0.000_000_06, 12.5).unwrap();
        assert_eq!(at, Coord { lon: -1, lat: 125_000_000 });
    }

    proptest::proptest! {
        #[test]
        fn no_place_within_a_distance_lies_beyond_its_latitudes(
            lon in -LON_MAX..=LON_MAX, lat in -LAT_MAX..=LAT_MAX, other_lon in -LON_MAX..=LON_MAX,
            step in -2_000_000i32..=2_000_000, far in -LAT_MAX..=LAT_MAX
        ) {
            let at = Coord { lon, lat };
            let near = Coord { lon, lat: (lat + step).clamp(-LAT_MAX, LAT_MAX) };
            for other in [near, Coord { lon: other_lon, lat: far }] {
                proptest::prop_assert!(at.latitudes_within(at.distance_dm(other)).contains(&other.lat));
            }
        }
    }

    #[test]
    fn distances_match_closed_forms() {
        let quarter = 100_075_572; // pi / 2 * 6_371_008.8 m in dm
        let at = |lon, lat| Coord::from_degrees(lon, lat).unwrap();
        assert_eq!(at(0.0, 0.0).distance_dm(at(90.0, 0.0)), quarter);
        assert_eq!(at(17.0, 90.0).distance_dm(at(-60.0, 0.0)), quarter);
        assert_eq!(at(0.0, 0.0).distance_dm(at(180.0, 0.0)), 2 * quarter);
        assert_eq!(at(180.0, 10.0).distance_dm(at(-180.0, 10.0)), 0);
        assert_eq!(at(33.0, -90.0).distance_dm(at(-120.0, -90.0)), 0);
        // One degree of latitude: 6_371_008.8 * pi / 180 = 111_195.08 m, on both sides of the fast path.
        assert_eq!(at(5.0, 45.0).distance_dm(at(5.0, 46.0)), 1_111_951);
        assert_eq!(at(5.0, 45.0).distance_dm(at(5.0, 47.0)), 2_223_902);
        assert_eq!(at(5.0, 45.0).distance_dm(at(5.0, 45.000_001)), 1);
    }
}
