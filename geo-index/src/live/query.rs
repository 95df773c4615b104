//! The questions asked of [`LiveUnits`].

use std::collections::BTreeMap;

use geo::{BoundingRect, Intersects, MultiPolygon, Polygon};
use h3o::Resolution;

use super::search::Search;
use super::visitors::{Cheapest, Nearest, Within};
use super::{LiveUnits, NOWHERE, Slot};
use crate::cells;
use crate::coord::{Coord, PER_DEGREE};
use crate::filter::Filter;
use crate::number::{index, nearest_i32, short};
use crate::vector::{UnitVec, reach_chord2};

/// A unit that answers a question of distance.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Hit {
    /// Slot of the unit.
    pub slot: Slot,
    /// Great-circle distance from the place asked about.
    pub distance_dm: u32,
}

/// A unit whose exact cost is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Slot of the unit.
    pub slot: Slot,
    /// Great-circle distance from the place asked about.
    pub distance_dm: u32,
    /// A unit that costs more than this is not among the answers; none while there are too few. A unit that is seen to
    /// cost more need not be worked out.
    pub cost_max: Option<u32>,
}

/// A unit that answers a question of cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ranked {
    /// Slot of the unit.
    pub slot: Slot,
    /// As the caller's exact cost said.
    pub cost: u32,
    /// Great-circle distance from the place asked about.
    pub distance_dm: u32,
}

impl LiveUnits {
    /// The `k` nearest units that match, nearest first; equal squared chords by slot.
    pub fn nearest(&self, at: Coord, k: usize, filter: Filter) -> Vec<Hit> {
        let k = k.min(self.len());
        if k == 0 {
            return Vec::new();
        }
        if k > 64 && k * 4 > self.len() {
            return self.nearest_by_scan(at, k, filter);
        }
        let mut visitor = Nearest::new(k);
        let search = self.search(at, filter);
        search.run(&mut visitor);
        self.hits(search.from, &visitor.best)
    }

    /// The same answer by looking at every unit: the oracle of tests and benchmarks, and faster than
    /// [`nearest`](Self::nearest) when most units are asked for.
    pub fn nearest_by_scan(&self, at: Coord, k: usize, filter: Filter) -> Vec<Hit> {
        let from = at.vector();
        let mut all: Vec<(f64, Slot)> =
            self.positioned(filter).map(|(slot, _)| (from.chord2(self.vector_of(slot)), slot)).collect();
        let order = |a: &(f64, Slot), b: &(f64, Slot)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if k > 0 && k < all.len() {
            all.select_nth_unstable_by(k - 1, order);
        }
        all.truncate(k);
        all.sort_unstable_by(order);
        self.hits(from, &all)
    }

    /// All matching units whose rounded distance is at most `radius_dm`, nearest first.
    pub fn within_radius(&self, at: Coord, radius_dm: u32, filter: Filter) -> Vec<Hit> {
        let search = self.search(at, filter);
        let reach = reach_chord2(radius_dm);
        let mut visitor = Within { found: Vec::new(), from: search.from, radius_dm, reach };
        search.run(&mut visitor);
        visitor.found.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        self.hits(search.from, &visitor.found)
    }

    /// All matching units inside a polygon in degrees, by slot, boundary included.
    ///
    /// Edges are straight in longitude and latitude; an area across the antimeridian comes cut in two, as in
    /// RFC 7946 section 3.1.9.
    pub fn within_polygon(&self, polygon: &Polygon<f64>, filter: Filter) -> Vec<Slot> {
        self.within_polygons(std::slice::from_ref(polygon), filter)
    }

    /// As [`within_polygon`](Self::within_polygon), for an area of several parts.
    pub fn within_multi_polygon(&self, area: &MultiPolygon<f64>, filter: Filter) -> Vec<Slot> {
        self.within_polygons(&area.0, filter)
    }

    fn within_polygons(&self, parts: &[Polygon<f64>], filter: Filter) -> Vec<Slot> {
        let mut found = Vec::new();
        for part in parts {
            let Some(bounds) = part.bounding_rect() else { continue };
            let [west, east] = [bounds.min().x, bounds.max().x].map(|x| nearest_i32(x * PER_DEGREE));
            let [south, north] = [bounds.min().y, bounds.max().y].map(|y| nearest_i32(y * PER_DEGREE));
            let (first_row, last_row) = self.frame.row_range(south, north);
            for (first, last) in self.frame.column_ranges(west, east).into_iter().flatten() {
                for row in first_row..=last_row {
                    let cells = self.frame.cell_at(first, row)..=self.frame.cell_at(last, row);
                    for cell in cells.filter(|&cell| self.buckets.may(cell, filter)) {
                        found.extend(
                            self.buckets
                                .entries(cell)
                                .iter()
                                .filter(|entry| filter.passes(entry.mask))
                                .map(|entry| entry.slot)
                                .filter(|&slot| part.intersects(&cells::point(self.fix_at(slot)))),
                        );
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How many matching units each H3 cell holds, by cell number.
    pub fn count_by_cell(&self, resolution: Resolution, filter: Filter) -> BTreeMap<u64, u32> {
        let mut counts = BTreeMap::new();
        for (_, at) in self.positioned(filter) {
            *counts.entry(cells::cell_of(at, resolution)).or_insert(0) += 1;
        }
        counts
    }

    /// The `k` matching units of least cost, cheapest first, equal costs by slot: travel time instead of
    /// distance, and still exact.
    ///
    /// `floor(d)` is a cost that no unit at `d` decimetres or farther can undercut; it must not fall as `d`
    /// grows. `exact` is asked only of units whose floor does not rule them out; `None` passes one over.
    ///
    /// ```
    /// # use geo_index::{Coord, Filter, Fix, LiveUnits};
    /// let mut units = LiveUnits::new();
    /// for (slot, lon) in [(0, 116.0), (1, 116.2)] {
    ///     let at = Coord::from_degrees(lon, 43.9)?;
    ///     units.update(slot, Fix { at, fix_time: 0, speed_cm_s: 0, heading_deg: 0 });
    /// }
    /// let at = Coord::from_degrees(116.05, 43.9)?;
    /// // Unit 0 is nearer but needs ten minutes to get ready; nobody drives faster than 40 m/s.
    /// let ready = [600_000, 0];
    /// let quickest = units.nearest_by(at, 1, Filter::ALL, |dm| dm / 400 * 1000, |unit| {
    ///     Some(ready[unit.slot as usize] + unit.distance_dm / 200 * 1000)
    /// });
    /// assert_eq!(quickest[0].slot, 1);
    /// # Ok::<(), geo_index::CoordError>(())
    /// ```
    pub fn nearest_by(
        &self,
        at: Coord,
        k: usize,
        filter: Filter,
        floor: impl Fn(u32) -> u32,
        exact: impl FnMut(Candidate) -> Option<u32>,
    ) -> Vec<Ranked> {
        if k == 0 {
            return Vec::new();
        }
        let search = self.search(at, filter);
        let mut visitor = Cheapest { best: Vec::new(), k, from: search.from, floor, exact };
        search.run(&mut visitor);
        let rank = |(cost, slot, distance_dm)| Ranked { slot, cost, distance_dm };
        visitor.best.into_iter().map(rank).collect()
    }

    fn search(&self, at: Coord, filter: Filter) -> Search<'_> {
        let from = at.vector();
        let cos = (from.x * from.x + from.y * from.y).sqrt();
        let spot = self.frame.spot(at, cos);
        Search { frame: &self.frame, buckets: &self.buckets, from, spot, filter }
    }

    fn positioned(&self, filter: Filter) -> impl Iterator<Item = (Slot, Coord)> {
        self.table
            .iter()
            .zip(&self.masks)
            .enumerate()
            .filter(move |(_, (row, mask))| row.address != NOWHERE && filter.passes(**mask))
            .map(|(slot, (row, _))| (short(slot), row.fix.at))
    }

    fn fix_at(&self, slot: Slot) -> Coord {
        self.table[index(slot)].fix.at
    }

    fn vector_of(&self, slot: Slot) -> UnitVec {
        self.buckets.entry(self.table[index(slot)].address).vector
    }

    fn hits(&self, from: UnitVec, best: &[(f64, Slot)]) -> Vec<Hit> {
        best.iter()
            .map(|&(chord2, slot)| Hit {
                slot,
                distance_dm: crate::vector::rounded_dm(from, chord2, || self.vector_of(slot)),
            })
            .collect()
    }
}
