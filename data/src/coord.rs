//! A place on the earth as the package hands it on: exact integers, WGS84.
//!
//! Leaves out: datum shifts (a package is WGS84 throughout) and distances.

use serde::{Deserialize, Serialize};

/// Units of a coordinate in one degree.
pub const PER_DEGREE: f64 = 1e7;

/// Longitude and latitude in 1e-7 degrees, WGS84; longitude within ±180°, latitude within ±90°.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Coord {
    /// Longitude in 1e-7 degrees, east positive.
    pub lon: i32,
    /// Latitude in 1e-7 degrees, north positive.
    pub lat: i32,
}

impl Coord {
    /// The coordinate of decimal degrees, rounded to the nearest unit; `None` outside the earth or not a number.
    pub fn from_degrees(lon: f64, lat: f64) -> Option<Self> {
        Some(Self { lon: to_units(lon, 180.0)?, lat: to_units(lat, 90.0)? })
    }

    /// Longitude in degrees.
    pub fn lon_degrees(self) -> f64 {
        f64::from(self.lon) / PER_DEGREE
    }

    /// Latitude in degrees.
    pub fn lat_degrees(self) -> f64 {
        f64::from(self.lat) / PER_DEGREE
    }
}

/// Degrees to units when within ±`limit`.
pub(crate) fn to_units(degrees: f64, limit: f64) -> Option<i32> {
    if !(degrees.abs() <= limit) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most 180e7 after the check above, which fits an i32")]
    let units = (degrees * PER_DEGREE).round() as i32;
    Some(units)
}
