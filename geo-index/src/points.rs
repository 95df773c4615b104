//! Standing points: alarm points, places, bases; the nearest of them and those within a circle.
//!
//! An R*-tree over unit vectors: one metric everywhere, no seam at the antimeridian, no special pole.

use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::coord::Coord;
use crate::live::Hit;
use crate::vector::{UnitVec, reach_chord2};

type Leaf = GeomWithData<[f64; 3], u32>;

/// Points by id, found by distance.
///
/// ```
/// use geo_index::{Coord, points::Points};
/// let points = Points::new(vec![
///     (1, Coord::from_degrees(179.9, 66.0)?),
///     (2, Coord::from_degrees(-179.9, 66.0)?),
///     (3, Coord::from_degrees(178.0, 66.0)?),
/// ]);
/// let near: Vec<u32> = points.nearest(Coord::from_degrees(-179.99, 66.0)?, 2).iter().map(|hit| hit.slot).collect();
/// assert_eq!(near, [2, 1]);
/// # Ok::<(), geo_index::CoordError>(())
/// ```
#[derive(Clone, Default, Debug)]
pub struct Points {
    tree: RTree<Leaf>,
}

impl Points {
    /// An index of (id, place).
    pub fn new(points: Vec<(u32, Coord)>) -> Self {
        Self { tree: RTree::bulk_load(points.into_iter().map(leaf).collect()) }
    }

    /// Number of points in the index.
    pub fn len(&self) -> usize {
        self.tree.size()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.tree.size() == 0
    }

    /// Adds a point.
    pub fn insert(&mut self, id: u32, at: Coord) {
        self.tree.insert(leaf((id, at)));
    }

    /// Takes a point away; whether it was there.
    pub fn remove(&mut self, id: u32, at: Coord) -> bool {
        self.tree.remove(&leaf((id, at))).is_some()
    }

    /// The `k` nearest points, nearest first, equal squared chords by id (the hit's slot).
    pub fn nearest(&self, at: Coord, k: usize) -> Vec<Hit> {
        let from = at.vector();
        let mut found: Vec<(f64, u32, UnitVec)> = Vec::new();
        for (leaf, _) in self.tree.nearest_neighbor_iter_with_distance_2(array(from)) {
            let vector = vector(leaf);
            let chord2 = from.chord2(vector);
            // Ties of the last place are all gathered, so that the lowest id wins whatever the tree's order.
            if k == 0 || found.len() >= k && chord2 > found[k - 1].0 {
                break;
            }
            found.push((chord2, leaf.data, vector));
        }
        let mut hits = in_order(from, found);
        hits.truncate(k);
        hits
    }

    /// All points whose rounded distance is at most `radius_dm`, nearest first, then by id.
    pub fn within_radius(&self, at: Coord, radius_dm: u32) -> Vec<Hit> {
        let from = at.vector();
        let near = self.tree.locate_within_distance(array(from), reach_chord2(radius_dm));
        let found = near.map(|leaf| (from.chord2(vector(leaf)), leaf.data, vector(leaf))).collect();
        let mut hits = in_order(from, found);
        hits.retain(|hit| hit.distance_dm <= radius_dm);
        hits
    }
}

fn in_order(from: UnitVec, mut found: Vec<(f64, u32, UnitVec)>) -> Vec<Hit> {
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, slot, to)| Hit { slot, distance_dm: from.distance_dm(to) }).collect()
}

fn leaf((id, at): (u32, Coord)) -> Leaf {
    Leaf::new(array(at.vector()), id)
}

fn array(vector: UnitVec) -> [f64; 3] {
    [vector.x, vector.y, vector.z]
}

fn vector(leaf: &Leaf) -> UnitVec {
    let [x, y, z] = *leaf.geom();
    UnitVec { x, y, z }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place() -> impl Strategy<Value = Coord> {
        let anywhere = (-1_800_000_000i32..=1_800_000_000, -900_000_000i32..=900_000_000);
        let seam = (prop::sample::select(vec![-1_800_000_000, 1_799_999_000, 1_800_000_000]), -5i32..5);
        let pole = (-1_800_000_000i32..=1_800_000_000, prop::sample::select(vec![900_000_000, 899_999_990]));
        prop_oneof![anywhere, seam, pole].prop_map(|(lon, lat)| Coord { lon, lat })
    }

    proptest! {
        #[test]
        fn the_tree_answers_as_sorting_does(
            places in prop::collection::vec(place(), 0..120), at in place(), k in 0usize..10,
            radius in prop_oneof![0u32..1_000, 0u32..210_000_000], gone in 0usize..120
        ) {
            let mut listed: Vec<(u32, Coord)> = (0u32..).zip(places).collect();
            let mut points = Points::new(listed.clone());
            if gone < listed.len() {
                let (id, at) = listed.remove(gone);
                prop_assert!(points.remove(id, at));
                prop_assert!(!points.remove(id, at));
            }
            points.insert(500, at);
            listed.push((500, at));
            prop_assert_eq!(points.len(), listed.len());
            let found = listed.iter().map(|&(id, to)| (at.vector().chord2(to.vector()), id, to.vector()));
            let mut all = in_order(at.vector(), found.collect());
            let inside: Vec<Hit> = all.iter().copied().filter(|hit| hit.distance_dm <= radius).collect();
            prop_assert_eq!(points.within_radius(at, radius), inside);
            all.truncate(k);
            prop_assert_eq!(points.nearest(at, k), all);
        }
    }
}
