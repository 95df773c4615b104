//! Views made from state: of one entity, and of everything alive.

use crate::kernel::id::OrderId;
use crate::kernel::recommendation::Recommendation;
use crate::kernel::target::Target;
use crate::kernel::timer::{Overdue, TimerKey};
use crate::kernel::timetable::TimerRow;
use crate::response::alarm::Alarm;
use crate::response::incident::Incident;
use crate::response::order::Order;
use crate::response::status::{incident_status, status_of};
use crate::response::unit::Unit;
use crate::state::State;
use crate::technical::Technical;
use crate::view::{AlarmView, IncidentView, OrderView, RecommendationView, TechnicalView, UnitView, View};

/// Everything alive, kind by kind, each by id: what a snapshot holds.
pub fn views(state: &State) -> impl Iterator<Item = View> {
    let alarms = state.alarms.values().map(|alarm| View::of_alarm(state, alarm));
    let incidents = state.incidents.values().map(|incident| View::of_incident(state, incident));
    let orders = state.orders.values().map(|order| View::of_order(state, order));
    let units = state.units.values().filter_map(|unit| View::of_unit(state, unit));
    let technicals = state.technicals.values().map(|technical| View::of_technical(state, technical));
    let suppressions = state.suppressions.values().cloned().map(View::Suppression);
    let handovers = state.handovers.values().cloned().map(View::Handover);
    let recommendations = state.recommendations.values().map(|known| View::of_recommendation(state, known));
    let supports = state.supports.values().cloned().map(View::Support);
    alarms
        .chain(incidents)
        .chain(orders)
        .chain(units)
        .chain(technicals)
        .chain(suppressions)
        .chain(handovers)
        .chain(recommendations)
        .chain(supports)
}

impl View {
    /// An alarm with its timers.
    pub fn of_alarm(state: &State, alarm: &Alarm) -> Self {
        let keys = [TimerKey::Answer(alarm.id), TimerKey::Settle(alarm.id), TimerKey::CallBack(alarm.id)];
        let timers = Timers::of(state, &keys);
        Self::Alarm(AlarmView { due: timers.due(), overdue: timers.overdue(), alarm: alarm.clone() })
    }

    /// An incident with its derived status, its timers and those of its orders that ran out.
    pub fn of_incident(state: &State, incident: &Incident) -> Self {
        let own = Timers::of(state, &[TimerKey::Claim(incident.id), TimerKey::FirstOrder(incident.id)]);
        let orders = incident.orders.iter().flat_map(|order| Timers::of_order(state, *order).overdue());
        Self::Incident(IncidentView {
            status: incident_status(state, incident),
            due: own.due(),
            overdue: own.overdue().into_iter().chain(orders).collect(),
            missing_type: incident.incident_type.is_none(),
            missing_place: !incident.place.is_known(),
            incident: incident.clone(),
        })
    }

    /// An order with its timers.
    pub fn of_order(state: &State, order: &Order) -> Self {
        let timers = Timers::of_order(state, order.id);
        Self::Order(OrderView { due: timers.due(), overdue: timers.overdue(), order: order.clone() })
    }

    /// A unit with its derived status; none where the register does not know it.
    pub fn of_unit(state: &State, unit: &Unit) -> Option<Self> {
        let entry = state.register.units.get(&unit.id)?;
        let status = status_of(state, unit);
        Some(Self::Unit(UnitView { unit: unit.clone(), status, slot: entry.slot, area: entry.area.clone() }))
    }

    /// A technical alarm and what keeps it off the list.
    pub fn of_technical(state: &State, technical: &Technical) -> Self {
        let suppressed = state.suppressions.values().find(|known| known.holds(technical));
        let suppressed = suppressed.map(|known| known.id);
        Self::Technical(TechnicalView { technical: technical.clone(), suppressed })
    }

    /// A recommendation and where its incident lies.
    pub fn of_recommendation(state: &State, recommendation: &Recommendation) -> Self {
        let incident = state.incidents.get(&recommendation.incident);
        let area = incident.map(|incident| incident.area.clone()).unwrap_or_default();
        Self::Recommendation(RecommendationView { recommendation: recommendation.clone(), area })
    }
}

/// The timers of one entity that stand.
struct Timers<'a> {
    state: &'a State,
    rows: Vec<&'a TimerRow>,
}

impl<'a> Timers<'a> {
    fn of(state: &'a State, keys: &[TimerKey]) -> Self {
        Self { state, rows: keys.iter().filter_map(|key| state.timers.get(*key)).collect() }
    }

    fn of_order(state: &'a State, id: OrderId) -> Self {
        Self::of(state, &TimerKey::of_order(id))
    }

    /// The next deadline of those that have not run out.
    fn due(&self) -> Option<crate::kernel::time::Time> {
        self.rows.iter().filter(|row| row.expired.is_none()).filter_map(|row| row.due).min()
    }

    fn overdue(&self) -> Vec<Overdue> {
        let overdue = |row: &&TimerRow| {
            Some(Overdue {
                timer: row.key,
                climb: row.climb.clone()?,
                since: row.expired?,
                phone: self.phone(row.key),
            })
        };
        self.rows.iter().filter_map(overdue).collect()
    }

    /// Whom to phone: an order that its unit's device does not show, or that its crew does not sign.
    fn phone(&self, key: TimerKey) -> Option<String> {
        let (TimerKey::Delivered(order) | TimerKey::Signed(order) | TimerKey::Notice(order)) = key else {
            return None;
        };
        let Target::Unit(unit) = &self.state.orders.get(&order)?.target else { return None };
        self.state.register.units.get(unit)?.phone.clone()
    }
}
