//! Time passes: a journal begins, a clock is believed again, a timer runs out.

use super::event::{ClockCorrected, JournalOpened, TimerExpired};
use crate::apply::Apply;
use crate::event::Record;
use crate::response::{automatic, unit};
use crate::state::State;

impl Apply for JournalOpened {
    fn apply(&self, state: &mut State, _: &Record) {
        state.journal = Some(self.journal);
    }
}

impl Apply for ClockCorrected {
    fn apply(&self, state: &mut State, _: &Record) {
        state.now = self.to;
        state.timers.move_by(self.moves());
        state.register.move_due(self.moves());
        automatic::apply::move_due(state, self.moves());
        unit::apply::move_duty(state, self.moves());
        state.technical.move_due(self.moves());
        state.reminder.move_due(self.moves());
    }
}

impl Apply for TimerExpired {
    fn apply(&self, state: &mut State, record: &Record) {
        if state.timers.get(self.timer).is_some() {
            state.timers.expire(self.timer, record.recorded_at, self.escalation.clone(), self.next_at);
        }
    }
}
