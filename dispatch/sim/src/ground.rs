//! The ground that units drive over: distances of a few hundred kilometres at most, and how fast each mover may go
//! where. Leaves out: roads, which the region does not have, and heights.

use dispatch_core::Coord;
use h3o::{LatLng, Resolution};
use region::Register;

use crate::number::size;

const EARTH_M: f64 = 6_371_008.8;

/// The place `east_m` and `north_m` from `from`, on the local plane.
pub fn offset(from: Coord, east_m: f64, north_m: f64) -> Coord {
    let lat = (from.lat_deg() + (north_m / EARTH_M).to_degrees()).clamp(-89.9, 89.9);
    let shrink = from.lat_deg().to_radians().cos().max(0.01);
    let lon = from.lon_deg() + (east_m / (EARTH_M * shrink)).to_degrees();
    let lon = if lon > 180.0 {
        lon - 360.0
    } else if lon < -180.0 {
        lon + 360.0
    } else {
        lon
    };
    Coord::from_degrees(lon, lat).unwrap_or(from)
}

/// East and north metres from one place to another, on the plane between them.
pub fn apart(from: Coord, to: Coord) -> (f64, f64) {
    let mut lon = to.lon_deg() - from.lon_deg();
    if lon.abs() > 180.0 {
        lon -= 360.0_f64.copysign(lon);
    }
    let shrink = (f64::midpoint(from.lat_deg(), to.lat_deg())).to_radians().cos();
    (lon.to_radians() * EARTH_M * shrink, (to.lat_deg() - from.lat_deg()).to_radians() * EARTH_M)
}

/// Metres between two places.
pub fn metres(from: Coord, to: Coord) -> f64 {
    let (east, north) = apart(from, to);
    east.hypot(north)
}

/// Direction of an offset in degrees clockwise from north, 0 to 360.
pub fn heading(east: f64, north: f64) -> f64 {
    east.atan2(north).to_degrees().rem_euclid(360.0)
}

/// The middle of some places that lie near one another; `None` of none.
pub fn middle(places: impl IntoIterator<Item = Coord>) -> Option<Coord> {
    let mut first = None;
    let (mut east, mut north, mut count) = (0.0, 0.0, 0_usize);
    for place in places {
        let origin = *first.get_or_insert(place);
        let (e, n) = apart(origin, place);
        (east, north, count) = (east + e, north + n, count + 1);
    }
    first.map(|origin| offset(origin, east / size(count), north / size(count)))
}

/// Terrain class by cell, and the speed of every mover in it.
#[derive(Debug, Clone)]
pub struct Ground {
    resolution: Resolution,
    /// Cells that are not of the first class, ascending.
    cells: Vec<(u64, usize)>,
    /// Metres per second by mover, then by class.
    speeds: Vec<Vec<f64>>,
}

impl Ground {
    /// The ground of a register whose cells have this H3 resolution.
    pub fn of(register: &Register, resolution: u8) -> Self {
        let class_of =
            |code: &str| register.terrain_classes.iter().position(|class| class.code == code).unwrap_or(0);
        let mut cells: Vec<_> = register
            .terrain
            .iter()
            .flat_map(|terrain| terrain.cells.indexes().map(|cell| (cell, class_of(&terrain.class))))
            .collect();
        cells.sort_unstable();
        let speed = |per_hour: u32| f64::from(per_hour) / 3_600.0;
        let speeds = register.movers.iter().map(|mover| {
            let of = |code: &String| speed(mover.speeds_m_per_h.get(code).copied().unwrap_or(0));
            register.terrain_classes.iter().map(|class| of(&class.code)).collect()
        });
        let resolution = Resolution::try_from(resolution).unwrap_or(Resolution::Seven);
        Self { resolution, cells, speeds: speeds.collect() }
    }

    /// The fastest `mover` goes anywhere, m/s.
    pub fn fastest(&self, mover: usize) -> f64 {
        self.speeds.get(mover).into_iter().flatten().copied().fold(0.0, f64::max)
    }

    /// How fast `mover` goes at a place, m/s. Ground it cannot cross is crept over at a tenth of its best: a schematic
    /// path does not know the ford.
    pub fn speed(&self, mover: usize, at: Coord) -> f64 {
        let cell =
            LatLng::new(at.lat_deg(), at.lon_deg()).map(|place| u64::from(place.to_cell(self.resolution)));
        let class = cell.ok().and_then(|cell| self.cells.binary_search_by_key(&cell, |&(key, _)| key).ok());
        let class = class.map_or(0, |found| self.cells[found].1);
        let speed = self.speeds.get(mover).and_then(|speeds| speeds.get(class)).copied().unwrap_or(0.0);
        speed.max(self.fastest(mover) / 10.0)
    }

    #[cfg(test)]
    pub(crate) fn even(speeds_m_s: &[f64]) -> Self {
        let speeds = speeds_m_s.iter().map(|&speed| vec![speed]).collect();
        Self { resolution: Resolution::Seven, cells: Vec::new(), speeds }
    }
}

/// A coordinate of the register as the index writes it.
pub(crate) fn placed(at: region::Coord) -> Coord {
    Coord::new(at.lon, at.lat).unwrap_or_else(|_| Coord::new(0, 0).expect("the origin is a place"))
}

/// The centre of an H3 cell.
pub(crate) fn centre(cell: h3o::CellIndex) -> Option<Coord> {
    let at = LatLng::from(cell);
    Coord::from_degrees(at.lng(), at.lat()).ok()
}

/// A random distance on the plane: two normals of `spread_m`.
pub(crate) fn scattered(at: Coord, spread_m: f64, chance: &mut crate::chance::Chance) -> Coord {
    let east = spread_m * chance.normal();
    let north = spread_m * chance.normal();
    offset(at, east, north)
}

/// Metres to a decimetre count, for comparing with the index's own distance.
#[cfg(test)]
fn decimetres(metres: f64) -> i64 {
    crate::number::whole(metres * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plane_agrees_with_the_sphere_within_a_thousandth() {
        let xilinhot = Coord::from_degrees(116.086, 43.933).unwrap();
        for (lon, lat) in [(116.1, 43.94), (114.95, 44.022), (117.6, 42.3)] {
            let other = Coord::from_degrees(lon, lat).unwrap();
            let sphere = i64::from(xilinhot.distance_dm(other));
            let plane = decimetres(metres(xilinhot, other));
            assert!((sphere - plane).abs() * 1_000 <= sphere, "{sphere} {plane}");
        }
    }

    #[test]
    fn an_offset_is_undone_by_its_opposite() {
        let at = Coord::from_degrees(179.999, 44.0).unwrap();
        let there = offset(at, 900.0, -400.0);
        let (east, north) = apart(at, there);
        assert!((east - 900.0).abs() < 1.0 && (north + 400.0).abs() < 1.0, "{east} {north}");
        assert!((heading(1.0, 0.0) - 90.0).abs() < 1e-9);
        assert!((heading(-1.0, 0.0) - 270.0).abs() < 1e-9);
    }
}
