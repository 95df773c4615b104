//! What stands still changes only here: regions, units, points, timers, test windows.

use std::collections::BTreeMap;

use super::event::{
    AutomaticSet, PointRegistered, PointRetired, RegionAdopted, TestWindowSet, TimersSet, UnitRegistered,
    UnitRetired,
};
use crate::apply::Apply;
use crate::event::Record;
use crate::kernel::id::UnitId;
use crate::kernel::kind::Duty;
use crate::kernel::time::Time;
use crate::register::{Register, UnitEntry};
use crate::response::incident::apply::calls_for_help;
use crate::response::support::SupportState;
use crate::response::unit::Unit;
use crate::state::State;

/// The duty of a unit nobody has said anything about: at home and on call.
const DUTY_FIRST: Duty = Duty::OnCall;

impl Apply for RegionAdopted {
    fn apply(&self, state: &mut State, record: &Record) {
        let Self { hash, register, duties } = self;
        let now = record.recorded_at;
        adopted(state, hash, register, duties, now);
    }
}

impl Apply for UnitRegistered {
    fn apply(&self, state: &mut State, record: &Record) {
        let Self { unit, entry } = self;
        let now = record.recorded_at;
        registered(state, unit, entry, now);
    }
}

impl Apply for UnitRetired {
    fn apply(&self, state: &mut State, _record: &Record) {
        let unit = &self.unit;

        state.units.remove(unit);
        if let Some(entry) = state.register.units.get_mut(unit) {
            entry.retired = true;
        }
    }
}

impl Apply for PointRegistered {
    fn apply(&self, state: &mut State, _record: &Record) {
        let Self { point, entry } = self;

        state.register.points.insert(point.clone(), entry.as_ref().clone());
    }
}

impl Apply for PointRetired {
    fn apply(&self, state: &mut State, _record: &Record) {
        let Self { point } = self;

        state.test_windows.remove(point);
        if let Some(entry) = state.register.points.get_mut(point) {
            entry.retired = true;
        }
    }
}

impl Apply for TestWindowSet {
    fn apply(&self, state: &mut State, record: &Record) {
        let Self { point, until } = self;
        let now = record.recorded_at;
        state.test_windows.insert(point.clone(), *until);
        state.test_windows.retain(|_, until| *until > now);
    }
}

impl Apply for AutomaticSet {
    fn apply(&self, state: &mut State, _record: &Record) {
        let Self { incident_type, automatic } = self;

        if let Some(entry) = state.register.types.get_mut(incident_type) {
            entry.automatic.clone_from(automatic);
        }
    }
}

impl Apply for TimersSet {
    fn apply(&self, state: &mut State, _: &Record) {
        match &self.area_class {
            Some(class) => _ = state.register.class_timers.insert(class.clone(), self.timers.clone()),
            None => state.register.timers = self.timers.clone(),
        }
    }
}

/// The register of the event brings every unit and point ever known, those that left marked retired, so that slots and
/// what the journal refers to stay.
fn adopted(state: &mut State, hash: &str, register: &Register, duties: &[(UnitId, Duty)], now: Time) {
    let duties: BTreeMap<&UnitId, Duty> = duties.iter().map(|(unit, duty)| (unit, *duty)).collect();
    hash.clone_into(&mut state.region);
    state.register = register.clone();
    state.slots = slots(register);
    for (id, entry) in &register.units {
        if entry.retired {
            state.units.remove(id);
        } else {
            let duty = duties.get(id).copied().unwrap_or(DUTY_FIRST);
            enter(state, id, entry, duty, now);
        }
    }
    state.units.retain(|id, _| register.units.contains_key(id));
    state.test_windows.retain(|point, until| *until > now && register.points.contains_key(point));
}

fn registered(state: &mut State, id: &UnitId, entry: &UnitEntry, now: Time) {
    state.register.units.insert(id.clone(), entry.clone());
    let slot = entry.slot as usize;
    if slot == state.slots.len() {
        state.slots.push(id.clone());
    }
    enter(state, id, entry, DUTY_FIRST, now);
}

/// A unit that stays keeps its run-time state; its desk follows its entry unless it is lent to another.
fn enter(state: &mut State, id: &UnitId, entry: &UnitEntry, duty: Duty, now: Time) {
    let lent = state.supports.values().any(|support| {
        support.unit == *id && matches!(support.state, SupportState::Granted | SupportState::Taken)
    });
    // One that was retired may have called meanwhile: an SOS is taken from whoever presses.
    let sos = !state.units.contains_key(id) && calls_for_help(state, id);
    let unit = state.units.entry(id.clone()).or_insert_with(|| Unit {
        id: id.clone(),
        version: 0,
        duty,
        duty_since: now,
        out_of_service: None,
        service_words: None,
        desk: entry.desk.clone(),
        active: None,
        divert: None,
        stacked: Vec::new(),
        returning: false,
        sos,
    });
    unit.version += 1;
    if !lent {
        unit.desk = entry.desk.clone();
    }
}

/// Units by slot, which are dense.
fn slots(register: &Register) -> Vec<UnitId> {
    let by_slot: BTreeMap<u32, &UnitId> = register.units.iter().map(|(id, entry)| (entry.slot, id)).collect();
    by_slot.into_values().cloned().collect()
}
