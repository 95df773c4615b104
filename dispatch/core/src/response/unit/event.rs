//! What has happened to units.

use crate::contexts::events;
use crate::kernel::about::About;
use crate::kernel::fact::Fact;
use crate::kernel::id::{UnitId, WordsId};
use crate::kernel::kind::Duty;
use crate::response::unit::ServiceReason;

events! {
    ($) unit_events

    /// 上勤 / 下勤.
    DutySet "duty_set" {
        /// Which unit.
        unit: UnitId,
        /// To what.
        duty: Duty,
    }
    /// 停用, or back.
    ServiceSet "service_set" {
        /// Which unit.
        unit: UnitId,
        /// Why it is out of service; none is back in service.
        #[serde(default)] out_of_service: Option<ServiceReason>,
        /// More about it.
        #[serde(default)] words: Option<WordsId>,
    }
    /// Back at beat or base.
    UnitBack "unit_back" {
        /// Which unit.
        unit: UnitId,
    }
}

impl Fact for DutySet {
    fn about(&self) -> About {
        About::changed(self.unit.clone())
    }
}

impl Fact for ServiceSet {
    fn about(&self) -> About {
        About::changed(self.unit.clone())
    }
}

impl Fact for UnitBack {
    fn about(&self) -> About {
        About::changed(self.unit.clone())
    }
}
