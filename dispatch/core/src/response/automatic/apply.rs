//! 自动派警: the countdown of an incident. As soon as an incident may be ordered automatically its timer is due at once:
//! the tick that finds it announces the order, and from then on the timer is the countdown. Before the announcement
//! the timer comes and goes with the rule; afterwards only its own events move it.

use super::event::{AutomaticOrderAnnounced, AutomaticOrderEnded};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::{IncidentId, TimerKey};
use crate::kernel::time::Time;
use crate::response::automatic::{AutomaticOrder, allowed};
use crate::response::incident::Incident;
use crate::response::incident::apply::act;
use crate::state::State;

impl Apply for AutomaticOrderAnnounced {
    fn apply(&self, state: &mut State, record: &Record) {
        let announced = AutomaticOrder {
            due_at: Some(self.due_at),
            targets: self.targets.clone(),
            recommendation: Some(self.recommendation),
            ended: None,
            refusal: None,
        };
        change(state, self.incident, record, announced);
        state.timers.set(TimerKey::Automatic(self.incident), self.due_at);
    }
}

impl Apply for AutomaticOrderEnded {
    fn apply(&self, state: &mut State, record: &Record) {
        let before = state.incidents().get(&self.incident).and_then(|known| known.automatic.clone());
        let ended = AutomaticOrder {
            ended: Some(self.why),
            refusal: self.refusal.as_deref().cloned(),
            ..before.unwrap_or_default()
        };
        change(state, self.incident, record, ended);
        state.timers.cancel(TimerKey::Automatic(self.incident));
    }
}

fn change(state: &mut State, id: IncidentId, record: &Record, to: AutomaticOrder) {
    act(state, id, record);
    state.response.incidents.change(&id, |incident| incident.automatic = Some(to));
}

/// Moves the countdowns that run with the clock.
pub(crate) fn move_due(state: &mut State, us: i64) {
    let counts = |incident: &&Incident| incident.automatic.as_ref().is_some_and(AutomaticOrder::counts);
    let running: Vec<_> = state.incidents().values().filter(counts).map(|incident| incident.id).collect();
    for id in running {
        state.response.incidents.change(&id, |incident| {
            if let Some(due) = incident.automatic.as_mut().and_then(|automatic| automatic.due_at.as_mut()) {
                *due = due.moved(us);
            }
        });
    }
}

/// Brings the timer of an incident in line with the rule.
pub(crate) fn refresh(state: &mut State, id: IncidentId, now: Time) {
    let key = TimerKey::Automatic(id);
    let Some(incident) = state.incidents().get(&id).filter(|incident| incident.automatic.is_none()) else {
        return;
    };
    let may = allowed(state.register(), incident).is_some();
    match (may, state.timers.get(key).is_some()) {
        (true, false) => state.timers.set(key, now),
        (false, true) => state.timers.cancel(key),
        _ => {}
    }
}
