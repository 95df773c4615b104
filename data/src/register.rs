//! The part of a package that the node takes into its journal on adoption.
//!
//! Tables are sorted by code and looked up by binary search; kinds keep the order of `region.toml`, because an
//! authority class's or capability's place in it is its bit. Leaves out: the base map, which is only drawn.

use serde::{Deserialize, Serialize};

use crate::forces::{AuthorityClass, Capability, Mover, Readiness, Unit};
use crate::places::{Area, AreaClass, AreaLevel, Beat, Point, TerrainCells, TerrainClass};
use crate::response::{IncidentType, RunCard, Thresholds, Timers};
use crate::staff::{Agency, Desk, Organisation, Post, Seat};

/// Everything about a region that commands and events may refer to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// Area levels from the root down.
    pub levels: Vec<AreaLevel>,
    /// Area classes that timers may differ by.
    pub area_classes: Vec<AreaClass>,
    /// Areas by code.
    pub areas: Vec<Area>,
    /// Organisations by code.
    pub organisations: Vec<Organisation>,
    /// Desks by code.
    pub desks: Vec<Desk>,
    /// Seats by code.
    pub seats: Vec<Seat>,
    /// Outside agencies by code.
    pub agencies: Vec<Agency>,
    /// Posts that keep points.
    pub posts: Vec<Post>,
    /// Authority classes; bit *i* of a mask is the *i*-th.
    pub classes: Vec<AuthorityClass>,
    /// Capability kinds; their bits follow the classes'.
    pub capabilities: Vec<Capability>,
    /// Terrain classes; the first is that of every cell in no [`TerrainCells`].
    pub terrain_classes: Vec<TerrainClass>,
    /// Cells whose terrain is not the first class.
    pub terrain: Vec<TerrainCells>,
    /// Movers, in the order of `region.toml`.
    pub movers: Vec<Mover>,
    /// Turnout times by duty.
    pub readiness: Readiness,
    /// Beats by code.
    pub beats: Vec<Beat>,
    /// Units by code.
    pub units: Vec<Unit>,
    /// Alarm points by code.
    pub points: Vec<Point>,
    /// Incident types, in the order of `region.toml`.
    pub types: Vec<IncidentType>,
    /// Run cards, in the order of `region.toml`.
    pub run_cards: Vec<RunCard>,
    /// Timers by priority and area class.
    pub timers: Vec<Timers>,
    /// Limits of judgement, such as the age at which a fix is stale.
    pub thresholds: Thresholds,
}

/// Defines a lookup by code in a table sorted by code.
macro_rules! by_code {
    ($($name:ident, $table:ident, $kind:ty;)*) => {$(
        #[doc = concat!("The entry of `", stringify!($table), "` with this code.")]
        pub fn $name(&self, code: &str) -> Option<&$kind> {
            self.$table.binary_search_by(|entry| entry.code.as_str().cmp(code)).ok().map(|at| &self.$table[at])
        }
    )*};
}

impl Register {
    by_code! {
        area, areas, Area;
        organisation, organisations, Organisation;
        desk, desks, Desk;
        seat, seats, Seat;
        beat, beats, Beat;
        unit, units, Unit;
        point, points, Point;
    }

    /// The incident type with this code.
    pub fn incident_type(&self, code: &str) -> Option<&IncidentType> {
        self.types.iter().find(|kind| kind.code == code)
    }

    /// The mover with this code.
    pub fn mover(&self, code: &str) -> Option<&Mover> {
        self.movers.iter().find(|mover| mover.code == code)
    }

    /// The bit of an authority class or capability in a mask; `None` for a code that is neither.
    pub fn kind_bit(&self, code: &str) -> Option<u32> {
        let class = self.classes.iter().position(|class| class.code == code);
        let capability = || self.capabilities.iter().position(|kind| kind.code == code);
        let at = class.or_else(|| capability().map(|at| self.classes.len() + at))?;
        u32::try_from(at).ok()
    }

    /// The mask of a unit: its class and its capabilities.
    pub fn unit_mask(&self, unit: &Unit) -> u64 {
        let codes = unit.capabilities.iter().chain(std::iter::once(&unit.class));
        codes.filter_map(|code| self.kind_bit(code)).fold(0, |mask, bit| mask | 1 << bit)
    }

    /// The class of an area: its own or that of the nearest area above with one.
    pub fn area_class(&self, code: &str) -> Option<&str> {
        let mut area = self.area(code)?;
        loop {
            if let Some(class) = &area.class {
                return Some(class);
            }
            area = self.area(area.parent.as_deref()?)?;
        }
    }

    /// The timers of a priority in a class of area: the rule that names the class, else the one that names none.
    pub fn timers(&self, priority: u8, area_class: Option<&str>) -> Option<&Timers> {
        let of = |class: Option<&str>| {
            self.timers.iter().find(|rule| rule.priority == priority && rule.area_class.as_deref() == class)
        };
        of(area_class).or_else(|| of(None))
    }

    /// The desk that answers for an area path: the one whose own area is the longest prefix of it.
    pub fn desk_of(&self, path: &str) -> Option<&Desk> {
        path.rsplit('/').find_map(|code| self.desks.iter().find(|desk| desk.area == code))
    }
}
