//! Units: said by themselves or for them.

use dispatch_core::command::{ReportBack, SetDuty, SetService};
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::kind::Duty;

use super::Ruling;
use crate::trial::auditor::tables::Car;

impl<'g> Ruling<'g> {
    pub(super) fn unit(&mut self, unit: &UnitId) -> Option<&'g Car> {
        let found = self.guess.units.get(unit);
        self.way.bar_if(found.is_none(), "unknown unit");
        found
    }

    pub(super) fn set_duty(&mut self, it: &SetDuty) {
        let Some(car) = self.unit(&it.unit) else { return };
        self.speaks_for(&it.unit);
        self.way.bar_if(car.duty == it.duty, "no_change");
        if it.duty == Duty::Off {
            self.without_order(&it.unit);
        }
    }

    pub(super) fn set_service(&mut self, it: &SetService) {
        let Some(car) = self.unit(&it.unit) else { return };
        self.speaks_for(&it.unit);
        self.explains(it.words.is_some(), it.out_of_service.is_some());
        self.way.bar_if(car.broken == it.out_of_service && it.words.is_none(), "no_change");
    }

    pub(super) fn report_back(&mut self, it: &ReportBack) {
        let Some(car) = self.unit(&it.unit) else { return };
        self.speaks_for(&it.unit);
        self.without_order(&it.unit);
        self.way.bar_if(!car.returning, "no_change");
    }
}
