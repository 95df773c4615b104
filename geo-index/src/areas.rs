//! Standing areas: jurisdictions and zones, and which of them hold a place.
//!
//! Edges are straight in longitude and latitude; an area across the antimeridian comes cut in two parts, as
//! in RFC 7946 section 3.1.9. An area whose place is known only by code has no polygon and is not here.

use geo::{Area, BoundingRect, Intersects, MultiPolygon};
use rstar::{AABB, RTree, RTreeObject};

use crate::cells::point;
use crate::coord::Coord;

/// Polygons by id, found by place.
///
/// ```
/// use geo_index::{Coord, areas::Areas, geo::{MultiPolygon, polygon}};
/// let league = polygon![(x: 110.0, y: 41.0), (x: 120.0, y: 41.0), (x: 120.0, y: 47.0), (x: 110.0, y: 47.0)];
/// let banner = polygon![(x: 115.0, y: 43.0), (x: 117.0, y: 43.0), (x: 117.0, y: 45.0), (x: 115.0, y: 45.0)];
/// let areas = Areas::new(vec![(1, MultiPolygon::from(league)), (2, MultiPolygon::from(banner))]);
/// assert_eq!(areas.containing(Coord::from_degrees(116.0, 44.0)?), [2, 1]);
/// # Ok::<(), geo_index::CoordError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Areas {
    tree: RTree<Part>,
    shapes: Vec<Shape>,
}

#[derive(Clone, Debug)]
struct Shape {
    id: u32,
    polygons: MultiPolygon<f64>,
}

/// The bounding box of one polygon of a shape.
#[derive(Clone, Debug)]
struct Part {
    envelope: AABB<[f64; 2]>,
    /// Position of its shape, which is also its rank: smaller areas first.
    shape: usize,
    polygon: usize,
}

impl RTreeObject for Part {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

impl Areas {
    /// An index in which smaller areas come first, equal ones by id.
    pub fn new(areas: Vec<(u32, MultiPolygon<f64>)>) -> Self {
        let mut sized: Vec<(f64, Shape)> =
            areas.into_iter().map(|(id, polygons)| (size(&polygons), Shape { id, polygons })).collect();
        sized.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
        Self::in_order(sized.into_iter().map(|(_, shape)| shape).collect())
    }

    /// An index in which areas of lower rank come first, equal ranks by id: (id, rank, polygons).
    pub fn ranked(areas: Vec<(u32, u32, MultiPolygon<f64>)>) -> Self {
        let mut areas = areas;
        areas.sort_by_key(|&(id, rank, _)| (rank, id));
        Self::in_order(areas.into_iter().map(|(id, _, polygons)| Shape { id, polygons }).collect())
    }

    fn in_order(shapes: Vec<Shape>) -> Self {
        let mut parts = Vec::new();
        for (number, shape) in shapes.iter().enumerate() {
            for (polygon, outline) in shape.polygons.iter().enumerate() {
                // A polygon without corners holds nothing.
                let Some(bounds) = outline.bounding_rect() else { continue };
                let corners = [bounds.min(), bounds.max()].map(|corner| [corner.x, corner.y]);
                let envelope = AABB::from_corners(corners[0], corners[1]);
                parts.push(Part { envelope, shape: number, polygon });
            }
        }
        Self { tree: RTree::bulk_load(parts), shapes }
    }

    /// Number of areas in the index.
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Whether there is no area.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// Ids of the areas that hold a place, boundary included, in the index's order.
    pub fn containing(&self, at: Coord) -> Vec<u32> {
        let place = point(at);
        let here = AABB::from_point([place.x(), place.y()]);
        let mut ranks: Vec<usize> = self
            .tree
            .locate_in_envelope_intersecting(here)
            .filter(|part| self.shapes[part.shape].polygons.0[part.polygon].intersects(&place))
            .map(|part| part.shape)
            .collect();
        ranks.sort_unstable();
        ranks.dedup();
        ranks.into_iter().map(|rank| self.shapes[rank].id).collect()
    }

    /// The polygons of an area.
    pub fn polygons(&self, id: u32) -> Option<&MultiPolygon<f64>> {
        self.shapes.iter().find(|shape| shape.id == id).map(|shape| &shape.polygons)
    }
}

/// Square degrees, narrowed by latitude so that areas compare as on the ground.
fn size(polygons: &MultiPolygon<f64>) -> f64 {
    let size = |outline: &geo::Polygon<f64>| {
        let middle = outline.bounding_rect().map_or(0.0, |bounds| bounds.center().y);
        outline.unsigned_area() * libm::cos(middle.to_radians())
    };
    polygons.iter().map(size).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Polygon, Rect, coord};
    use proptest::prelude::*;

    fn square(west: f64, south: f64, side: f64) -> Polygon<f64> {
        Rect::new(coord! { x: west, y: south }, coord! { x: west + side, y: south + side }).to_polygon()
    }

    #[test]
    fn rank_beats_size_and_borders_belong_to_both() {
        let at = Coord::from_degrees(1.0, 1.0).unwrap();
        let both =
            |a: u32, b: u32| vec![(7, a, square(0.0, 0.0, 1.0).into()), (3, b, square(1.0, 1.0, 5.0).into())];
        assert_eq!(Areas::ranked(both(2, 1)).containing(at), [3, 7]);
        assert_eq!(Areas::ranked(both(1, 2)).containing(at), [7, 3]);
        assert_eq!(Areas::ranked(both(1, 1)).containing(at), [3, 7]);
    }

    #[test]
    fn an_area_in_parts_is_one_area() {
        let parts = MultiPolygon::new(vec![square(179.0, 0.0, 1.0), square(-180.0, 0.0, 1.0)]);
        let areas = Areas::new(vec![(5, parts), (6, MultiPolygon::new(Vec::new()))]);
        assert_eq!(areas.len(), 2);
        for lon in [179.5, 180.0, -180.0, -179.5] {
            assert_eq!(areas.containing(Coord::from_degrees(lon, 0.5).unwrap()), [5]);
        }
        assert!(areas.containing(Coord::from_degrees(0.0, 0.5).unwrap()).is_empty());
        assert!(areas.polygons(6).is_some_and(|polygons| polygons.0.is_empty()));
    }

    proptest! {
        #[test]
        fn squares_are_found_as_arithmetic_finds_them(
            squares in prop::collection::vec((-20i32..20, -20i32..20, 1i32..12), 0..40),
            lon in -21i32..32, lat in -21i32..32
        ) {
            let areas = (0u32..)
                .zip(&squares)
                .map(|(id, &(west, south, side))| {
                    (id, square(f64::from(west), f64::from(south), f64::from(side)).into())
                })
                .collect();
            let at = Coord::from_degrees(f64::from(lon) + 0.5, f64::from(lat) + 0.5).unwrap();
            let mut found = Areas::new(areas).containing(at);
            found.sort_unstable();
            let inside = |from: i32, side: i32, place: i32| from <= place && place < from + side;
            let expected: Vec<u32> = (0u32..)
                .zip(&squares)
                .filter(|(_, (west, south, side))| inside(*west, *side, lon) && inside(*south, *side, lat))
                .map(|(id, _)| id)
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
