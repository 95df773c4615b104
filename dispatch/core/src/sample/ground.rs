//! The sample's ground: a league of 6 by 4 degrees, cut in a northern and a southern banner by the meridian of 116.

use geo_index::Coord;
use geo_index::geo::{MultiPolygon, Polygon, coord};
use geo_index::middle::Middle;

use crate::kernel::place::AreaPath;
use crate::seek::live_map::Geography;

/// A coordinate of the sample, in 1e-7 degrees.
pub fn at(lon_e7: i32, lat_e7: i32) -> Coord {
    Coord::new(lon_e7, lat_e7).expect("the sample lies on the globe")
}

/// Codes from the league down.
pub(super) fn path(codes: &[&str]) -> AreaPath {
    AreaPath(codes.iter().map(|code| (*code).into()).collect())
}

/// The sample's polygons and paces: everything goes at 60 km/h.
pub fn geography() -> Geography {
    let paces = Geography::default().paces;
    let areas = vec![
        (path(&["15"]), rectangle(113.0, 119.0)),
        (path(&["15", "1501"]), rectangle(113.0, 116.0)),
        (path(&["15", "1502"]), rectangle(116.0, 119.0)),
        (path(&["15", "1501", "150101"]), rectangle(113.0, 114.0)),
    ];
    let middle = |(path, outline): &(AreaPath, MultiPolygon<f64>)| {
        Some((path.0.last()?.clone(), Middle::of_outline(outline)?))
    };
    Geography {
        region: super::REGION.into(),
        middles: areas.iter().filter_map(middle).collect(),
        areas,
        paces: vec![paces[0].clone(), paces[0].clone()],
        ..Geography::default()
    }
}

fn rectangle(west: f64, east: f64) -> MultiPolygon<f64> {
    let (south, north) = (42.0, 46.0);
    let ring = vec![
        coord! { x: west, y: south },
        coord! { x: east, y: south },
        coord! { x: east, y: north },
        coord! { x: west, y: north },
    ];
    MultiPolygon::new(vec![Polygon::new(ring.into(), Vec::new())])
}
