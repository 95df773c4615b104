//! The three things a search is for: the k nearest, all within a circle, the k quickest to arrive.

use super::buckets::Entry;
use super::search::Visitor;
use super::{Candidate, Slot};
use crate::vector::{UnitVec, floor_dm};

/// The k nearest so far, in order of squared chord, then slot.
pub(super) struct Nearest {
    pub best: Vec<(f64, Slot)>,
    pub k: usize,
    worst: f64,
}

impl Nearest {
    pub(super) fn new(k: usize) -> Self {
        Self { best: Vec::with_capacity(k), k, worst: f64::INFINITY }
    }
}

impl Visitor for Nearest {
    #[inline]
    fn wants(&self, chord2: f64) -> bool {
        chord2 <= self.worst
    }

    #[inline]
    fn meet(&mut self, chord2: f64, entry: &Entry) {
        if chord2 > self.worst {
            return;
        }
        let full = self.best.len() == self.k;
        if full && self.best.last().is_some_and(|&last| last < (chord2, entry.slot)) {
            return;
        }
        if full {
            self.best.pop();
        }
        let mut place = self.best.len();
        while place > 0 && self.best[place - 1] > (chord2, entry.slot) {
            place -= 1;
        }
        self.best.insert(place, (chord2, entry.slot));
        if self.best.len() == self.k {
            self.worst = self.best[self.k - 1].0;
        }
    }
}

/// All units within a distance, in the order met.
pub(super) struct Within {
    pub found: Vec<(f64, Slot)>,
    pub from: UnitVec,
    pub radius_dm: u32,
    /// Squared chord that nothing within the radius exceeds.
    pub reach: f64,
}

impl Visitor for Within {
    #[inline]
    fn wants(&self, chord2: f64) -> bool {
        chord2 <= self.reach
    }

    fn meet(&mut self, chord2: f64, entry: &Entry) {
        if chord2 <= self.reach && self.from.distance_dm(entry.vector) <= self.radius_dm {
            self.found.push((chord2, entry.slot));
        }
    }
}

/// The k cheapest so far, in order of cost, then slot.
pub(super) struct Cheapest<F, E> {
    pub best: Vec<(u32, Slot, u32)>,
    pub k: usize,
    pub from: UnitVec,
    /// Least cost of anything at least this many decimetres away.
    pub floor: F,
    pub exact: E,
}

impl<F, E> Cheapest<F, E> {
    fn worst(&self) -> Option<(u32, Slot)> {
        if self.best.len() < self.k {
            return None;
        }
        self.best.last().map(|&(cost, slot, _)| (cost, slot))
    }
}

impl<F: Fn(u32) -> u32, E: FnMut(Candidate) -> Option<u32>> Visitor for Cheapest<F, E> {
    #[inline]
    fn wants(&self, chord2: f64) -> bool {
        self.worst().is_none_or(|(cost, _)| (self.floor)(floor_dm(chord2.max(0.0))) <= cost)
    }

    fn meet(&mut self, chord2: f64, entry: &Entry) {
        if !self.wants(chord2) {
            return;
        }
        let distance_dm = self.from.distance_dm(entry.vector);
        let worst = self.worst();
        let cost_max = worst.map(|(cost, _)| cost);
        let asked = Candidate { slot: entry.slot, distance_dm, cost_max };
        let Some(cost) = (self.exact)(asked) else { return };
        if let Some(worst) = worst {
            if worst < (cost, entry.slot) {
                return;
            }
            self.best.pop();
        }
        let place = self.best.partition_point(|&(other, slot, _)| (other, slot) < (cost, entry.slot));
        self.best.insert(place, (cost, entry.slot, distance_dm));
    }
}
