//! The answer of an accepted command: what its events made or touched.

use dispatch_core::event::{Event, Record};
use dispatch_core::state::State;
use dispatch_store::Accepted;

/// Gathers the answer from the records of one command and the state after them.
pub fn accepted(state: &State, records: &[Record]) -> Accepted {
    let mut answer = Accepted { seq: records.last().map_or(0, |record| record.seq), ..Accepted::default() };
    for record in records {
        note(&mut answer, &record.event);
    }
    answer.orders.sort();
    answer.orders.dedup();
    let of_incident =
        answer.incident.and_then(|id| state.incidents.get(&id)).map(|incident| incident.version);
    let of_alarm = answer.alarm.and_then(|id| state.alarms.get(&id)).map(|alarm| alarm.version);
    answer.version = of_incident.or(of_alarm);
    answer
}

fn note(answer: &mut Accepted, event: &Event) {
    match event {
        Event::AlarmRaised { alarm, .. } => answer.alarm = Some(alarm.id),
        Event::AlarmRepeated { alarm, .. }
        | Event::AlarmAnswered { alarm, .. }
        | Event::AlarmSaved { alarm, .. }
        | Event::DuplicatesOffered { alarm, .. }
        | Event::CallBackClosed { alarm, .. }
        | Event::AlarmArchived { alarm, .. } => answer.alarm = Some(*alarm),
        Event::AlarmSettled { alarm, outcome, .. } => {
            answer.alarm = Some(*alarm);
            answer.incident = answer.incident.or(outcome.incident);
        }
        Event::TechnicalRaised { technical } => answer.technical = Some(technical.id),
        Event::TechnicalRepeated { technical, .. }
        | Event::TechnicalShelved { technical, .. }
        | Event::TechnicalUnshelved { technical, .. }
        | Event::TechnicalCleared { technical, .. } => answer.technical = Some(*technical),
        Event::IncidentCreated { incident, .. } => answer.incident = Some(incident.id),
        Event::RecommendationRecorded { recommendation, .. } => {
            answer.recommendation = Some(recommendation.id);
        }
        Event::IncidentClaimed { incident, .. }
        | Event::IncidentClassified { incident, .. }
        | Event::IncidentMoved { incident, .. }
        | Event::IncidentNoted { incident, .. }
        | Event::IncidentSilenced { incident, .. }
        | Event::IncidentsLinked { incident, .. }
        | Event::IncidentCancelled { incident, .. }
        | Event::IncidentClosed { incident, .. }
        | Event::IncidentReopened { incident, .. }
        | Event::IncidentArchived { incident, .. }
        | Event::IncidentHandedOver { incident, .. }
        | Event::AutomaticOrderAnnounced { incident, .. }
        | Event::AutomaticOrderEnded { incident, .. } => answer.incident = Some(*incident),
        Event::IncidentMerged { into, orders, .. } => {
            answer.incident = Some(*into);
            answer.orders.extend(orders);
        }
        Event::IncidentSplit { new, .. } => answer.incident = Some(*new),
        Event::OrderCreated { order, .. } => {
            answer.incident = Some(order.incident);
            answer.orders.push(order.id);
        }
        Event::OrderAdvanced { order, .. }
        | Event::OrderUnstacked { order, .. }
        | Event::OrderRecalled { order, .. }
        | Event::NoticeSigned { order, .. }
        | Event::LifeConfirmed { order, .. }
        | Event::CallerReleased { order, .. } => answer.orders.push(*order),
        Event::FeedbackGiven { incident, feedback, .. } => {
            answer.incident = Some(*incident);
            answer.feedback = Some(feedback.id);
        }
        Event::FeedbackReviewed { incident, feedback, .. } => {
            answer.incident = Some(*incident);
            answer.feedback = Some(*feedback);
        }
        Event::SupportRequested { support, .. } => answer.support = Some(support.id),
        Event::SupportGranted { support, .. }
        | Event::SupportRefused { support, .. }
        | Event::SupportEnded { support, .. } => answer.support = Some(*support),
        _ => {}
    }
}
