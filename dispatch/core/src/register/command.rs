//! Commands that change the register.

use crate::contexts::commands;
use crate::kernel::id::{AreaClassCode, PointId, UnitId};
use crate::kernel::kind::Duty;
use crate::kernel::time::Time;
use crate::register::{PointEntry, Register, Timers, UnitEntry};

commands! {
    ($) register_commands

    /// Adopts a region package; its content commits with it.
    AdoptRegion adopt_region (within; text No; by Node over Node) {
        /// Content hash of the package, hex.
        hash: String,
        /// What it brings.
        register: Box<Register>,
        /// The duty that units begin with, for those that do not begin on call.
        #[serde(default)] duties: Vec<(UnitId, Duty)>,
    }
    /// Registers it or changes its entry.
    RegisterUnit register_unit (post "units" {unit} "register" on unit; text No; by Administrator over UnitEntry(unit) and Desk(entry.desk) and Area(entry.area)) {
        /// The unit; a new id makes a new unit.
        unit: UnitId,
        /// What it is. The slot is given by the centre.
        entry: UnitEntry,
    }
    /// Retires it from the register.
    ///
    /// Takes a unit out of the register; it is kept, marked retired.
    RetireUnit retire_unit (post "units" {unit} "retire" on unit; text No; by Administrator over UnitEntry(unit)) {
        /// The unit that is retired.
        unit: UnitId,
    }
    /// Registers it or changes its entry.
    RegisterPoint register_point (post "points" {point} "register" on point; text No; by Administrator over PointEntry(point) and Area(entry.area)) {
        /// The point; a new id makes a new point.
        point: PointId,
        /// What it is.
        entry: PointEntry,
    }
    /// Retires it; an alarm from it is still taken.
    RetirePoint retire_point (post "points" {point} "retire" on point; text No; by Administrator over PointEntry(point)) {
        /// The point that is retired.
        point: PointId,
    }
    /// Opens a test window that ends by itself.
    ///
    /// Test window 测试时段 of a point; ends by itself.
    SetTestWindow set_test_window (post "points" {point} "test-window" on point; text No; by Administrator over PointEntry(point)) {
        /// The point that is tested.
        point: PointId,
        /// When the window ends, microseconds UTC.
        until: Time,
    }
    /// Changes the timers.
    SetTimers set_timers (post "register" "timers"; text No; by Administrator over Region) {
        /// In areas of this class; everywhere else when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] area_class: Option<AreaClassCode>,
        /// The timers that hold there from now on.
        timers: Timers,
    }
}
