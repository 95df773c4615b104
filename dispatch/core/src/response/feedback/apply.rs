//! Feedback and its review.

use crate::event::{Event, Record};
use crate::kernel::id::{FeedbackId, IncidentId};
use crate::kernel::timer::TimerKey;
use crate::response::feedback::{Feedback, FeedbackKind, Review};
use crate::state::State;

pub(crate) fn apply(state: &mut State, record: &Record) {
    match &record.event {
        Event::FeedbackGiven { incident, feedback } => given(state, *incident, feedback, record),
        Event::FeedbackReviewed { incident, feedback, accepted, reason, words } => {
            crate::response::incident::apply::act(state, *incident, record);
            if let Some(found) = find(state, *incident, *feedback) {
                found.review = if *accepted { Review::Accepted } else { Review::Returned };
                (found.returned_because, found.returned_words) = (*reason, *words);
            }
        }
        _ => {}
    }
}

/// A result ends the waiting for it: that of its order, or of every order when it names none.
fn given(state: &mut State, id: IncidentId, feedback: &Feedback, record: &Record) {
    crate::response::incident::apply::act(state, id, record);
    let Some(incident) = state.incidents.get_mut(&id) else { return };
    incident.feedback.push(feedback.clone());
    if feedback.kind == FeedbackKind::Result {
        for order in incident.orders.iter().filter(|order| feedback.order.is_none_or(|of| of == **order)) {
            state.timers.cancel(TimerKey::Feedback(*order));
        }
    }
}

fn find(state: &mut State, incident: IncidentId, id: FeedbackId) -> Option<&mut Feedback> {
    state.incidents.get_mut(&incident)?.feedback.iter_mut().find(|feedback| feedback.id == id)
}
