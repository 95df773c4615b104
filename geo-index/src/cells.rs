//! H3 cells (Uber's hexagons): beats, tiles, aggregation. Never used to find the nearest.
//!
//! A cell is its H3 number, a plain `u64`; numbers that are no cell give `None`. The region chooses the
//! resolution (D16).

pub use h3o::Resolution;

use crate::coord::Coord;
use geo::Point;
use h3o::{CellIndex, LatLng};

/// A place as the geometry library wants it: degrees, x = longitude.
pub fn point(at: Coord) -> Point<f64> {
    Point::new(at.lon_deg(), at.lat_deg())
}

/// The cell a place lies in.
///
/// ```
/// use geo_index::{Coord, cells};
/// let at = Coord::from_degrees(116.086, 43.933)?;
/// let cell = cells::cell_of(at, cells::Resolution::Seven);
/// assert_eq!(cells::parse(&cells::format(cell)), Some(cell));
/// assert!(cells::centre(cell).unwrap().distance_dm(at) < 14_000);
/// assert_eq!(cells::disk(cell, 1).unwrap().len(), 7);
/// # Ok::<(), geo_index::CoordError>(())
/// ```
pub fn cell_of(at: Coord, resolution: Resolution) -> u64 {
    LatLng::new(at.lat_deg(), at.lon_deg())
        .expect("coordinates are finite, all that a cell needs")
        .to_cell(resolution)
        .into()
}

/// Corners of a cell, counter-clockwise, the first not repeated.
pub fn boundary(cell: u64) -> Option<Vec<Coord>> {
    let corners = CellIndex::try_from(cell).ok()?.boundary();
    corners.iter().map(|&corner| coord(corner)).collect()
}

/// Middle of a cell.
pub fn centre(cell: u64) -> Option<Coord> {
    coord(LatLng::from(CellIndex::try_from(cell).ok()?))
}

/// All cells at most `rings` steps away, ascending, the cell itself included.
pub fn disk(cell: u64, rings: u32) -> Option<Vec<u64>> {
    let cell = CellIndex::try_from(cell).ok()?;
    let mut found: Vec<u64> = cell.grid_disk::<Vec<_>>(rings).into_iter().map(u64::from).collect();
    found.sort_unstable();
    Some(found)
}

/// The cell of a coarser resolution that a cell belongs to.
pub fn parent(cell: u64, resolution: Resolution) -> Option<u64> {
    CellIndex::try_from(cell).ok()?.parent(resolution).map(u64::from)
}

/// Resolution of a cell, 0 to 15.
pub fn resolution(cell: u64) -> Option<Resolution> {
    Some(CellIndex::try_from(cell).ok()?.resolution())
}

/// A cell from its usual hexadecimal text.
pub fn parse(text: &str) -> Option<u64> {
    text.parse::<CellIndex>().ok().map(u64::from)
}

/// The usual hexadecimal text of a cell: 15 digits, lower case.
pub fn format(cell: u64) -> String {
    format!("{cell:x}")
}

fn coord(at: LatLng) -> Option<Coord> {
    Coord::from_degrees(at.lng(), at.lat()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_surrounds_its_centre() {
        let at = Coord::from_degrees(-179.999, 0.3).unwrap();
        let cell = cell_of(at, Resolution::Seven);
        let middle = centre(cell).unwrap();
        assert_eq!(cell_of(middle, Resolution::Seven), cell);
        assert_eq!(resolution(cell), Some(Resolution::Seven));
        let corners = boundary(cell).unwrap();
        assert_eq!(corners.len(), 6);
        assert!(corners.iter().all(|corner| (8_000..20_000).contains(&corner.distance_dm(middle))));
        let up = parent(cell, Resolution::Five).unwrap();
        assert_eq!(up, cell_of(middle, Resolution::Five));
        assert!(disk(cell, 2).unwrap().contains(&cell));
        assert_eq!(parent(cell, Resolution::Nine), None);
    }

    #[test]
    fn numbers_that_are_no_cell_are_refused() {
        assert_eq!(centre(0), None);
        assert_eq!(boundary(7), None);
        assert_eq!(disk(u64::MAX, 1), None);
        assert_eq!(parse("not a cell"), None);
    }

    #[test]
    fn the_reference_library_gives_the_same_cell() {
        // The example of the H3 library's own manual: 37.775270, -122.418307 at resolution 9.
        let at = Coord::from_degrees(-122.418_307_3, 37.775_270_2).unwrap();
        assert_eq!(format(cell_of(at, Resolution::Nine)), "8928308280fffff");
    }
}
