//! What an operator has on screen: what is open, as the stream tells it, and nothing that is over.
//!
//! Leaves out: what to do about it; see [`crate::operator`].

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::kernel::id::{
    AlarmId, DeskId, FeedbackId, IncidentId, OrderId, RecommendationId, SupportId, TechnicalId, UnitId,
};
use dispatch_core::kernel::kind::{Duty, IncidentState, OrderState};
use dispatch_core::kernel::recommendation::Recommendation;
use dispatch_core::kernel::target::Target;
use dispatch_core::response::alarm::{Alarm, AlarmState};
use dispatch_core::response::feedback::{FeedbackKind, Review};
use dispatch_core::response::incident::Incident;
use dispatch_core::response::order::Order;
use dispatch_core::response::support::{Support, SupportState};
use dispatch_core::response::unit::Unit;
use dispatch_core::technical::Technical;
use dispatch_core::view::View;

/// What a dispatcher needs of a recommendation.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The incident it was recorded for.
    pub incident: IncidentId,
    /// Chosen to fill the run card.
    pub units: Vec<UnitId>,
    /// The others, best first.
    pub reserves: Vec<UnitId>,
}

/// What a dispatcher needs of a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Available {
    /// Who commands it.
    pub desk: DeskId,
    /// Whether it can take an order now.
    pub free: bool,
}

/// Everything open, as those in the room see it.
#[derive(Debug, Clone, Default)]
pub struct Room {
    /// Alarms that ring, are being answered or are owed a call-back.
    pub alarms: BTreeMap<AlarmId, Alarm>,
    /// Incidents that go on.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Orders that are not ended.
    pub orders: BTreeMap<OrderId, Order>,
    /// Recommendations of active incidents.
    pub proposals: BTreeMap<RecommendationId, Proposal>,
    /// Units of the register, by id.
    pub units: BTreeMap<UnitId, Available>,
    /// Support requests nobody answered.
    pub supports: BTreeMap<SupportId, Support>,
    /// Units lent to another desk.
    pub lent: BTreeMap<SupportId, Support>,
    /// Technical alarms that are not cleared.
    pub technicals: BTreeSet<TechnicalId>,
    /// Orders of active incidents that were carried out, and by whom.
    pub cleared: BTreeMap<OrderId, (IncidentId, UnitId)>,
}

impl Room {
    /// Takes one view in.
    pub fn hear(&mut self, view: &View) {
        if let Some(view) = view.as_alarm() {
            self.hear_alarm(&view.alarm);
        } else if let Some(view) = view.as_incident() {
            self.hear_incident(&view.incident);
        } else if let Some(view) = view.as_order() {
            self.hear_order(&view.order);
        } else if let Some(view) = view.as_unit() {
            self.hear_unit(&view.unit);
        } else if let Some(view) = view.as_technical() {
            self.hear_technical(&view.technical);
        } else if let Some(view) = view.as_recommendation() {
            self.hear_recommendation(&view.recommendation);
        } else if let Some(support) = view.as_support() {
            self.hear_support(support);
        } else if let Some(gone) = view.as_gone() {
            self.forget(&gone.id);
        }
    }

    fn hear_unit(&mut self, unit: &Unit) {
        let free = unit.active.is_none()
            && unit.divert.is_none()
            && unit.duty != Duty::Off
            && unit.out_of_service.is_none();
        self.units.insert(unit.id.clone(), Available { desk: unit.desk.clone(), free });
    }

    fn hear_technical(&mut self, technical: &Technical) {
        if technical.cleared_at.is_none() {
            self.technicals.insert(technical.id);
        } else {
            self.technicals.remove(&technical.id);
        }
    }

    fn hear_recommendation(&mut self, recommendation: &Recommendation) {
        let mut units = Vec::new();
        let mut reserves = Vec::new();
        for ranked in &recommendation.ranked {
            let list = if ranked.proposed_for.is_some() { &mut units } else { &mut reserves };
            list.push(ranked.candidate.unit.clone());
        }
        let proposal = Proposal { incident: recommendation.incident, units, reserves };
        self.proposals.insert(recommendation.id, proposal);
    }

    fn hear_support(&mut self, support: &Support) {
        self.supports.remove(&support.id);
        self.lent.remove(&support.id);
        match support.state {
            SupportState::Open => self.supports.insert(support.id, support.clone()),
            SupportState::Granted | SupportState::Taken => self.lent.insert(support.id, support.clone()),
            SupportState::Refused | SupportState::Ended => None,
        };
    }

    fn hear_alarm(&mut self, alarm: &Alarm) {
        let owed = alarm.call_back.as_ref().is_some_and(|call_back| call_back.result.is_none());
        if alarm.state == AlarmState::Settled && !owed {
            self.alarms.remove(&alarm.id);
        } else {
            self.alarms.insert(alarm.id, alarm.clone());
        }
    }

    fn hear_incident(&mut self, incident: &Incident) {
        if incident.state == IncidentState::Active {
            let keep = incident.recommendation;
            self.proposals.retain(|id, proposal| proposal.incident != incident.id || Some(*id) == keep);
            self.incidents.insert(incident.id, incident.clone());
        } else {
            self.incidents.remove(&incident.id);
            self.proposals.retain(|_, proposal| proposal.incident != incident.id);
            self.cleared.retain(|_, (of, _)| *of != incident.id);
        }
    }

    fn hear_order(&mut self, order: &Order) {
        if !order.state.is_ended() {
            self.orders.insert(order.id, order.clone());
            return;
        }
        self.orders.remove(&order.id);
        if order.state == OrderState::Cleared
            && let Target::Unit(unit) = &order.target
        {
            self.cleared.insert(order.id, (order.incident, unit.clone()));
        }
    }

    fn forget(&mut self, id: &str) {
        let Ok(id) = id.parse::<uuid::Uuid>() else {
            return;
        };
        self.alarms.remove(&AlarmId(id));
        self.incidents.remove(&IncidentId(id));
        self.orders.remove(&OrderId(id));
        self.proposals.remove(&RecommendationId(id));
        self.supports.remove(&SupportId(id));
        self.lent.remove(&SupportId(id));
        self.technicals.remove(&TechnicalId(id));
        self.cleared.remove(&OrderId(id));
    }

    /// Open orders of an incident.
    pub fn open_orders(&self, incident: IncidentId) -> impl Iterator<Item = &Order> {
        self.orders.values().filter(move |order| order.incident == incident)
    }

    /// The result nobody has looked at yet.
    pub fn pending_result(incident: &Incident) -> Option<FeedbackId> {
        let mut results = incident.feedback.iter().filter(|feedback| feedback.kind == FeedbackKind::Result);
        results.find(|feedback| feedback.review == Review::Pending).map(|feedback| feedback.id)
    }

    /// Whether a result was accepted.
    pub fn has_accepted_result(incident: &Incident) -> bool {
        let mut results = incident.feedback.iter().filter(|feedback| feedback.kind == FeedbackKind::Result);
        results.any(|feedback| feedback.review == Review::Accepted)
    }

    /// Whether a crew has carried out an order of it.
    pub fn is_carried_out(&self, incident: IncidentId) -> bool {
        self.cleared.values().any(|(of, _)| *of == incident)
    }
}
