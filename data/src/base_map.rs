//! What is drawn under everything else: outlines, water, the border, settlements and heights.
//!
//! Leaves out: styles and tiles. Nothing here decides anything; an area's outline may be missing.

use geo_index::Coord;

use crate::names::Names;

/// Closed ring: the first coordinate is repeated as the last.
pub type Ring = Vec<Coord>;

/// The outline of one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Code of the area it is the outline of.
    pub code: String,
    /// Polygons; of each the outer ring first, then holes.
    pub polygons: Vec<Vec<Ring>>,
}

/// A line of the base map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Importance, 1 the highest; decides from which zoom it is drawn.
    pub rank: u8,
    /// Name, often none.
    pub names: Names,
    /// Its points in order, WGS84.
    pub path: Vec<Coord>,
}

/// A lake with its islands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lake {
    /// Name, often none.
    pub names: Names,
    /// Outer ring first, then islands.
    pub rings: Vec<Ring>,
}

/// A settlement, drawn as a dot with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Its name, by language.
    pub names: Names,
    /// Where it is.
    pub place: Coord,
    /// Inhabitants; 0 when not known.
    pub population: u32,
    /// Area it is the seat of, when it is one of the region's.
    pub area: Option<String>,
    /// Whether it lies inside the region.
    pub inside: bool,
}

/// Heights on a regular grid, rows from north to south.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elevation {
    /// Number of columns, west to east.
    pub columns: u32,
    /// Number of rows, north to south.
    pub rows: u32,
    /// Centre of the south-western sample.
    pub south_west: Coord,
    /// Step between samples in 1e-7 degrees, both ways.
    pub step: i32,
    /// Metres, row by row; `None` where unknown.
    pub heights_m: Vec<Option<i16>>,
}

/// What is drawn under everything else.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaseMap {
    /// Outlines of areas that have one.
    pub outlines: Vec<Outline>,
    /// Rivers, as lines.
    pub rivers: Vec<Line>,
    /// Lakes, as polygons.
    pub lakes: Vec<Lake>,
    /// The border of the country.
    pub border: Vec<Line>,
    /// Settlements, inside the region and around it.
    pub settlements: Vec<Settlement>,
    /// Heights of the ground; none where the package has no grid.
    pub elevation: Option<Elevation>,
}
