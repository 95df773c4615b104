//! Cells as shapes: centres, and the dissolved outline of a beat.
//!
//! Leaves out: styles. Shapes are for drawing and for checking a package; no decision is made by them.

use geo::{Coord as Degrees, LineString, MultiPolygon, Polygon};
use geo_index::Coord;
use h3o::{CellIndex, LatLng, geom::SolventBuilder};

use crate::{base_map::Ring, cells::CellSet};

/// The centre of a cell.
pub fn cell_centre(cell: CellIndex) -> Coord {
    let centre = LatLng::from(cell);
    Coord::from_degrees(centre.lng(), centre.lat()).expect("a cell's centre is on the earth")
}

/// The outline of a set of cells: one polygon for each connected part, of each the outer ring first, then holes.
pub fn dissolve(cells: &CellSet) -> Vec<Vec<Ring>> {
    let solvent = SolventBuilder::new().build();
    let shape = solvent.dissolve(cells.iter()).expect("a set has cells of one resolution, none twice");
    let ring = |ring: &LineString| ring.0.iter().map(|at| coord(*at)).collect();
    shape
        .0
        .iter()
        .map(|part| std::iter::once(part.exterior()).chain(part.interiors()).map(ring).collect())
        .collect()
}

fn coord(at: Degrees) -> Coord {
    Coord::from_degrees(at.x, at.y).expect("a cell's corner is on the earth")
}

/// Polygons as the geometry library has them, in degrees.
pub(crate) fn to_geo(polygons: &[Vec<Ring>]) -> MultiPolygon {
    let ring = |ring: &Ring| -> LineString {
        ring.iter().map(|at| Degrees { x: at.lon_deg(), y: at.lat_deg() }).collect()
    };
    let polygon = |rings: &Vec<Ring>| {
        let mut rings = rings.iter().map(ring);
        Polygon::new(rings.next().unwrap_or_else(|| LineString::new(Vec::new())), rings.collect())
    };
    polygons.iter().map(polygon).collect()
}
