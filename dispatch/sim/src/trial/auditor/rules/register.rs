//! The register: nothing that is referred to goes, and what comes fits what is there.

use dispatch_core::command::{
    AdoptRegion, EraseWords, RegisterPoint, RegisterUnit, RetirePoint, RetireUnit, SetAutomatic,
    SetTestWindow, SetTimers,
};
use dispatch_core::kernel::id::{DeskId, PointId, UnitId};
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::register::{PointEntry, UnitEntry};

use super::Ruling;

/// The longest test window, milliseconds.
const WINDOW_MS: u32 = 24 * 3_600_000;
/// A countdown that can be read and that is not forgotten, milliseconds.
const COUNTDOWN_MS: std::ops::RangeInclusive<u32> = 5_000..=600_000;

impl Ruling<'_> {
    /// Trials adopt one region; what a package has to bring the tests of the state machine know.
    pub(super) fn adopt_region(&mut self, it: &AdoptRegion) {
        self.way.bar_if(it.hash == self.guess.region, "no_change");
    }

    /// Whoever changes a unit answers for it as it is and as it comes to be.
    pub(super) fn register_unit(&mut self, it: &RegisterUnit) {
        self.over_unit(&it.unit);
        self.over_area(&it.entry.area);
        let up = |desk: &DeskId| *desk == it.entry.desk || self.guess.is_above(desk, &it.entry.desk);
        let acting = self.envelope.seat.as_ref().and_then(|seat| self.guess.seats.get(seat));
        self.way.bar_if(acting.is_some_and(|desk| !up(desk)), format!("other_desk {}", it.entry.desk));
        let unknown = !self.guess.desks.contains_key(&it.entry.desk);
        self.way.bar_if(unknown, "unknown entry.desk");
        let standing = it.entry.speed_max_cm_s == 0;
        self.way.invalid_if(standing, "entry.speed_max_cm_s", &Rule::MoreThanNothing);
        let known = self.guess.units.get(&it.unit).map(|car| &car.entry);
        let same = |known: &UnitEntry| {
            let entry = UnitEntry { slot: known.slot, retired: false, ..it.entry.clone() };
            entry == *known
        };
        self.way.bar_if(known.is_some_and(same), "no_change");
    }

    /// As the register has it, retired or not.
    fn over_unit(&mut self, unit: &UnitId) {
        let known = self.guess.units.get(unit).map(|car| &car.entry).or(self.guess.retired.get(unit));
        match known {
            Some(entry) => drop(self.over(&entry.desk, &entry.area)),
            None => drop(self.acting()),
        }
    }

    /// Where alarms of an area land.
    fn over_area(&mut self, area: &AreaPath) {
        match self.guess.landing(area) {
            Some(desk) => drop(self.over(desk, area)),
            None => drop(self.acting()),
        }
    }

    fn over_point(&mut self, point: &PointId) {
        match self.guess.points.get(point) {
            Some(entry) => self.over_area(&entry.area),
            None => drop(self.acting()),
        }
    }

    pub(super) fn retire_unit(&mut self, it: &RetireUnit) {
        self.over_unit(&it.unit);
        if self.unit(&it.unit).is_none() {
            return;
        }
        self.without_order(&it.unit);
        self.way.invalid_if(self.guess.calls_for_help(&it.unit), "unit", &Rule::SosOpen);
        self.way.invalid_if(self.guess.lent(&it.unit).is_some(), "unit", &Rule::LentOut);
    }

    pub(super) fn register_point(&mut self, it: &RegisterPoint) {
        self.over_point(&it.point);
        self.over_area(&it.entry.area);
        let other = |(id, known): (&PointId, &PointEntry)| {
            *id != it.point && !known.retired && known.number == it.entry.number
        };
        let taken = !it.entry.number.is_empty() && self.guess.points.iter().any(other);
        self.way.invalid_if(taken, "entry.number", &Rule::NumberTaken);
        let unknown = it.entry.area.0.iter().any(|code| !self.guess.areas.contains(code.as_str()));
        self.way.bar_if(unknown, "unknown entry.area");
        let entry = PointEntry { retired: false, ..it.entry.clone() };
        self.way.bar_if(self.guess.points.get(&it.point) == Some(&entry), "no_change");
    }

    pub(super) fn retire_point(&mut self, it: &RetirePoint) {
        self.over_point(&it.point);
        match self.guess.points.get(&it.point) {
            None => self.way.bar("unknown point"),
            Some(entry) => self.way.bar_if(entry.retired, "no_change"),
        }
    }

    pub(super) fn set_test_window(&mut self, it: &SetTestWindow) {
        self.over_point(&it.point);
        self.way.bar_if(!self.guess.points.contains_key(&it.point), "unknown point");
        self.way.invalid_if(it.until > self.at.plus_ms(WINDOW_MS), "until", &Rule::WithinADay);
        let open = self.guess.windows.get(&it.point).filter(|until| **until > self.at);
        let same = open == Some(&it.until) || open.is_none() && it.until <= self.at;
        self.way.bar_if(same, "no_change");
    }

    /// For the whole region, by a desk that nobody stands above.
    pub(super) fn set_automatic(&mut self, it: &SetAutomatic) {
        self.over_all();
        let Some(known) = self.guess.types.get(&it.incident_type) else {
            return self.way.bar("unknown incident_type");
        };
        let never = it.countdown_ms.is_some() && (known.weapon || known.sensitive);
        self.way.invalid_if(never, "countdown_ms", &Rule::NeverAutomatic);
        let odd = it.countdown_ms.is_some_and(|ms| !COUNTDOWN_MS.contains(&ms));
        self.way.invalid_if(odd, "countdown_ms", &Rule::Countdown);
        let present = known.automatic.as_ref().map(|automatic| automatic.countdown_ms);
        self.way.bar_if(present == it.countdown_ms, "no_change");
    }

    pub(super) fn set_timers(&mut self, it: &SetTimers) {
        self.over_all();
        let known = match &it.area_class {
            Some(class) => {
                self.way.bar_if(!self.guess.area_classes.contains(class), "unknown area_class");
                self.guess.class_timers.get(class)
            }
            None => Some(&self.guess.timers),
        };
        self.way.bar_if(known == Some(&it.timers), "no_change");
    }

    pub(super) fn erase_words(&mut self, it: &EraseWords) {
        self.over_all();
        self.way.invalid_if(it.words.is_empty(), "words", &Rule::Missing);
    }
}
