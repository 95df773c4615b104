//! From a record to the next state. Applying cannot fail: what a decision let through holds all that is needed, and an
//! entity that is not there is passed over, as it would be when an old journal is replayed after an archive.
//!
//! The timers of docs/terms.md are set and ended here and nowhere else, so that a replay rebuilds them.

mod alarm;
mod automatic;
mod feedback;
mod incident;
mod order;
mod register;
mod shift;
mod support;
mod technical;
mod timer;
mod unit;

use crate::event::{Event, Record};
use crate::id::{AlarmId, IncidentId};
use crate::incident::Act;
use crate::state::State;

/// The most acts an alarm, an incident or an order remembers for the answer to a stale command.
pub const ACTS_MAX: usize = 16;

/// Applies one record. Records are applied in the order of their sequence, each once.
pub fn apply(state: &mut State, record: &Record) {
    state.seq = record.seq;
    state.now = state.now.max(record.recorded_at);
    match &record.event {
        Event::JournalOpened { journal, .. } => state.journal = Some(*journal),
        Event::AlarmRaised { .. }
        | Event::AlarmRepeated { .. }
        | Event::AlarmAnswered { .. }
        | Event::AlarmSaved { .. }
        | Event::DuplicatesOffered { .. }
        | Event::AlarmSettled { .. }
        | Event::CallBackClosed { .. }
        | Event::AlarmArchived { .. } => alarm::apply(state, record),
        Event::TechnicalRaised { .. }
        | Event::TechnicalRepeated { .. }
        | Event::TechnicalShelved { .. }
        | Event::TechnicalUnshelved { .. }
        | Event::SourceSuppressed { .. }
        | Event::SourceUnsuppressed { .. }
        | Event::TechnicalCleared { .. } => technical::apply(state, record),
        Event::IncidentCreated { .. }
        | Event::RecommendationRecorded { .. }
        | Event::IncidentClaimed { .. }
        | Event::IncidentClassified { .. }
        | Event::IncidentMoved { .. }
        | Event::IncidentNoted { .. }
        | Event::IncidentSilenced { .. }
        | Event::IncidentsLinked { .. }
        | Event::IncidentMerged { .. }
        | Event::IncidentSplit { .. }
        | Event::IncidentCancelled { .. }
        | Event::IncidentClosed { .. }
        | Event::IncidentReopened { .. }
        | Event::IncidentArchived { .. }
        | Event::IncidentHandedOver { .. } => incident::apply(state, record),
        Event::ShiftHandoverOffered { .. }
        | Event::ShiftHandoverEnded { .. }
        | Event::ShiftHandoverAccepted { .. } => shift::apply(state, record),
        Event::OrderCreated { .. }
        | Event::OrderAdvanced { .. }
        | Event::OrderUnstacked { .. }
        | Event::OrderRecalled { .. }
        | Event::NoticeSigned { .. }
        | Event::LifeConfirmed { .. }
        | Event::CallerReleased { .. } => order::apply(state, record),
        Event::FeedbackGiven { .. } | Event::FeedbackReviewed { .. } => feedback::apply(state, record),
        Event::DutySet { .. } | Event::ServiceSet { .. } | Event::UnitBack { .. } => {
            unit::apply(state, record);
        }
        Event::SupportRequested { .. }
        | Event::SupportGranted { .. }
        | Event::SupportRefused { .. }
        | Event::SupportEnded { .. } => support::apply(state, record),
        Event::TimerExpired { timer, climb, next_at } => {
            if state.timers.get(*timer).is_some() {
                state.timers.expire(*timer, record.recorded_at, climb.clone(), *next_at);
            }
        }
        Event::AutomaticOrderAnnounced { .. } | Event::AutomaticOrderEnded { .. } => {
            automatic::apply(state, record);
        }
        Event::RegionAdopted { .. }
        | Event::UnitRegistered { .. }
        | Event::UnitRetired { .. }
        | Event::PointRegistered { .. }
        | Event::PointRetired { .. }
        | Event::TestWindowSet { .. }
        | Event::AutomaticSet { .. }
        | Event::TimersSet { .. } => register::apply(state, record),
        // What is archived is not in state; the incident that replaces it was born with the link. Words are kept apart:
        // state holds their ids only, and those stay.
        Event::IncidentReplaced { .. } | Event::WordsErased { .. } => {}
    }
    automatic::follow(state, record);
}

/// Counts an event on an incident and remembers who did it.
fn act(state: &mut State, id: IncidentId, record: &Record) {
    let Some(incident) = state.incidents.get_mut(&id) else { return };
    incident.version += 1;
    remember(&mut incident.acts, incident.version, record);
}

/// A source calls again: an act of its incident, one however often it does in a row, and at the version the incident
/// has. A device repeats every few seconds; that must not make stale what a seat is about to order.
fn call_again(state: &mut State, id: IncidentId, record: &Record) {
    let Some(incident) = state.incidents.get_mut(&id) else { return };
    forget_same(&mut incident.acts, record);
    remember(&mut incident.acts, incident.version, record);
}

/// What is done again and again in a row is remembered once: it must not push out what people did.
fn forget_same(acts: &mut Vec<Act>, record: &Record) {
    acts.pop_if(|last| last.what == record.event.name());
}

/// Remembers who made a version of an alarm, an incident or an order.
fn remember(acts: &mut Vec<Act>, version: u32, record: &Record) {
    if acts.len() >= ACTS_MAX {
        acts.remove(0);
    }
    acts.push(Act {
        version,
        what: record.event.name().to_owned(),
        actor: record.actor.clone(),
        seat: record.seat.clone(),
        at: record.recorded_at,
    });
}

/// Whether an alarm is an SOS of a unit, and of which.
fn sos_unit(state: &State, alarm: AlarmId) -> Option<crate::id::UnitId> {
    let alarm = state.alarms.get(&alarm)?;
    (alarm.source == crate::alarm::AlarmSource::Sos).then(|| alarm.unit.clone()).flatten()
}
