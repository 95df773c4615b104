//! Support requests: while one is granted or taken, the asking desk commands the unit.

use super::event::{SupportEnded, SupportGranted, SupportRefused, SupportRequested};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::{DeskId, SupportId, TimerKey, UnitId};
use crate::response::support::{Support, SupportState};
use crate::state::State;

impl SupportRequested {
    /// The request as it is born with this record.
    pub fn support(&self, record: &Record) -> Support {
        Support {
            id: self.support,
            version: 1,
            unit: self.unit.clone(),
            by: self.by.clone(),
            of: self.of.clone(),
            incident: self.incident,
            priority: self.priority,
            state: SupportState::Open,
            at: record.recorded_at,
            refused_because: None,
            refused_words: None,
        }
    }
}

impl Apply for SupportRequested {
    fn apply(&self, state: &mut State, record: &Record) {
        let due = record.recorded_at.plus_ms(state.register().timers.support_ms);
        state.timers.set(TimerKey::Support(self.support), due);
        let support = self.support(record);
        state.response.supports.insert(support.id, support);
    }
}

impl Apply for SupportGranted {
    fn apply(&self, state: &mut State, _record: &Record) {
        let granted = if self.taken { SupportState::Taken } else { SupportState::Granted };
        if let Some(support) = change(state, self.support, granted) {
            command(state, &support.unit, support.by);
        }
    }
}

impl Apply for SupportRefused {
    fn apply(&self, state: &mut State, _record: &Record) {
        change(state, self.support, SupportState::Refused);
        state.response.supports.change(&self.support, |support| {
            (support.refused_because, support.refused_words) = (Some(self.reason), self.words);
        });
    }
}

impl Apply for SupportEnded {
    fn apply(&self, state: &mut State, _record: &Record) {
        let before = state.supports().get(&self.support).map(|support| support.state);
        let lent = matches!(before, Some(SupportState::Granted | SupportState::Taken));
        if let Some(support) = change(state, self.support, SupportState::Ended).filter(|_| lent) {
            command(state, &support.unit, support.of);
        }
    }
}

fn change(state: &mut State, id: SupportId, to: SupportState) -> Option<Support> {
    state.timers.cancel(TimerKey::Support(id));
    state.response.supports.change(&id, |support| {
        support.version += 1;
        support.state = to;
        support.clone()
    })
}

fn command(state: &mut State, unit: &UnitId, desk: DeskId) {
    if let Some(unit) = state.response.units.get_mut(unit) {
        unit.version += 1;
        unit.desk = desk;
    }
}
