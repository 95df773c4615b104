//! Adopting a region package, for the first time or again. What is open must be brought along; what left is kept and
//! marked retired; slots stay (D10).

use std::collections::BTreeSet;

use crate::command::AdoptRegion;
use crate::decide::{Deciding, Decision, bound};
use crate::event::RegionAdopted;
use crate::kernel::id::UnitId;
use crate::kernel::kind::IncidentState;
use crate::kernel::refusal::{Refusal, Rule};
use crate::kernel::target::Target;
use crate::register::{KINDS_MAX, Register, RunCard};
use crate::response::support::SupportState;
use crate::view::View;

/// Minutes of a day.
const DAY_MINUTES: u16 = 1_440;

impl Deciding<'_> {
    pub(crate) fn adopt_region(&mut self, adopt: &AdoptRegion) -> Decision {
        if adopt.hash == *self.state.region() {
            return Err(Refusal::NoChange);
        }
        check_register(&adopt.register)?;
        let missing = self.left_behind(&adopt.register);
        if !missing.is_empty() {
            return Err(Refusal::StillReferred { missing: missing.into_iter().collect() });
        }
        let register = Box::new(self.merged(&adopt.register));
        self.push(RegionAdopted { hash: adopt.hash.clone(), register, duties: adopt.duties.clone() });
        Ok(())
    }

    /// The new register with the units and points that left, retired, and every slot where it was.
    fn merged(&self, new: &Register) -> Register {
        let old = &self.state.register();
        let mut merged = new.clone();
        for (id, entry) in old.units.iter().filter(|(id, _)| !new.units.contains_key(id)) {
            merged.units.insert(id.clone(), entry.clone());
            if let Some(entry) = merged.units.get_mut(id) {
                entry.retired = true;
            }
        }
        for (id, entry) in old.points.iter().filter(|(id, _)| !new.points.contains_key(id)) {
            merged.points.insert(id.clone(), entry.clone());
            if let Some(entry) = merged.points.get_mut(id) {
                entry.retired = true;
            }
        }
        let mut fresh: Vec<(u32, UnitId)> = Vec::new();
        for (id, entry) in &mut merged.units {
            match old.units.get(id) {
                Some(known) => entry.slot = known.slot,
                None => fresh.push((entry.slot, id.clone())),
            }
        }
        // New units in the order of their package, then by id.
        fresh.sort();
        for (slot, (_, id)) in (self.state.slots().len()..).zip(fresh) {
            if let Some(entry) = merged.units.get_mut(&id) {
                entry.slot = u32::try_from(slot).unwrap_or(u32::MAX);
            }
        }
        merged
    }

    /// What is open and not in the package, as `kind:code`.
    fn left_behind(&self, new: &Register) -> BTreeSet<String> {
        let state = self.state;
        let mut missing = BTreeSet::new();
        let mut need = |kind: &str, code: &str, known: bool| {
            if !known {
                missing.insert(format!("{kind}:{code}"));
            }
        };
        for alarm in state.alarms().values() {
            // An alarm from before the first region landed nowhere and needs nothing of it.
            let homeless = !state.register().desks.contains_key(&alarm.desk);
            need("desk", alarm.desk.as_str(), homeless || new.desks.contains_key(&alarm.desk));
        }
        for incident in state.incidents().values() {
            let homeless = !state.register().desks.contains_key(&incident.desk);
            need("desk", incident.desk.as_str(), homeless || new.desks.contains_key(&incident.desk));
            let active = incident.state == IncidentState::Active;
            if let Some(code) = incident.incident_type.as_ref().filter(|_| active) {
                need("type", code.as_str(), new.types.contains_key(code));
            }
        }
        for order in state.orders().values().filter(|order| !order.state.is_ended()) {
            need("desk", order.desk.as_str(), new.desks.contains_key(&order.desk));
            match &order.target {
                Target::Unit(unit) => need("unit", unit.as_str(), stays(new, unit)),
                Target::Desk(desk) => need("desk", desk.as_str(), new.desks.contains_key(desk)),
                Target::Agency(agency) => need("agency", agency.as_str(), new.agencies.contains_key(agency)),
            }
        }
        let live = |state| matches!(state, SupportState::Open | SupportState::Granted | SupportState::Taken);
        for support in state.supports().values().filter(|support| live(support.state)) {
            need("unit", support.unit.as_str(), stays(new, &support.unit));
            for desk in [&support.by, &support.of] {
                need("desk", desk.as_str(), new.desks.contains_key(desk));
            }
        }
        for seat in View::seats(state) {
            need("seat", seat.as_str(), new.seats.contains_key(seat));
        }
        for unit in state.units().values().filter(|unit| unit.sos) {
            need("unit", unit.id.as_str(), stays(new, &unit.id));
        }
        missing
    }
}

fn stays(register: &Register, unit: &UnitId) -> bool {
    register.units.get(unit).is_some_and(|entry| !entry.retired)
}

/// Refuses a register that contradicts itself. The loader has checked the package line by line before; this keeps
/// what the decisions rest on true, no matter who made the register.
fn check_register(register: &Register) -> Decision {
    if register.kinds.len() > KINDS_MAX {
        return Err(Refusal::invalid("register.kinds", Rule::AtMost { max: bound(KINDS_MAX) }));
    }
    if register.desks.is_empty() {
        return Err(Refusal::invalid("register.desks", Rule::Missing));
    }
    for desk in register.desks.values() {
        if let Some(parent) = desk.parent.as_ref().filter(|parent| !register.desks.contains_key(parent)) {
            return Err(Refusal::unknown("register.desks.parent", "desk", parent));
        }
    }
    let codes: BTreeSet<&str> = register.desks.values().map(|desk| desk.code.as_str()).collect();
    if codes.len() != register.desks.len() {
        return Err(Refusal::invalid("register.desks.code", Rule::OwnCode));
    }
    for seat in register.seats.values() {
        if !register.desks.contains_key(&seat.desk) {
            return Err(Refusal::unknown("register.seats.desk", "desk", &seat.desk));
        }
    }
    for desk in register.trunks.values() {
        if !register.desks.contains_key(desk) {
            return Err(Refusal::unknown("register.trunks", "desk", desk));
        }
    }
    for (id, entry) in &register.units {
        let field = format!("register.units.{id}");
        crate::register::decide::check_unit(register, &field, entry)?;
        crate::register::decide::check_unit_code(register, &field, id)?;
    }
    for id in register.points.keys() {
        crate::register::decide::check_point_code(register, &format!("register.points.{id}"), id)?;
    }
    for (code, entry) in &register.types {
        crate::response::automatic::decide::check_automatic(
            &format!("register.types.{code}.automatic"),
            entry,
        )?;
    }
    for (class, timers) in &register.class_timers {
        crate::register::decide::check_timers(&format!("register.class_timers.{class}"), timers)?;
    }
    for card in &register.run_cards {
        check_hours(card)?;
    }
    crate::register::decide::check_timers("register.timers", &register.timers)
}

/// Refuses a part of the day that no clock shows, or that is empty.
fn check_hours(card: &RunCard) -> Decision {
    let Some(hours) = card.hours else { return Ok(()) };
    if hours.from == hours.until || hours.from.max(hours.until) >= DAY_MINUTES {
        return Err(Refusal::invalid("register.run_cards.hours", Rule::MinutesOfDay));
    }
    Ok(())
}
