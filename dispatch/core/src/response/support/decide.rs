//! Support 支援: a desk asks for a unit that another commands. It is granted, refused with a reason, or (priority 1,
//! unanswered for the region's time) taken by a desk above (D14).

use crate::command::{AnswerSupport, EndSupport, RequestSupport};
use crate::decide::{Deciding, Decision, check_words};
use crate::event::{SupportEnded, SupportGranted, SupportRefused, SupportRequested};
use crate::kernel::id::{SupportId, TimerKey, UnitId};
use crate::kernel::kind::Priority;
use crate::kernel::refusal::{Refusal, Rule};
use crate::response::support::mark::SupportMark;
use crate::response::support::{Support, SupportReason, SupportState};

impl<'a> Deciding<'a> {
    pub(crate) fn request_support(&mut self, request: &RequestSupport) -> Decision {
        let incident = self.active("incident", request.incident)?;
        let acting = self.acting()?;
        let unit = self.unit("unit", &request.unit)?;
        if unit.desk == *acting.desk {
            return Err(Refusal::invalid("unit", Rule::CommandedAlready));
        }
        if self.lent(&request.unit).is_some() {
            return Err(Refusal::UnitOfOtherDesk { unit: request.unit.clone(), desk: unit.desk.clone() });
        }
        if self.open_requests(&request.unit).any(|support| support.by == *acting.desk) {
            return Err(Refusal::NoChange);
        }
        let requested = SupportRequested {
            support: SupportId(self.minter.mint()),
            unit: request.unit.clone(),
            by: acting.desk.clone(),
            of: unit.desk.clone(),
            incident: incident.id,
            priority: incident.priority,
        };
        self.push(requested);
        Ok(())
    }

    pub(crate) fn answer_support(&mut self, answer: &AnswerSupport) -> Decision {
        let support = self.support(answer.support)?;
        let acting = self.acting()?;
        if support.state != SupportState::Open {
            return Err(Refusal::SupportAnswered);
        }
        if *acting.desk == support.of {
            return self.answer_own(answer, support);
        }
        // What was ordinary when it was asked for may be urgent now.
        let incident = self.state.incidents().get(&support.incident);
        let priority = incident.map_or(support.priority, |incident| incident.priority);
        if !answer.grant || priority != Priority::P1 {
            return Err(self.elsewhere(acting, &support.of, &self.area_of(&support.of)));
        }
        let waits = self.state.timers.get(TimerKey::Support(support.id)).filter(|row| row.expired.is_none());
        if let Some(at) = waits.and_then(|row| row.due).filter(|at| self.now < *at) {
            return Err(Refusal::TooEarly { at });
        }
        self.lend(support, true);
        Ok(())
    }

    fn answer_own(&mut self, answer: &AnswerSupport, support: &Support) -> Decision {
        check_words(answer.words, !answer.grant)?;
        if answer.grant {
            self.lend(support, false);
            return Ok(());
        }
        let reason = answer.reason.ok_or_else(|| Refusal::invalid("reason", Rule::SayWhy))?;
        if reason.is_of_centre() {
            return Err(Refusal::invalid("reason", Rule::NodeOnly));
        }
        self.push(SupportRefused { support: support.id, reason, words: answer.words });
        Ok(())
    }

    fn lend(&mut self, support: &Support, taken: bool) {
        self.push(SupportGranted { support: support.id, unit: support.unit.clone(), taken });
        let others: Vec<SupportId> = self.open_requests(&support.unit).map(|other| other.id).collect();
        for other in others.into_iter().filter(|other| *other != support.id) {
            let reason = SupportReason::LentToAnother;
            self.push(SupportRefused { support: other, reason, words: None });
        }
    }

    pub(crate) fn end_support(&mut self, end: &EndSupport) -> Decision {
        let support = self.support(end.support)?;
        let acting = self.acting()?;
        match support.state {
            // A desk that no longer needs the unit withdraws its request.
            SupportState::Open if *acting.desk == support.by => {}
            SupportState::Granted | SupportState::Taken => {
                let unit = self.unit("unit", &support.unit)?;
                self.without_order(&support.unit, unit)?;
            }
            SupportState::Open | SupportState::Refused | SupportState::Ended => {
                return Err(Refusal::NoChange);
            }
        }
        self.push(SupportEnded { support: support.id, unit: support.unit.clone() });
        Ok(())
    }

    pub(crate) fn support(&self, id: SupportId) -> Result<&'a Support, Refusal> {
        self.state.supports().get(&id).ok_or_else(|| Refusal::unknown("support", "support request", id))
    }

    /// The request by which a unit is lent now.
    pub(crate) fn lent(&self, unit: &UnitId) -> Option<&'a Support> {
        self.state.supports().bearing(SupportMark::Lent(unit.clone())).next()
    }

    pub(crate) fn open_requests(&self, unit: &UnitId) -> impl Iterator<Item = &'a Support> + use<'a> {
        self.state.supports().bearing(SupportMark::Asked(unit.clone()))
    }
}
