//! How desks stand to each other and to what they answer for: a desk acts for what lies below a prefix of its area path
//! (D2). Whether a command's sender may is looked at in `permission.rs`.
//!
//! **Absent on purpose**: roles and accounts; who sits at a seat is settled before a command comes here.

use crate::decide::Deciding;
use crate::kernel::id::DeskId;
use crate::kernel::kind::OrderState;
use crate::kernel::place::AreaPath;
use crate::kernel::target::Target;
use crate::register::Register;
use crate::response::incident::Incident;
use crate::response::order::Order;

impl<'a> Deciding<'a> {
    /// Whether a desk is the responsible one, answers for an area around, or is above the responsible one.
    pub(crate) fn is_over(&self, desk: &DeskId, responsible: &DeskId, area: &AreaPath) -> bool {
        let register = &self.state.register();
        let around =
            register.desks.get(desk).is_some_and(|desk| area.is_within(&desk.area) && !area.0.is_empty());
        desk == responsible || around || is_above(register, desk, responsible)
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
