//! The answer of an accepted command: what its events made or touched.

use dispatch_core::event::{AlarmAnswered, AlarmArchived, AlarmRaised, AlarmRepeated, AlarmSaved, AlarmSettled, AutomaticOrderAnnounced, AutomaticOrderEnded, CallBackClosed, CallerReleased, DuplicatesOffered, FeedbackGiven, FeedbackReviewed, IncidentArchived, IncidentCancelled, IncidentClaimed, IncidentClassified, IncidentClosed, IncidentCreated, IncidentHandedOver, IncidentMerged, IncidentMoved, IncidentNoted, IncidentReopened, IncidentSilenced, IncidentSplit, IncidentsLinked, LifeConfirmed, NoticeSigned, OrderAdvanced, OrderCreated, OrderRecalled, OrderUnstacked, RecommendationRecorded, SupportEnded, SupportGranted, SupportRefused, SupportRequested, TechnicalCleared, TechnicalRaised, TechnicalRepeated, TechnicalShelved, TechnicalUnshelved};
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
        Event::AlarmRaised(AlarmRaised { alarm, .. }) => answer.alarm = Some(alarm.id),
        Event::AlarmRepeated(AlarmRepeated { alarm, .. })
        | Event::AlarmAnswered(AlarmAnswered { alarm, .. })
        | Event::AlarmSaved(AlarmSaved { alarm, .. })
        | Event::DuplicatesOffered(DuplicatesOffered { alarm, .. })
        | Event::CallBackClosed(CallBackClosed { alarm, .. })
        | Event::AlarmArchived(AlarmArchived { alarm, .. }) => answer.alarm = Some(*alarm),
        Event::AlarmSettled(AlarmSettled { alarm, outcome, .. }) => {
            answer.alarm = Some(*alarm);
            answer.incident = answer.incident.or(outcome.incident);
        }
        Event::TechnicalRaised(TechnicalRaised { technical }) => answer.technical = Some(technical.id),
        Event::TechnicalRepeated(TechnicalRepeated { technical, .. })
        | Event::TechnicalShelved(TechnicalShelved { technical, .. })
        | Event::TechnicalUnshelved(TechnicalUnshelved { technical, .. })
        | Event::TechnicalCleared(TechnicalCleared { technical, .. }) => answer.technical = Some(*technical),
        Event::IncidentCreated(IncidentCreated { incident, .. }) => answer.incident = Some(incident.id),
        Event::RecommendationRecorded(RecommendationRecorded { recommendation, .. }) => {
            answer.recommendation = Some(recommendation.id);
        }
        Event::IncidentClaimed(IncidentClaimed { incident, .. })
        | Event::IncidentClassified(IncidentClassified { incident, .. })
        | Event::IncidentMoved(IncidentMoved { incident, .. })
        | Event::IncidentNoted(IncidentNoted { incident, .. })
        | Event::IncidentSilenced(IncidentSilenced { incident, .. })
        | Event::IncidentsLinked(IncidentsLinked { incident, .. })
        | Event::IncidentCancelled(IncidentCancelled { incident, .. })
        | Event::IncidentClosed(IncidentClosed { incident, .. })
        | Event::IncidentReopened(IncidentReopened { incident, .. })
        | Event::IncidentArchived(IncidentArchived { incident, .. })
        | Event::IncidentHandedOver(IncidentHandedOver { incident, .. })
        | Event::AutomaticOrderAnnounced(AutomaticOrderAnnounced { incident, .. })
        | Event::AutomaticOrderEnded(AutomaticOrderEnded { incident, .. }) => answer.incident = Some(*incident),
        Event::IncidentMerged(IncidentMerged { into, orders, .. }) => {
            answer.incident = Some(*into);
            answer.orders.extend(orders);
        }
        Event::IncidentSplit(IncidentSplit { new, .. }) => answer.incident = Some(*new),
        Event::OrderCreated(OrderCreated { order, .. }) => {
            answer.incident = Some(order.incident);
            answer.orders.push(order.id);
        }
        Event::OrderAdvanced(OrderAdvanced { order, .. })
        | Event::OrderUnstacked(OrderUnstacked { order, .. })
        | Event::OrderRecalled(OrderRecalled { order, .. })
        | Event::NoticeSigned(NoticeSigned { order, .. })
        | Event::LifeConfirmed(LifeConfirmed { order, .. })
        | Event::CallerReleased(CallerReleased { order, .. }) => answer.orders.push(*order),
        Event::FeedbackGiven(FeedbackGiven { incident, feedback, .. }) => {
            answer.incident = Some(*incident);
            answer.feedback = Some(feedback.id);
        }
        Event::FeedbackReviewed(FeedbackReviewed { incident, feedback, .. }) => {
            answer.incident = Some(*incident);
            answer.feedback = Some(*feedback);
        }
        Event::SupportRequested(SupportRequested { support, .. }) => answer.support = Some(support.id),
        Event::SupportGranted(SupportGranted { support, .. })
        | Event::SupportRefused(SupportRefused { support, .. })
        | Event::SupportEnded(SupportEnded { support, .. }) => answer.support = Some(*support),
        _ => {}
    }
}
