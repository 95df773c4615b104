//! What the register keeps of the centre's state; written by its own events alone.

use std::collections::BTreeMap;

use crate::contexts::keeps;
use crate::kernel::id::{PointId, UnitId};
use crate::kernel::time::Time;
use crate::register::Register;

keeps! {
    /// What stands still, and what goes with it.
    RegisterState in register, for tests register_mut {
        /// Hash of the region package in force.
        region: String,
        /// What stands still.
        register: Register,
        /// Units by index slot.
        slots: Vec<UnitId>,
        /// Test windows of points.
        test_windows: BTreeMap<PointId, Time>,
    }
}

impl RegisterState {
    /// Moves the ends of test windows with the clock.
    pub(crate) fn move_due(&mut self, us: i64) {
        self.test_windows.values_mut().for_each(|until| *until = until.moved(us));
    }
}
