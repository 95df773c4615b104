//! Incidents: born, changed, joined and cut, ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dispatch_core::event::{
    AutomaticOrderAnnounced, AutomaticOrderEnded, Event, FeedbackReviewed, IncidentArchived,
    IncidentCancelled, IncidentClaimed, IncidentClassified, IncidentClosed, IncidentHandedOver,
    IncidentMerged, IncidentMoved, IncidentNoted, IncidentReopened, IncidentSilenced, IncidentSplit,
    IncidentsLinked, Record,
};
use dispatch_core::kernel::id::{IncidentId, OrderId};
use dispatch_core::kernel::kind::IncidentState;
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::time::{LocalDay, Time};
use dispatch_core::response::feedback::{FeedbackKind, Review};
use dispatch_core::response::incident::{Incident, LinkKind};

use super::super::tables::{Countdown, Guess, Life, Told, Version};

impl Guess {
    #[expect(clippy::too_many_lines, reason = "an arm an event, none of which knows the others")]
    pub(super) fn learn_incident(&mut self, record: &Record) {
        let now = record.recorded_at;
        match &record.event {
            Event::IncidentCreated(created) => self.born(&created.incident(now), created.day),
            Event::RecommendationRecorded(recorded) => {
                self.life(recorded.incident, |_| {});
                self.recommendations.insert(recorded.recommendation, Arc::new(recorded.recommendation()));
            }
            Event::IncidentClaimed(IncidentClaimed { incident, seat }) => {
                self.life(*incident, |life| life.claimed_by = Some(seat.clone()));
            }
            Event::IncidentClassified(IncidentClassified { incident, incident_type, priority }) => {
                self.life(*incident, |life| {
                    life.incident_type.clone_from(incident_type);
                    life.priority = *priority;
                });
            }
            Event::IncidentMoved(IncidentMoved { incident, place, area, notified, .. }) => {
                self.life(*incident, |life| (life.place, life.area) = (place.clone(), area.clone()));
                let open: Vec<OrderId> = self.open_orders(*incident).map(|(id, _)| id).collect();
                self.lead(&open, area, notified);
            }
            Event::IncidentNoted(IncidentNoted { incident, words, caller_withdrew, notified, .. }) => {
                self.life(*incident, |life| {
                    life.notes.insert(*words);
                    life.withdrawn |= *caller_withdrew;
                });
                self.notify(notified);
            }
            Event::IncidentSilenced(IncidentSilenced { incident, notified }) => {
                self.life(*incident, |life| life.silent = true);
                self.all_stale();
                self.notify(notified);
            }
            Event::IncidentsLinked(IncidentsLinked { incident, other, kind }) => {
                self.link(*incident, *other, *kind);
            }
            Event::IncidentMerged(IncidentMerged {
                incident,
                into,
                orders,
                area,
                priority,
                notified,
                ..
            }) => {
                self.link(*incident, *into, LinkKind::ReplacedBy);
                self.merge(*incident, *into, orders, record.seq);
                self.life(*into, |life| life.priority = *priority);
                self.lead(orders, area, notified);
                self.end(*incident, IncidentState::Replaced, now);
            }
            Event::IncidentSplit(IncidentSplit { incident, new, alarms }) => {
                self.link(*incident, *new, LinkKind::SplitInto);
                self.life(*incident, |life| life.alarms.retain(|alarm| !alarms.contains(alarm)));
                for alarm in alarms {
                    self.call(*alarm, |call| call.incident = Some(*new));
                }
            }
            Event::IncidentCancelled(IncidentCancelled { incident, .. }) => {
                self.end(*incident, IncidentState::Cancelled, now);
            }
            Event::IncidentClosed(IncidentClosed { incident }) => {
                self.end(*incident, IncidentState::Closed, now);
            }
            Event::IncidentReopened(IncidentReopened { incident, words }) => self.life(*incident, |life| {
                (life.state, life.reopened) = (IncidentState::Active, true);
                (life.reopened_seq, life.ended_at, life.claimed_by) = (Some(record.seq), None, None);
                life.notes.extend(*words);
            }),
            // It stays as it ended; what goes on was made just before.
            Event::IncidentReplaced { .. } => {}
            Event::IncidentArchived(IncidentArchived {
                incident,
                alarms,
                orders,
                recommendations,
                supports,
                ..
            }) => {
                self.incidents.remove(incident);
                for alarm in alarms {
                    self.forget(*alarm);
                }
                self.orders.retain(|order, _| !orders.contains(order));
                self.recommendations.retain(|known, _| !recommendations.contains(known));
                self.supports.retain(|support, _| !supports.contains(support));
            }
            Event::IncidentHandedOver(IncidentHandedOver { incident, desk, .. }) => {
                self.life(*incident, |life| {
                    life.claimed_by = None;
                    life.desk = desk.clone();
                });
            }
            Event::AutomaticOrderAnnounced(AutomaticOrderAnnounced { incident, due_at, .. }) => {
                self.life(*incident, |life| life.countdown = Countdown::Counting(*due_at));
            }
            Event::AutomaticOrderEnded(AutomaticOrderEnded { incident, .. }) => {
                self.life(*incident, |life| life.countdown = Countdown::Over);
            }
            Event::FeedbackGiven(given) => {
                let (incident, feedback) = (&given.incident, given.feedback(record));
                let is_result = feedback.kind == FeedbackKind::Result;
                let told = Told { is_result, review: feedback.review, seq: record.seq };
                self.life(*incident, |life| {
                    life.feedback.insert(feedback.id, told);
                });
            }
            Event::FeedbackReviewed(FeedbackReviewed { incident, feedback, accepted, .. }) => {
                self.life(*incident, |life| {
                    if let Some(told) = life.feedback.get_mut(feedback) {
                        told.review = if *accepted { Review::Accepted } else { Review::Returned };
                    }
                });
            }
            _ => self.all_stale(),
        }
    }

    fn born(&mut self, incident: &Incident, day: LocalDay) {
        self.number(false, &incident.desk, day);
        let life = Life {
            state: IncidentState::Active,
            version: Version::default(),
            mode: incident.mode,
            desk: incident.desk.clone(),
            area: incident.area.clone(),
            place: incident.place.clone(),
            incident_type: incident.incident_type.clone(),
            priority: incident.priority,
            silent: incident.silent,
            claimed_by: None,
            alarms: incident.alarms.clone(),
            feedback: BTreeMap::new(),
            notes: incident.notes.iter().copied().collect(),
            links: incident.links.iter().map(|link| (link.kind, link.incident)).collect(),
            orders: BTreeSet::new(),
            withdrawn: false,
            reopened: incident.reopened,
            reopened_seq: None,
            ended_at: None,
            countdown: Countdown::Untried,
        };
        self.incidents.insert(incident.id, life);
    }

    fn link(&mut self, one: IncidentId, other: IncidentId, kind: LinkKind) {
        let mirrored = match kind {
            LinkKind::Related => LinkKind::Related,
            LinkKind::ReplacedBy => LinkKind::Replacing,
            LinkKind::Replacing => LinkKind::ReplacedBy,
            LinkKind::SplitFrom => LinkKind::SplitInto,
            LinkKind::SplitInto => LinkKind::SplitFrom,
        };
        for (at, kind, to) in [(one, kind, other), (other, mirrored, one)] {
            self.life(at, |life| {
                life.links.insert((kind, to));
            });
        }
    }

    fn merge(&mut self, from: IncidentId, into: IncidentId, orders: &[OrderId], seq: u64) {
        let mut alarms = Vec::new();
        self.life(from, |life| {
            alarms = std::mem::take(&mut life.alarms);
            life.orders.retain(|order| !orders.contains(order));
        });
        for alarm in &alarms {
            self.call(*alarm, |call| call.incident = Some(into));
        }
        self.life(into, |life| {
            life.alarms.extend(alarms);
            life.orders.extend(orders);
        });
        for order in orders {
            // It is of the present life of the incident it came to.
            self.task(*order, |task| (task.incident, task.seq) = (into, seq));
        }
        for support in self.supports.values_mut().filter(|support| support.incident == from) {
            support.incident = into;
        }
    }

    fn end(&mut self, incident: IncidentId, how: IncidentState, now: Time) {
        let mut alarms = Vec::new();
        self.life(incident, |life| {
            (life.state, life.ended_at) = (how, Some(now));
            alarms.clone_from(&life.alarms);
        });
        self.presses.retain(|_, of| !alarms.contains(of));
    }

    /// Open orders lead to another place.
    fn lead(&mut self, orders: &[OrderId], area: &AreaPath, notified: &[OrderId]) {
        for order in orders {
            self.task(*order, |task| task.area = area.clone());
        }
        self.notify(notified);
    }

    fn notify(&mut self, notified: &[OrderId]) {
        for order in notified {
            self.task(*order, |task| task.supplement = true);
        }
    }
}
