//! The structures compared, behind one trait: each answers with slots and takes moves.

use super::workload::{Predicate, Spot, Step, Unit, chord2};
use anyhow::{Result, bail};
use geo_index::{Filter, Fix, LiveUnits};
use h3o::{CellIndex, LatLng, Resolution};
use kiddo::{ImmutableKdTree, MutableKdTree, SquaredEuclidean};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::collections::HashMap;
use std::num::NonZero;

/// One way to find the nearest.
pub trait Contender {
    /// As tables show it.
    fn name(&self) -> &'static str;
    /// Puts the slots of the `k` nearest qualified units into `found`, nearest first.
    fn nearest(&self, from: &Spot, k: usize, predicate: Predicate, found: &mut Vec<u32>);
    /// Whether it can ask for units with a property.
    fn filters(&self) -> bool {
        true
    }
    /// Whether units can move without building anew.
    fn moves(&self) -> bool {
        true
    }
    /// Whether any number of units may stand at exactly one place.
    fn stacks(&self) -> bool {
        true
    }
    /// Moves a unit.
    fn step(&mut self, step: &Step) -> Result<()>;
}

/// Makes a contender and fills it.
pub type Builder = fn(&[Unit]) -> Result<Box<dyn Contender>>;

/// One builder for each contender; the scan, which is the oracle, comes last.
pub fn builders() -> [Builder; 7] {
    [
        |units| Ok(Box::new(Ours::new(units))),
        |units| Ok(Box::new(Rstar::new(units))),
        |units| Ok(Box::new(KiddoStill::new(units)?)),
        |units| Ok(Box::new(KiddoSingle::new(units)?)),
        |units| Ok(Box::new(KiddoMoving::new(units)?)),
        |units| Ok(Box::new(Rings::new(units))),
        |units| Ok(Box::new(Scan::new(units))),
    ]
}

fn slots(units: &[Unit]) -> impl Iterator<Item = (u32, &Unit)> {
    (0..).zip(units)
}

fn qualifies(mask: u64, predicate: Predicate) -> bool {
    mask & predicate.bit == predicate.bit
}

fn index(slot: u32) -> usize {
    slot as usize
}

/// The product.
pub struct Ours(LiveUnits);

impl Ours {
    /// Filled.
    pub fn new(units: &[Unit]) -> Self {
        let mut live = LiveUnits::new();
        for (slot, unit) in slots(units) {
            live.update_with_mask(slot, fix(&unit.spot), unit.mask);
        }
        Self(live)
    }
}

fn fix(spot: &Spot) -> Fix {
    Fix { at: spot.at, fix_time: 0, speed_cm_s: 0, heading_deg: 0 }
}

impl Contender for Ours {
    fn name(&self) -> &'static str {
        "geo-index LiveUnits"
    }

    fn nearest(&self, from: &Spot, k: usize, predicate: Predicate, found: &mut Vec<u32>) {
        let hits = self.0.nearest(from.at, k, Filter::require(predicate.bit));
        found.extend(hits.iter().map(|hit| hit.slot));
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        self.0.update(step.slot, fix(&step.to));
        Ok(())
    }
}

type Leaf = GeomWithData<[f64; 3], (u32, u64)>;

/// R*-tree, `nearest_neighbor_iter` with a filter.
pub struct Rstar {
    tree: RTree<Leaf>,
    leaves: Vec<Leaf>,
}

impl Rstar {
    /// Bulk-loaded.
    pub fn new(units: &[Unit]) -> Self {
        let leaves: Vec<Leaf> =
            slots(units).map(|(slot, unit)| Leaf::new(unit.spot.vector, (slot, unit.mask))).collect();
        Self { tree: RTree::bulk_load(leaves.clone()), leaves }
    }
}

impl Contender for Rstar {
    fn name(&self) -> &'static str {
        "rstar"
    }

    fn nearest(&self, from: &Spot, k: usize, predicate: Predicate, found: &mut Vec<u32>) {
        let near = self.tree.nearest_neighbor_iter(from.vector);
        found.extend(near.filter(|leaf| qualifies(leaf.data.1, predicate)).take(k).map(|leaf| leaf.data.0));
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        let leaf = &mut self.leaves[index(step.slot)];
        let Some(_) = self.tree.remove(leaf) else { bail!("rstar lost a unit") };
        *leaf = Leaf::new(step.to.vector, leaf.data);
        self.tree.insert(*leaf);
        Ok(())
    }
}

fn by_slot(units: &[Unit]) -> Vec<[f64; 3]> {
    units.iter().map(|unit| unit.spot.vector).collect()
}

/// kiddo's tree that is built once.
pub struct KiddoStill(ImmutableKdTree<f64, 3>);

impl KiddoStill {
    /// Built.
    pub fn new(units: &[Unit]) -> Result<Self> {
        match ImmutableKdTree::new_from_slice(&by_slot(units)) {
            Ok(tree) => Ok(Self(tree)),
            Err(problem) => bail!("kiddo: {problem:?}"),
        }
    }
}

impl Contender for KiddoStill {
    fn name(&self) -> &'static str {
        "kiddo immutable"
    }

    fn nearest(&self, from: &Spot, k: usize, _: Predicate, found: &mut Vec<u32>) {
        let Some(k) = NonZero::new(k) else { return };
        let near = self.0.query(&from.vector).nearest_n::<SquaredEuclidean<f64>>(k).execute();
        found.extend(near.iter().map(|item| item.item));
    }

    fn filters(&self) -> bool {
        false
    }

    fn moves(&self) -> bool {
        false
    }

    fn step(&mut self, _: &Step) -> Result<()> {
        bail!("an immutable tree is built anew instead")
    }
}

/// The same in single precision, as kiddo is fastest. Unit vectors are then rounded to about 0.4 m, so that
/// it is not the same metric and some answers differ from the scan's.
pub struct KiddoSingle(ImmutableKdTree<f32, 3>);

impl KiddoSingle {
    /// Built.
    pub fn new(units: &[Unit]) -> Result<Self> {
        let vectors: Vec<[f32; 3]> = units.iter().map(|unit| single(unit.spot.vector)).collect();
        match ImmutableKdTree::new_from_slice(&vectors) {
            Ok(tree) => Ok(Self(tree)),
            Err(problem) => bail!("kiddo: {problem:?}"),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rounding is the point")]
fn single(vector: [f64; 3]) -> [f32; 3] {
    vector.map(|part| part as f32)
}

impl Contender for KiddoSingle {
    fn name(&self) -> &'static str {
        "kiddo immut. f32"
    }

    fn nearest(&self, from: &Spot, k: usize, _: Predicate, found: &mut Vec<u32>) {
        let Some(k) = NonZero::new(k) else { return };
        let near = self.0.query(&single(from.vector)).nearest_n::<SquaredEuclidean<f32>>(k).execute();
        found.extend(near.iter().map(|item| item.item));
    }

    fn filters(&self) -> bool {
        false
    }

    fn moves(&self) -> bool {
        false
    }

    fn step(&mut self, _: &Step) -> Result<()> {
        bail!("an immutable tree is built anew instead")
    }
}

/// kiddo's tree that units can be added to and removed from.
pub struct KiddoMoving {
    tree: MutableKdTree<f64, 3>,
    vectors: Vec<[f64; 3]>,
}

impl KiddoMoving {
    /// Filled one by one, as a live index is.
    pub fn new(units: &[Unit]) -> Result<Self> {
        let mut tree = MutableKdTree::default();
        for (slot, unit) in slots(units) {
            if let Err(problem) = tree.add(&unit.spot.vector, slot) {
                bail!("kiddo: {problem:?}");
            }
        }
        Ok(Self { tree, vectors: by_slot(units) })
    }
}

impl Contender for KiddoMoving {
    fn name(&self) -> &'static str {
        "kiddo mutable"
    }

    fn stacks(&self) -> bool {
        false
    }

    fn nearest(&self, from: &Spot, k: usize, _: Predicate, found: &mut Vec<u32>) {
        let Some(k) = NonZero::new(k) else { return };
        let near = self.tree.query(&from.vector).nearest_n::<SquaredEuclidean<f64>>(k).execute();
        found.extend(near.iter().map(|item| item.item));
    }

    fn filters(&self) -> bool {
        false
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        let vector = &mut self.vectors[index(step.slot)];
        self.tree.remove(vector, step.slot);
        if let Err(problem) = self.tree.add(&step.to.vector, step.slot) {
            bail!("kiddo refuses a unit: {problem:?}");
        }
        *vector = step.to.vector;
        Ok(())
    }
}

/// H3 cells in a hash map, searched ring by ring until nothing farther out can be nearer.
pub struct Rings {
    cells: HashMap<CellIndex, Vec<u32>>,
    units: Vec<(CellIndex, [f64; 3], u64)>,
    resolution: Resolution,
}

impl Rings {
    /// At the resolution with about two units to a cell.
    pub fn new(units: &[Unit]) -> Self {
        let resolution = match units.len() {
            0..10_000 => Resolution::Seven,
            10_000..300_000 => Resolution::Nine,
            _ => Resolution::Ten,
        };
        let mut made = Self { cells: HashMap::new(), units: Vec::with_capacity(units.len()), resolution };
        for (slot, unit) in slots(units) {
            let cell = made.cell(&unit.spot);
            made.cells.entry(cell).or_default().push(slot);
            made.units.push((cell, unit.spot.vector, unit.mask));
        }
        made
    }

    fn cell(&self, spot: &Spot) -> CellIndex {
        LatLng::new(spot.at.lat_deg(), spot.at.lon_deg())
            .expect("coordinates are finite")
            .to_cell(self.resolution)
    }
}

impl Contender for Rings {
    fn name(&self) -> &'static str {
        "H3 rings"
    }

    fn nearest(&self, from: &Spot, k: usize, predicate: Predicate, found: &mut Vec<u32>) {
        let mut best = Best::new(k);
        let centre = self.cell(from);
        // On the unit sphere, as everything here. Cells of a resolution differ in size by a fifth.
        let edge = self.resolution.edge_length_rads() * 0.8;
        let mut seen = 0;
        for ring in 0.. {
            for cell in centre.grid_ring::<Vec<_>>(ring) {
                for &slot in self.cells.get(&cell).into_iter().flatten() {
                    let (_, vector, mask) = self.units[index(slot)];
                    seen += 1;
                    if qualifies(mask, predicate) {
                        best.offer(chord2(from.vector, vector), slot);
                    }
                }
            }
            let reached = (1.5 * f64::from(ring) - 0.5).max(0.0) * edge;
            if reached * reached > best.worst || seen == self.units.len() {
                break;
            }
        }
        best.give(found);
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        let cell = self.cell(&step.to);
        let unit = &mut self.units[index(step.slot)];
        unit.1 = step.to.vector;
        if cell != unit.0 {
            if let Some(left) = self.cells.get_mut(&unit.0) {
                left.retain(|slot| *slot != step.slot);
            }
            unit.0 = cell;
            self.cells.entry(cell).or_default().push(step.slot);
        }
        Ok(())
    }
}

/// Looking at every unit, in blocks that the compiler turns into vector instructions.
pub struct Scan {
    xs: Vec<f64>,
    ys: Vec<f64>,
    zs: Vec<f64>,
    masks: Vec<u64>,
}

const BLOCK: usize = 16;

impl Scan {
    /// Struct of arrays, filled up to whole blocks with units that qualify for nothing.
    pub fn new(units: &[Unit]) -> Self {
        let length = units.len().next_multiple_of(BLOCK);
        let mut made = Self {
            xs: vec![f64::INFINITY; length],
            ys: vec![0.0; length],
            zs: vec![0.0; length],
            masks: vec![0; length],
        };
        for (place, unit) in units.iter().enumerate() {
            [made.xs[place], made.ys[place], made.zs[place]] = unit.spot.vector;
            made.masks[place] = unit.mask;
        }
        made
    }
}

impl Contender for Scan {
    fn name(&self) -> &'static str {
        "scan of all"
    }

    fn nearest(&self, from: &Spot, k: usize, predicate: Predicate, found: &mut Vec<u32>) {
        let mut best = Best::new(k);
        let [x, y, z] = from.vector;
        let blocks =
            self.xs.chunks_exact(BLOCK).zip(self.ys.chunks_exact(BLOCK)).zip(self.zs.chunks_exact(BLOCK));
        for (block, (((xs, ys), zs), masks)) in (0_u32..).zip(blocks.zip(self.masks.chunks_exact(BLOCK))) {
            let mut far = [0.0; BLOCK];
            let mut any = false;
            for place in 0..BLOCK {
                let (dx, dy, dz) = (x - xs[place], y - ys[place], z - zs[place]);
                far[place] = dx * dx + dy * dy + dz * dz;
                any |= (far[place] <= best.worst) & qualifies(masks[place], predicate);
            }
            if any {
                for (place, slot) in (0..BLOCK).zip(block * 16..) {
                    if far[place] < f64::INFINITY && qualifies(masks[place], predicate) {
                        best.offer(far[place], slot);
                    }
                }
            }
        }
        best.give(found);
    }

    fn step(&mut self, step: &Step) -> Result<()> {
        let place = index(step.slot);
        [self.xs[place], self.ys[place], self.zs[place]] = step.to.vector;
        Ok(())
    }
}

/// The k nearest so far.
struct Best {
    units: Vec<(f64, u32)>,
    k: usize,
    worst: f64,
}

impl Best {
    fn new(k: usize) -> Self {
        Self { units: Vec::with_capacity(k + 1), k, worst: f64::INFINITY }
    }

    fn offer(&mut self, far: f64, slot: u32) {
        if far > self.worst {
            return;
        }
        let place = self.units.partition_point(|unit| *unit < (far, slot));
        self.units.insert(place, (far, slot));
        self.units.truncate(self.k);
        if self.units.len() == self.k {
            self.worst = self.units[self.k - 1].0;
        }
    }

    fn give(self, found: &mut Vec<u32>) {
        found.extend(self.units.into_iter().map(|(_, slot)| slot));
    }
}
