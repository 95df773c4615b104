//! 反馈 and its review: a result closes nothing until the responsible desk has accepted it.

use crate::command::{GiveFeedback, ReviewFeedback};
use crate::decide::{Deciding, Decision, bound, check_version, check_words};
use crate::event::{FeedbackGiven, FeedbackReviewed};
use crate::kernel::id::FeedbackId;
use crate::kernel::refusal::{Refusal, Rule};
use crate::response::feedback::{FeedbackKind, Review};

/// The most pieces of feedback on one incident.
const FEEDBACK_MAX: usize = 200;

impl Deciding<'_> {
    pub(crate) fn give_feedback(&mut self, give: &GiveFeedback) -> Decision {
        let incident = self.active("incident", give.incident)?;
        if let Some(order) = give.order
            && self.order(order)?.incident != incident.id
        {
            return Err(Refusal::invalid("order", Rule::OtherIncident));
        }
        let is_result = give.kind == FeedbackKind::Result;
        if is_result != give.disposition.is_some() {
            return Err(Refusal::invalid("disposition", Rule::DispositionOfResult));
        }
        if incident.feedback.len() >= FEEDBACK_MAX {
            return Err(Refusal::invalid("incident", Rule::AtMost { max: bound(FEEDBACK_MAX) }));
        }
        let given = FeedbackGiven {
            incident: incident.id,
            feedback: FeedbackId(self.minter.mint()),
            kind: give.kind,
            order: give.order,
            disposition: give.disposition,
            words: give.words,
        };
        self.push(given);
        Ok(())
    }

    /// The responsible desk reviews every result, its own included.
    pub(crate) fn review_feedback(&mut self, review: &ReviewFeedback) -> Decision {
        let incident = self.active("incident", review.incident)?;
        check_version(review.expected_version, incident.version, &incident.acts)?;
        let found = incident.feedback.iter().find(|feedback| feedback.id == review.feedback);
        let feedback = found.ok_or_else(|| Refusal::unknown("feedback", "feedback", review.feedback))?;
        if feedback.kind != FeedbackKind::Result {
            return Err(Refusal::invalid("feedback", Rule::ResultOnly));
        }
        if feedback.review != Review::Pending {
            return Err(Refusal::NoChange);
        }
        if review.accept && review.reason.is_some() {
            return Err(Refusal::invalid("reason", Rule::ReturnedOnly));
        }
        if !review.accept && review.reason.is_none() {
            return Err(Refusal::invalid("reason", Rule::SayWhy));
        }
        check_words(review.words, !review.accept)?;
        self.push(FeedbackReviewed {
            incident: incident.id,
            feedback: feedback.id,
            accepted: review.accept,
            reason: review.reason,
            words: review.words,
        });
        Ok(())
    }
}
