//! Live units: who is where now, and who of those that match is nearest.
//!
//! A table by slot, and a uniform lon/lat grid whose cells carry the OR of their units' masks, so that
//! cells without a match are skipped unread. Answers are exact: the search stops only when nothing unseen
//! can be nearer. Order is squared chord, then slot (D16), hence the same on every replay.
//!
//! What is absent: ids of units, the meaning of mask bits, the age of a fix, home bases (a caller places a
//! silent unit at its base as an ordinary fix). One writer owns the structure (D8); a move and a mask
//! change together are one call, so no reader can see half of it.

mod buckets;
mod frame;
mod query;
mod search;
mod snapshot;
mod visitors;

use buckets::{Buckets, Entry};
use frame::{CellAt, Frame};
pub use query::{Candidate, Hit, Ranked};
use serde::{Deserialize, Serialize};
pub use snapshot::Snapshot;

use crate::coord::Coord;
use crate::number::{index, short};

/// Dense number of a unit, given by the caller; it breaks ties. Memory grows with the largest slot in use.
pub type Slot = u32;

const NOWHERE: u32 = u32::MAX;
/// Units per cell that the grid is built for; there are up to twice as many before it is built anew. Measured
/// best for moves and for rare properties from 2,000 to 1,000,000 units.
const UNITS_PER_CELL: usize = 4;
const CELLS_MIN: usize = 64;

/// One position of a unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fix {
    /// Where the unit was, WGS84.
    pub at: Coord,
    /// When the receiver had the fix: microseconds UTC.
    pub fix_time: i64,
    /// Speed over ground, cm/s.
    pub speed_cm_s: u16,
    /// Heading, degrees clockwise from north.
    pub heading_deg: u16,
}

/// What a new fix did to the index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moved {
    /// The unit had no position before.
    Entered,
    /// It stayed in its cell.
    Within,
    /// It went to another cell.
    Across,
}

/// A unit's line in the table: two to a cache line, none across two.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
struct Row {
    fix: Fix,
    /// Of its entry in the buckets; [`NOWHERE`] without a position.
    address: u32,
    /// Its cell, which saves computing it from the place at every move.
    cell: u32,
}

const VACANT: Row = Row {
    fix: Fix { at: Coord { lon: 0, lat: 0 }, fix_time: 0, speed_cm_s: 0, heading_deg: 0 },
    address: NOWHERE,
    cell: 0,
};

/// All live units of a node.
///
/// ```
/// use geo_index::{Coord, Filter, Fix, LiveUnits};
/// const FREE: u64 = 1;
/// let mut units = LiveUnits::new();
/// for (slot, lon) in [(0, 116.0), (1, 116.1), (2, 116.2)] {
///     let at = Coord::from_degrees(lon, 43.9)?;
///     units.update(slot, Fix { at, fix_time: 0, speed_cm_s: 0, heading_deg: 0 });
///     units.set_mask(slot, FREE);
/// }
/// units.set_mask(1, 0);
/// let near = units.nearest(Coord::from_degrees(116.11, 43.9)?, 1, Filter::require(FREE));
/// assert_eq!((near[0].slot, near[0].distance_dm), (2, 72_110));
/// # Ok::<(), geo_index::CoordError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LiveUnits {
    frame: Frame,
    buckets: Buckets,
    table: Vec<Row>,
    masks: Vec<u64>,
    positioned: usize,
    /// Units when the grid was last built.
    built_for: usize,
    /// Arrivals outside the grid's box since then.
    strays: usize,
}

impl Default for LiveUnits {
    fn default() -> Self {
        Self::new()
    }
}

impl LiveUnits {
    /// An empty index.
    pub fn new() -> Self {
        let frame = Frame::globe();
        let buckets = Buckets::empty(&frame);
        Self { frame, buckets, table: Vec::new(), masks: Vec::new(), positioned: 0, built_for: 0, strays: 0 }
    }

    /// Units that have a position.
    pub fn len(&self) -> usize {
        self.positioned
    }

    /// Whether no unit has a position.
    pub fn is_empty(&self) -> bool {
        self.positioned == 0
    }

    /// A unit's last fix.
    pub fn get(&self, slot: Slot) -> Option<&Fix> {
        self.table.get(index(slot)).filter(|row| row.address != NOWHERE).map(|row| &row.fix)
    }

    /// A unit's mask; 0 when none was set.
    pub fn mask(&self, slot: Slot) -> u64 {
        self.masks.get(index(slot)).copied().unwrap_or(0)
    }

    /// Units with a position, by slot.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Fix)> {
        self.table
            .iter()
            .enumerate()
            .filter(|(_, row)| row.address != NOWHERE)
            .map(|(slot, row)| (short(slot), &row.fix))
    }

    /// Puts a unit where its fix says.
    pub fn update(&mut self, slot: Slot, fix: Fix) -> Moved {
        self.reserve(slot);
        let cell = self.frame.cell_of(fix.at);
        let row = &mut self.table[index(slot)];
        let Row { fix: old, address, cell: left } = *row;
        row.fix = fix;
        row.cell = short(cell.number);
        let vector = fix.at.vector();
        if address == NOWHERE {
            let entry = Entry { vector, mask: self.masks[index(slot)], slot };
            self.buckets.push(cell, entry, &mut self.table);
            self.positioned += 1;
            self.note_arrival(fix.at);
            return Moved::Entered;
        }
        if index(left) == cell.number {
            self.buckets.shift(address, vector);
            return Moved::Within;
        }
        let left = self.frame.cell_of(old.at);
        let entry = self.buckets.take(&self.frame, left, address, &mut self.table);
        self.buckets.push(cell, Entry { vector, ..entry }, &mut self.table);
        self.note_arrival(fix.at);
        Moved::Across
    }

    /// A move and a mask change in one.
    pub fn update_with_mask(&mut self, slot: Slot, fix: Fix, mask: u64) -> Moved {
        self.set_mask(slot, mask);
        self.update(slot, fix)
    }

    /// Sets a unit's mask, with or without a position.
    pub fn set_mask(&mut self, slot: Slot, mask: u64) {
        self.reserve(slot);
        self.masks[index(slot)] = mask;
        let Row { fix, address, .. } = self.table[index(slot)];
        if address != NOWHERE {
            self.buckets.set_mask(&self.frame, self.frame.cell_of(fix.at), address, mask);
        }
    }

    /// Takes a unit's position and mask away; its last fix if it had one.
    pub fn remove(&mut self, slot: Slot) -> Option<Fix> {
        let row = *self.table.get(index(slot))?;
        self.masks[index(slot)] = 0;
        if row.address == NOWHERE {
            return None;
        }
        let cell = self.frame.cell_of(row.fix.at);
        self.buckets.take(&self.frame, cell, row.address, &mut self.table);
        self.table[index(slot)] = VACANT;
        self.positioned -= 1;
        if self.built_for > CELLS_MIN && self.positioned * 4 < self.built_for {
            self.rebuild();
        }
        Some(row.fix)
    }

    fn reserve(&mut self, slot: Slot) {
        if index(slot) >= self.table.len() {
            self.table.resize(index(slot) + 1, VACANT);
            self.masks.resize(index(slot) + 1, 0);
        }
    }

    /// Rebuilds the grid when it has become too coarse, or when the units have moved away from it. Both
    /// happen at most once per as many arrivals as there are units, so the cost per arrival is constant.
    fn note_arrival(&mut self, at: Coord) {
        if !self.frame.inside_box(at) {
            self.strays += 1;
        }
        let crowded = self.positioned >= 2 * self.built_for.max(CELLS_MIN / 2);
        if crowded || self.strays > self.positioned.max(4 * CELLS_MIN) {
            self.rebuild();
        }
    }

    fn rebuild(&mut self) {
        let nowhere = CellAt { number: 0, coarse: 0 };
        let mut units: Vec<(CellAt, Entry)> = Vec::with_capacity(self.positioned);
        for row in &self.table {
            if row.address != NOWHERE {
                units.push((nowhere, *self.buckets.entry(row.address)));
            }
        }
        let places: Vec<Coord> =
            units.iter().map(|(_, entry)| self.table[index(entry.slot)].fix.at).collect();
        let mut cells = (units.len() / UNITS_PER_CELL).max(CELLS_MIN);
        loop {
            self.frame = Frame::around(places.iter().copied(), cells);
            for ((cell, entry), at) in units.iter_mut().zip(&places) {
                *cell = self.frame.cell_of(*at);
                self.table[index(entry.slot)].cell = short(cell.number);
            }
            self.buckets = Buckets::fill(&self.frame, &units, &mut self.table);
            // Towns far apart crowd a few cells of an even grid: finer cells help, empty ones cost little.
            if cells >= 4 * units.len() || self.buckets.mates_mean() <= CROWD_MEAN {
                break;
            }
            cells *= 4;
        }
        self.built_for = units.len();
        self.strays = 0;
    }
}

/// Cell mates of an average unit from which a rebuilt grid is made finer.
const CROWD_MEAN: u64 = 24;

#[cfg(test)]
mod tests;
