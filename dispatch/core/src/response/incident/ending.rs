//! Merging, splitting, cancelling, closing and taking up again: what changes which incidents there are.

use std::collections::BTreeSet;

use crate::command::{CancelIncident, CloseIncident, MergeIncident, ReopenIncident, SplitIncident};
use crate::decide::{Deciding, Decision, check_seen, check_version};
use crate::event::{
    IncidentCancelled, IncidentClosed, IncidentCreated, IncidentMerged, IncidentReopened, IncidentReplaced,
    IncidentSplit,
};
use crate::kernel::evidence::{Archived, Located};
use crate::kernel::id::{AlarmId, IncidentId};
use crate::kernel::kind::IncidentState;
use crate::kernel::refusal::{Refusal, Rule};
use crate::register::landing::landing_desk;
use crate::response::alarm::AlarmSource;
use crate::response::feedback::{FeedbackKind, Review};
use crate::response::incident::mark::IncidentMark;
use crate::response::incident::{Incident, LinkKind};

impl<'a> Deciding<'a> {
    pub(crate) fn merge_incident(&mut self, merge: &MergeIncident) -> Decision {
        let incident = self.active("incident", merge.incident)?;
        let into = self.active("into", merge.into)?;
        check_version(merge.expected_version, incident.version, &incident.acts)?;
        check_seen("into_version", merge.into_version, into.version, &into.acts)?;
        if incident.id == into.id {
            return Err(Refusal::invalid("into", Rule::NotItself));
        }
        if incident.mode != into.mode {
            return Err(Refusal::invalid("into", Rule::OneMode));
        }
        if incident.silent {
            self.silence(into);
        }
        let gains_place = !into.place.is_known() && incident.place.is_known();
        if gains_place {
            let place = incident.place.clone();
            self.relocate(into, Located { place, area: incident.area.clone(), fix_age_ms: None });
        }
        let (place, area) =
            if gains_place { (&incident.place, &incident.area) } else { (&into.place, &into.area) };
        let merged = IncidentMerged {
            incident: incident.id,
            into: into.id,
            orders: crate::response::status::open_orders(self.state, incident)
                .map(|order| order.id)
                .collect(),
            area: area.clone(),
            // P1 comes first in the vocabulary and is the highest.
            priority: incident.priority.min(into.priority),
            notified: self.told(incident),
            etas: self.etas(incident, into.id, place),
        };
        self.push(merged);
        Ok(())
    }

    pub(crate) fn split_incident(&mut self, split: &SplitIncident) -> Decision {
        let incident = self.active("incident", split.incident)?;
        check_version(split.expected_version, incident.version, &incident.acts)?;
        let going: BTreeSet<AlarmId> = split.alarms.iter().copied().collect();
        if going.is_empty() || going.len() != split.alarms.len() {
            return Err(Refusal::invalid("alarms", Rule::EachOnce));
        }
        if let Some(other) = going.iter().find(|alarm| !incident.alarms.contains(alarm)) {
            return Err(Refusal::unknown("alarms", "alarm of this incident", other));
        }
        if going.len() == incident.alarms.len() {
            return Err(Refusal::invalid("alarms", Rule::OneMustStay));
        }
        let alarms = || split.alarms.iter().filter_map(|alarm| self.state.alarms().get(alarm));
        let first = self.alarm(split.alarms[0])?;
        let located = split.place.as_ref().map(|place| self.resolved(place));
        if let Some(located) = &located {
            crate::response::incident::decide::check_place(self.state.register(), &located.place)?;
        }
        let (place, area) = match located {
            Some(located) => (located.place, located.area),
            None => (first.place.clone(), first.area.clone()),
        };
        let (number, day) = self.incident_number(&incident.desk);
        let new = IncidentId(self.minter.mint());
        self.create(IncidentCreated {
            incident: new,
            number,
            day,
            alarms: split.alarms.clone(),
            mode: incident.mode,
            desk: incident.desk.clone(),
            area: if area.0.is_empty() { incident.area.clone() } else { area },
            place,
            incident_type: first.incident_type.clone().or_else(|| incident.incident_type.clone()),
            priority: incident.priority,
            received_at: alarms().map(|alarm| alarm.received_at).min().unwrap_or(first.received_at),
            sos: alarms().any(|alarm| alarm.source == AlarmSource::Sos),
            silent: alarms().any(|alarm| alarm.silent),
            replacing: None,
            words: None,
        });
        self.push(IncidentSplit { incident: incident.id, new, alarms: split.alarms.clone() });
        Ok(())
    }

    pub(crate) fn cancel_incident(&mut self, cancel: &CancelIncident) -> Decision {
        let incident = self.active("incident", cancel.incident)?;
        check_version(cancel.expected_version, incident.version, &incident.acts)?;
        self.no_open_orders(incident)?;
        self.push(IncidentCancelled { incident: incident.id, reason: cancel.reason });
        Ok(())
    }

    pub(crate) fn close_incident(&mut self, close: &CloseIncident) -> Decision {
        let incident = self.active("incident", close.incident)?;
        check_version(close.expected_version, incident.version, &incident.acts)?;
        self.no_open_orders(incident)?;
        // A result from before it was taken up again does not close it a second time.
        let earlier = self.state.earlier().get(&incident.id).map_or(0, |earlier| earlier.feedback as usize);
        let counting = incident.feedback.iter().skip(earlier);
        let mut results = counting.filter(|feedback| feedback.kind == FeedbackKind::Result);
        if !results.any(|result| result.review == Review::Accepted) {
            return Err(Refusal::ResultMissing);
        }
        self.push(IncidentClosed { incident: incident.id });
        Ok(())
    }

    fn no_open_orders(&self, incident: &Incident) -> Decision {
        let orders: Vec<_> =
            crate::response::status::open_orders(self.state, incident).map(|order| order.id).collect();
        if orders.is_empty() { Ok(()) } else { Err(Refusal::OrdersOpen { orders }) }
    }

    /// Within the archive time the same incident goes on; later a new one replaces it.
    pub(crate) fn reopen_incident(&mut self, reopen: &ReopenIncident) -> Decision {
        if let Some(archived) = self.archived(reopen.incident) {
            return self.replace_archived(archived, reopen);
        }
        let incident = self.incident("incident", reopen.incident)?;
        match incident.state {
            IncidentState::Active => return Err(Refusal::IncidentActive),
            IncidentState::Replaced => return Err(replaced(incident)),
            IncidentState::Cancelled | IncidentState::Closed => {}
        }
        self.push(IncidentReopened { incident: incident.id, words: reopen.words });
        self.recommend(
            incident.id,
            crate::kernel::recommendation::Occasion::Changed,
            self.evidence.examination_of(&incident.id),
            &incident.place,
        );
        Ok(())
    }

    /// An incident that has left live state, as the evidence has it.
    pub(crate) fn archived(&self, id: IncidentId) -> Option<&'a Archived> {
        self.evidence.archived.as_ref().filter(|archived| archived.incident == id)
    }

    /// What was archived stays as it ended, with a link to what goes on from it.
    fn replace_archived(&mut self, old: &Archived, reopen: &ReopenIncident) -> Decision {
        if let Some(by) = old.replaced_by {
            return Err(Refusal::IncidentReplaced { by });
        }
        // The read model may be a commit behind: what replaces it may be alive already.
        let replacing = IncidentMark::Replaces(old.incident);
        if let Some(by) = self.state.incidents().bearing(replacing).next() {
            return Err(Refusal::IncidentReplaced { by: by.id });
        }
        let register = &self.state.register();
        let desk = Some(&old.desk).filter(|desk| register.desks.contains_key(*desk)).cloned();
        let desk = desk.or_else(|| landing_desk(register, &old.area, None));
        let desk = desk.unwrap_or_else(|| old.desk.clone());
        let (number, day) = self.incident_number(&desk);
        let by = IncidentId(self.minter.mint());
        self.create(IncidentCreated {
            incident: by,
            number,
            day,
            alarms: Vec::new(),
            mode: old.mode,
            desk,
            area: old.area.clone(),
            place: old.place.clone(),
            incident_type: old.incident_type.clone().filter(|code| register.types.contains_key(code)),
            priority: old.priority,
            received_at: self.now,
            sos: false,
            silent: old.silent,
            replacing: Some(old.incident),
            words: reopen.words,
        });
        self.push(IncidentReplaced { incident: old.incident, by, area: old.area.clone(), mode: old.mode });
        Ok(())
    }
}

/// Says where an incident that was replaced goes on.
fn replaced(incident: &Incident) -> Refusal {
    let by = incident.links.iter().rev().find(|link| link.kind == LinkKind::ReplacedBy);
    by.map_or(Refusal::IncidentEnded { field: "incident".to_owned(), state: incident.state }, |by| {
        Refusal::IncidentReplaced { by: by.incident }
    })
}
