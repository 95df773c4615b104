//! From a record to the next state. Applying cannot fail: what a decision let through holds all that is needed, and an
//! entity that is not there is passed over, as it would be when an old journal is replayed after an archive.
//!
//! The timers of docs/terms.md are set and ended here and nowhere else, so that a replay rebuilds them.

use crate::event::{Event, Record};
use crate::response::{alarm, automatic, feedback, incident, order, support, unit};
use crate::state::State;
use crate::{register, shift, technical};

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
        | Event::AlarmArchived { .. } => alarm::apply::apply(state, record),
        Event::TechnicalRaised { .. }
        | Event::TechnicalRepeated { .. }
        | Event::TechnicalShelved { .. }
        | Event::TechnicalUnshelved { .. }
        | Event::SourceSuppressed { .. }
        | Event::SourceUnsuppressed { .. }
        | Event::TechnicalCleared { .. } => technical::apply::apply(state, record),
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
        | Event::IncidentHandedOver { .. } => incident::apply::apply(state, record),
        Event::ShiftHandoverOffered { .. }
        | Event::ShiftHandoverEnded { .. }
        | Event::ShiftHandoverAccepted { .. } => shift::apply::apply(state, record),
        Event::OrderCreated { .. }
        | Event::OrderAdvanced { .. }
        | Event::OrderUnstacked { .. }
        | Event::OrderRecalled { .. }
        | Event::NoticeSigned { .. }
        | Event::LifeConfirmed { .. }
        | Event::CallerReleased { .. } => order::apply::apply(state, record),
        Event::FeedbackGiven { .. } | Event::FeedbackReviewed { .. } => feedback::apply::apply(state, record),
        Event::DutySet { .. } | Event::ServiceSet { .. } | Event::UnitBack { .. } => {
            unit::apply::apply(state, record);
        }
        Event::SupportRequested { .. }
        | Event::SupportGranted { .. }
        | Event::SupportRefused { .. }
        | Event::SupportEnded { .. } => support::apply::apply(state, record),
        Event::TimerExpired { timer, climb, next_at } => {
            if state.timers.get(*timer).is_some() {
                state.timers.expire(*timer, record.recorded_at, climb.clone(), *next_at);
            }
        }
        Event::AutomaticOrderAnnounced { .. } | Event::AutomaticOrderEnded { .. } => {
            automatic::apply::apply(state, record);
        }
        Event::RegionAdopted { .. }
        | Event::UnitRegistered { .. }
        | Event::UnitRetired { .. }
        | Event::PointRegistered { .. }
        | Event::PointRetired { .. }
        | Event::TestWindowSet { .. }
        | Event::AutomaticSet { .. }
        | Event::TimersSet { .. } => register::apply::apply(state, record),
        // What is archived is not in state; the incident that replaces it was born with the link. Words are kept apart:
        // state holds their ids only, and those stay.
        Event::IncidentReplaced { .. } | Event::WordsErased { .. } => {}
    }
    automatic::apply::follow(state, record);
}
