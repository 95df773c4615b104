//! Incidents: acted on while they go on, by a seat that answers for them and has seen them as they are.

use std::collections::BTreeSet;

use dispatch_core::command::{
    CancelIncident, ClaimIncident, ClassifyIncident, CloseIncident, GiveFeedback, HandOverIncident,
    LinkIncidents, MergeIncident, MoveIncident, NoteIncident, ReopenIncident, ReviewFeedback, SplitIncident,
    StopAutomaticOrder,
};
use dispatch_core::kernel::id::{IncidentId, SeatId};
use dispatch_core::kernel::kind::{IncidentState, Priority};
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::response::feedback::{FeedbackKind, Review};
use dispatch_core::response::incident::LinkKind;

use super::Ruling;
use crate::trial::auditor::tables::{Countdown, Life};

impl<'g> Ruling<'g> {
    /// An incident that goes on, acted on by a seat that answers for it and saw it as it is.
    fn acted_on(&mut self, id: IncidentId, seen: Option<u32>) -> Option<(&'g Life, Option<&'g SeatId>)> {
        let life = self.active("incident", id)?;
        let seat = self.over_life(life).map(|(seat, _)| seat);
        self.way.seen("expected_version", seen, life.version);
        Some((life, seat))
    }

    pub(super) fn claim_incident(&mut self, it: &ClaimIncident) {
        let Some((life, seat)) = self.acted_on(it.incident, it.expected_version) else { return };
        match &life.claimed_by {
            Some(by) if Some(by) == seat => self.way.bar("no_change"),
            Some(by) if !it.take_over => self.way.bar(format!("claimed_by_other {by}")),
            _ => {}
        }
    }

    pub(super) fn classify_incident(&mut self, it: &ClassifyIncident) {
        let Some((life, _)) = self.acted_on(it.incident, it.expected_version) else { return };
        let known = it.incident_type.as_ref().map(|code| self.guess.types.get(code));
        self.way.bar_if(known.is_some_and(|known| known.is_none()), "unknown incident_type");
        let pressed = life.alarms.iter().filter_map(|alarm| self.guess.alarms.get(alarm));
        let sos =
            pressed.into_iter().any(|call| call.source == dispatch_core::response::alarm::AlarmSource::Sos);
        let of_type = known.flatten().map(|known| if sos { Priority::P1 } else { known.priority });
        let priority = it.priority.or(of_type).unwrap_or(life.priority);
        let same_type = it.incident_type.is_none() || it.incident_type == life.incident_type;
        self.way.bar_if(same_type && priority == life.priority, "no_change");
    }

    pub(super) fn move_incident(&mut self, it: &MoveIncident) {
        let Some((life, _)) = self.acted_on(it.incident, it.expected_version) else { return };
        self.is_sound(&it.place);
        // Who has confirmed it changes with who says so.
        if it.place.coord == life.place.coord && it.place.area == life.place.area {
            self.way.perhaps.insert("no_change".to_owned());
        }
    }

    /// Only those concerned speak of an incident: a seat that may act on it or whose desk carries it on, a unit that
    /// has an order of it.
    fn speaks_about(&mut self, id: IncidentId, life: &Life) {
        if self.envelope.seat.is_none() {
            if self.is_gone() {
                return;
            }
            let speaks = self.unit_that_speaks();
            let mut of_it = self.guess.orders.values().filter(|task| task.incident == id);
            let concerned = speaks.is_some() && of_it.any(|task| task.unit() == speaks);
            return self.way.bar_if(!concerned, "seat_required");
        }
        let Some((_, desk)) = self.acting() else { return };
        if self.given_to(desk, id).is_none() {
            self.over_life(life);
        }
    }

    pub(super) fn note_incident(&mut self, it: &NoteIncident) {
        let Some(life) = self.life("incident", it.incident) else { return };
        self.speaks_about(it.incident, life);
        self.way.bar_if(life.notes.contains(&it.words), "no_change");
    }

    pub(super) fn link_incidents(&mut self, it: &LinkIncidents) {
        let Some(life) = self.life("incident", it.incident) else { return };
        self.over_life(life);
        self.way.seen("expected_version", it.expected_version, life.version);
        if let Some(other) = self.life("other", it.other) {
            self.over_life(other);
        }
        self.way.invalid_if(it.kind != LinkKind::Related, "kind", &Rule::LinkRelatedOnly);
        self.way.invalid_if(it.incident == it.other, "other", &Rule::NotItself);
        self.way.bar_if(life.links.contains(&(LinkKind::Related, it.other)), "no_change");
    }

    pub(super) fn merge_incident(&mut self, it: &MergeIncident) {
        let (from, into) = (self.active("incident", it.incident), self.active("into", it.into));
        let (Some(from), Some(into)) = (from, into) else { return };
        self.over_life(from);
        self.over_life(into);
        self.way.seen("expected_version", it.expected_version, from.version);
        self.way.seen("into_version", it.into_version, into.version);
        self.way.invalid_if(it.incident == it.into, "into", &Rule::NotItself);
        self.way.invalid_if(from.mode != into.mode, "into", &Rule::OneMode);
    }

    pub(super) fn split_incident(&mut self, it: &SplitIncident) {
        let Some((life, _)) = self.acted_on(it.incident, it.expected_version) else { return };
        let going: BTreeSet<_> = it.alarms.iter().collect();
        let twice = going.is_empty() || going.len() != it.alarms.len();
        self.way.invalid_if(twice, "alarms", &Rule::EachOnce);
        let strange = going.iter().any(|alarm| !life.alarms.contains(alarm));
        self.way.bar_if(strange, "unknown alarms");
        self.way.invalid_if(going.len() == life.alarms.len() && !strange, "alarms", &Rule::OneMustStay);
        if let Some(place) = &it.place {
            self.is_sound(place);
        }
    }

    /// An incident does not end over the heads of those under way.
    fn without_orders(&mut self, id: IncidentId) {
        let open: BTreeSet<_> = self.guess.open_orders(id).map(|(order, _)| order).collect();
        self.way.bar_if(!open.is_empty(), format!("orders_open {open:?}"));
    }

    pub(super) fn cancel_incident(&mut self, it: &CancelIncident) {
        if self.acted_on(it.incident, it.expected_version).is_some() {
            self.without_orders(it.incident);
        }
    }

    pub(super) fn close_incident(&mut self, it: &CloseIncident) {
        let Some((life, _)) = self.acted_on(it.incident, it.expected_version) else { return };
        self.without_orders(it.incident);
        let accepted = life.feedback.values().any(|told| {
            told.is_result
                && told.review == Review::Accepted
                && life.reopened_seq.is_none_or(|seq| told.seq > seq)
        });
        self.way.bar_if(!accepted, "result_missing");
    }

    pub(super) fn reopen_incident(&mut self, it: &ReopenIncident) {
        let Some(life) = self.guess.incidents.get(&it.incident) else { return self.replace(it.incident) };
        self.over_life(life);
        match life.state {
            IncidentState::Active => self.way.bar("incident_active"),
            IncidentState::Replaced => {
                let by = life.links.iter().filter(|(kind, _)| *kind == LinkKind::ReplacedBy);
                by.for_each(|(_, by)| self.way.bar(format!("incident_replaced {by}")));
            }
            IncidentState::Cancelled | IncidentState::Closed => {}
        }
    }

    /// One that has left state goes on in another, once.
    fn replace(&mut self, id: IncidentId) {
        let Some(view) = self.archived else { return self.way.bar("unknown incident") };
        let old = &view.incident;
        self.over(&old.desk, &old.area);
        let by = old.links.iter().filter(|link| link.kind == LinkKind::ReplacedBy);
        let alive = self.guess.incidents.iter();
        let alive = alive.filter(|(_, life)| life.links.contains(&(LinkKind::Replacing, id)));
        let by: Vec<_> = by.map(|link| link.incident).chain(alive.map(|(by, _)| *by)).collect();
        for by in by {
            self.way.bar(format!("incident_replaced {by}"));
        }
    }

    pub(super) fn hand_over_incident(&mut self, it: &HandOverIncident) {
        let Some((life, _)) = self.acted_on(it.incident, it.expected_version) else { return };
        self.way.bar_if(!self.guess.desks.contains_key(&it.desk), "unknown desk");
        self.way.bar_if(life.desk == it.desk, "no_change");
    }

    pub(super) fn stop_automatic_order(&mut self, it: &StopAutomaticOrder) {
        let Some(life) = self.active("incident", it.incident) else { return };
        self.over_life(life);
        self.way.bar_if(!matches!(life.countdown, Countdown::Counting(_)), "no_change");
    }

    pub(super) fn give_feedback(&mut self, it: &GiveFeedback) {
        let Some(life) = self.active("incident", it.incident) else { return };
        match it.order {
            Some(order) => {
                let Some(task) = self.task(order) else { return };
                self.way.invalid_if(task.incident != it.incident, "order", &Rule::OtherIncident);
                self.speaks_of(task);
            }
            None => self.speaks_about(it.incident, life),
        }
        let is_result = it.kind == FeedbackKind::Result;
        self.way.invalid_if(is_result != it.disposition.is_some(), "disposition", &Rule::DispositionOfResult);
    }

    pub(super) fn review_feedback(&mut self, it: &ReviewFeedback) {
        let Some(life) = self.active("incident", it.incident) else { return };
        if let Some((_, desk)) = self.acting() {
            self.way.bar_if(*desk != life.desk, format!("other_desk {}", life.desk));
        }
        self.way.seen("expected_version", it.expected_version, life.version);
        match life.feedback.get(&it.feedback) {
            None => self.way.bar("unknown feedback"),
            Some(told) => {
                self.way.invalid_if(!told.is_result, "feedback", &Rule::ResultOnly);
                self.way.bar_if(told.is_result && told.review != Review::Pending, "no_change");
            }
        }
        self.way.invalid_if(it.accept && it.reason.is_some(), "reason", &Rule::ReturnedOnly);
        self.way.invalid_if(!it.accept && it.reason.is_none(), "reason", &Rule::SayWhy);
        self.explains(it.words.is_some(), !it.accept);
    }
}
