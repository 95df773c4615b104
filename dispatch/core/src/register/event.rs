//! Events that change the register.

use crate::contexts::events;
use crate::kernel::about::{About, Shown};
use crate::kernel::fact::Fact;
use crate::kernel::id::{AreaClassCode, PointId, TypeCode, UnitId};
use crate::kernel::kind::Duty;
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;
use crate::register::recorded::{Automatic, PointEntry, Register, Timers, UnitEntry};

events! {
    ($) register_events

    /// A region package was adopted.
    RegionAdopted "region_adopted" ends countdown {
        /// Content hash of the package, hex.
        hash: String,
        /// What it brings.
        register: Box<Register>,
        /// The duty that units begin with, for those that do not begin on call.
        duties: Vec<(UnitId, Duty)>,
    }
    /// A unit was registered or its entry changed.
    UnitRegistered "unit_registered" {
        /// The unit that was registered or changed.
        unit: UnitId,
        /// What it is, with its slot.
        entry: Box<UnitEntry>,
    }
    /// A unit was retired.
    UnitRetired "unit_retired" {
        /// The unit that was retired.
        unit: UnitId,
        /// Codes from the league down of its home.
        area: AreaPath,
    }
    /// A point was registered or its entry changed.
    PointRegistered "point_registered" {
        /// The point that was registered or changed.
        point: PointId,
        /// What it is.
        entry: Box<PointEntry>,
    }
    /// A point was retired.
    PointRetired "point_retired" {
        /// The point that was retired.
        point: PointId,
    }
    /// A point is being tested until a time.
    TestWindowSet "test_window_set" (Changed point) {
        /// The point that is being tested.
        point: PointId,
        /// When the window ends, microseconds UTC.
        until: Time,
    }
    /// Automatic orders were allowed for a type, or forbidden.
    AutomaticSet "automatic_set" ends countdown {
        /// The incident type that it holds for.
        incident_type: TypeCode,
        /// The countdown that allows them; none forbids.
        #[serde(default, skip_serializing_if = "Option::is_none")] automatic: Option<Automatic>,
    }
    /// Timers were changed, everywhere or in areas of one class.
    TimersSet "timers_set" {
        /// In areas of this class; everywhere else when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")] area_class: Option<AreaClassCode>,
        /// The timers that hold there from now on.
        timers: Timers,
    }
}

impl Fact for RegionAdopted {
    fn about(&self) -> About {
        About::rules().shows(Shown::Register)
    }
}

impl Fact for UnitRegistered {
    fn about(&self) -> About {
        About::changed(self.unit.clone()).entry()
    }
}

impl Fact for UnitRetired {
    fn about(&self) -> About {
        About::gone(self.unit.clone(), &self.area).entry()
    }
}

impl Fact for PointRegistered {
    fn about(&self) -> About {
        About::changed(self.point.clone()).entry()
    }
}

impl Fact for PointRetired {
    fn about(&self) -> About {
        About::changed(self.point.clone()).entry()
    }
}

impl Fact for AutomaticSet {
    fn about(&self) -> About {
        About::rules()
    }
}

impl Fact for TimersSet {
    fn about(&self) -> About {
        About::rules()
    }
}
