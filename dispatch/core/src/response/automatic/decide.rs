//! 自动派警 (D14): announced with a countdown, stopped by anybody who acts on the incident, and given when the time is up,
//! to those who are best then, through the guards of every dispatch. Where they refuse, an event says so and it stays
//! in the queue for people. The first-order timer runs on all the while.
//!
//! The order is the centre's own: actor `system`, no seat, the recommendation it rests on recorded with it.

use crate::command::{Dispatch, SetAutomatic, StopAutomaticOrder};
use crate::decide::{Deciding, Decision, Ended};
use crate::event::{AutomaticOrderAnnounced, AutomaticOrderEnded, AutomaticSet};
use crate::kernel::id::{IncidentId, RecommendationId, UnitId};
use crate::kernel::recommendation::{Occasion, Recommendation};
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::target::Target;
use crate::kernel::timetable::TimerRow;
use crate::register::{Automatic, IncidentType};
use crate::response::automatic::{
    AutomaticEnd, COUNTDOWN_MAX_MS, COUNTDOWN_MIN_MS, allowed, counts, is_unwatched,
};
use crate::response::incident::Incident;
use crate::response::order::dispatch::{Giving, check_form};

/// Why an automatic order is not given.
type Hindrance = (AutomaticEnd, Option<Box<Refusal>>);

impl<'a> Deciding<'a> {
    /// Allows or forbids a type for the whole region.
    pub(crate) fn set_automatic(&mut self, set: &SetAutomatic) -> Decision {
        let known = self.state.register().types.get(&set.incident_type);
        let known = known.ok_or_else(|| Refusal::unknown("incident_type", "type", &set.incident_type))?;
        let automatic = set.countdown_ms.map(|countdown_ms| Automatic { countdown_ms });
        check_automatic("countdown_ms", &IncidentType { automatic: automatic.clone(), ..known.clone() })?;
        if automatic == known.automatic {
            return Err(Refusal::NoChange);
        }
        self.push(AutomaticSet { incident_type: set.incident_type.clone(), automatic });
        Ok(())
    }

    pub(crate) fn stop_automatic_order(&mut self, stop: &StopAutomaticOrder) -> Decision {
        let incident = self.active("incident", stop.incident)?;
        if !counts(incident) {
            return Err(Refusal::NoChange);
        }
        self.end_countdown(incident.id, AutomaticEnd::Stopped, None);
        Ok(())
    }

    /// The timer of an incident is due: the first time the order is announced, and when the countdown is over it is
    /// given; a countdown that nobody could watch begins anew. The state a tick reads does not show what the same tick
    /// has done already, so an order to a unit that the tick changed waits for the next.
    pub(crate) fn automatic_order(&mut self, _: &TimerRow, id: IncidentId, ended: &mut Ended) {
        let Some(incident) = self.state.incidents().get(&id) else { return };
        let Some(examination) = self.evidence.examinations.get(&id) else { return };
        let known = RecommendationId(self.minter.mint());
        let seen = crate::kernel::recommend::recommend(known, id, Occasion::Automatic, examination);
        let dispatch = proposed(&seen);
        let units: Vec<UnitId> = units(&dispatch).collect();
        if counts(incident) && units.iter().any(|unit| ended.units.contains(unit)) {
            return;
        }
        self.push(seen.recorded());
        let countdown = match self.unhindered(incident, &dispatch, &seen) {
            Ok(countdown) => countdown,
            Err((why, refusal)) => return self.end_countdown(id, why, refusal),
        };
        if !counts(incident) || is_unwatched(incident, countdown, self.now) {
            let due_at = self.now.plus_ms(countdown.countdown_ms);
            let targets = dispatch.targets;
            return self.push(AutomaticOrderAnnounced {
                incident: id,
                due_at,
                targets,
                recommendation: known,
            });
        }
        self.end_countdown(id, AutomaticEnd::Given, None);
        let giving = Giving {
            desk: &incident.desk,
            seat: None,
            incident,
            dispatch: &dispatch,
            parent: None,
            recommendation: Some(known),
            seen: Some(&seen),
        };
        for target in &dispatch.targets {
            self.write(&giving, target);
        }
        ended.units.extend(units);
    }

    /// The guards of every dispatch, and that the run card is met whole; a person decides who goes instead.
    fn unhindered(
        &self,
        incident: &Incident,
        dispatch: &Dispatch,
        seen: &Recommendation,
    ) -> Result<&'a Automatic, Hindrance> {
        let allowed = allowed(self.state.register(), incident).ok_or((AutomaticEnd::Forbidden, None))?;
        if dispatch.targets.is_empty() || !seen.unfilled.is_empty() {
            return Err((AutomaticEnd::Unfilled, None));
        }
        let checked =
            check_form(dispatch).and_then(|()| self.guards(&incident.desk, incident, dispatch, Some(seen)));
        checked.map_err(|refusal| (AutomaticEnd::Refused, Some(Box::new(refusal))))?;
        Ok(allowed)
    }

    pub(crate) fn end_countdown(
        &mut self,
        incident: IncidentId,
        why: AutomaticEnd,
        refusal: Option<Box<Refusal>>,
    ) {
        self.countdowns_ended.insert(incident);
        self.push(AutomaticOrderEnded { incident, why, refusal });
    }
}

/// The dispatch of a recommendation as it stands: its proposal, with no doubt confirmed.
fn proposed(seen: &Recommendation) -> Dispatch {
    let proposed = seen.ranked.iter().filter(|ranked| ranked.proposed_for.is_some());
    Dispatch {
        incident: seen.incident,
        expected_version: None,
        targets: proposed.map(|ranked| Target::Unit(ranked.candidate.unit.clone())).collect(),
        recommendation: Some(seen.id),
        override_reason: None,
        words: None,
        stack: false,
        divert: false,
        confirmed: false,
        parent: None,
    }
}

fn units(dispatch: &Dispatch) -> impl Iterator<Item = UnitId> {
    dispatch.targets.iter().filter_map(|target| match target {
        Target::Unit(unit) => Some(unit.clone()),
        Target::Desk(_) | Target::Agency(_) => None,
    })
}

/// Refuses automatic orders where there is a weapon or the type is sensitive, and a countdown nobody can follow.
pub(crate) fn check_automatic(field: &str, of: &IncidentType) -> Decision {
    let Some(automatic) = &of.automatic else { return Ok(()) };
    if of.weapon || of.sensitive {
        return Err(Refusal::invalid(field, Rule::NeverAutomatic));
    }
    if !(COUNTDOWN_MIN_MS..=COUNTDOWN_MAX_MS).contains(&automatic.countdown_ms) {
        return Err(Refusal::invalid(field, Rule::Countdown));
    }
    Ok(())
}
