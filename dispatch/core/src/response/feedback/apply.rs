//! Feedback and its review.

use super::event::{FeedbackGiven, FeedbackReviewed};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::TimerKey;
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
    /// A result ends the wait for it: on its order, or on every order when it names none.
    fn apply(&self, state: &mut State, record: &Record) {
        crate::response::incident::apply::act(state, self.incident, record);
        let Some(incident) = state.response.incidents.get(&self.incident) else { return };
        if self.kind == FeedbackKind::Result {
            for order in incident.orders.iter().filter(|order| self.order.is_none_or(|of| of == **order)) {
                state.timers.cancel(TimerKey::Feedback(*order));
            }
        }
        let given = self.feedback(record);
        state.response.incidents.change(&self.incident, |incident| incident.feedback.push(given));
    }
}

impl Apply for FeedbackReviewed {
    fn apply(&self, state: &mut State, record: &Record) {
        crate::response::incident::apply::act(state, self.incident, record);
        state.response.incidents.change(&self.incident, |incident| {
            if let Some(found) = incident.feedback.iter_mut().find(|feedback| feedback.id == self.feedback) {
                found.review = if self.accepted { Review::Accepted } else { Review::Returned };
                (found.returned_because, found.returned_words) = (self.reason, self.words);
            }
        });
    }
}
