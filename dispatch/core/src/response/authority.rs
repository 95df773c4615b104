//! Who may do what: a seat acts for its desk, and a desk for what lies below a prefix of its area path (D2). A unit
//! and its device act for the unit itself without a seat.
//!
//! **Absent on purpose**: roles and accounts; who sits at a seat is settled before a command comes here.

use crate::decide::Deciding;
use crate::kernel::id::{DeskId, SeatId, UnitId};
use crate::kernel::kind::{Channel, OrderState};
use crate::kernel::place::AreaPath;
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::target::Target;
use crate::register::Register;
use crate::response::incident::Incident;
use crate::response::order::Order;

/// A known seat and its desk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acting<'a> {
    pub seat: &'a SeatId,
    pub desk: &'a DeskId,
}

impl<'a> Deciding<'a> {
    /// The seat that acts; refused when none is named or nobody knows it.
    pub(crate) fn acting(&self) -> Result<Acting<'a>, Refusal> {
        let named = self.envelope.seat.as_ref().ok_or(Refusal::SeatRequired)?;
        let found = self.state.register().seats.get_key_value(named);
        let (seat, entry) = found.ok_or_else(|| Refusal::unknown("seat", "seat", named))?;
        Ok(Acting { seat, desk: &entry.desk })
    }

    /// The seat that acts; none when the node itself or a device does.
    pub(crate) fn seat_or_node(&self) -> Result<Option<Acting<'a>>, Refusal> {
        if self.envelope.seat.is_none() && matches!(self.envelope.channel, Channel::Device | Channel::System)
        {
            return Ok(None);
        }
        self.acting().map(Some)
    }

    /// A seat whose desk may act on what a desk answers for in an area.
    pub(crate) fn acting_over(&self, responsible: &DeskId, area: &AreaPath) -> Result<Acting<'a>, Refusal> {
        let acting = self.acting()?;
        if self.is_over(acting.desk, responsible, area) {
            Ok(acting)
        } else {
            Err(Refusal::OtherDesk { desk: responsible.clone() })
        }
    }

    /// A seat that may act on an incident.
    pub(crate) fn acting_on(&self, incident: &Incident) -> Result<Acting<'a>, Refusal> {
        self.acting_over(&incident.desk, &incident.area)
    }

    /// Whether a desk is the responsible one, answers for an area around, or is above the responsible one.
    pub(crate) fn is_over(&self, desk: &DeskId, responsible: &DeskId, area: &AreaPath) -> bool {
        let register = &self.state.register();
        let around =
            register.desks.get(desk).is_some_and(|desk| area.is_within(&desk.area) && !area.0.is_empty());
        desk == responsible || around || is_above(register, desk, responsible)
    }

    /// The seat that acts on an order, or none when the unit itself or its device does. A desk acts on orders of its
    /// incidents, on orders it gave, on orders given to it, and on those of units it commands.
    pub(crate) fn sender_on(&self, order: &Order) -> Result<Option<Acting<'a>>, Refusal> {
        let unit = match &order.target {
            Target::Unit(unit) => Some(unit),
            Target::Desk(_) | Target::Agency(_) => None,
        };
        if self.envelope.seat.is_none() {
            return self.itself(unit).map(|()| None);
        }
        let acting = self.acting()?;
        let responsible =
            self.state.incidents().get(&order.incident).map_or(&order.desk, |incident| &incident.desk);
        let commands =
            unit.and_then(|unit| self.state.units().get(unit)).is_some_and(|unit| unit.desk == *acting.desk);
        let given = order.desk == *acting.desk || order.target == Target::Desk(acting.desk.clone());
        if commands || given || self.is_over(acting.desk, responsible, &order.area) {
            Ok(Some(acting))
        } else {
            Err(Refusal::OtherDesk { desk: responsible.clone() })
        }
    }

    /// The seat that acts on a unit, or none when the unit itself or its device does.
    pub(crate) fn sender_for(&self, unit: &UnitId) -> Result<Option<Acting<'a>>, Refusal> {
        if self.envelope.seat.is_none() {
            return self.itself(Some(unit)).map(|()| None);
        }
        let acting = self.acting()?;
        let Some(known) = self.state.units().get(unit) else { return Ok(Some(acting)) };
        let home = self.state.register().units.get(unit).map(|entry| entry.area.clone()).unwrap_or_default();
        if self.is_over(acting.desk, &known.desk, &home) {
            Ok(Some(acting))
        } else {
            Err(Refusal::OtherDesk { desk: known.desk.clone() })
        }
    }

    /// Without a seat only a device, the node itself, or the unit by its own name may act; and no unit for another.
    fn itself(&self, unit: Option<&UnitId>) -> Result<(), Refusal> {
        let name = self.envelope.actor.as_str();
        let own = unit.is_some_and(|unit| unit.as_str() == name);
        let other = !own && self.state.units().contains_key(&UnitId::from(name));
        if other {
            return Err(Refusal::invalid("actor", Rule::OwnUnit));
        }
        if own || matches!(self.envelope.channel, Channel::Device | Channel::System) {
            Ok(())
        } else {
            Err(Refusal::SeatRequired)
        }
    }

    /// An open, signed order given to a desk for this incident: with it the desk carries the incident on.
    pub(crate) fn order_given_to(&self, desk: &DeskId, incident: &Incident) -> Option<&'a Order> {
        let open = crate::response::status::open_orders(self.state, incident);
        let id = open
            .filter(|order| order.target == Target::Desk(desk.clone()) && order.state != OrderState::Queued)
            .map(|order| order.id)
            .next()?;
        self.state.orders().get(&id)
    }
}

/// Whether a desk is above another in the tree of desks.
pub(crate) fn is_above(register: &Register, desk: &DeskId, below: &DeskId) -> bool {
    desks_up(register, below).skip(1).any(|above| above == desk)
}

/// A desk and those above it, from below; as many steps as there are desks, so that a ring of parents ends.
pub(crate) fn desks_up<'r>(register: &'r Register, from: &'r DeskId) -> impl Iterator<Item = &'r DeskId> {
    std::iter::successors(Some(from), |desk| register.desks.get(*desk)?.parent.as_ref())
        .take(register.desks.len().max(1))
}
