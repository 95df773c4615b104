//! Units, points, timers, test windows and erasures: what changes the register while the centre runs (D10).

use std::ops::RangeInclusive;

use crate::command::{RegisterPoint, RegisterUnit, RetirePoint, SetTestWindow, SetTimers};
use crate::decide::{Deciding, Decision};
use crate::event::{PointRegistered, PointRetired, TestWindowSet, TimersSet, UnitRegistered};
use crate::kernel::id::{PointId, UnitId};
use crate::kernel::refusal::{Refusal, Rule};
use crate::register::speaker::is_a_name;
use crate::register::{PointEntry, Register, Timers, UnitEntry};

/// The longest test window, milliseconds: a day. It ends by itself.
pub const TEST_WINDOW_MAX_MS: u32 = 86_400_000;

impl<'a> Deciding<'a> {
    /// A new unit gets the next slot; one that was there keeps its own, retired or not.
    pub(crate) fn register_unit(&mut self, register: &RegisterUnit) -> Decision {
        let known = self.state.register().units.get(&register.unit);
        let mut entry = register.entry.clone();
        check_unit(self.state.register(), "entry", &entry)?;
        check_unit_code(self.state.register(), "unit", &register.unit)?;
        entry.retired = false;
        entry.slot = match known {
            Some(known) => known.slot,
            None => u32::try_from(self.state.slots().len()).unwrap_or(u32::MAX),
        };
        if known == Some(&entry) {
            return Err(Refusal::NoChange);
        }
        self.push(UnitRegistered { unit: register.unit.clone(), entry: Box::new(entry) });
        Ok(())
    }

    pub(crate) fn register_point(&mut self, register: &RegisterPoint) -> Decision {
        let mut entry = register.entry.clone();
        check_point(self.state.register(), &register.point, &entry)?;
        check_point_code(self.state.register(), "point", &register.point)?;
        entry.retired = false;
        if self.state.register().points.get(&register.point) == Some(&entry) {
            return Err(Refusal::NoChange);
        }
        self.push(PointRegistered { point: register.point.clone(), entry: Box::new(entry) });
        Ok(())
    }

    pub(crate) fn retire_point(&mut self, retire: &RetirePoint) -> Decision {
        if self.point(&retire.point)?.retired {
            return Err(Refusal::NoChange);
        }
        self.push(PointRetired { point: retire.point.clone() });
        Ok(())
    }

    fn point(&self, id: &PointId) -> Result<&'a PointEntry, Refusal> {
        self.state.register().points.get(id).ok_or_else(|| Refusal::unknown("point", "alarm point", id))
    }

    /// Opens a window for a time, or ends it early when the time named is now.
    pub(crate) fn set_test_window(&mut self, set: &SetTestWindow) -> Decision {
        self.point(&set.point)?;
        if set.until > self.now.plus_ms(TEST_WINDOW_MAX_MS) {
            return Err(Refusal::invalid("until", Rule::WithinADay));
        }
        let open = self.state.test_windows().get(&set.point).filter(|until| **until > self.now);
        if open == Some(&set.until) || (open.is_none() && set.until <= self.now) {
            return Err(Refusal::NoChange);
        }
        self.push(TestWindowSet { point: set.point.clone(), until: set.until.max(self.now) });
        Ok(())
    }

    pub(crate) fn set_timers(&mut self, set: &SetTimers) -> Decision {
        check_timers("timers", &set.timers)?;
        let register = &self.state.register();
        if let Some(class) =
            set.area_class.as_ref().filter(|class| !register.area_classes.contains_key(class))
        {
            return Err(Refusal::unknown("area_class", "area class", class));
        }
        let known = match &set.area_class {
            Some(class) => register.class_timers.get(class),
            None => Some(&register.timers),
        };
        if known == Some(&set.timers) {
            return Err(Refusal::NoChange);
        }
        self.push(TimersSet { area_class: set.area_class.clone(), timers: set.timers.clone() });
        Ok(())
    }
}

/// Refuses a code under which somebody else speaks.
pub(crate) fn check_unit_code(register: &Register, field: &str, unit: &UnitId) -> Decision {
    let is_free = is_a_name(unit.as_str()) && !register.points.contains_key(&PointId::from(unit.as_str()));
    if is_free { Ok(()) } else { Err(Refusal::invalid(field, Rule::NameTaken)) }
}

/// The same for an alarm point's.
pub(crate) fn check_point_code(register: &Register, field: &str, point: &PointId) -> Decision {
    let is_free = is_a_name(point.as_str()) && !register.units.contains_key(&UnitId::from(point.as_str()));
    if is_free { Ok(()) } else { Err(Refusal::invalid(field, Rule::NameTaken)) }
}

/// Refuses an entry that refers to what the register does not know.
pub(crate) fn check_unit(register: &Register, field: &str, entry: &UnitEntry) -> Decision {
    let at = |name: &str| format!("{field}.{name}");
    if !register.desks.contains_key(&entry.desk) {
        return Err(Refusal::unknown(&at("desk"), "desk", &entry.desk));
    }
    if !register.organisations.contains_key(&entry.organisation) {
        return Err(Refusal::unknown(&at("organisation"), "organisation", &entry.organisation));
    }
    let kind = |code, class| register.kinds.iter().any(|kind| kind.code == code && kind.class == class);
    if !kind(entry.class.clone(), true) {
        return Err(Refusal::unknown(&at("class"), "authority class", &entry.class));
    }
    if let Some(code) = entry.capabilities.iter().find(|code| !kind((*code).clone(), false)) {
        return Err(Refusal::unknown(&at("capabilities"), "capability", code));
    }
    if usize::from(entry.mover) >= register.movers.len() {
        return Err(Refusal::unknown(&at("mover"), "mover", entry.mover));
    }
    if entry.speed_max_cm_s == 0 {
        return Err(Refusal::invalid(&at("speed_max_cm_s"), Rule::MoreThanNothing));
    }
    Ok(())
}

/// Refuses a point whose number rings elsewhere or that refers to what the register does not know.
fn check_point(register: &Register, id: &PointId, entry: &PointEntry) -> Decision {
    let mut others = register.points.iter().filter(|(other, known)| *other != id && !known.retired);
    if !entry.number.is_empty() && others.any(|(_, known)| known.number == entry.number) {
        return Err(Refusal::invalid("entry.number", Rule::NumberTaken));
    }
    if let Some(code) = entry.area.0.iter().find(|code| !register.areas.contains_key(code)) {
        return Err(Refusal::unknown("entry.area", "area", code));
    }
    if let Some(organisation) =
        entry.organisation.as_ref().filter(|code| !register.organisations.contains_key(code))
    {
        return Err(Refusal::unknown("entry.organisation", "organisation", organisation));
    }
    Ok(())
}

/// What a timer may be, milliseconds: as in a region package (docs/region-package.md).
const TIMER_MS: RangeInclusive<u32> = 1_000..=86_400_000;

/// When an arrival may be due, per mille of the estimate: not before it, and not when nobody waits any more.
const ARRIVAL_PER_MILLE: RangeInclusive<u32> = 1_000..=10_000;

/// Refuses timers that nobody can mean: they would run out at once, or never.
pub(crate) fn check_timers(field: &str, timers: &Timers) -> Decision {
    let single = [
        ("escalation_ms", timers.escalation_ms),
        ("support_ms", timers.support_ms),
        ("archive_ms", timers.archive_ms),
        // Nothing waits for it, and it may be nothing.
        ("skew_ms", timers.skew_ms.max(*TIMER_MS.start())),
    ];
    let by_priority = [
        ("answer_ms", timers.answer_ms),
        ("claim_ms", timers.claim_ms),
        ("first_order_ms", timers.first_order_ms),
        ("delivered_ms", timers.delivered_ms),
        ("signed_ms", timers.signed_ms),
        ("departed_slack_ms", timers.departed_slack_ms),
        ("sign_of_life_ms", timers.sign_of_life_ms),
        ("feedback_ms", timers.feedback_ms),
    ];
    let by_priority = by_priority.into_iter().flat_map(|(name, values)| values.map(|value| (name, value)));
    let broken = |name: &str, rule| Err(Refusal::invalid(&format!("{field}.{name}"), rule));
    if let Some((name, _)) = single.into_iter().chain(by_priority).find(|(_, ms)| !TIMER_MS.contains(ms)) {
        return broken(name, Rule::Timer);
    }
    if timers.arrival_per_mille.iter().any(|share| !ARRIVAL_PER_MILLE.contains(share)) {
        return broken("arrival_per_mille", Rule::ArrivalShare);
    }
    Ok(())
}
