//! Feedback and its review.

use super::event::{FeedbackGiven, FeedbackReviewed};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::{FeedbackId, IncidentId, TimerKey};
use crate::response::feedback::{Feedback, FeedbackKind, Review};
use crate::state::State;

impl FeedbackGiven {
    /// The feedback as it is given with this record.
    pub fn feedback(&self, record: &Record) -> Feedback {
        let is_result = self.kind == FeedbackKind::Result;
        Feedback {
            id: self.feedback,
            kind: self.kind,
            order: self.order,
            disposition: self.disposition,
            words: self.words,
            at: record.recorded_at,
            by: record.actor.clone(),
            // Only a result is looked at before it counts.
            review: if is_result { Review::Pending } else { Review::Accepted },
            returned_because: None,
            returned_words: None,
        }
    }
}

impl Apply for FeedbackGiven {
    fn apply(&self, state: &mut State, record: &Record) {
        let feedback = self.feedback(record);
        given(state, self.incident, feedback, record);
    }
}

impl Apply for FeedbackReviewed {
    fn apply(&self, state: &mut State, record: &Record) {
        let Self { incident, feedback, accepted, reason, words } = self;

        crate::response::incident::apply::act(state, *incident, record);
        if let Some(found) = find(state, *incident, *feedback) {
            found.review = if *accepted { Review::Accepted } else { Review::Returned };
            (found.returned_because, found.returned_words) = (*reason, *words);
        }
    }
}

/// A result ends the wait for it: on its order, or on every order when it names none.
fn given(state: &mut State, id: IncidentId, feedback: Feedback, record: &Record) {
    crate::response::incident::apply::act(state, id, record);
    let Some(incident) = state.response.incidents.get_mut(&id) else { return };
    if feedback.kind == FeedbackKind::Result {
        for order in incident.orders.iter().filter(|order| feedback.order.is_none_or(|of| of == **order)) {
            state.timers.cancel(TimerKey::Feedback(*order));
        }
    }
    incident.feedback.push(feedback);
}

fn find(state: &mut State, incident: IncidentId, id: FeedbackId) -> Option<&mut Feedback> {
    state.response.incidents.get_mut(&incident)?.feedback.iter_mut().find(|feedback| feedback.id == id)
}
