//! What stands still changes only here: regions, units, points, timers, test windows.

use std::collections::BTreeMap;

use super::event::{
    AutomaticSet, PointRegistered, PointRetired, RegionAdopted, TestWindowSet, TimersSet, UnitRegistered,
    UnitRetired,
};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::UnitId;
use crate::register::Register;
use crate::state::State;

impl Apply for RegionAdopted {
    /// The register of the event brings every unit and point ever known, those that left marked retired, so that slots
    /// and what the journal refers to stay.
    fn apply(&self, state: &mut State, record: &Record) {
        let now = record.recorded_at;
        self.hash.clone_into(&mut state.register.region);
        state.register.register = (*self.register).clone();
        state.register.slots = slots(&self.register);
        state
            .register
            .test_windows
            .retain(|point, until| *until > now && self.register.points.contains_key(point));
    }
}

impl Apply for UnitRegistered {
    fn apply(&self, state: &mut State, _: &Record) {
        state.register.register.units.insert(self.unit.clone(), (*self.entry).clone());
        if self.entry.slot as usize == state.slots().len() {
            state.register.slots.push(self.unit.clone());
        }
    }
}

impl Apply for UnitRetired {
    fn apply(&self, state: &mut State, _: &Record) {
        if let Some(entry) = state.register.register.units.get_mut(&self.unit) {
            entry.retired = true;
        }
    }
}

impl Apply for PointRegistered {
    fn apply(&self, state: &mut State, _record: &Record) {
        state.register.register.points.insert(self.point.clone(), (*self.entry).clone());
    }
}

impl Apply for PointRetired {
    fn apply(&self, state: &mut State, _record: &Record) {
        state.register.test_windows.remove(&self.point);
        if let Some(entry) = state.register.register.points.get_mut(&self.point) {
            entry.retired = true;
        }
    }
}

impl Apply for TestWindowSet {
    fn apply(&self, state: &mut State, record: &Record) {
        let now = record.recorded_at;
        state.register.test_windows.insert(self.point.clone(), self.until);
        state.register.test_windows.retain(|_, until| *until > now);
    }
}

impl Apply for AutomaticSet {
    fn apply(&self, state: &mut State, _record: &Record) {
        if let Some(entry) = state.register.register.types.get_mut(&self.incident_type) {
            entry.automatic.clone_from(&self.automatic);
        }
    }
}

impl Apply for TimersSet {
    fn apply(&self, state: &mut State, _: &Record) {
        match &self.area_class {
            Some(class) => {
                _ = state.register.register.class_timers.insert(class.clone(), self.timers.clone());
            }
            None => state.register.register.timers = self.timers.clone(),
        }
    }
}

/// Units by slot, which are dense.
fn slots(register: &Register) -> Vec<UnitId> {
    let by_slot: BTreeMap<u32, &UnitId> = register.units.iter().map(|(id, entry)| (entry.slot, id)).collect();
    by_slot.into_values().cloned().collect()
}
