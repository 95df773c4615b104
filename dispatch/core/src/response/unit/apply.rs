//! Duty, service and coming back.

use std::collections::BTreeMap;

use super::event::{DutySet, ServiceSet, UnitBack};
use crate::apply::Apply;
use crate::event::{Record, RegionAdopted, UnitRegistered, UnitRetired};
use crate::kernel::id::UnitId;
use crate::kernel::kind::Duty;
use crate::kernel::time::Time;
use crate::register::UnitEntry;
use crate::response::incident::apply::calls_for_help;
use crate::response::support::mark::SupportMark;
use crate::response::unit::Unit;
use crate::state::State;

impl Apply for DutySet {
    fn apply(&self, state: &mut State, record: &Record) {
        change(state, &self.unit, |unit| {
            unit.duty = self.duty;
            unit.duty_since = record.recorded_at;
            unit.returning &= self.duty != Duty::Off;
        });
    }
}

impl Apply for ServiceSet {
    fn apply(&self, state: &mut State, _record: &Record) {
        change(state, &self.unit, |unit| {
            unit.out_of_service = self.out_of_service;
            unit.service_words = self.words;
        });
    }
}

impl Apply for UnitBack {
    fn apply(&self, state: &mut State, _record: &Record) {
        change(state, &self.unit, |unit| unit.returning = false);
    }
}

/// Changes a unit and counts the change.
pub(crate) fn change(state: &mut State, id: &UnitId, how: impl FnOnce(&mut Unit)) {
    if let Some(unit) = state.response.units.get_mut(id) {
        unit.version += 1;
        how(unit);
    }
}

/// Moves with the clock since when units are on duty or off it: they are followed from there.
pub(crate) fn move_duty(state: &mut State, us: i64) {
    state.response.units.values_mut().for_each(|unit| unit.duty_since = unit.duty_since.moved(us));
}

/// The duty of a unit nobody has said anything about: at home and on call.
const DUTY_FIRST: Duty = Duty::OnCall;

/// Units follow their register: one that enters gets a run-time state, one that left loses it.
pub(crate) fn follow_register(state: &mut State, record: &Record) {
    let now = record.recorded_at;
    if let Some(adopted) = record.event.get::<RegionAdopted>() {
        let duties: BTreeMap<&UnitId, Duty> =
            adopted.duties.iter().map(|(unit, duty)| (unit, *duty)).collect();
        for (id, entry) in &adopted.register.units {
            if entry.retired {
                state.response.units.remove(id);
            } else {
                enter(state, id, entry, duties.get(id).copied().unwrap_or(DUTY_FIRST), now);
            }
        }
        state.response.units.retain(|id, _| adopted.register.units.contains_key(id));
    }
    if let Some(registered) = record.event.get::<UnitRegistered>() {
        enter(state, &registered.unit, &registered.entry, DUTY_FIRST, now);
    }
    if let Some(retired) = record.event.get::<UnitRetired>() {
        state.response.units.remove(&retired.unit);
    }
}

/// A unit that stays keeps its run-time state; its desk follows its entry unless it is lent to another.
fn enter(state: &mut State, id: &UnitId, entry: &UnitEntry, duty: Duty, now: Time) {
    let lent = state.supports().bearing(SupportMark::Lent(id.clone())).next().is_some();
    // One that was retired may have called meanwhile: an SOS is taken from whoever presses.
    let sos = !state.units().contains_key(id) && calls_for_help(state, id);
    let unit = state.response.units.entry(id.clone()).or_insert_with(|| Unit {
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
