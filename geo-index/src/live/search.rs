//! The one search that all questions share: a window of cells that grows towards where an answer may be.
//!
//! Everything not yet seen lies north, south, east or west of the window. Each side has a least possible
//! distance; the side with the smallest grows next, and when the visitor wants none of them the answer is
//! exact. After a few rows without enough answers the window grows by coarse cells of 8 x 8.

use super::buckets::{Buckets, Entry};
use super::frame::{COARSE_SHIFT, Frame, Spot};
use crate::filter::Filter;
use crate::vector::UnitVec;

/// What a search is for.
pub(super) trait Visitor {
    /// Whether a unit at least this far, as a squared chord, could still change the answer.
    fn wants(&self, chord2: f64) -> bool;
    /// A unit that passes the filter.
    fn meet(&mut self, chord2: f64, entry: &Entry);
}

/// Steps of single rows or columns before the window grows by coarse cells.
const FINE_STEPS_MAX: u32 = 24;

/// Inclusive ranges of columns and rows.
#[derive(Clone, Copy, Debug)]
struct Window {
    west: u32,
    east: u32,
    south: u32,
    north: u32,
}

pub(super) struct Search<'a> {
    pub frame: &'a Frame,
    pub buckets: &'a Buckets,
    pub from: UnitVec,
    pub spot: Spot,
    pub filter: Filter,
}

/// A bound with room for the rounding of both computations. Components of unit vectors carry errors of a
/// few 1e-16, so a squared chord c^2 is off by at most 2e-15 c + 1e-30; that is below 1e-6 c^2 + 1e-24.
#[inline]
fn safe(bound: f64) -> f64 {
    bound * (1.0 - 1e-6) - 1e-24
}

impl Search<'_> {
    pub(super) fn run(&self, visitor: &mut impl Visitor) {
        let Spot { column, row, .. } = self.spot;
        let start = Window { west: column, east: column, south: row, north: row };
        self.segment(row, column, column, visitor);
        let scan = |search: &Self, part: Window, visitor: &mut _| {
            if part.south == part.north {
                search.segment(part.south, part.west, part.east, visitor);
            } else {
                search.column(part.west, part.south, part.north, visitor);
            }
        };
        if let Some(seen) = self.widen(start, 0, FINE_STEPS_MAX, visitor, scan) {
            self.run_coarse(seen, visitor);
        }
    }

    fn run_coarse(&self, seen: Window, visitor: &mut impl Visitor) {
        let scan = |search: &Self, part: Window, visitor: &mut _| {
            for row in part.south..=part.north {
                for column in part.west..=part.east {
                    search.coarse_cell(column, row, seen, visitor);
                }
            }
        };
        let start = Window {
            west: seen.west >> COARSE_SHIFT,
            east: seen.east >> COARSE_SHIFT,
            south: seen.south >> COARSE_SHIFT,
            north: seen.north >> COARSE_SHIFT,
        };
        scan(self, start, visitor);
        self.widen(start, COARSE_SHIFT, u32::MAX, visitor, scan);
    }

    /// Grows the window until no side is wanted (`None`), or for `steps` steps (the window reached).
    fn widen<V: Visitor>(
        &self,
        mut window: Window,
        shift: u32,
        steps: u32,
        visitor: &mut V,
        scan: impl Fn(&Self, Window, &mut V),
    ) -> Option<Window> {
        let (frame, spot) = (self.frame, &self.spot);
        let last = |cell: u32| (cell << shift) + (1 << shift) - 1;
        let mut sides = [
            frame.east_of(spot, last(window.east)),
            frame.west_of(spot, window.west << shift),
            frame.north_of(spot, last(window.north)),
            frame.south_of(spot, window.south << shift),
        ];
        for _ in 0..steps {
            let horizontal = usize::from(sides[1] < sides[0]);
            let vertical = 2 + usize::from(sides[3] < sides[2]);
            let side = if sides[vertical] < sides[horizontal] { vertical } else { horizontal };
            if sides[side] == f64::INFINITY || !visitor.wants(safe(sides[side])) {
                return None;
            }
            let mut part = window;
            match side {
                0 => {
                    window.east += 1;
                    part.west = window.east;
                    part.east = window.east;
                    sides[0] = frame.east_of(spot, last(window.east));
                }
                1 => {
                    window.west -= 1;
                    part.west = window.west;
                    part.east = window.west;
                    sides[1] = frame.west_of(spot, window.west << shift);
                }
                2 => {
                    window.north += 1;
                    part.south = window.north;
                    part.north = window.north;
                    sides[2] = frame.north_of(spot, last(window.north));
                }
                _ => {
                    window.south -= 1;
                    part.south = window.south;
                    part.north = window.south;
                    sides[3] = frame.south_of(spot, window.south << shift);
                }
            }
            scan(self, part, visitor);
        }
        Some(window)
    }

    /// The cells of one row between two columns.
    #[inline]
    fn segment(&self, row: u32, west: u32, east: u32, visitor: &mut impl Visitor) {
        for (cell, column) in (self.frame.cell_at(west, row)..).zip(west..=east) {
            if self.buckets.may(cell, self.filter) {
                self.cell(cell, column, row, visitor);
            }
        }
    }

    /// The cells of one column between two rows.
    #[inline]
    fn column(&self, column: u32, south: u32, north: u32, visitor: &mut impl Visitor) {
        let cells = (self.frame.cell_at(column, south)..).step_by(self.frame.stride());
        for (cell, row) in cells.zip(south..=north) {
            if self.buckets.may(cell, self.filter) {
                self.cell(cell, column, row, visitor);
            }
        }
    }

    #[inline]
    fn cell(&self, cell: usize, column: u32, row: u32, visitor: &mut impl Visitor) {
        let (base, factor) = self.frame.row_part(&self.spot, row, row);
        if !visitor.wants(safe(base + factor * self.frame.column_part(&self.spot, column, column))) {
            return;
        }
        for entry in self.buckets.entries(cell) {
            if self.filter.passes(entry.mask) {
                visitor.meet(self.from.chord2(entry.vector), entry);
            }
        }
    }

    /// The cells of one coarse cell that lie outside the window already seen.
    fn coarse_cell(&self, column: u32, row: u32, seen: Window, visitor: &mut impl Visitor) {
        if !self.buckets.coarse_may(self.frame.coarse_at(column, row), self.filter) {
            return;
        }
        let (west, south) = (column << COARSE_SHIFT, row << COARSE_SHIFT);
        let (east, north) = (west + 7, south + 7);
        let (base, factor) = self.frame.row_part(&self.spot, south, north);
        if !visitor.wants(safe(base + factor * self.frame.column_part(&self.spot, west, east))) {
            return;
        }
        for row in south..=north {
            if row < seen.south || row > seen.north || east < seen.west || west > seen.east {
                self.segment(row, west, east, visitor);
                continue;
            }
            if west < seen.west {
                self.segment(row, west, seen.west - 1, visitor);
            }
            if east > seen.east {
                self.segment(row, seen.east + 1, east, visitor);
            }
        }
    }
}
