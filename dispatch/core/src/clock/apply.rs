//! Time passes: a journal begins, a timer runs out.

use super::event::{JournalOpened, TimerExpired};
use crate::apply::Apply;
use crate::event::Record;
use crate::state::State;

impl Apply for JournalOpened {
    fn apply(&self, state: &mut State, _: &Record) {
        state.journal = Some(self.journal);
    }
}

impl Apply for TimerExpired {
    fn apply(&self, state: &mut State, record: &Record) {
        if state.timers.get(self.timer).is_some() {
            state.timers.expire(self.timer, record.recorded_at, self.escalation.clone(), self.next_at);
        }
    }
}
