//! Duty, service and coming back, said by the unit itself or for it.

use crate::command::{ReportBack, RetireUnit, SetDuty, SetService};
use crate::decide::{Deciding, Decision, check_words};
use crate::event::{DutySet, ServiceSet, SupportRefused, UnitBack, UnitRetired};
use crate::kernel::id::UnitId;
use crate::kernel::kind::Duty;
use crate::kernel::refusal::{Refusal, Rule};
use crate::response::support::SupportReason;
use crate::response::unit::Unit;

impl<'a> Deciding<'a> {
    pub(crate) fn retire_unit(&mut self, retire: &RetireUnit) -> Decision {
        let unit = self.unit("unit", &retire.unit)?;
        self.without_order(&retire.unit, unit)?;
        if unit.sos {
            return Err(Refusal::invalid("unit", Rule::SosOpen));
        }
        if self.lent(&retire.unit).is_some() {
            return Err(Refusal::invalid("unit", Rule::LentOut));
        }
        let open: Vec<_> = self.open_requests(&retire.unit).map(|support| support.id).collect();
        for support in open {
            self.push(SupportRefused { support, reason: SupportReason::UnitRetired, words: None });
        }
        let home = self.state.register().units.get(&retire.unit).map(|entry| entry.area.clone());
        self.push(UnitRetired { unit: retire.unit.clone(), area: home.unwrap_or_default() });
        Ok(())
    }

    pub(crate) fn unit(&self, field: &str, id: &UnitId) -> Result<&'a Unit, Refusal> {
        self.state.units().get(id).ok_or_else(|| Refusal::unknown(field, "unit", id))
    }

    pub(crate) fn set_duty(&mut self, set: &SetDuty) -> Decision {
        let unit = self.unit("unit", &set.unit)?;
        if unit.duty == set.duty {
            return Err(Refusal::NoChange);
        }
        if set.duty == Duty::Off {
            self.without_order(&set.unit, unit)?;
        }
        self.push(DutySet { unit: set.unit.clone(), duty: set.duty });
        Ok(())
    }

    /// A unit may break down with or without an order; when it is back in service its stacked orders go out.
    pub(crate) fn set_service(&mut self, set: &SetService) -> Decision {
        let unit = self.unit("unit", &set.unit)?;
        check_words(set.words, set.out_of_service.is_some())?;
        if unit.out_of_service == set.out_of_service && set.words.is_none() {
            return Err(Refusal::NoChange);
        }
        self.push(ServiceSet {
            unit: set.unit.clone(),
            out_of_service: set.out_of_service,
            words: set.words,
        });
        if set.out_of_service.is_none() && unit.active.is_none() {
            self.unstack(&Unit { out_of_service: None, ..unit.clone() });
        }
        Ok(())
    }

    pub(crate) fn report_back(&mut self, report: &ReportBack) -> Decision {
        let unit = self.unit("unit", &report.unit)?;
        self.without_order(&report.unit, unit)?;
        if !unit.returning {
            return Err(Refusal::NoChange);
        }
        self.push(UnitBack { unit: report.unit.clone() });
        Ok(())
    }
}
