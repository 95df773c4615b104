//! Effects of one context on another, in two ordered lists: what follows from a decision, and what from a record.

use crate::decide::Deciding;
use crate::event::{
    AutomaticSet, Event, IncidentCancelled, IncidentClaimed, IncidentClassified, IncidentClosed,
    IncidentHandedOver, IncidentMerged, IncidentMoved, IncidentNoted, OrderCreated, Record, RegionAdopted,
};
use crate::kernel::about::{self, Fate};
use crate::kernel::id::IncidentId;
use crate::response::automatic::{self, AutomaticEnd, allowed};
use crate::response::incident::Incident;
use crate::response::unit;
use crate::state::State;

/// Brings about what follows from a record that was applied.
pub(crate) fn follow(state: &mut State, record: &Record) {
    unit::apply::follow_register(state, record);
    countdowns(state, record);
}

/// The countdown of an automatic order follows whatever its rule rests on: the incident, or the register.
fn countdowns(state: &mut State, record: &Record) {
    let said = record.event.about();
    let concerned: Vec<IncidentId> = if said.register == about::Register::Rules {
        state.incidents().keys().copied().collect()
    } else {
        let changed = said.entities.iter().filter(|(_, role)| matches!(role, Fate::Made | Fate::Changed));
        changed.filter_map(|(id, _)| id.as_incident()).collect()
    };
    for id in concerned {
        automatic::apply::refresh(state, id, record.recorded_at);
    }
}

impl Deciding<'_> {
    /// What follows from what was decided, by the same decision.
    pub(crate) fn follow_up(&mut self) {
        self.end_countdowns();
        let reminders: Vec<Event> =
            self.events.iter().flat_map(|event| self.reminders_after(event)).collect();
        self.events.extend(reminders);
    }

    /// Anybody who acts on an incident ends its countdown; an event of its own says who did it and why.
    fn end_countdowns(&mut self) {
        let over: Vec<(IncidentId, AutomaticEnd)> =
            self.events.iter().flat_map(|event| event.ends_countdown(self.state)).collect();
        let mut ended = std::mem::take(&mut self.countdowns_ended);
        for (incident, why) in over {
            let counting = self.state.incidents().get(&incident).is_some_and(automatic::counts);
            if counting && ended.insert(incident) {
                self.end_countdown(incident, why, None);
            }
        }
    }
}

/// What an event means for countdowns. A row that says `ends countdown` has an answer below; all others end none.
pub(crate) trait EndsCountdown {
    /// The incidents whose countdown it ends if one is running, and why.
    fn ends_countdown(&self, _: &State) -> Vec<(IncidentId, AutomaticEnd)> {
        Vec::new()
    }
}

/// Events that end the countdown of their incident, each with the reason.
macro_rules! ends_its_own {
    ($( $event:ident $why:ident )*) => { $(
        impl EndsCountdown for $event {
            fn ends_countdown(&self, _: &State) -> Vec<(IncidentId, AutomaticEnd)> {
                vec![(self.incident, AutomaticEnd::$why)]
            }
        }
    )* };
}

ends_its_own! {
    OrderCreated Dispatched
    IncidentClaimed Claimed
    IncidentMoved Moved
    IncidentCancelled Cancelled
    IncidentClosed Closed
    IncidentHandedOver HandedOver
}

impl EndsCountdown for IncidentClassified {
    fn ends_countdown(&self, state: &State) -> Vec<(IncidentId, AutomaticEnd)> {
        let before = state.incidents().get(&self.incident).map(|known| &known.incident_type);
        let same = before == Some(&self.incident_type);
        if same { Vec::new() } else { vec![(self.incident, AutomaticEnd::Reclassified)] }
    }
}

impl EndsCountdown for IncidentNoted {
    fn ends_countdown(&self, _: &State) -> Vec<(IncidentId, AutomaticEnd)> {
        if self.caller_withdrew { vec![(self.incident, AutomaticEnd::CallerWithdrew)] } else { Vec::new() }
    }
}

impl EndsCountdown for IncidentMerged {
    fn ends_countdown(&self, _: &State) -> Vec<(IncidentId, AutomaticEnd)> {
        let joined = (!self.orders.is_empty()).then_some((self.into, AutomaticEnd::Dispatched));
        std::iter::once((self.incident, AutomaticEnd::Merged)).chain(joined).collect()
    }
}

impl EndsCountdown for AutomaticSet {
    fn ends_countdown(&self, state: &State) -> Vec<(IncidentId, AutomaticEnd)> {
        if self.automatic.is_some() {
            return Vec::new();
        }
        let of_type = |incident: &&Incident| incident.incident_type.as_ref() == Some(&self.incident_type);
        let of_type = state.incidents().values().filter(of_type);
        of_type.map(|incident| (incident.id, AutomaticEnd::Forbidden)).collect()
    }
}

impl EndsCountdown for RegionAdopted {
    fn ends_countdown(&self, state: &State) -> Vec<(IncidentId, AutomaticEnd)> {
        let forbidden = |incident: &&Incident| allowed(&self.register, incident).is_none();
        let forbidden = state.incidents().values().filter(forbidden);
        forbidden.map(|incident| (incident.id, AutomaticEnd::Forbidden)).collect()
    }
}
