//! Effects of one context on another, in one ordered list: what follows from a record, whatever its event.

use crate::decide::Deciding;
use crate::event::{Event, Record};
use crate::kernel::about::{self, Fate};
use crate::kernel::id::IncidentId;
use crate::register::Register;
use crate::response::automatic::{self, AutomaticEnd, allowed};
use crate::response::incident::Incident;
use crate::response::unit;
use crate::state::State;

/// Brings about what follows from a record that was applied.
pub(crate) fn follow(state: &mut State, record: &Record) {
    unit::apply::follow_register(state, record);
    countdowns(state, record);
}

/// The countdown of an automatic order follows whatever its rule rests on: the incident, or the register.
fn countdowns(state: &mut State, record: &Record) {
    let said = record.event.about();
    let concerned: Vec<IncidentId> = if said.register == about::Register::Rules {
        state.incidents().keys().copied().collect()
    } else {
        let changed = said.entities.iter().filter(|(_, role)| matches!(role, Fate::Made | Fate::Changed));
        changed.filter_map(|(id, _)| id.as_incident()).collect()
    };
    for id in concerned {
        automatic::apply::refresh(state, id, record.recorded_at);
    }
}

impl Deciding<'_> {
    /// Anybody who acts on an incident ends its countdown; an event of its own says who did it and why.
    pub(crate) fn end_countdowns(&mut self) {
        let over: Vec<(IncidentId, AutomaticEnd)> =
            self.events.iter().flat_map(|event| ends_countdown(self.state, event)).collect();
        let mut ended = std::mem::take(&mut self.countdowns_ended);
        for (incident, why) in over {
            let counting = self.state.incidents().get(&incident).is_some_and(automatic::counts);
            if counting && ended.insert(incident) {
                self.end_countdown(incident, why, None);
            }
        }
    }
}

/// The incidents whose countdown an event ends if one is running, and why.
fn ends_countdown(state: &State, event: &Event) -> Vec<(IncidentId, AutomaticEnd)> {
    use AutomaticEnd as End;
    match event {
        Event::OrderCreated(created) => vec![(created.incident, End::Dispatched)],
        Event::IncidentClaimed(claimed) => vec![(claimed.incident, End::Claimed)],
        Event::IncidentClassified(classified) => {
            let before = state.incidents().get(&classified.incident).map(|known| &known.incident_type);
            let same = before == Some(&classified.incident_type);
            if same { Vec::new() } else { vec![(classified.incident, End::Reclassified)] }
        }
        Event::IncidentMoved(moved) => vec![(moved.incident, End::Moved)],
        Event::IncidentNoted(noted) if noted.caller_withdrew => vec![(noted.incident, End::CallerWithdrew)],
        Event::IncidentMerged(merged) => {
            let joined = (!merged.orders.is_empty()).then_some((merged.into, End::Dispatched));
            std::iter::once((merged.incident, End::Merged)).chain(joined).collect()
        }
        Event::IncidentCancelled(cancelled) => vec![(cancelled.incident, End::Cancelled)],
        Event::IncidentClosed(closed) => vec![(closed.incident, End::Closed)],
        Event::IncidentHandedOver(handed) => vec![(handed.incident, End::HandedOver)],
        Event::AutomaticSet(set) if set.automatic.is_none() => {
            let of_type = |incident: &&Incident| incident.incident_type.as_ref() == Some(&set.incident_type);
            let of_type = state.incidents().values().filter(of_type);
            of_type.map(|incident| (incident.id, End::Forbidden)).collect()
        }
        Event::RegionAdopted(adopted) => forbidden_by(state, &adopted.register),
        Event::IncidentNoted(_)
        | Event::AutomaticSet(_)
        | Event::JournalOpened(_)
        | Event::TimerExpired(_)
        | Event::UnitRegistered(_)
        | Event::UnitRetired(_)
        | Event::PointRegistered(_)
        | Event::PointRetired(_)
        | Event::TestWindowSet(_)
        | Event::TimersSet(_)
        | Event::AlarmRaised(_)
        | Event::AlarmRepeated(_)
        | Event::AlarmAnswered(_)
        | Event::AlarmSaved(_)
        | Event::DuplicatesOffered(_)
        | Event::AlarmSettled(_)
        | Event::CallBackClosed(_)
        | Event::AlarmArchived(_)
        | Event::IncidentCreated(_)
        | Event::RecommendationRecorded(_)
        | Event::IncidentSilenced(_)
        | Event::IncidentsLinked(_)
        | Event::IncidentSplit(_)
        | Event::IncidentReopened(_)
        | Event::IncidentReplaced(_)
        | Event::IncidentArchived(_)
        | Event::OrderAdvanced(_)
        | Event::OrderUnstacked(_)
        | Event::OrderRecalled(_)
        | Event::NoticeSigned(_)
        | Event::LifeConfirmed(_)
        | Event::CallerReleased(_)
        | Event::AutomaticOrderAnnounced(_)
        | Event::AutomaticOrderEnded(_)
        | Event::FeedbackGiven(_)
        | Event::FeedbackReviewed(_)
        | Event::DutySet(_)
        | Event::ServiceSet(_)
        | Event::UnitBack(_)
        | Event::SupportRequested(_)
        | Event::SupportGranted(_)
        | Event::SupportRefused(_)
        | Event::SupportEnded(_)
        | Event::TechnicalRaised(_)
        | Event::TechnicalRepeated(_)
        | Event::TechnicalShelved(_)
        | Event::TechnicalUnshelved(_)
        | Event::SourceSuppressed(_)
        | Event::SourceUnsuppressed(_)
        | Event::TechnicalCleared(_)
        | Event::ShiftHandoverOffered(_)
        | Event::ShiftHandoverEnded(_)
        | Event::ShiftHandoverAccepted(_)
        | Event::WordsErased(_) => Vec::new(),
    }
}

fn forbidden_by(state: &State, register: &Register) -> Vec<(IncidentId, AutomaticEnd)> {
    let forbidden = state.incidents().values().filter(|incident| allowed(register, incident).is_none());
    forbidden.map(|incident| (incident.id, AutomaticEnd::Forbidden)).collect()
}
