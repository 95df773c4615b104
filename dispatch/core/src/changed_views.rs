//! Which entities a commit touched, and their views: a commit's deltas are the whole views of all that its events
//! touched, each once (D4, D15).

use std::collections::BTreeSet;

use crate::event::{Event, Record};
use crate::kernel::id::{
    AlarmId, HandoverId, IncidentId, OrderId, RecommendationId, SupportId, SuppressionId, TechnicalId, UnitId,
};
use crate::kernel::place::AreaPath;
use crate::kernel::target::Target;
use crate::kernel::timer::TimerKey;
use crate::state::State;
use crate::technical::Suppression;
use crate::view::{Gone, View};

/// An entity by kind and id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Entity {
    Alarm(AlarmId),
    Incident(IncidentId),
    Order(OrderId),
    Unit(UnitId),
    Technical(TechnicalId),
    Suppression(SuppressionId),
    Handover(HandoverId),
    Recommendation(RecommendationId),
    Support(SupportId),
}

/// The views of all that the records touched, each once, by kind and then id; what left live state is
/// [`View::Gone`]. `state` is the state after the last of the records.
pub fn changed_views(state: &State, records: &[Record]) -> Vec<View> {
    let mut found = Found { state, entities: BTreeSet::new(), archived: Vec::new(), gone: Vec::new() };
    for record in records {
        found.of(&record.event);
    }
    let mut views: Vec<View> = found.entities.iter().filter_map(|entity| entity.view(state)).collect();
    views.extend(found.archived);
    views.extend(found.gone.into_iter().map(View::Gone));
    views
}

/// Units whose index mask may have changed, each once, by id.
pub fn changed_units(state: &State, records: &[Record]) -> Vec<UnitId> {
    let mut found = Found { state, entities: BTreeSet::new(), archived: Vec::new(), gone: Vec::new() };
    let mut retired = BTreeSet::new();
    for record in records {
        found.of(&record.event);
        match &record.event {
            Event::UnitRetired { unit } => {
                retired.insert(unit.clone());
            }
            Event::RegionAdopted { register, .. } => retired.extend(register.units.keys().cloned()),
            _ => {}
        }
    }
    let touched = found.entities.into_iter().filter_map(|entity| match entity {
        Entity::Unit(unit) => Some(unit),
        _ => None,
    });
    retired.into_iter().chain(touched).collect::<BTreeSet<_>>().into_iter().collect()
}

impl Entity {
    fn view(&self, state: &State) -> Option<View> {
        match self {
            Self::Alarm(id) => state.alarms.get(id).map(|alarm| View::of_alarm(state, alarm)),
            Self::Incident(id) => state.incidents.get(id).map(|incident| View::of_incident(state, incident)),
            Self::Order(id) => state.orders.get(id).map(|order| View::of_order(state, order)),
            Self::Unit(id) => state.units.get(id).and_then(|unit| View::of_unit(state, unit)),
            Self::Technical(id) => {
                state.technicals.get(id).map(|technical| View::of_technical(state, technical))
            }
            Self::Suppression(id) => state.suppressions.get(id).cloned().map(View::Suppression),
            Self::Handover(id) => state.handovers.get(id).cloned().map(View::Handover),
            Self::Recommendation(id) => state
                .recommendations
                .get(id)
                .map(|recommendation| View::of_recommendation(state, recommendation)),
            Self::Support(id) => state.supports.get(id).cloned().map(View::Support),
        }
    }
}

struct Found<'a> {
    state: &'a State,
    entities: BTreeSet<Entity>,
    /// Views of what is not in state any more and changed all the same.
    archived: Vec<View>,
    gone: Vec<Gone>,
}

impl Found<'_> {
    fn of(&mut self, event: &Event) {
        match event {
            Event::AlarmRaised { alarm, .. } => {
                self.add(Entity::Alarm(alarm.id));
                self.units(alarm.unit.iter());
            }
            Event::AlarmSettled { alarm, outcome, .. } => {
                self.add(Entity::Alarm(*alarm));
                self.incidents(outcome.incident.iter());
            }
            Event::AlarmRepeated { alarm, .. } => {
                self.add(Entity::Alarm(*alarm));
                let outcome = self.state.alarms.get(alarm).and_then(|alarm| alarm.outcome.as_ref());
                self.incidents(outcome.and_then(|outcome| outcome.incident).iter());
            }
            Event::AlarmAnswered { alarm, .. }
            | Event::AlarmSaved { alarm, .. }
            | Event::DuplicatesOffered { alarm, .. }
            | Event::CallBackClosed { alarm, .. } => self.add(Entity::Alarm(*alarm)),
            Event::AlarmArchived { alarm, area, .. } => {
                self.leave(&Entity::Alarm(*alarm), "alarm", alarm, area);
            }
            Event::TechnicalRaised { technical } => self.add(Entity::Technical(technical.id)),
            Event::TechnicalRepeated { technical }
            | Event::TechnicalShelved { technical, .. }
            | Event::TechnicalUnshelved { technical } => self.add(Entity::Technical(*technical)),
            Event::TechnicalCleared { technical, area } => {
                self.leave(&Entity::Technical(*technical), "technical", technical, area);
            }
            Event::SourceSuppressed { suppression } => {
                self.add(Entity::Suppression(suppression.id));
                self.technicals(suppression);
            }
            Event::SourceUnsuppressed { suppression } => {
                let (id, area) = (suppression.id, &suppression.area);
                self.leave(&Entity::Suppression(id), "suppression", &id, area);
                self.technicals(suppression);
            }
            Event::OrderCreated { order } => {
                self.order(order.id);
                self.incidents([order.incident].iter());
            }
            Event::OrderAdvanced { order, .. }
            | Event::OrderUnstacked { order }
            | Event::OrderRecalled { order, .. }
            | Event::NoticeSigned { order, .. }
            | Event::LifeConfirmed { order, .. }
            | Event::CallerReleased { order, .. } => self.order(*order),
            Event::TimerExpired { timer, .. } => self.timer(*timer),
            Event::DutySet { unit, .. } | Event::ServiceSet { unit, .. } | Event::UnitBack { unit } => {
                self.add(Entity::Unit(unit.clone()));
            }
            Event::UnitRegistered { unit, .. } => self.add(Entity::Unit(unit.clone())),
            Event::UnitRetired { unit } => self.retired(unit),
            Event::SupportRequested { support } => self.add(Entity::Support(support.id)),
            Event::SupportGranted { support, unit, .. } | Event::SupportEnded { support, unit } => {
                self.add(Entity::Support(*support));
                self.add(Entity::Unit(unit.clone()));
            }
            Event::SupportRefused { support, .. } => self.add(Entity::Support(*support)),
            Event::RegionAdopted { register, .. } => {
                for (unit, entry) in &register.units {
                    if entry.retired { self.retired(unit) } else { self.add(Entity::Unit(unit.clone())) }
                }
            }
            Event::JournalOpened { .. }
            | Event::PointRegistered { .. }
            | Event::PointRetired { .. }
            | Event::TestWindowSet { .. }
            | Event::AutomaticSet { .. }
            | Event::TimersSet { .. }
            | Event::WordsErased { .. } => {}
            _ => self.of_incident(event),
        }
    }

    fn of_incident(&mut self, event: &Event) {
        match event {
            Event::IncidentCreated { incident, .. } => self.incidents([incident.id].iter()),
            Event::RecommendationRecorded { recommendation } => {
                self.add(Entity::Recommendation(recommendation.id));
                self.incidents([recommendation.incident].iter());
            }
            Event::IncidentMoved { incident, .. } => {
                self.incidents([*incident].iter());
                self.recommendations(*incident);
                self.orders(*incident);
            }
            Event::IncidentNoted { incident, notified, .. } => {
                self.incidents([*incident].iter());
                for order in notified {
                    self.order(*order);
                }
            }
            Event::IncidentsLinked { incident, other, .. } => self.incidents([*incident, *other].iter()),
            Event::IncidentMerged { incident, into, orders, .. } => {
                self.incidents([*incident, *into].iter());
                for order in orders {
                    self.order(*order);
                }
                self.orders(*incident);
                self.alarms_and_supports(*into);
            }
            Event::IncidentSplit { incident, new, alarms } => {
                self.incidents([*incident, *new].iter());
                for alarm in alarms {
                    self.add(Entity::Alarm(*alarm));
                }
            }
            Event::IncidentCancelled { incident, .. }
            | Event::IncidentClosed { incident }
            | Event::IncidentReopened { incident, .. } => {
                self.incidents([*incident].iter());
                self.callers(*incident);
                self.orders(*incident);
            }
            // The read model learns of the link; on a screen it is gone again at once.
            Event::IncidentReplaced { archived, .. } => {
                let incident = &archived.incident;
                self.archived.push(View::Incident(archived.as_ref().clone()));
                self.leave(&Entity::Incident(incident.id), "incident", &incident.id, &incident.area);
            }
            Event::IncidentArchived { incident, area, alarms, orders, recommendations, supports, .. } => {
                self.leave(&Entity::Incident(*incident), "incident", incident, area);
                for id in alarms {
                    self.leave(&Entity::Alarm(*id), "alarm", id, area);
                }
                for id in orders {
                    self.leave(&Entity::Order(*id), "order", id, area);
                }
                for id in recommendations {
                    self.leave(&Entity::Recommendation(*id), "recommendation", id, area);
                }
                // A support request concerns everybody, and so does its going.
                let everywhere = AreaPath::default();
                for id in supports {
                    self.leave(&Entity::Support(*id), "support", id, &everywhere);
                }
            }
            Event::FeedbackGiven { incident, .. } | Event::IncidentSilenced { incident, .. } => {
                self.incidents([*incident].iter());
                self.orders(*incident);
            }
            Event::IncidentClaimed { incident, .. }
            | Event::IncidentClassified { incident, .. }
            | Event::IncidentHandedOver { incident, .. }
            | Event::AutomaticOrderAnnounced { incident, .. }
            | Event::AutomaticOrderEnded { incident, .. }
            | Event::FeedbackReviewed { incident, .. } => self.incidents([*incident].iter()),
            _ => self.of_shift(event),
        }
    }

    fn of_shift(&mut self, event: &Event) {
        match event {
            Event::ShiftHandoverOffered { handover } => self.add(Entity::Handover(handover.id)),
            Event::ShiftHandoverEnded { handover, area } => {
                self.leave(&Entity::Handover(*handover), "handover", handover, area);
            }
            Event::ShiftHandoverAccepted { handover, area, incidents, alarms, orders, .. } => {
                self.leave(&Entity::Handover(*handover), "handover", handover, area);
                self.incidents(incidents.iter());
                for alarm in alarms {
                    self.add(Entity::Alarm(*alarm));
                }
                for order in orders {
                    self.order(*order);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, entity: Entity) {
        self.entities.insert(entity);
    }

    fn leave(&mut self, entity: &Entity, of: &str, id: &impl ToString, area: &AreaPath) {
        self.entities.remove(entity);
        self.gone.push(Gone { of: of.to_owned(), id: id.to_string(), area: area.clone() });
    }

    fn retired(&mut self, unit: &UnitId) {
        let area = self.state.register.units.get(unit).map(|entry| entry.area.clone()).unwrap_or_default();
        self.leave(&Entity::Unit(unit.clone()), "unit", unit, &area);
    }

    fn units<'u>(&mut self, units: impl Iterator<Item = &'u UnitId>) {
        self.entities.extend(units.cloned().map(Entity::Unit));
    }

    fn incidents<'i>(&mut self, incidents: impl Iterator<Item = &'i IncidentId>) {
        self.entities.extend(incidents.copied().map(Entity::Incident));
    }

    /// The orders of an incident: a result, or the end of it, ends their waiting for one.
    fn orders(&mut self, id: IncidentId) {
        if let Some(incident) = self.state.incidents.get(&id) {
            self.entities.extend(incident.orders.iter().copied().map(Entity::Order));
        }
    }

    /// Recommendations are shown where their incident lies.
    fn recommendations(&mut self, id: IncidentId) {
        let known = self.state.recommendations.values().filter(|known| known.incident == id);
        self.entities.extend(known.map(|known| Entity::Recommendation(known.id)));
    }

    /// An order with its incident, whose status and overdue list rest on it, and its unit.
    fn order(&mut self, id: OrderId) {
        self.add(Entity::Order(id));
        let Some(order) = self.state.orders.get(&id) else { return };
        self.add(Entity::Incident(order.incident));
        if let Target::Unit(unit) = &order.target {
            self.add(Entity::Unit(unit.clone()));
        }
    }

    /// The units whose SOS stands or falls with an incident.
    fn callers(&mut self, id: IncidentId) {
        let Some(incident) = self.state.incidents.get(&id) else { return };
        let alarms = incident.alarms.iter().filter_map(|alarm| self.state.alarms.get(alarm));
        let units: Vec<UnitId> = alarms.filter_map(|alarm| alarm.unit.clone()).collect();
        self.units(units.iter());
    }

    fn alarms_and_supports(&mut self, id: IncidentId) {
        let Some(incident) = self.state.incidents.get(&id) else { return };
        self.entities.extend(incident.alarms.iter().copied().map(Entity::Alarm));
        let supports = self.state.supports.values().filter(|support| support.incident == id);
        self.entities.extend(supports.map(|support| Entity::Support(support.id)));
    }

    fn technicals(&mut self, suppression: &Suppression) {
        let held = self.state.technicals.values().filter(|technical| suppression.holds(technical));
        self.entities.extend(held.map(|technical| Entity::Technical(technical.id)));
    }

    fn timer(&mut self, key: TimerKey) {
        match key {
            TimerKey::Answer(id)
            | TimerKey::Settle(id)
            | TimerKey::CallBack(id)
            | TimerKey::AlarmArchive(id) => {
                self.add(Entity::Alarm(id));
            }
            TimerKey::Claim(id)
            | TimerKey::FirstOrder(id)
            | TimerKey::Automatic(id)
            | TimerKey::Archive(id) => {
                self.add(Entity::Incident(id));
            }
            TimerKey::Delivered(id)
            | TimerKey::Signed(id)
            | TimerKey::Departed(id)
            | TimerKey::Arrival(id)
            | TimerKey::SignOfLife(id)
            | TimerKey::Feedback(id)
            | TimerKey::Notice(id) => {
                self.add(Entity::Order(id));
                if let Some(order) = self.state.orders.get(&id) {
                    self.add(Entity::Incident(order.incident));
                }
            }
            TimerKey::Support(id) => self.add(Entity::Support(id)),
            TimerKey::Shelf(id) => self.add(Entity::Technical(id)),
            TimerKey::Suppression(id) => self.add(Entity::Suppression(id)),
        }
    }
}
