//! Incidents: birth, changes, links, ends. An end takes with it the timers that wait for somebody and the SOS overlay
//! of the units that called.

use super::event::{
    IncidentArchived, IncidentCancelled, IncidentClaimed, IncidentClassified, IncidentClosed,
    IncidentCreated, IncidentHandedOver, IncidentMerged, IncidentMoved, IncidentNoted, IncidentReopened,
    IncidentReplaced, IncidentSilenced, IncidentSplit, IncidentsLinked, RecommendationRecorded,
};
use crate::apply::Apply;
use crate::decide::bound;
use crate::event::Record;
use crate::kernel::id::{AlarmId, IncidentId, OrderId, TimerKey, UnitId};
use crate::kernel::kind::{IncidentState, Priority};
use crate::kernel::recommendation::{Occasion, Recommendation};
use crate::kernel::time::Time;
use crate::response::acts::Acts;
use crate::response::alarm::AlarmSource;
use crate::response::alarm::apply as alarm;
use crate::response::alarm::apply::sos_unit;
use crate::response::alarm::mark::AlarmMark;
use crate::response::deadline as timer;
use crate::response::incident::{Earlier, Incident, Link, LinkKind};
use crate::response::order::apply as order;
use crate::response::recommended::examined::Examined;
use crate::response::recommended::kept::KeptRecommendation;
use crate::response::state::ResponseState;
use crate::response::support::mark::SupportMark;
use crate::state::State;

impl IncidentCreated {
    /// The incident as it is born at a time.
    pub fn incident(&self, at: Time) -> Incident {
        let replacing = self.replacing.map(|incident| Link { kind: LinkKind::Replacing, incident });
        Incident {
            id: self.incident,
            version: 0,
            number: self.number.clone(),
            mode: self.mode,
            state: IncidentState::Active,
            desk: self.desk.clone(),
            area: self.area.clone(),
            place: self.place.clone(),
            incident_type: self.incident_type.clone(),
            priority: self.priority,
            alarms: self.alarms.clone(),
            claimed_by: None,
            orders: Vec::new(),
            links: replacing.into_iter().collect(),
            notes: self.words.into_iter().collect(),
            feedback: Vec::new(),
            recommendation: None,
            received_at: self.received_at,
            created_at: at,
            moved: false,
            reopened: self.replacing.is_some(),
            caller_withdrew: false,
            reopened_at: None,
            ended_at: None,
            cancelled_because: None,
            automatic: None,
            acts: Acts::default(),
            silent: self.silent,
            sos: self.sos,
        }
    }
}

impl Apply for IncidentCreated {
    fn apply(&self, state: &mut State, record: &Record) {
        let serial = state.response.incident_serials.entry(self.desk.clone()).or_insert((self.day, 0));
        *serial = if serial.0 == self.day { (self.day, serial.1 + 1) } else { (self.day, 1) };
        state.response.incidents.insert(self.incident, self.incident(record.recorded_at));
        act(state, self.incident, record);
        timer::await_response(state, self.incident, record.recorded_at);
    }
}

impl RecommendationRecorded {
    /// The recommendation that was recorded.
    pub fn recommendation(&self) -> Recommendation {
        Recommendation::assemble(
            self.recommendation,
            self.incident,
            self.occasion,
            self.policy.clone(),
            &self.examination.examination(),
            &self.proposed,
        )
    }
}

impl Recommendation {
    /// The event that records it.
    pub(crate) fn recorded(&self) -> RecommendationRecorded {
        RecommendationRecorded {
            recommendation: self.id,
            incident: self.incident,
            occasion: self.occasion,
            policy: self.policy.clone(),
            examination: Box::new(Examined::new(&self.examination)),
            proposed: self.proposed(),
        }
    }
}

impl Apply for RecommendationRecorded {
    fn apply(&self, state: &mut State, record: &Record) {
        let current = matches!(self.occasion, Occasion::Created | Occasion::Changed | Occasion::Asked);
        change(state, self.incident, record, |incident| {
            if current {
                incident.recommendation = Some(self.recommendation);
            }
        });
        state.response.recommendations.insert(self.recommendation, KeptRecommendation::of(self));
    }
}

impl Apply for IncidentReplaced {
    /// What is archived is not in state; the incident that replaces it was born with the link.
    fn apply(&self, _: &mut State, _: &Record) {}
}

impl Apply for IncidentClaimed {
    fn apply(&self, state: &mut State, record: &Record) {
        state.timers.cancel(TimerKey::Claim(self.incident));
        change(state, self.incident, record, |incident| incident.claimed_by = Some(self.seat.clone()));
    }
}

impl Apply for IncidentClassified {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, self.incident, record, |incident| {
            incident.incident_type.clone_from(&self.incident_type);
        });
        prioritise(state, self.incident, self.priority);
    }
}

impl Apply for IncidentMoved {
    fn apply(&self, state: &mut State, record: &Record) {
        let Self { incident, place, area, notified, etas } = self;
        change(state, *incident, record, |incident| {
            incident.place = place.clone();
            incident.area = area.clone();
            incident.moved = true;
        });
        // Another area may be of another class.
        if let Some(created_at) = state.incidents().get(incident).map(since) {
            timer::reprioritise(state, *incident, created_at);
        }
        let orders = orders_of(state, *incident);
        order::redirect(state, &orders, area, etas, notified, record);
    }
}

impl Apply for IncidentNoted {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, self.incident, record, |incident| {
            incident.notes.push(self.words);
            incident.caller_withdrew |= self.caller_withdrew;
        });
        order::supplement(state, &self.notified, &self.notified, record, |_| {});
    }
}

impl Apply for IncidentSilenced {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, self.incident, record, |incident| incident.silent = true);
        let orders = orders_of(state, self.incident);
        order::supplement(state, &orders, &self.notified, record, |order| order.silent = true);
    }
}

impl Apply for IncidentsLinked {
    fn apply(&self, state: &mut State, record: &Record) {
        link(state, self.incident, self.other, self.kind, record);
    }
}

impl Apply for IncidentMerged {
    fn apply(&self, state: &mut State, record: &Record) {
        merged(state, self.incident, self.into, &self.orders, record);
        prioritise(state, self.into, self.priority);
        order::redirect(state, &self.orders, &self.area, &self.etas, &self.notified, record);
    }
}

impl Apply for IncidentSplit {
    fn apply(&self, state: &mut State, record: &Record) {
        link(state, self.incident, self.new, LinkKind::SplitInto, record);
        for alarm in &self.alarms {
            belongs(state, *alarm, self.new, record);
        }
        let ResponseState { incidents, alarms, .. } = &mut state.response;
        incidents.change(&self.incident, |incident| {
            incident.alarms.retain(|alarm| !self.alarms.contains(alarm));
            let mut left = incident.alarms.iter().filter_map(|id| alarms.get(id));
            incident.sos = left.any(|alarm| alarm.source == AlarmSource::Sos);
        });
    }
}

impl Apply for IncidentHandedOver {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, self.incident, record, |incident| {
            incident.desk = self.desk.clone();
            incident.claimed_by = None;
        });
        timer::await_claim(state, self.incident, record.recorded_at);
    }
}

impl Apply for IncidentCancelled {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, self.incident, record, |incident| incident.cancelled_because = Some(self.reason));
        end(state, self.incident, IncidentState::Cancelled, record.recorded_at);
    }
}

impl Apply for IncidentClosed {
    fn apply(&self, state: &mut State, record: &Record) {
        act(state, self.incident, record);
        end(state, self.incident, IncidentState::Closed, record.recorded_at);
    }
}

impl Apply for IncidentReopened {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, self.incident, record, |incident| {
            incident.state = IncidentState::Active;
            incident.reopened = true;
            incident.reopened_at = Some(record.recorded_at);
            incident.ended_at = None;
            incident.cancelled_because = None;
            incident.claimed_by = None;
            incident.notes.extend(self.words);
        });
        let incident = state.response.incidents.get(&self.incident);
        let earlier = incident.map(|incident| Earlier {
            orders: bound(incident.orders.len()),
            feedback: bound(incident.feedback.len()),
        });
        state.response.earlier.extend(earlier.map(|earlier| (self.incident, earlier)));
        state.timers.cancel(TimerKey::Archive(self.incident));
        timer::await_response(state, self.incident, record.recorded_at);
        refresh_sos(state, self.incident);
    }
}

impl Apply for IncidentArchived {
    fn apply(&self, state: &mut State, _record: &Record) {
        state.response.earlier.remove(&self.incident);
        for alarm in &self.alarms {
            alarm::forget(state, *alarm);
        }
        for order in &self.orders {
            order::end_timers(state, *order);
            state.response.orders.remove(order);
        }
        for recommendation in &self.recommendations {
            state.response.recommendations.remove(recommendation);
        }
        for support in &self.supports {
            state.timers.cancel(TimerKey::Support(*support));
            state.response.supports.remove(support);
        }
        state.timers.cancel(TimerKey::Archive(self.incident));
        state.response.incidents.remove(&self.incident);
    }
}

pub(crate) fn change(state: &mut State, id: IncidentId, record: &Record, how: impl FnOnce(&mut Incident)) {
    act(state, id, record);
    state.response.incidents.change(&id, how);
}

/// From when the timers of an incident count: its birth, or when it was last taken up again.
fn since(incident: &Incident) -> Time {
    incident.reopened_at.unwrap_or(incident.created_at)
}

fn orders_of(state: &State, id: IncidentId) -> Vec<OrderId> {
    state.incidents().get(&id).map(|incident| incident.orders.clone()).unwrap_or_default()
}

/// Gives an incident another priority, and its running timers the times that go with it.
fn prioritise(state: &mut State, id: IncidentId, priority: Priority) {
    let changed = state.response.incidents.change(&id, |incident| {
        incident.priority = priority;
        since(incident)
    });
    if let Some(since) = changed {
        timer::reprioritise(state, id, since);
    }
}

/// An alarm tells of this incident too.
pub(crate) fn join(state: &mut State, id: IncidentId, alarm: AlarmId) {
    state.response.incidents.change(&id, |incident| {
        if !incident.alarms.contains(&alarm) {
            incident.alarms.push(alarm);
        }
    });
}

fn link(state: &mut State, one: IncidentId, other: IncidentId, kind: LinkKind, record: &Record) {
    let mirrored = match kind {
        LinkKind::Related => LinkKind::Related,
        LinkKind::ReplacedBy => LinkKind::Replacing,
        LinkKind::Replacing => LinkKind::ReplacedBy,
        LinkKind::SplitFrom => LinkKind::SplitInto,
        LinkKind::SplitInto => LinkKind::SplitFrom,
    };
    for (at, kind, to) in [(one, kind, other), (other, mirrored, one)] {
        change(state, at, record, |incident| incident.links.push(Link { kind, incident: to }));
    }
}

/// Alarms, open orders and support requests go over; ended orders stay with the incident that ends.
fn merged(state: &mut State, from: IncidentId, into: IncidentId, orders: &[OrderId], record: &Record) {
    link(state, from, into, LinkKind::ReplacedBy, record);
    let taken = state.response.incidents.change(&from, |incident| {
        incident.orders.retain(|order| !orders.contains(order));
        (std::mem::take(&mut incident.alarms), incident.sos)
    });
    let Some((alarms, sos)) = taken else { return };
    for alarm in alarms {
        belongs(state, alarm, into, record);
        join(state, into, alarm);
    }
    let silent = state.incidents().get(&into).is_some_and(|incident| incident.silent);
    for id in orders {
        state.response.orders.change(id, |order| {
            order.incident = into;
            order.silent |= silent;
        });
    }
    let asked: Vec<_> = state.supports().bearing(SupportMark::Of(from)).map(|support| support.id).collect();
    for id in asked {
        state.response.supports.change(&id, |support| {
            support.incident = into;
            support.version += 1;
        });
    }
    state.response.incidents.change(&into, |incident| {
        incident.orders.extend(orders);
        incident.sos |= sos;
    });
    if order::any_sent(state, into) {
        state.timers.cancel(TimerKey::FirstOrder(into));
    }
    end(state, from, IncidentState::Replaced, record.recorded_at);
}

/// An alarm belongs to another incident from now on.
fn belongs(state: &mut State, id: AlarmId, incident: IncidentId, record: &Record) {
    alarm::change(state, id, record, |alarm| {
        if let Some(outcome) = alarm.outcome.as_mut() {
            outcome.incident = Some(incident);
        }
    });
}

fn end(state: &mut State, id: IncidentId, how: IncidentState, now: Time) {
    for key in [TimerKey::Claim(id), TimerKey::FirstOrder(id)] {
        state.timers.cancel(key);
    }
    timer::set(state, TimerKey::Archive(id), now, state.register().timers.archive_ms);
    let ended = state.response.incidents.change(&id, |incident| {
        incident.state = how;
        incident.ended_at = Some(now);
        fit(incident);
        (incident.alarms.clone(), incident.orders.clone())
    });
    let Some((alarms, orders)) = ended else { return };
    for id in orders {
        state.timers.cancel(TimerKey::Feedback(id));
        order::fit(state, id);
    }
    for id in alarms {
        alarm::release_press(state, id);
        alarm::fit(state, id);
    }
    refresh_sos(state, id);
}

/// An incident that ended takes no more room than it needs: it stays for a day, and hardly changes.
fn fit(incident: &mut Incident) {
    incident.alarms.shrink_to_fit();
    incident.orders.shrink_to_fit();
    incident.links.shrink_to_fit();
    incident.notes.shrink_to_fit();
    incident.feedback.shrink_to_fit();
    incident.acts.fit();
}

/// The SOS overlay of a unit stands exactly as long as an incident it called for goes on.
fn refresh_sos(state: &mut State, id: IncidentId) {
    let Some(incident) = state.incidents().get(&id) else { return };
    let units: Vec<_> = incident.alarms.iter().filter_map(|alarm| sos_unit(state, *alarm)).collect();
    for unit in units {
        let calls = calls_for_help(state, &unit);
        crate::response::unit::apply::change(state, &unit, |unit| unit.sos = calls);
    }
}

/// Whether an incident that a unit called for goes on.
pub(crate) fn calls_for_help(state: &State, unit: &UnitId) -> bool {
    let alarms = state.alarms().bearing(AlarmMark::Unit(unit.clone())).rev();
    let mut calls = alarms.filter(|alarm| alarm.source == AlarmSource::Sos);
    calls.any(|alarm| {
        let incident = alarm.outcome.as_ref().and_then(|outcome| state.incidents().get(&outcome.incident?));
        incident.is_some_and(|incident| incident.state == IncidentState::Active)
    })
}

/// Counts an event on an incident and remembers who did it.
pub(crate) fn act(state: &mut State, id: IncidentId, record: &Record) {
    state.response.incidents.change(&id, |incident| {
        incident.version += 1;
        incident.acts.remember(incident.version, record);
    });
}

/// A source calls again. That is one act of its incident, no matter how often it repeats, and leaves the version as
/// it is: a device repeats every few seconds, which must not make stale what a seat is about to order.
pub(crate) fn call_again(state: &mut State, id: IncidentId, record: &Record) {
    state.response.incidents.change(&id, |incident| {
        incident.acts.forget_same(record);
        incident.acts.remember(incident.version, record);
    });
}
