//! Where something happened, exactly as precisely as it is known.

use geo_index::Coord;
use serde::{Deserialize, Serialize};

use crate::kernel::id::{AreaCode, PointId, SeatId};

/// What kind of knowledge a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// A coordinate, with a radius of doubt.
    Point,
    /// A registered alarm point.
    AlarmPoint,
    /// A road and kilometre post.
    RoadPost,
    /// Somewhere in an area; never drawn as a pin.
    Area,
    /// Not known yet.
    Unknown,
}

/// Who or what said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlaceSource {
    /// The register: a fixed point's own place.
    Register,
    /// A device's live fix.
    Fix,
    /// A device's last good fix, because the one it sent was unusable.
    LastFix,
    /// A unit's home base, because it has no fix.
    HomeBase,
    /// The caller's words, placed by an operator.
    Caller,
    /// The carrier or platform that passed the call.
    Network,
    /// A crew at the scene.
    Crew,
}

/// A place: kind, coordinate where there is one, radius of doubt, source, and who confirmed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Place {
    /// What kind of knowledge this is.
    pub kind: PlaceKind,
    /// The coordinate, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<CoordSchema>))]
    pub coord: Option<Coord>,
    /// Radius of doubt in metres; 0 where nothing is known of it.
    #[serde(default)]
    pub radius_m: u32,
    /// Who or what said so.
    pub source: PlaceSource,
    /// The alarm point, for that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<PointId>,
    /// Road and kilometre post in words of the register, for that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub road: Option<String>,
    /// The area, for that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<AreaCode>,
    /// The seat that confirmed it; an unconfirmed place asks for a second key before a dispatch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_by: Option<SeatId>,
}

impl Place {
    /// A place of which nothing is known.
    pub fn unknown(source: PlaceSource) -> Self {
        Self {
            kind: PlaceKind::Unknown,
            coord: None,
            radius_m: 0,
            source,
            point: None,
            road: None,
            area: None,
            confirmed_by: None,
        }
    }

    /// Whether a unit can be sent there: a coordinate or at least an area.
    pub fn is_known(&self) -> bool {
        self.coord.is_some() || self.area.is_some()
    }
}

/// Codes from the league down, e.g. `1525/152502/152502001`; the unit of permission is a prefix of it (D2).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct AreaPath(pub Vec<AreaCode>);

impl AreaPath {
    /// Whether this path lies at or below `prefix`. Everything lies below the empty path.
    pub fn is_within(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// Whether it names no area.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for AreaPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, code) in self.0.iter().enumerate() {
            let slash = if at == 0 { "" } else { "/" };
            write!(f, "{slash}{code}")?;
        }
        Ok(())
    }
}

/// How the API writes a coordinate: WGS84 in 1e-7 degrees.
#[cfg(feature = "schema")]
#[derive(utoipa::ToSchema)]
pub struct CoordSchema {
    /// Longitude, -1800000000 to 1800000000.
    pub lon: i32,
    /// Latitude, -900000000 to 900000000.
    pub lat: i32,
}
