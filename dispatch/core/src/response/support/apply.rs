//! Support requests: while one is granted or taken, the asking desk commands the unit.

use crate::event::{Event, Record};
use crate::kernel::id::{DeskId, SupportId, UnitId};
use crate::kernel::timer::TimerKey;
use crate::response::support::{Support, SupportState};
use crate::state::State;

pub(crate) fn apply(state: &mut State, record: &Record) {
    match &record.event {
        Event::SupportRequested { support } => {
            let due = record.recorded_at.plus_ms(state.register.timers.support_ms);
            state.timers.set(TimerKey::Support(support.id), due);
            state.supports.insert(support.id, support.as_ref().clone());
        }
        Event::SupportGranted { support, taken, .. } => {
            let granted = if *taken { SupportState::Taken } else { SupportState::Granted };
            if let Some(support) = change(state, *support, granted) {
                command(state, &support.unit, support.by);
            }
        }
        Event::SupportRefused { support, reason, words } => {
            if change(state, *support, SupportState::Refused).is_some()
                && let Some(support) = state.supports.get_mut(support)
            {
                (support.refused_because, support.refused_words) = (Some(*reason), *words);
            }
        }
        Event::SupportEnded { support, .. } => {
            let before = state.supports.get(support).map(|support| support.state);
            let lent = matches!(before, Some(SupportState::Granted | SupportState::Taken));
            if let Some(support) = change(state, *support, SupportState::Ended).filter(|_| lent) {
                command(state, &support.unit, support.of);
            }
        }
        _ => {}
    }
}

fn change(state: &mut State, id: SupportId, to: SupportState) -> Option<Support> {
    state.timers.cancel(TimerKey::Support(id));
    let support = state.supports.get_mut(&id)?;
    support.version += 1;
    support.state = to;
    Some(support.clone())
}

fn command(state: &mut State, unit: &UnitId, desk: DeskId) {
    if let Some(unit) = state.units.get_mut(unit) {
        unit.version += 1;
        unit.desk = desk;
    }
}
