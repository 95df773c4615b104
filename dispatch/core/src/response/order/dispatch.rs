//! 派警, 下派, 转出: an incident given to targets, all or none. A refusal says which target and what to do instead;
//! a second key is asked for where what was on screen leaves doubt.

mod guard;

use std::collections::BTreeSet;

use crate::command::{Dispatch, RenewRecommendation};
use crate::decide::{Deciding, Decision, bound, check_version, check_words};
use crate::event::{OrderAdvanced, OrderCreated};
use crate::kernel::id::{DeskId, OrderId, RecommendationId, SeatId, UnitId};
use crate::kernel::kind::OrderState;
use crate::kernel::recommendation::{Candidate, Occasion, Recommendation};
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::target::Target;
use crate::register::speaker::Acting;
use crate::response::incident::Incident;
use crate::response::order::{Stamp, StampSource};

/// The most targets of one dispatch.
const TARGETS_MAX: usize = 32;

/// Who gives the orders of one dispatch, and what they rest on.
#[derive(Clone, Copy)]
pub(crate) struct Giving<'g> {
    pub desk: &'g DeskId,
    /// None for an automatic order.
    pub seat: Option<&'g SeatId>,
    pub incident: &'g Incident,
    pub dispatch: &'g Dispatch,
    pub parent: Option<OrderId>,
    /// What the orders refer to.
    pub recommendation: Option<RecommendationId>,
    /// What was on screen.
    pub seen: Option<&'g Recommendation>,
}

impl<'a> Deciding<'a> {
    pub(crate) fn dispatch(&mut self, dispatch: &'a Dispatch) -> Decision {
        let acting = self.acting()?;
        let incident = self.active("incident", dispatch.incident)?;
        let parent = self.parent_of(acting, incident, dispatch)?;
        check_version(dispatch.expected_version, incident.version, &incident.acts)?;
        check_form(dispatch)?;
        check_words(dispatch.words, dispatch.override_reason.is_some())?;
        let seen = self.seen(incident, dispatch)?;
        let seen = seen.as_ref();
        self.guards(acting.desk, incident, dispatch, seen)?;
        let giving = Giving {
            desk: acting.desk,
            seat: Some(acting.seat),
            incident,
            dispatch,
            parent,
            recommendation: self.shown(incident, dispatch, seen),
            seen,
        };
        for target in &dispatch.targets {
            self.write(&giving, target);
        }
        Ok(())
    }

    /// Anybody who may dispatch it may look for units anew.
    pub(crate) fn renew_recommendation(&mut self, renew: &RenewRecommendation) -> Decision {
        let incident = self.active("incident", renew.incident)?;
        let examination = self.evidence.examination_of(&incident.id);
        let renewed = self.recommend(incident.id, Occasion::Asked, examination, &incident.place);
        renewed.map(|_| ()).ok_or(Refusal::NoChange)
    }

    /// The order by which this desk carries the incident on, if it was given one.
    fn parent_of(
        &self,
        acting: Acting<'a>,
        incident: &Incident,
        dispatch: &Dispatch,
    ) -> Result<Option<OrderId>, Refusal> {
        let given = self.order_given_to(acting.desk, incident).map(|order| order.id);
        if dispatch.parent.is_some() && dispatch.parent != given {
            return Err(Refusal::invalid("parent", Rule::ParentOfYours));
        }
        Ok(given)
    }

    /// The recommendation on screen.
    fn seen(&self, incident: &Incident, dispatch: &Dispatch) -> Result<Option<Recommendation>, Refusal> {
        let Some(id) = dispatch.recommendation else { return Ok(None) };
        let found = self.state.recommendations().get(&id);
        let seen = found.ok_or_else(|| Refusal::unknown("recommendation", "recommendation", id))?;
        if seen.incident() != incident.id {
            return Err(Refusal::invalid("recommendation", Rule::OtherIncident));
        }
        Ok(Some(seen.recommendation()))
    }

    /// What the orders refer to: what was on screen; where it was overruled or nothing was on screen, what would be
    /// recommended now is recorded beside the choice.
    fn shown(
        &mut self,
        incident: &Incident,
        dispatch: &Dispatch,
        seen: Option<&Recommendation>,
    ) -> Option<RecommendationId> {
        let occasion = match (seen, dispatch.override_reason) {
            (Some(seen), None) => return Some(seen.id),
            (_, Some(_)) => Occasion::Override,
            (None, None) => Occasion::Dispatch,
        };
        let examination = self.evidence.examination_of(&incident.id);
        let recorded = self.recommend(incident.id, occasion, examination, &incident.place);
        seen.map(|seen| seen.id).or(recorded)
    }

    /// Writes one order and, unless it is stacked, sends it.
    pub(crate) fn write(&mut self, giving: &Giving<'_>, target: &Target) {
        let Giving { desk, seat, incident, dispatch, parent, recommendation, seen } = *giving;
        let id = OrderId(self.minter.mint());
        let unit = match target {
            Target::Unit(unit) => Some(unit),
            Target::Desk(_) | Target::Agency(_) => None,
        };
        let active = unit.and_then(|unit| self.state.units().get(unit)).and_then(|unit| unit.active);
        let candidate = unit.and_then(|unit| self.candidate(incident, seen, unit));
        let rank = unit.and_then(|unit| seen?.ranked.iter().find(|ranked| ranked.candidate.unit == *unit));
        let stacked = dispatch.stack && active.is_some();
        let created = OrderCreated {
            order: id,
            incident: incident.id,
            mode: incident.mode,
            area: incident.area.clone(),
            target: target.clone(),
            parent,
            desk: desk.clone(),
            seat: seat.cloned(),
            recommendation,
            rank: rank.map(|ranked| ranked.rank),
            override_reason: dispatch.override_reason,
            override_words: dispatch.words,
            diverted_from: active.filter(|_| dispatch.divert),
            stacked,
            eta_high_ms: candidate.map_or(0, Candidate::eta_high_ms),
            eta_ms: candidate.map_or(0, Candidate::eta_ms),
            silent: incident.silent,
        };
        self.push(created);
        if !stacked {
            let stamp = self.stamp(OrderState::Sent, StampSource::Operator);
            self.push(OrderAdvanced { order: id, stamp, reason: None });
        }
    }

    /// What was known of a unit on screen, or is known now.
    fn candidate<'c>(
        &'c self,
        incident: &Incident,
        seen: Option<&'c Recommendation>,
        unit: &UnitId,
    ) -> Option<&'c Candidate> {
        let shown = seen.into_iter().flat_map(|seen| &seen.ranked).map(|ranked| &ranked.candidate);
        let examined = self.evidence.examination_of(&incident.id);
        let examined = examined.into_iter().flat_map(|examined| {
            examined.available.iter().chain(examined.passed.iter().map(|passed| &passed.candidate))
        });
        shown.chain(examined).find(|candidate| candidate.unit == *unit)
    }

    /// A stamp of this moment by the sender of the command.
    pub(crate) fn stamp(&self, state: OrderState, source: StampSource) -> Stamp {
        Stamp {
            state,
            at: self.now,
            received_at: self.now,
            source,
            by: self.envelope.actor.clone(),
            voice: None,
            words: None,
            beside: false,
        }
    }
}

pub(crate) fn check_form(dispatch: &Dispatch) -> Decision {
    let targets: BTreeSet<&Target> = dispatch.targets.iter().collect();
    let broken = if targets.is_empty() {
        Some(("targets", Rule::Missing))
    } else if targets.len() > TARGETS_MAX {
        Some(("targets", Rule::AtMost { max: bound(TARGETS_MAX) }))
    } else if targets.len() != dispatch.targets.len() {
        Some(("targets", Rule::EachOnce))
    } else if dispatch.stack && dispatch.divert {
        Some(("divert", Rule::StackOrDivert))
    } else {
        None
    };
    broken.map_or(Ok(()), |(field, rule)| Err(Refusal::invalid(field, rule)))
}
