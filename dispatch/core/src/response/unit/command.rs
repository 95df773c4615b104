//! What can be asked about units.

use crate::contexts::commands;
use crate::kernel::id::{UnitId, WordsId};
use crate::kernel::kind::Duty;
use crate::response::unit::ServiceReason;

commands! {
    ($) unit_commands

    /// Takes it on or off duty.
    ///
    /// 上勤 / 下勤.
    SetDuty set_duty (post "units" {unit} "duty" on unit; text No; by Patrol) {
        /// Which unit.
        unit: UnitId,
        /// To what.
        duty: Duty,
    }
    /// Takes it out of service, or back without a reason.
    ///
    /// 停用, or back when no reason is given.
    SetService set_service (post "units" {unit} "service" on unit; text May; by Patrol) {
        /// Which unit.
        unit: UnitId,
        /// Why it is out of service.
        #[serde(default)] out_of_service: Option<ServiceReason>,
        /// More about it, as a words record.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Reports it back at its beat or base.
    ///
    /// Back at beat or base.
    ReportBack report_back (post "units" {unit} "report-back" on unit; text No; by Patrol) {
        /// Which unit.
        unit: UnitId,
    }
}
