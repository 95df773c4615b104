//! A set of H3 cells, small enough to write in a table.
//!
//! Written form: cells are grouped under the parent two resolutions coarser, as `parent:mask` joined by spaces.
//! `parent` is its index in hexadecimal without the trailing `f`s; `mask` is a hexadecimal number whose bit *i* is set
//! when the child at position *i* (0 to 48, H3 child position) is in the set. Groups are sorted by parent, so a set
//! has one written form.
//!
//! Leaves out: geometry; see [`crate::outline`].

use std::{collections::BTreeMap, fmt, str::FromStr};

use h3o::{CellIndex, Resolution};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Cells written together under one parent this many resolutions coarser.
const PARENT_STEPS: u8 = 2;

/// Sorted H3 cells of one resolution.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CellSet(Vec<CellIndex>);

/// Why a written cell set cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CellSetError(String);

impl CellSet {
    /// The set of `cells`; all must share one resolution of at least 2.
    pub fn new(cells: impl IntoIterator<Item = CellIndex>) -> Result<Self, CellSetError> {
        let mut cells: Vec<_> = cells.into_iter().collect();
        cells.sort_unstable();
        cells.dedup();
        if let Some(first) = cells.first() {
            let resolution = first.resolution();
            if u8::from(resolution) < PARENT_STEPS || cells.iter().any(|cell| cell.resolution() != resolution)
            {
                return Err(CellSetError("cells of one set share one resolution of at least 2".to_owned()));
            }
        }
        Ok(Self(cells))
    }

    /// The cells in ascending order of index.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = CellIndex> + '_ {
        self.0.iter().copied()
    }

    /// The cells as raw H3 indexes, ascending.
    pub fn indexes(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.0.iter().map(|&cell| u64::from(cell))
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `cell` is in the set.
    pub fn contains(&self, cell: CellIndex) -> bool {
        self.0.binary_search(&cell).is_ok()
    }

    /// The resolution of its cells; `None` when empty.
    pub fn resolution(&self) -> Option<u8> {
        self.0.first().map(|cell| u8::from(cell.resolution()))
    }

    /// The cells themselves, ascending.
    pub fn as_slice(&self) -> &[CellIndex] {
        &self.0
    }
}

impl fmt::Display for CellSet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: BTreeMap<CellIndex, u64> = BTreeMap::new();
        for &cell in &self.0 {
            let coarse =
                Resolution::try_from(u8::from(cell.resolution()) - PARENT_STEPS).map_err(|_| fmt::Error)?;
            let parent = cell.parent(coarse).ok_or(fmt::Error)?;
            let position = cell.child_position(coarse).ok_or(fmt::Error)?;
            *groups.entry(parent).or_default() |= 1 << position;
        }
        for (at, (parent, mask)) in groups.iter().enumerate() {
            let written = format!("{:x}", u64::from(*parent));
            let space = if at == 0 { "" } else { " " };
            write!(out, "{space}{}:{mask:x}", written.trim_end_matches('f'))?;
        }
        Ok(())
    }
}

impl FromStr for CellSet {
    type Err = CellSetError;

    fn from_str(text: &str) -> Result<Self, CellSetError> {
        let mut cells = Vec::new();
        for group in text.split_ascii_whitespace() {
            let fault = |what: &str| CellSetError(format!("`{group}` {what}"));
            let (parent, mask) = group.split_once(':').ok_or_else(|| fault("is not parent:mask"))?;
            let parent = u64::from_str_radix(&format!("{parent:f<15}"), 16)
                .ok()
                .and_then(|index| CellIndex::try_from(index).ok())
                .ok_or_else(|| fault("does not begin with an H3 cell"))?;
            let mask =
                u64::from_str_radix(mask, 16).map_err(|_| fault("does not end with a hexadecimal mask"))?;
            let fine = Resolution::try_from(u8::from(parent.resolution()) + PARENT_STEPS)
                .map_err(|_| fault("has no cells two resolutions finer"))?;
            for position in (0..u64::BITS).filter(|bit| mask >> bit & 1 == 1) {
                let child = parent.child_at(u64::from(position), fine);
                cells.push(child.ok_or_else(|| fault("sets a bit beyond the parent's children"))?);
            }
        }
        let count = cells.len();
        let set = Self::new(cells)?;
        if set.len() != count {
            return Err(CellSetError("a cell is given twice".to_owned()));
        }
        Ok(set)
    }
}

impl Serialize for CellSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CellSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
