//! A spot inside an area and how far the area reaches from it: for what is known by its area alone.
//!
//! Units are sought from the spot and their times doubted by the reach. The spot is *not* where anything is: it is
//! never drawn and never becomes a place.

use geo::{CoordsIter, InteriorPoint, MultiPolygon};

use crate::coord::Coord;

/// A spot inside an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Middle {
    /// The spot itself, inside the area.
    pub at: Coord,
    /// From it to the farthest known spot of the area, decimetres.
    pub reach_dm: u32,
}

impl Middle {
    /// Of an area with an outline: the middle of the widest part that a parallel near its centre cuts out of it, which
    /// lies inside even where the centre does not. `None` for an outline without corners, or beyond the globe.
    ///
    /// ```
    /// use geo_index::{middle::Middle, geo::{MultiPolygon, polygon}};
    /// let banner = polygon![(x: 115.0, y: 43.0), (x: 117.0, y: 43.0), (x: 117.0, y: 45.0), (x: 115.0, y: 45.0)];
    /// let middle = Middle::of_outline(&MultiPolygon::from(banner)).expect("it has corners");
    /// assert_eq!((middle.at.lon, middle.at.lat), (1_160_000_000, 440_000_000));
    /// ```
    pub fn of_outline(outline: &MultiPolygon<f64>) -> Option<Self> {
        let inside = outline.interior_point()?;
        let at = Coord::from_degrees(inside.x(), inside.y()).ok()?;
        let corners = outline.exterior_coords_iter();
        let reach = corners.filter_map(|corner| Coord::from_degrees(corner.x, corner.y).ok());
        Some(Self { at, reach_dm: reach.map(|corner| at.distance_dm(corner)).max()? })
    }

    /// Of an area without an outline, by spots known to lie in it: the one nearest to their mean, the first of equally
    /// near ones. `None` without any.
    pub fn of_spots(spots: &[Coord]) -> Option<Self> {
        let count = i64::try_from(spots.len()).ok().filter(|count| *count > 0)?;
        let mean = |of: fn(&Coord) -> i32| spots.iter().map(|spot| i64::from(of(spot))).sum::<i64>() / count;
        let (lon, lat) = (mean(|spot| spot.lon), mean(|spot| spot.lat));
        let mean = Coord { lon: i32::try_from(lon).ok()?, lat: i32::try_from(lat).ok()? };
        let at = *spots.iter().min_by_key(|spot| spot.distance_dm(mean))?;
        Some(Self { at, reach_dm: spots.iter().map(|spot| at.distance_dm(*spot)).max()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::areas::Areas;
    use geo::{Coord as Corner, LineString, Polygon, polygon};
    use proptest::prelude::*;

    #[test]
    fn the_middle_of_a_horseshoe_lies_in_it() {
        let horseshoe = polygon![
            (x: 0.0, y: 0.0), (x: 9.0, y: 0.0), (x: 9.0, y: 9.0), (x: 6.0, y: 9.0),
            (x: 6.0, y: 3.0), (x: 3.0, y: 3.0), (x: 3.0, y: 9.0), (x: 0.0, y: 9.0),
        ];
        let outline = MultiPolygon::from(horseshoe);
        let middle = Middle::of_outline(&outline).unwrap();
        assert_eq!(Areas::new(vec![(1, outline)]).containing(middle.at), [1]);
        assert!(Middle::of_outline(&MultiPolygon::new(Vec::new())).is_none());
    }

    #[test]
    fn without_an_outline_it_is_a_spot_of_the_area() {
        let at = |lon, lat| Coord { lon, lat };
        let spots =
            [at(1_150_000_000, 440_000_000), at(1_151_000_000, 440_000_000), at(1_158_000_000, 440_000_000)];
        let middle = Middle::of_spots(&spots).unwrap();
        assert_eq!((middle.at, middle.reach_dm), (spots[1], spots[1].distance_dm(spots[2])));
        assert_eq!(Middle::of_spots(&spots[..1]), Some(Middle { at: spots[0], reach_dm: 0 }));
        assert!(Middle::of_spots(&[]).is_none());
    }

    proptest! {
        /// Star-shaped outlines of any raggedness: the spot lies inside and no corner beyond its reach.
        #[test]
        fn it_lies_inside_and_reaches_every_corner(
            radii in prop::collection::vec(1u32..40, 3..24), west in -170i32..170, south in -70i32..70
        ) {
            let steps = f64::from(u32::try_from(radii.len()).unwrap());
            let corner = |(step, radius): (u32, &u32)| {
                let turn = std::f64::consts::TAU * f64::from(step) / steps;
                let (away, up) = (libm::cos(turn), libm::sin(turn));
                let radius = f64::from(*radius) / 10.0;
                Corner { x: f64::from(west) + radius * away, y: f64::from(south) + radius * up }
            };
            let ring: LineString = (0u32..).zip(&radii).map(corner).collect();
            let corners: Vec<Corner> = ring.0.clone();
            let outline = MultiPolygon::from(Polygon::new(ring, Vec::new()));
            let middle = Middle::of_outline(&outline).unwrap();
            prop_assert_eq!(Areas::new(vec![(1, outline)]).containing(middle.at), vec![1]);
            for corner in corners {
                let corner = Coord::from_degrees(corner.x, corner.y).unwrap();
                prop_assert!(middle.at.distance_dm(corner) <= middle.reach_dm);
            }
        }
    }
}
