//! Technical alarms: raised, repeated, shelved, cleared; their sources suppressed.

use super::event::{
    SourceSuppressed, SourceUnsuppressed, TechnicalCleared, TechnicalRaised, TechnicalRepeated,
    TechnicalShelved, TechnicalUnshelved,
};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::{TechnicalId, TimerKey};
use crate::state::State;
use crate::technical::{Suppression, Technical};

impl TechnicalRaised {
    /// The technical alarm as it is born with this record.
    pub fn technical(&self, record: &Record) -> Technical {
        let now = record.recorded_at;
        Technical {
            id: self.technical,
            version: 1,
            kind: self.kind,
            cause: self.cause.clone(),
            point: self.point.clone(),
            unit: self.unit.clone(),
            area: self.area.clone(),
            by: self.by.clone(),
            first_at: now,
            last_at: now,
            count: 1,
            shelf: None,
            cleared_at: None,
        }
    }
}

impl Apply for TechnicalRaised {
    fn apply(&self, state: &mut State, record: &Record) {
        let technical = self.technical(record);
        state.technical.technicals.insert(technical.id, technical);
    }
}

impl Apply for TechnicalRepeated {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, self.technical, |technical| {
            technical.count += 1;
            technical.last_at = record.recorded_at;
        });
    }
}

impl Apply for TechnicalShelved {
    fn apply(&self, state: &mut State, _record: &Record) {
        state.timers.set(TimerKey::Shelf(self.technical), self.shelf.until);
        change(state, self.technical, |technical| technical.shelf = Some(self.shelf.clone()));
    }
}

impl Apply for TechnicalUnshelved {
    fn apply(&self, state: &mut State, _record: &Record) {
        state.timers.cancel(TimerKey::Shelf(self.technical));
        change(state, self.technical, |technical| technical.shelf = None);
    }
}

impl SourceSuppressed {
    /// The suppression as it is born with this record.
    pub fn suppression(&self, record: &Record) -> Suppression {
        Suppression {
            id: self.suppression,
            kind: self.kind,
            point: self.point.clone(),
            unit: self.unit.clone(),
            area: self.area.clone(),
            by: record.actor.clone(),
            seat: self.seat.clone(),
            reason: self.reason,
            words: self.words,
            at: record.recorded_at,
            until: self.until,
        }
    }
}

impl Apply for SourceSuppressed {
    fn apply(&self, state: &mut State, record: &Record) {
        let suppression = self.suppression(record);
        state.timers.set(TimerKey::Suppression(suppression.id), suppression.until);
        state.technical.suppressions.insert(suppression.id, suppression);
    }
}

impl Suppression {
    /// The event that ends it.
    pub(crate) fn ended(&self) -> SourceUnsuppressed {
        SourceUnsuppressed {
            suppression: self.id,
            point: self.point.clone(),
            unit: self.unit.clone(),
            area: self.area.clone(),
        }
    }
}

impl Apply for SourceUnsuppressed {
    fn apply(&self, state: &mut State, _: &Record) {
        state.timers.cancel(TimerKey::Suppression(self.suppression));
        state.technical.suppressions.remove(&self.suppression);
    }
}

impl Apply for TechnicalCleared {
    fn apply(&self, state: &mut State, _record: &Record) {
        state.timers.cancel(TimerKey::Shelf(self.technical));
        state.technical.technicals.remove(&self.technical);
    }
}

fn change(state: &mut State, id: TechnicalId, how: impl FnOnce(&mut Technical)) {
    state.technical.technicals.change(&id, |technical| {
        technical.version += 1;
        how(technical);
    });
}
