//! What the world stands on: the region package reduced to what bodies, callers and operators need, ready to draw
//! from. Made once; nothing in it changes during a day.

use std::collections::BTreeMap;

use dispatch_core::Coord;
use dispatch_core::kernel::id::{AreaCode, DeskId, PointId, SeatId, TrunkCode, TypeCode, UnitId};
use dispatch_core::kernel::kind::{Duty, Priority, Role};
use jiff::tz::TimeZone;
use region::places::PointKind;
use region::staff::SeatRole;
use region::{Package, Register};

use crate::ground::{Ground, centre, metres, middle, placed};
use crate::plot::{self, Plot};

/// Reach of a town's density, m.
const TOWN_REACH_M: f64 = 7_000.0;
/// Most hot spots a beat is given.
const SPOTS_MAX: usize = 60;

/// A unit before the day begins.
#[derive(Debug, Clone)]
pub struct UnitSeed {
    /// Id of the unit, as the register has it.
    pub id: UnitId,
    /// Index of its mover.
    pub mover: usize,
    /// Way over straight distance of its mover.
    pub detour: f64,
    /// Where it stands at home.
    pub home: Coord,
    /// Places of its beat; at least its home.
    pub spots: Vec<Coord>,
    /// Duty at adoption.
    pub duty: Duty,
    /// Seconds from signing to rolling on call.
    pub readiness_s: f64,
    /// Its commanding desk at adoption.
    pub desk: DeskId,
}

/// A place that can raise an alarm.
#[derive(Debug, Clone)]
pub struct PointSeed {
    /// Id of the point, as the register has it.
    pub id: PointId,
    /// The number that rings.
    pub number: String,
    /// Where it stands, WGS84.
    pub at: Coord,
    /// What it is.
    pub kind: PointKind,
    /// Code of the area the register puts it in.
    pub area: AreaCode,
    /// Path of its area, joined by `/`.
    pub path: String,
    /// The desk that answers for it.
    pub desk: DeskId,
    /// Indices of points nearby.
    pub neighbours: Vec<usize>,
}

/// A kind of incident.
#[derive(Debug, Clone)]
pub struct TypeSeed {
    /// Code of the type, as the register has it.
    pub code: TypeCode,
    /// Priority of an incident of this type.
    pub priority: Priority,
    /// How it is told and how long it takes.
    pub plot: Plot,
}

/// Everything that stands still.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Units by code.
    pub units: Vec<UnitSeed>,
    /// Points by code.
    pub points: Vec<PointSeed>,
    /// Running totals of how likely something happens near each point.
    pub near_points: Vec<f64>,
    /// Kinds of incident.
    pub types: Vec<TypeSeed>,
    /// Running totals of how likely each kind is.
    pub type_totals: Vec<f64>,
    /// A place in each area, for orders that name no coordinate.
    pub areas: BTreeMap<AreaCode, Coord>,
    /// The line by which calls to a desk come in, for the desks that have one.
    pub trunks: BTreeMap<DeskId, TrunkCode>,
    /// The desk above each desk.
    pub parents: BTreeMap<DeskId, DeskId>,
    /// Seats by desk.
    pub seats: BTreeMap<DeskId, Vec<(SeatId, Role)>>,
    /// The desk whose ground has most points: a drill that names none is held there.
    pub busiest_desk: Option<DeskId>,
    /// Terrain and paces: how long a way takes.
    pub ground: Ground,
    /// The zone in which hours are told.
    pub zone: TimeZone,
    /// Whether people speak Chinese, else English.
    pub chinese: bool,
}

impl Scene {
    /// The scene of a region package.
    pub fn of(package: &Package) -> Self {
        let register = &package.register;
        let points = points(register);
        let (near_points, busiest_desk) = density(package, &points);
        let types = types(register, package.manifest.default_language == "zh");
        Self {
            units: units(register),
            near_points,
            type_totals: totals(types.iter().map(|kind| kind.plot.weight)),
            types,
            areas: areas(register, &points),
            points,
            trunks: trunks(register),
            parents: parents(register),
            seats: seats(register),
            busiest_desk,
            ground: Ground::of(register, package.manifest.cell_resolution),
            zone: TimeZone::get(&package.manifest.zone).unwrap_or(TimeZone::UTC),
            chinese: package.manifest.default_language == "zh",
        }
    }

    /// The kind with this code.
    pub fn type_of(&self, code: &TypeCode) -> Option<&TypeSeed> {
        self.types.iter().find(|kind| kind.code == *code)
    }

    /// The line by which calls to a desk come in: its own, or that of the nearest desk above with one.
    pub fn trunk_of(&self, desk: &DeskId) -> Option<&TrunkCode> {
        let up = std::iter::successors(Some(desk), |desk| self.parents.get(*desk));
        up.take(self.parents.len() + 1).find_map(|desk| self.trunks.get(desk))
    }

    /// Whether a desk is `top` or answers to it.
    pub fn is_below(&self, desk: &DeskId, top: &DeskId) -> bool {
        // As many steps as there are desks, so that a ring of parents ends.
        let up = std::iter::successors(Some(desk), |desk| self.parents.get(*desk));
        up.take(self.parents.len() + 1).any(|desk| desk == top)
    }
}

/// Running totals of weights.
pub(crate) fn totals(weights: impl IntoIterator<Item = f64>) -> Vec<f64> {
    weights
        .into_iter()
        .scan(0.0, |sum, weight| {
            *sum += weight.max(0.0);
            Some(*sum)
        })
        .collect()
}

fn units(register: &Register) -> Vec<UnitSeed> {
    let seed = |unit: &region::forces::Unit| {
        let home = placed(unit.home);
        let beat = unit.beat.as_deref().and_then(|code| register.beat(code));
        let mut spots: Vec<Coord> =
            beat.into_iter().flat_map(|beat| beat.cells.iter()).filter_map(centre).take(SPOTS_MAX).collect();
        if spots.is_empty() {
            spots.push(home);
        }
        let mover = register.movers.iter().position(|mover| mover.code == unit.mover).unwrap_or(0);
        let detour = register.movers.get(mover).map_or(100, |mover| mover.detour_percent);
        UnitSeed {
            id: UnitId::from(unit.code.as_str()),
            mover,
            detour: f64::from(detour) / 100.0,
            home,
            spots,
            duty: match unit.duty {
                region::forces::Duty::Patrolling => Duty::Patrolling,
                region::forces::Duty::OnCall => Duty::OnCall,
                region::forces::Duty::Reserve => Duty::Reserve,
            },
            readiness_s: f64::from(unit.readiness_ms) / 1_000.0,
            desk: DeskId::from(unit.desk.as_str()),
        }
    };
    register.units.iter().map(seed).collect()
}

fn trunks(register: &Register) -> BTreeMap<DeskId, TrunkCode> {
    let first = |desk: &region::staff::Desk| {
        Some((DeskId::from(desk.code.as_str()), TrunkCode::from(desk.trunks.first()?.as_str())))
    };
    register.desks.iter().filter_map(first).collect()
}

fn points(register: &Register) -> Vec<PointSeed> {
    let index: BTreeMap<&str, usize> =
        register.points.iter().enumerate().map(|(at, point)| (point.code.as_str(), at)).collect();
    let seed = |point: &region::places::Point| {
        let path = register.area(&point.area).map_or_else(String::new, |area| area.path.clone());
        let desk = register.desk_of(&path).map_or("", |desk| desk.code.as_str());
        PointSeed {
            id: PointId::from(point.code.as_str()),
            number: point.number.clone(),
            at: placed(point.place),
            kind: point.kind,
            area: AreaCode::from(point.area.as_str()),
            desk: DeskId::from(desk),
            path,
            neighbours: point
                .neighbours
                .iter()
                .filter_map(|code| index.get(code.as_str()).copied())
                .collect(),
        }
    };
    register.points.iter().map(seed).collect()
}

/// How likely each point is to see something: a little everywhere, much more around settlements, by the root of
/// their inhabitants (a town ten times as large calls three times as often as its size says, not ten).
fn density(package: &Package, points: &[PointSeed]) -> (Vec<f64>, Option<DeskId>) {
    let towns: Vec<(Coord, f64)> = package
        .base_map
        .settlements
        .iter()
        .filter(|town| town.inside)
        .map(|town| (placed(town.place), f64::from(town.population.max(900)).sqrt() / 30.0))
        .collect();
    let weight = |point: &PointSeed| {
        let near = |&(at, size): &(Coord, f64)| size * (-(metres(at, point.at) / TOWN_REACH_M).powi(2)).exp();
        1.0 + towns.iter().map(near).sum::<f64>()
    };
    let weights: Vec<f64> = points.iter().map(weight).collect();
    let mut by_desk: BTreeMap<&DeskId, f64> = BTreeMap::new();
    for (point, weight) in points.iter().zip(&weights) {
        *by_desk.entry(&point.desk).or_default() += weight;
    }
    let busiest = by_desk.into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(desk, _)| desk.clone());
    (totals(weights), busiest)
}

fn types(register: &Register, chinese: bool) -> Vec<TypeSeed> {
    let seed = |kind: &region::response::IncidentType| {
        let priority = match kind.priority {
            1 => Priority::P1,
            2 => Priority::P2,
            _ => Priority::P3,
        };
        let name = kind.names.get(if chinese { "zh" } else { "en" }, "en");
        TypeSeed {
            code: TypeCode::from(kind.code.as_str()),
            priority,
            plot: plot::of(&kind.code, priority, name, chinese),
        }
    };
    register.types.iter().map(seed).collect()
}

fn areas(register: &Register, points: &[PointSeed]) -> BTreeMap<AreaCode, Coord> {
    let mut inside: BTreeMap<&str, Vec<Coord>> = BTreeMap::new();
    for point in points {
        for code in point.path.split('/') {
            inside.entry(code).or_default().push(point.at);
        }
    }
    let known = register.areas.iter().filter_map(|area| {
        let place = middle(inside.get(area.code.as_str())?.iter().copied())?;
        Some((AreaCode::from(area.code.as_str()), place))
    });
    known.collect()
}

fn parents(register: &Register) -> BTreeMap<DeskId, DeskId> {
    let above = |desk: &region::staff::Desk| {
        Some((DeskId::from(desk.code.as_str()), DeskId::from(desk.parent.as_deref()?)))
    };
    register.desks.iter().filter_map(above).collect()
}

fn seats(register: &Register) -> BTreeMap<DeskId, Vec<(SeatId, Role)>> {
    let mut seats: BTreeMap<DeskId, Vec<(SeatId, Role)>> = BTreeMap::new();
    for seat in &register.seats {
        let role = match seat.role {
            SeatRole::CallTaker => Role::CallTaker,
            SeatRole::Dispatcher => Role::Dispatcher,
            SeatRole::ShiftLead => Role::ShiftLead,
            SeatRole::Commander => Role::Commander,
        };
        seats
            .entry(DeskId::from(seat.desk.as_str()))
            .or_default()
            .push((SeatId::from(seat.code.as_str()), role));
    }
    seats
}
