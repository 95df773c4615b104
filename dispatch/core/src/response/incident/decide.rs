//! What an operator does with an incident that goes on: claim, classify, move, note, link, hand over.

use crate::command::{
    ClaimIncident, ClassifyIncident, HandOverIncident, LinkIncidents, MoveIncident, NoteIncident,
};
use crate::decide::{Deciding, Decision, bound, check_version, same_spot};
use crate::event::{
    IncidentClaimed, IncidentClassified, IncidentHandedOver, IncidentMoved, IncidentNoted, IncidentSilenced,
    IncidentsLinked,
};
use crate::kernel::evidence::Located;
use crate::kernel::id::{DeskId, IncidentId, OrderId};
use crate::kernel::kind::{IncidentState, OrderState, Priority};
use crate::kernel::place::{AreaPath, Place, PlaceKind};
use crate::kernel::recommendation::Occasion;
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::target::Target;
use crate::register::Register;
use crate::register::landing::landing_desk;
use crate::response::incident::{Incident, Link, LinkKind};
use crate::response::order::{Eta, Order};

/// The most notes on one incident.
const NOTES_MAX: usize = 500;

/// The widest radius of doubt of a place, metres: a league is not wider.
const RADIUS_MAX_M: u32 = 1_000_000;

impl Deciding<'_> {
    pub(crate) fn claim_incident(&mut self, claim: &ClaimIncident) -> Decision {
        let incident = self.active("incident", claim.incident)?;
        let acting = self.acting()?;
        match &incident.claimed_by {
            Some(seat) if seat == acting.seat => return Err(Refusal::NoChange),
            Some(seat) if !claim.take_over => return Err(Refusal::ClaimedByOther { seat: seat.clone() }),
            _ => {}
        }
        check_version(claim.expected_version, incident.version, &incident.acts)?;
        self.push(IncidentClaimed { incident: incident.id, seat: acting.seat.clone() });
        Ok(())
    }

    /// A type given without a priority brings its own, which never lowers an SOS.
    pub(crate) fn classify_incident(&mut self, classify: &ClassifyIncident) -> Decision {
        let incident = self.active("incident", classify.incident)?;
        check_version(classify.expected_version, incident.version, &incident.acts)?;
        let of_type = match &classify.incident_type {
            Some(code) => {
                let known = self.state.register().types.get(code);
                Some(known.ok_or_else(|| Refusal::unknown("incident_type", "type", code))?.priority)
            }
            None => None,
        };
        let of_type = of_type.map(|priority| if incident.sos { Priority::P1 } else { priority });
        let priority = classify.priority.or(of_type).unwrap_or(incident.priority);
        let incident_type = classify.incident_type.clone().or_else(|| incident.incident_type.clone());
        if incident_type == incident.incident_type && priority == incident.priority {
            return Err(Refusal::NoChange);
        }
        self.push(IncidentClassified { incident: incident.id, incident_type, priority });
        let examination = self.evidence.examination_of(&incident.id);
        self.recommend(incident.id, Occasion::Changed, examination, &incident.place);
        Ok(())
    }

    pub(crate) fn move_incident(&mut self, moved: &MoveIncident) -> Decision {
        let incident = self.active("incident", moved.incident)?;
        check_version(moved.expected_version, incident.version, &incident.acts)?;
        let located = self.resolved(&moved.place);
        check_place(self.state.register(), &located.place)?;
        if located.place == incident.place {
            return Err(Refusal::NoChange);
        }
        self.relocate(incident, located);
        Ok(())
    }

    /// Puts an incident elsewhere: every order on its way is told, and units are looked for anew.
    pub(crate) fn relocate(&mut self, incident: &Incident, located: Located) {
        let notified = self.told(incident);
        let Located { place, area, .. } = located;
        let area = if area.0.is_empty() { incident.area.clone() } else { area };
        let etas = self.etas(incident, incident.id, &place);
        let home = self.home(incident, &area);
        self.push(IncidentMoved { incident: incident.id, place: place.clone(), area, notified, etas });
        let mut examination = self.evidence.examination_of(&incident.id).cloned();
        if let Some(desk) = home {
            examination = examination.map(|examined| examined.for_desk(&desk));
            self.push(IncidentHandedOver { incident: incident.id, desk, taken_up: false });
        }
        self.recommend(incident.id, Occasion::Changed, examination.as_ref(), &place);
    }

    /// The desk that answers for the place an incident was given after it had none, unless somebody has it in hand.
    fn home(&self, incident: &Incident, area: &AreaPath) -> Option<DeskId> {
        let in_hand = incident.claimed_by.is_some() || !incident.orders.is_empty();
        if in_hand || !incident.area.0.is_empty() || area.0.is_empty() {
            return None;
        }
        landing_desk(self.state.register(), area, None).filter(|desk| *desk != incident.desk)
    }

    /// A silent alarm tells of this incident too: crews on their way must know before they are heard.
    pub(crate) fn silence(&mut self, incident: &Incident) {
        if incident.state == IncidentState::Active && !incident.silent {
            let notified = self.told(incident);
            self.push(IncidentSilenced { incident: incident.id, notified });
        }
    }

    /// How soon the units with open orders of `incident` are at `place`, as far as the examination for `asked` looked
    /// at that place and at them.
    pub(crate) fn etas(&self, incident: &Incident, asked: IncidentId, place: &Place) -> Vec<Eta> {
        let examination = self.evidence.examination_of(&asked);
        let Some(examined) = examination.filter(|examined| same_spot(&examined.place, place)) else {
            return Vec::new();
        };
        let passed = examined.passed.iter().map(|passed| &passed.candidate);
        let candidates: Vec<_> = examined.available.iter().chain(passed).collect();
        let eta = |order: &Order| {
            let Target::Unit(unit) = &order.target else { return None };
            let candidate = candidates.iter().find(|candidate| candidate.unit == *unit)?;
            Some(Eta { order: order.id, eta_ms: candidate.eta_ms(), eta_high_ms: candidate.eta_high_ms() })
        };
        crate::response::status::open_orders(self.state, incident).filter_map(eta).collect()
    }

    /// A place of the command as the evidence resolved it, confirmed by the acting seat at most.
    pub(crate) fn resolved(&self, place: &Place) -> Located {
        let by_evidence = self.evidence.located.clone();
        let found = by_evidence.unwrap_or_else(|| {
            let area = place.area.as_ref().and_then(|code| self.state.register().areas.get(code));
            let area = area.map(|area| area.path.clone()).unwrap_or_default();
            Located { place: place.clone(), area, fix_age_ms: None }
        });
        Located { place: self.confirmed(found.place), ..found }
    }

    /// The orders that a supplement goes to: sent and not ended.
    pub(crate) fn told(&self, incident: &Incident) -> Vec<OrderId> {
        let open = crate::response::status::open_orders(self.state, incident);
        open.filter(|order| order.state != OrderState::Queued).map(|order| order.id).collect()
    }

    /// A note is taken as long as the incident is alive.
    pub(crate) fn note_incident(&mut self, note: &NoteIncident) -> Decision {
        let incident = self.incident("incident", note.incident)?;
        if incident.notes.contains(&note.words) {
            return Err(Refusal::NoChange);
        }
        if incident.notes.len() >= NOTES_MAX {
            return Err(Refusal::invalid("words", Rule::AtMost { max: bound(NOTES_MAX) }));
        }
        let notified = if note.danger { self.told(incident) } else { Vec::new() };
        self.push(IncidentNoted {
            incident: incident.id,
            words: note.words,
            danger: note.danger,
            caller_withdrew: note.caller_withdrew,
            notified,
        });
        Ok(())
    }

    pub(crate) fn link_incidents(&mut self, link: &LinkIncidents) -> Decision {
        let incident = self.incident("incident", link.incident)?;
        let other = self.incident("other", link.other)?;
        check_version(link.expected_version, incident.version, &incident.acts)?;
        if link.kind != LinkKind::Related {
            return Err(Refusal::invalid("kind", Rule::LinkRelatedOnly));
        }
        if incident.id == other.id {
            return Err(Refusal::invalid("other", Rule::NotItself));
        }
        if incident.links.contains(&Link { kind: link.kind, incident: other.id }) {
            return Err(Refusal::NoChange);
        }
        self.push(IncidentsLinked { incident: incident.id, other: other.id, kind: link.kind });
        Ok(())
    }

    /// 移交 by the desk that answers for it, or 提级指挥 by a desk above that takes it itself.
    pub(crate) fn hand_over_incident(&mut self, hand_over: &HandOverIncident) -> Decision {
        let incident = self.active("incident", hand_over.incident)?;
        let acting = self.acting()?;
        check_version(hand_over.expected_version, incident.version, &incident.acts)?;
        if !self.state.register().desks.contains_key(&hand_over.desk) {
            return Err(Refusal::unknown("desk", "desk", &hand_over.desk));
        }
        if hand_over.desk == incident.desk {
            return Err(Refusal::NoChange);
        }
        let taken_up = *acting.desk == hand_over.desk;
        self.push(IncidentHandedOver { incident: incident.id, desk: hand_over.desk.clone(), taken_up });
        Ok(())
    }
}

/// Refuses a place that contradicts itself or names what the register does not know.
pub(crate) fn check_place(register: &Register, place: &Place) -> Decision {
    if let Some(code) = place.area.as_ref().filter(|code| !register.areas.contains_key(code)) {
        return Err(Refusal::unknown("place.area", "area", code));
    }
    if let Some(point) = place.point.as_ref().filter(|point| !register.points.contains_key(point)) {
        return Err(Refusal::unknown("place.point", "alarm point", point));
    }
    let needs = match place.kind {
        PlaceKind::Point if place.coord.is_none() => Some(("place.coord", Rule::NeedsCoordinate)),
        PlaceKind::AlarmPoint if place.point.is_none() => Some(("place.point", Rule::Missing)),
        PlaceKind::RoadPost if place.road.is_none() => Some(("place.road", Rule::Missing)),
        PlaceKind::Area if place.area.is_none() => Some(("place.area", Rule::Missing)),
        _ if place.radius_m > RADIUS_MAX_M => Some(("place.radius_m", Rule::AtMost { max: RADIUS_MAX_M })),
        _ => None,
    };
    needs.map_or(Ok(()), |(field, rule)| Err(Refusal::invalid(field, rule)))
}
