//! What can be asked about units.

use crate::contexts::commands;
use crate::kernel::id::{UnitId, WordsId};
use crate::kernel::kind::Duty;
use crate::response::unit::ServiceReason;

commands! {
    ($) unit_commands

    /// Takes it on or off duty.
    ///
    /// 上勤 begins its duty, 下勤 ends it.
    SetDuty set_duty (post "units" {unit} "duty" on unit; text No; by Patrol over Unit(unit)) {
        /// The unit whose duty changes.
        unit: UnitId,
        /// The duty it has from now on.
        duty: Duty,
    }
    /// Takes it out of service, or back without a reason.
    ///
    /// 停用: it cannot be sent until it is back in service.
    SetService set_service (post "units" {unit} "service" on unit; text May; by Patrol over Unit(unit)) {
        /// The unit that goes out of service or comes back.
        unit: UnitId,
        /// Why it is out of service.
        #[serde(default, skip_serializing_if = "Option::is_none")] out_of_service: Option<ServiceReason>,
        /// More about it, as a words record.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// Reports it back at its beat or base.
    ReportBack report_back (post "units" {unit} "report-back" on unit; text No; by Patrol over Unit(unit)) {
        /// The unit that is back.
        unit: UnitId,
    }
}
