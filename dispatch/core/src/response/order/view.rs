//! What is shown of an order: the order itself and its timers.

use serde::{Deserialize, Serialize};

use super::Order;
use crate::kernel::id::{DeskId, EntityId, IncidentId, OrderId, SeatId, TimerKey, UnitId};
use crate::kernel::kind::{Mode, OrderState};
use crate::kernel::place::AreaPath;
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::kernel::timer::Overdue;
use crate::response::deadline::Standing;
use crate::response::incident::Incident;
use crate::state::State;
use crate::view::{Columns, Entity, word};

/// An order and its timers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OrderView {
    /// The order, as the state keeps it.
    #[serde(flatten)]
    pub order: Order,
    /// The next deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// What ran out and still stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<Overdue>,
}

impl OrderView {
    /// An order with its timers.
    pub fn new(state: &State, order: &Order) -> Self {
        let timers = Standing::of_order(state, order.id);
        Self { due: timers.due(), overdue: timers.overdue(), order: order.clone() }
    }
}

impl Order {
    /// The unit it holds: no other order may hold it at the same time.
    pub fn holds(&self) -> Option<&UnitId> {
        let taken = self.diverted_from.is_none() || self.state.is_signed_open();
        let holds = taken && !self.stacked && self.state != OrderState::Queued && !self.state.is_ended();
        match &self.target {
            Target::Unit(unit) => Some(unit).filter(|_| holds),
            Target::Desk(_) | Target::Agency(_) => None,
        }
    }

    fn ended_at(&self) -> Option<Time> {
        self.stamps.iter().find(|stamp| stamp.state.is_ended() && !stamp.beside).map(|stamp| stamp.at)
    }
}

impl Entity for OrderView {
    type Id = OrderId;

    fn id(&self) -> EntityId {
        self.order.id.into()
    }

    fn area(&self) -> AreaPath {
        self.order.area.clone()
    }

    fn mode(&self) -> Option<Mode> {
        Some(self.order.mode)
    }

    fn columns(&self) -> Columns {
        Columns {
            state: word(&self.order.state),
            version: self.order.version,
            desk: Some(self.order.desk.to_string()),
            incident: Some(self.order.incident.to_string()),
            holds: self.order.holds().map(ToString::to_string),
            opened_at: self.order.created_at,
            ended_at: self.order.ended_at(),
            ..Columns::default()
        }
    }

    fn incident(state: &State, id: &OrderId) -> Option<IncidentId> {
        state.orders().get(id).map(|order| order.incident)
    }

    /// Whoever gave the order may have gone home; whoever owns the incident is here.
    fn answering<'a>(state: &'a State, id: &OrderId) -> Option<(Option<&'a SeatId>, &'a DeskId)> {
        let order = state.orders().get(id)?;
        let claimed = state.incidents().get(&order.incident).and_then(|of| of.claimed_by.as_ref());
        Some((claimed.or(order.seat.as_ref()), &order.desk))
    }

    fn timers_of(_: &State, incident: &Incident) -> Vec<TimerKey> {
        incident.orders.iter().flat_map(|order| TimerKey::of_order(*order)).collect()
    }

    fn of(state: &State, id: &OrderId) -> Option<Self> {
        state.orders().get(id).map(|order| Self::new(state, order))
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.orders().values().map(|order| Self::new(state, order))
    }
}
