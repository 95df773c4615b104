//! Who speaks: made of an actor, a seat and a way by the register, and nowhere else. A unit is `unit:` and its code, an
//! alarm point `point:` and its code, on the wire and in the journal; every other name is a program's or a source's.
//!
//! A unit or a point that says its bare code is read as the one it is, so that no program can be taken for one; [`spelt`]
//! writes it as it is written here. At a seat a bare code is a name like any other: whoever sits there is not the unit.

use crate::kernel::id::{ActorId, DeskId, PointId, SeatId, UnitId};
use crate::kernel::kind::Channel;
use crate::kernel::refusal::{Refusal, Rule};
use crate::register::Register;

/// The name of whoever has not said one.
pub const CONSOLE: &str = "console";

/// The name of the node itself.
pub const SYSTEM: &str = "system";

const UNIT: &str = "unit:";
const POINT: &str = "point:";

/// One who speaks, as far as the register tells who that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker<'a> {
    /// The node itself.
    Node,
    /// An operator, for the desk of a seat.
    Seat(Acting<'a>),
    /// A unit or its device, for itself.
    Unit(&'a UnitId),
    /// An alarm point, for itself.
    Point(&'a PointId),
    /// A device that is neither: an exchange, a supervision.
    Source,
    /// A program or a person without an account and without a seat.
    Program,
}

/// A known seat and its desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acting<'a> {
    /// At which somebody sits.
    pub seat: &'a SeatId,
    /// The desk it belongs to.
    pub desk: &'a DeskId,
}

impl<'a> Speaker<'a> {
    /// Who speaks under a name, at a seat or at none. Refused where there is no such seat, unit or point, or no longer.
    pub fn of(
        register: &'a Register,
        actor: &ActorId,
        seat: Option<&SeatId>,
        channel: Channel,
    ) -> Result<Self, Refusal> {
        if let Some(seat) = seat {
            let found = register.seats.get_key_value(seat);
            let (seat, entry) = found.ok_or_else(|| Refusal::unknown("seat", "seat", seat))?;
            return match prefixed(actor.as_str()) {
                Some(_) => Err(Refusal::invalid("actor", Rule::OwnUnit)),
                None => Ok(Self::Seat(Acting { seat, desk: &entry.desk })),
            };
        }
        match named(register, actor.as_str()) {
            Named::Unit(code) => {
                let found = register.units.get_key_value(&UnitId::from(code));
                let (unit, _) = found
                    .filter(|(_, entry)| !entry.retired)
                    .ok_or_else(|| Refusal::unknown("actor", "unit", code))?;
                Ok(Self::Unit(unit))
            }
            Named::Point(code) => {
                let found = register.points.get_key_value(&PointId::from(code));
                let (point, _) = found
                    .filter(|(_, entry)| !entry.retired)
                    .ok_or_else(|| Refusal::unknown("actor", "alarm point", code))?;
                Ok(Self::Point(point))
            }
            Named::Other => Ok(match channel {
                Channel::System => Self::Node,
                Channel::Device => Self::Source,
                Channel::Console | Channel::CommandLine | Channel::Api | Channel::Voice => Self::Program,
            }),
        }
    }

    /// Whether it may tell how a point or a unit is: each tells of itself alone; who passes on what many say tells of any. What
    /// a seat has authority over is asked apart.
    pub fn tells_of(self, point: Option<&PointId>, unit: Option<&UnitId>) -> bool {
        match self {
            Self::Node | Self::Seat(_) | Self::Source | Self::Program => true,
            Self::Unit(own) => (point, unit) == (None, Some(own)),
            Self::Point(own) => (point, unit) == (Some(own), None),
        }
    }
}

/// The name of a unit.
pub fn of_unit(unit: &UnitId) -> ActorId {
    ActorId::from(format!("{UNIT}{unit}").as_str())
}

/// The name of an alarm point.
pub fn of_point(point: &PointId) -> ActorId {
    ActorId::from(format!("{POINT}{point}").as_str())
}

/// Whether a name is of a unit or a point, and of another one than this point.
pub fn is_not(point: &PointId, actor: &ActorId) -> bool {
    match prefixed(actor.as_str()) {
        Some(Named::Unit(_)) => true,
        Some(Named::Point(code)) => code != point.as_str(),
        Some(Named::Other) | None => false,
    }
}

/// A name without a seat as it is written, whichever way somebody spells it.
pub fn spelt(register: &Register, actor: &str) -> ActorId {
    match named(register, actor) {
        Named::Unit(code) => of_unit(&code.into()),
        Named::Point(code) => of_point(&code.into()),
        Named::Other => actor.into(),
    }
}

/// Whom a name is of.
enum Named<'n> {
    Unit(&'n str),
    Point(&'n str),
    Other,
}

fn named<'n>(register: &Register, actor: &'n str) -> Named<'n> {
    if let Some(named) = prefixed(actor) {
        named
    } else if is_reserved(actor) {
        Named::Other
    } else if register.units.contains_key(&UnitId::from(actor)) {
        Named::Unit(actor)
    } else if register.points.contains_key(&PointId::from(actor)) {
        Named::Point(actor)
    } else {
        Named::Other
    }
}

fn prefixed(actor: &str) -> Option<Named<'_>> {
    let unit = actor.strip_prefix(UNIT).map(Named::Unit);
    unit.or_else(|| actor.strip_prefix(POINT).map(Named::Point))
}

fn is_reserved(name: &str) -> bool {
    name == CONSOLE || name == SYSTEM
}

/// Whether a unit or a point may have a code: whoever speaks under it is nobody else then.
pub(crate) fn is_a_name(code: &str) -> bool {
    !is_reserved(code) && prefixed(code).is_none()
}
