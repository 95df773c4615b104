//! Duty, service and coming back.

use super::event::{DutySet, ServiceSet, UnitBack};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::UnitId;
use crate::kernel::kind::Duty;
use crate::response::unit::Unit;
use crate::state::State;

impl Apply for DutySet {
    fn apply(&self, state: &mut State, record: &Record) {
        let Self { unit, duty } = self;

        change(state, unit, |unit| {
            unit.duty = *duty;
            unit.duty_since = record.recorded_at;
            unit.returning &= *duty != Duty::Off;
        });
    }
}

impl Apply for ServiceSet {
    fn apply(&self, state: &mut State, _record: &Record) {
        let Self { unit, out_of_service, words } = self;

        change(state, unit, |unit| {
            unit.out_of_service = *out_of_service;
            unit.service_words = *words;
        });
    }
}

impl Apply for UnitBack {
    fn apply(&self, state: &mut State, _record: &Record) {
        let Self { unit } = self;

        change(state, unit, |unit| unit.returning = false);
    }
}

/// Changes a unit and counts the change.
pub(crate) fn change(state: &mut State, id: &UnitId, how: impl FnOnce(&mut Unit)) {
    if let Some(unit) = state.units.get_mut(id) {
        unit.version += 1;
        how(unit);
    }
}
