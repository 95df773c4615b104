//! Duty, service and coming back, said by the unit itself or for it.

use super::{Deciding, Decision};
use crate::command::{ReportBack, SetDuty, SetService};
use crate::event::Event;
use crate::id::UnitId;
use crate::refusal::{Refusal, Rule};
use crate::unit::{Duty, Unit};

impl<'a> Deciding<'a> {
    pub(super) fn unit(&self, field: &str, id: &UnitId) -> Result<&'a Unit, Refusal> {
        self.state.units.get(id).ok_or_else(|| Refusal::unknown(field, "unit", id))
    }

    pub(super) fn set_duty(&mut self, set: &SetDuty) -> Decision {
        let unit = self.unit("unit", &set.unit)?;
        self.sender_for(&set.unit)?;
        if unit.duty == set.duty {
            return Err(Refusal::NoChange);
        }
        if set.duty == Duty::Off {
            self.without_order(&set.unit, unit)?;
        }
        self.push(Event::DutySet { unit: set.unit.clone(), duty: set.duty });
        Ok(())
    }

    /// A unit breaks down with an order or without; back in service, what was stacked for it goes out.
    pub(super) fn set_service(&mut self, set: &SetService) -> Decision {
        let unit = self.unit("unit", &set.unit)?;
        self.sender_for(&set.unit)?;
        if unit.out_of_service == set.out_of_service {
            return Err(Refusal::NoChange);
        }
        if set.out_of_service.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
            return Err(Refusal::invalid("out_of_service", Rule::SayWhy));
        }
        self.push(Event::ServiceSet { unit: set.unit.clone(), out_of_service: set.out_of_service.clone() });
        if set.out_of_service.is_none() && unit.active.is_none() {
            self.unstack(&Unit { out_of_service: None, ..unit.clone() });
        }
        Ok(())
    }

    pub(super) fn report_back(&mut self, report: &ReportBack) -> Decision {
        let unit = self.unit("unit", &report.unit)?;
        self.sender_for(&report.unit)?;
        self.without_order(&report.unit, unit)?;
        if !unit.returning {
            return Err(Refusal::NoChange);
        }
        self.push(Event::UnitBack { unit: report.unit.clone() });
        Ok(())
    }
}
