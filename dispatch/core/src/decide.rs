//! From a command to the events it makes, or the refusal that says what to do instead.
//!
//! A decision reads the state, the evidence and the time it is given and nothing else; it changes nothing. The same
//! four make the same events (D1). Automatic consequences of a command (a stacked order that is sent when the unit
//! comes free, the incident of a diverted unit that needs another) are events of the same decision.

use std::collections::BTreeSet;

pub use crate::clock::decide::{EXPIRIES_PER_TICK_MAX, LEVEL_OF_PARENT};
use crate::command::Envelope;
use crate::event::Event;
use crate::kernel::evidence::Evidence;
use crate::kernel::id::{AlarmId, IncidentId, Minter, OrderId, RecommendationId, TimerKey, UnitId, WordsId};
use crate::kernel::kind::IncidentState;
use crate::kernel::place::Place;
use crate::kernel::recommendation::{Examination, Occasion};
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::time::Time;
use crate::response::acts::Acts;
pub use crate::response::alarm::raise::{LATE_MS, SAME_PRESS_MS};
use crate::response::incident::Incident;
use crate::response::order::Order;
use crate::state::State;

/// Decides a command. The events are to be recorded and applied in their order, all or none; a tick with nothing due
/// makes no event.
pub fn decide(
    state: &State,
    evidence: &Evidence,
    envelope: &Envelope,
    now: Time,
) -> Result<Vec<Event>, Refusal> {
    let minter = Minter::new(&envelope.actor, envelope.id);
    let (events, countdowns_ended) = (Vec::new(), BTreeSet::new());
    let mut deciding = Deciding { state, evidence, envelope, now, minter, events, countdowns_ended };
    deciding.permitted()?;
    envelope.command.decide(&mut deciding)?;
    deciding.follow_up();
    Ok(deciding.events)
}

/// One decision under way.
pub(crate) struct Deciding<'a> {
    pub(crate) state: &'a State,
    pub(crate) evidence: &'a Evidence,
    pub(crate) envelope: &'a Envelope,
    pub(crate) now: Time,
    pub(crate) minter: Minter<'a>,
    pub(crate) events: Vec<Event>,
    /// Incidents whose countdown this decision has ended.
    pub(crate) countdowns_ended: BTreeSet<IncidentId>,
}

pub(crate) type Decision = Result<(), Refusal>;

impl<'a> Deciding<'a> {
    pub(crate) fn push(&mut self, event: impl Into<Event>) {
        self.events.push(event.into());
    }

    pub(crate) fn alarm(&self, id: AlarmId) -> Result<&'a crate::response::alarm::Alarm, Refusal> {
        self.state.alarms().get(&id).ok_or_else(|| Refusal::unknown("alarm", "alarm", id))
    }

    pub(crate) fn incident(&self, field: &str, id: IncidentId) -> Result<&'a Incident, Refusal> {
        self.state.incidents().get(&id).ok_or_else(|| Refusal::unknown(field, "incident", id))
    }

    /// An incident that goes on.
    pub(crate) fn active(&self, field: &str, id: IncidentId) -> Result<&'a Incident, Refusal> {
        let incident = self.incident(field, id)?;
        match incident.state {
            IncidentState::Active => Ok(incident),
            state => Err(Refusal::IncidentEnded { field: field.to_owned(), state }),
        }
    }

    pub(crate) fn order(&self, id: OrderId) -> Result<&'a Order, Refusal> {
        self.state.orders().get(&id).ok_or_else(|| Refusal::unknown("order", "order", id))
    }

    /// Records what the examination recommends, if it looked at this place. `None` where there is nothing to record.
    pub(crate) fn recommend(
        &mut self,
        incident: IncidentId,
        occasion: Occasion,
        examination: Option<&Examination>,
        place: &Place,
    ) -> Option<RecommendationId> {
        let examination = examination.filter(|examination| same_spot(&examination.place, place))?;
        let id = RecommendationId(self.minter.mint());
        let recommendation = crate::kernel::recommend::recommend(id, incident, occasion, examination);
        self.push(recommendation.recorded());
        Some(id)
    }

    /// Gives an incident that waits for somebody again a new recommendation at once.
    pub(crate) fn put_back(&mut self, incident: IncidentId) {
        let Some(incident) = self.state.incidents().get(&incident) else { return };
        if incident.state == IncidentState::Active {
            let examination = self.evidence.examination_of(&incident.id);
            self.recommend(incident.id, Occasion::Changed, examination, &incident.place);
        }
    }
}

/// Refuses words that explain a reason nobody gave.
pub(crate) fn check_words(words: Option<WordsId>, reason_given: bool) -> Decision {
    match words {
        Some(_) if !reason_given => Err(Refusal::invalid("words", Rule::ExplainReason)),
        _ => Ok(()),
    }
}

/// A limit as a refusal names it.
pub(crate) fn bound(max: usize) -> u32 {
    u32::try_from(max).unwrap_or(u32::MAX)
}

/// Two places in the same spot: who confirmed it may differ.
pub(crate) fn same_spot(one: &Place, other: &Place) -> bool {
    one.coord == other.coord && one.area == other.area && one.point == other.point
}

/// Refuses a command whose sender saw an older version than there is now, and says what was done in between. Every
/// command of a seat that rests on what was on screen names what it saw. A note, a feedback and a report of what a
/// crew did do not: what was said or happened is true whatever else changed.
pub(crate) fn check_seen(field: &str, expected: Option<u32>, actual: u32, acts: &Acts) -> Decision {
    match expected {
        None => Err(Refusal::invalid(field, Rule::VersionMissing)),
        Some(expected) if expected != actual => {
            let between = acts.iter().filter(|act| act.version > expected).collect();
            Err(Refusal::Stale { field: field.to_owned(), expected, actual, between })
        }
        Some(_) => Ok(()),
    }
}

pub(crate) fn check_version(expected: Option<u32>, actual: u32, acts: &Acts) -> Decision {
    check_seen("expected_version", expected, actual, acts)
}

/// What one tick has ended already, while the state it reads still holds it.
#[derive(Default)]
pub(crate) struct Ended {
    pub timers: BTreeSet<TimerKey>,
    /// Units that were ordered, went home or had an order expire: what comes of them next depends on that.
    pub units: BTreeSet<UnitId>,
}
