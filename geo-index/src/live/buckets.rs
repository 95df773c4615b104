//! What is in each cell: entries in one arena of blocks, an OR of masks per cell and per 8 x 8 cells.
//!
//! A unit's row in the table holds its entry's address, so a move within a cell touches one row and one
//! entry. OR-masks may claim too much for a while (units left a crowded cell), never too little.

use super::frame::{CellAt, Frame};
use super::{NOWHERE, Row, Slot};
use crate::filter::Filter;
use crate::number::{index, short};
use crate::vector::UnitVec;

/// One positioned unit, with all that a query compares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub vector: UnitVec,
    pub mask: u64,
    pub slot: Slot,
}

const VACANT: Entry = Entry { vector: UnitVec { x: 0.0, y: 0.0, z: 0.0 }, mask: 0, slot: NOWHERE };

/// A cell: the OR of its masks and where its block begins.
#[derive(Clone, Copy, Default, Debug)]
struct Cell {
    mask: u64,
    start: u32,
    count: u32,
}

/// What only arrivals and departures need of a cell: its block's size class and how stale its mask is.
#[derive(Clone, Copy, Default, Debug)]
struct Upkeep {
    /// 0: no block; otherwise the block has `1 << class` places.
    class: u8,
    stale: u32,
}

/// The same sums for 8 x 8 cells.
#[derive(Clone, Copy, Default, Debug)]
struct Coarse {
    mask: u64,
    count: u32,
    stale: u32,
}

/// Departures after which a coarse mask is made exact again.
const COARSE_STALE_MAX: u32 = 48;
/// Cells up to this size have exact masks after every departure.
const EXACT_COUNT_MAX: u32 = 16;

#[derive(Clone, Default, Debug)]
pub(super) struct Buckets {
    cells: Vec<Cell>,
    upkeep: Vec<Upkeep>,
    coarse: Vec<Coarse>,
    arena: Vec<Entry>,
    /// Abandoned blocks by size class.
    free: Vec<Vec<u32>>,
}

impl Buckets {
    pub(super) fn empty(frame: &Frame) -> Self {
        Self {
            cells: vec![Cell::default(); frame.cell_count()],
            upkeep: vec![Upkeep::default(); frame.cell_count()],
            coarse: vec![Coarse::default(); frame.cell_count() / 64],
            arena: Vec::new(),
            free: vec![Vec::new(); 33],
        }
    }

    /// Lays out all entries cell by cell, so that neighbours in a row are neighbours in memory.
    pub(super) fn fill(frame: &Frame, entries: &[(CellAt, Entry)], table: &mut [Row]) -> Self {
        let mut made = Self::empty(frame);
        for (CellAt { number, coarse }, entry) in entries {
            made.cells[*number].count += 1;
            made.cells[*number].mask |= entry.mask;
            made.coarse[*coarse].count += 1;
            made.coarse[*coarse].mask |= entry.mask;
        }
        let mut next = 0;
        for (number, cell) in made.cells.iter_mut().enumerate() {
            if cell.count > 0 {
                let class = class_for(cell.count + 1);
                made.upkeep[number].class = class;
                cell.start = next;
                next += 1 << class;
                cell.count = 0;
            }
        }
        made.arena = vec![VACANT; index(next)];
        for (at, entry) in entries {
            let cell = &mut made.cells[at.number];
            let address = cell.start + cell.count;
            cell.count += 1;
            made.arena[index(address)] = *entry;
            table[index(entry.slot)].address = address;
        }
        made
    }

    /// How many units share a cell with an average unit, itself included.
    pub(super) fn mates_mean(&self) -> u64 {
        let units: u64 = self.cells.iter().map(|cell| u64::from(cell.count)).sum();
        let mates: u64 = self.cells.iter().map(|cell| u64::from(cell.count).pow(2)).sum();
        mates.checked_div(units).unwrap_or(0)
    }

    pub(super) fn entry(&self, address: u32) -> &Entry {
        &self.arena[index(address)]
    }

    pub(super) fn shift(&mut self, address: u32, vector: UnitVec) {
        self.arena[index(address)].vector = vector;
    }

    /// The matching entries of a cell.
    #[inline]
    pub(super) fn entries(&self, cell: usize) -> &[Entry] {
        let cell = &self.cells[cell];
        &self.arena[index(cell.start)..index(cell.start + cell.count)]
    }

    /// Whether a cell may hold a match.
    #[inline]
    pub(super) fn may(&self, cell: usize, filter: Filter) -> bool {
        let cell = &self.cells[cell];
        cell.count > 0 && filter.may(cell.mask)
    }

    #[inline]
    pub(super) fn coarse_may(&self, coarse: usize, filter: Filter) -> bool {
        let coarse = &self.coarse[coarse];
        coarse.count > 0 && filter.may(coarse.mask)
    }

    pub(super) fn push(&mut self, cell: CellAt, entry: Entry, table: &mut [Row]) {
        let CellAt { number, coarse } = cell;
        let Cell { count, .. } = self.cells[number];
        let class = self.upkeep[number].class;
        if class == 0 || count == 1 << class {
            self.grow(number, class_for(count + 1), table);
        }
        let cell = &mut self.cells[number];
        let address = cell.start + cell.count;
        cell.count += 1;
        cell.mask |= entry.mask;
        self.arena[index(address)] = entry;
        table[index(entry.slot)].address = address;
        let coarse = &mut self.coarse[coarse];
        coarse.count += 1;
        coarse.mask |= entry.mask;
    }

    /// Takes an entry out; the last of the cell fills its place.
    pub(super) fn take(&mut self, frame: &Frame, at: CellAt, address: u32, table: &mut [Row]) -> Entry {
        let taken = self.arena[index(address)];
        let cell = &mut self.cells[at.number];
        cell.count -= 1;
        let end = cell.start + cell.count;
        if end != address {
            let moved = self.arena[index(end)];
            self.arena[index(address)] = moved;
            table[index(moved.slot)].address = address;
        }
        self.coarse[at.coarse].count -= 1;
        if taken.mask != 0 {
            self.forget(frame, at);
        }
        taken
    }

    pub(super) fn set_mask(&mut self, frame: &Frame, cell: CellAt, address: u32, mask: u64) {
        let entry = &mut self.arena[index(address)];
        let lost = entry.mask & !mask;
        entry.mask = mask;
        self.cells[cell.number].mask |= mask;
        self.coarse[cell.coarse].mask |= mask;
        if lost != 0 {
            self.forget(frame, cell);
        }
    }

    /// A mask has gone from a cell: exact again at once where that is cheap, now and then elsewhere.
    fn forget(&mut self, frame: &Frame, cell: CellAt) {
        let number = cell.number;
        let count = self.cells[number].count;
        self.upkeep[number].stale += 1;
        if count <= EXACT_COUNT_MAX || self.upkeep[number].stale * 4 > count {
            self.upkeep[number].stale = 0;
            let mask = self.entries(number).iter().fold(0, |all, entry| all | entry.mask);
            self.cells[number].mask = mask;
        }
        let coarse = cell.coarse;
        self.coarse[coarse].stale += 1;
        if self.coarse[coarse].stale > COARSE_STALE_MAX {
            let mask = frame.cells_of_coarse(coarse).fold(0, |all, cell| all | self.cells[cell].mask);
            self.coarse[coarse].mask = mask;
            self.coarse[coarse].stale = 0;
        }
    }

    fn grow(&mut self, number: usize, class: u8, table: &mut [Row]) {
        let start = self.free[usize::from(class)].pop().unwrap_or_else(|| {
            let start = short(self.arena.len());
            self.arena.resize(self.arena.len() + (1 << class), VACANT);
            start
        });
        let Cell { start: old, count, .. } = self.cells[number];
        for place in 0..count {
            let entry = self.arena[index(old + place)];
            self.arena[index(start + place)] = entry;
            table[index(entry.slot)].address = start + place;
        }
        let left = self.upkeep[number].class;
        if left != 0 {
            self.free[usize::from(left)].push(old);
        }
        self.upkeep[number].class = class;
        self.cells[number].start = start;
    }
}

/// The smallest block, as a power of two of at least 2, that holds `count` entries.
fn class_for(count: u32) -> u8 {
    let class = count.next_power_of_two().trailing_zeros().max(1);
    u8::try_from(class).expect("a power of two of 32 bits has at most 31 zeros")
}
