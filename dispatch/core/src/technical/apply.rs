//! Technical alarms: raised, repeated, shelved, cleared; their sources suppressed.

use crate::event::{Event, Record};
use crate::kernel::id::TechnicalId;
use crate::kernel::timer::TimerKey;
use crate::state::State;
use crate::technical::Technical;

pub(crate) fn apply(state: &mut State, record: &Record) {
    match &record.event {
        Event::TechnicalRaised { technical } => {
            if let Some(shelf) = &technical.shelf {
                state.timers.set(TimerKey::Shelf(technical.id), shelf.until);
            }
            state.technicals.insert(technical.id, technical.as_ref().clone());
        }
        Event::TechnicalRepeated { technical } => change(state, *technical, |technical| {
            technical.count += 1;
            technical.last_at = record.recorded_at;
        }),
        Event::TechnicalShelved { technical, shelf } => {
            state.timers.set(TimerKey::Shelf(*technical), shelf.until);
            change(state, *technical, |technical| technical.shelf = Some(shelf.clone()));
        }
        Event::TechnicalUnshelved { technical } => {
            state.timers.cancel(TimerKey::Shelf(*technical));
            change(state, *technical, |technical| technical.shelf = None);
        }
        Event::SourceSuppressed { suppression } => {
            state.timers.set(TimerKey::Suppression(suppression.id), suppression.until);
            state.suppressions.insert(suppression.id, suppression.as_ref().clone());
        }
        Event::SourceUnsuppressed { suppression } => {
            state.timers.cancel(TimerKey::Suppression(suppression.id));
            state.suppressions.remove(&suppression.id);
        }
        Event::TechnicalCleared { technical, .. } => {
            state.timers.cancel(TimerKey::Shelf(*technical));
            state.technicals.remove(technical);
        }
        _ => {}
    }
}

fn change(state: &mut State, id: TechnicalId, how: impl FnOnce(&mut Technical)) {
    if let Some(technical) = state.technicals.get_mut(&id) {
        technical.version += 1;
        how(technical);
    }
}
