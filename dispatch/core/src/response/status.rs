//! Status is derived, never stored: a unit's from its duty, service and orders, an incident's from its life and its
//! orders (docs/terms.md). Overlays (SOS, stale fix, link lost) are shown beside a status and are no status.

use crate::kernel::id::UnitId;
use crate::kernel::kind::{Duty, IncidentState, OrderState, UnitStatus};
use crate::response::incident::{Incident, IncidentStatus};
use crate::response::order::Order;
use crate::response::unit::Unit;
use crate::state::State;

/// What a unit is doing; a unit nobody knows is off duty.
pub fn unit_status(state: &State, id: &UnitId) -> UnitStatus {
    state.units().get(id).map_or(UnitStatus::OffDuty, |unit| status_of(state, unit))
}

/// What this unit is doing. An order speaks before duty: a unit that broke down at a scene is still at the scene.
pub fn status_of(state: &State, unit: &Unit) -> UnitStatus {
    let order = unit.active.and_then(|order| state.orders().get(&order));
    match order.map(|order| order.state) {
        Some(OrderState::Signed) => return UnitStatus::Signed,
        Some(OrderState::Enroute) => return UnitStatus::Enroute,
        Some(OrderState::Staged) => return UnitStatus::Staged,
        Some(OrderState::OnScene) => return UnitStatus::OnScene,
        Some(_) => return UnitStatus::Ordered,
        None => {}
    }
    if unit.out_of_service.is_some() {
        return UnitStatus::OutOfService;
    }
    match unit.duty {
        Duty::Off => UnitStatus::OffDuty,
        _ if unit.returning => UnitStatus::Returning,
        Duty::Patrolling => UnitStatus::Patrolling,
        Duty::OnCall => UnitStatus::OnCall,
        Duty::Reserve => UnitStatus::Reserve,
    }
}

/// The orders of an incident that count for its present life: those still open, and those made since it was last
/// taken up again.
pub fn counting_orders<'a>(state: &'a State, incident: &'a Incident) -> impl Iterator<Item = &'a Order> {
    let earlier = state.earlier().get(&incident.id).map_or(0, |earlier| earlier.orders as usize);
    let known = incident.orders.iter().enumerate();
    let known = known.filter_map(|(place, order)| Some((place, state.orders().get(order)?)));
    known
        .filter(|(_, order)| order.incident == incident.id)
        .filter(move |(place, order)| !order.state.is_ended() || *place >= earlier)
        .map(|(_, order)| order)
}

/// The orders of an incident that are not ended.
pub fn open_orders<'a>(state: &'a State, incident: &'a Incident) -> impl Iterator<Item = &'a Order> {
    counting_orders(state, incident).filter(|order| !order.state.is_ended())
}

/// EIDO words of an incident, several at once, in the order of the vocabulary.
pub fn incident_status(state: &State, incident: &Incident) -> Vec<IncidentStatus> {
    let any = |test: fn(&Order) -> bool| counting_orders(state, incident).any(test);
    let is_active = incident.state == IncidentState::Active;
    let words = [
        (IncidentStatus::AwaitingResponse, is_active && !any(|order| is_taken_up(order.state))),
        (IncidentStatus::Active, is_active),
        (IncidentStatus::ResourcesAssigned, is_active && any(|order| is_assigned(order.state))),
        (IncidentStatus::ResourcesEnroute, is_active && any(|order| order.state == OrderState::Enroute)),
        (IncidentStatus::ResourcesOnscene, is_active && any(|order| order.state == OrderState::OnScene)),
        (IncidentStatus::NewLocation, incident.moved),
        (IncidentStatus::ReOpened, incident.reopened),
        (IncidentStatus::Cancelled, incident.state == IncidentState::Cancelled),
        (IncidentStatus::Closed, matches!(incident.state, IncidentState::Closed | IncidentState::Replaced)),
    ];
    words.into_iter().filter_map(|(word, holds)| holds.then_some(word)).collect()
}

/// Signed, or done: somebody has taken the incident up.
fn is_taken_up(state: OrderState) -> bool {
    state.is_signed_open() || state == OrderState::Cleared
}

/// Sent and not ended.
fn is_assigned(state: OrderState) -> bool {
    !state.is_ended() && state != OrderState::Queued
}
