//! Where: levels and areas of jurisdiction, beats, terrain and alarm points.
//!
//! Leaves out: polygons, which are the base map's; an area is its code and its place in the tree.

use geo_index::Coord;
use serde::{Deserialize, Serialize};

use crate::cells::CellSet;
use crate::names::Names;

/// A level of the jurisdiction tree, as league, banner, sumu, gacha.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaLevel {
    /// Code used in `areas.csv`.
    pub code: String,
    /// What people call the level.
    pub names: Names,
}

/// A kind of area that timers may differ by, as town or open country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaClass {
    /// Code used in `areas.csv` and by timers.
    pub code: String,
    /// What people call it.
    pub names: Names,
}

/// A node of the jurisdiction tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Official code, unique in the package.
    pub code: String,
    /// Code of the area above; `None` only at the root.
    pub parent: Option<String>,
    /// Code of its level in the tree.
    pub level: String,
    /// Area class code; without one the nearest area above that has one decides.
    pub class: Option<String>,
    /// Its name, by language.
    pub names: Names,
    /// Codes from the root down to this area, joined by `/`; the unit of permission is a prefix of it.
    pub path: String,
}

/// A set of cells that one unit patrols.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    /// Code, unique in the package.
    pub code: String,
    /// Code of the lowest area it belongs to (a gacha in Xilingol); sumu and banner follow from the tree.
    pub area: String,
    /// Its cells, at the manifest's cell resolution.
    pub cells: CellSet,
    /// The centre of the cell nearest to the middle of the beat: a place inside it for labels.
    pub centre: Coord,
    /// Whether the beat is a generated sample.
    pub generated: bool,
}

/// A kind of ground that speeds differ by. The first of a package is that of every cell not named elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerrainClass {
    /// Code used by movers and `terrain.csv`.
    pub code: String,
    /// What people call it.
    pub names: Names,
}

/// The cells of one terrain class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerrainCells {
    /// Terrain class code.
    pub class: String,
    /// The cells of that class.
    pub cells: CellSet,
}

/// What an alarm point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PointKind {
    /// A telephone whose number is known.
    Phone,
    /// A button that raises an alarm by itself.
    Button,
    /// A sensor that raises an alarm.
    Sensor,
    /// A camera that raises an alarm.
    Camera,
}

/// The staff that keeps a point, named by a post and never as a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeper {
    /// Code of the post (see [`crate::staff::Post`]).
    pub post: String,
    /// Which holder of the post in the point's area, counted from 1.
    pub serial: u16,
    /// Organisation that answers for the keeper.
    pub organisation: String,
}

/// A fixed place that can raise an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Code, unique in the package.
    pub code: String,
    /// The number it calls from (ANI), unique in the package.
    pub number: String,
    /// Where it stands.
    pub place: Coord,
    /// Code of the area it lies in.
    pub area: String,
    /// What it is.
    pub kind: PointKind,
    /// Information square within its area, counted from 1, where the region has them.
    pub square: Option<u8>,
    /// Who keeps it.
    pub keeper: Option<Keeper>,
    /// Codes of points whose keepers can be called to help, nearest first.
    pub neighbours: Vec<String>,
    /// Own name, where it has one beyond area and square.
    pub names: Names,
    /// Whether the point is a generated sample.
    pub generated: bool,
}
