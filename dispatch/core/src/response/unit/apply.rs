//! Duty, service and coming back.

use crate::event::{Event, Record};
use crate::kernel::id::UnitId;
use crate::kernel::kind::Duty;
use crate::response::unit::Unit;
use crate::state::State;

pub(crate) fn apply(state: &mut State, record: &Record) {
    match &record.event {
        Event::DutySet { unit, duty } => change(state, unit, |unit| {
            unit.duty = *duty;
            unit.duty_since = record.recorded_at;
            unit.returning &= *duty != Duty::Off;
        }),
        Event::ServiceSet { unit, out_of_service, words } => change(state, unit, |unit| {
            unit.out_of_service = *out_of_service;
            unit.service_words = *words;
        }),
        Event::UnitBack { unit } => change(state, unit, |unit| unit.returning = false),
        _ => {}
    }
}

/// Changes a unit and counts the change.
pub(crate) fn change(state: &mut State, id: &UnitId, how: impl FnOnce(&mut Unit)) {
    if let Some(unit) = state.units.get_mut(id) {
        unit.version += 1;
        how(unit);
    }
}
