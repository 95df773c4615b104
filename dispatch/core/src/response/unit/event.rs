//! What has happened to units.

use crate::contexts::events;
use crate::kernel::id::{UnitId, WordsId};
use crate::kernel::kind::{Duty, vocabulary};

vocabulary! {
    /// Why a unit is out of service 停用.
    ServiceReason {
        /// The vehicle broke down.
        Vehicle,
        /// It is being maintained.
        Maintenance,
        /// Short of fuel.
        Fuel,
        /// Its crew cannot.
        Crew,
        /// Equipment or terminal.
        Equipment,
        /// Another reason; the words beside it may say which.
        Other,
    }
}

events! {
    ($) unit_events

    /// 上勤 / 下勤: a unit began its duty, changed or ended it.
    DutySet "duty_set" (Changed unit) {
        /// The unit whose duty changed.
        unit: UnitId,
        /// The duty it has from now on.
        duty: Duty,
    }
    /// 停用: a unit went out of service, or came back.
    ServiceSet "service_set" (Changed unit) {
        /// The unit that went out of service or came back.
        unit: UnitId,
        /// Why it is out of service; none is back in service.
        #[serde(default, skip_serializing_if = "Option::is_none")] out_of_service: Option<ServiceReason>,
        /// More about why, as a words record; absent when nothing was said.
        #[serde(default, skip_serializing_if = "Option::is_none")] words: Option<WordsId>,
    }
    /// A unit is back at its beat or base.
    UnitBack "unit_back" (Changed unit) {
        /// The unit that is back.
        unit: UnitId,
    }
}
