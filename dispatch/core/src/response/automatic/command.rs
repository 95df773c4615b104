//! Commands on automatic orders 自动派警.

use crate::contexts::commands;
use crate::kernel::id::{IncidentId, TypeCode};

commands! {
    ($) automatic_commands

    /// Stops the countdown of its automatic order.
    ///
    /// 停止自动派警: the announced automatic order is not given; the incident waits for a person.
    StopAutomaticOrder stop_automatic_order (post "incidents" {incident} "stop-automatic" on incident; text No; by Dispatcher over Incident(incident)) {
        /// The incident whose countdown is stopped.
        incident: IncidentId,
    }
    /// Allows automatic orders for it with a countdown, or forbids them without one.
    SetAutomatic set_automatic (post "types" {incident_type} "automatic"; text No; by Administrator over Region) {
        /// The incident type that it is set for.
        incident_type: TypeCode,
        /// How long an announced order can be stopped, milliseconds; none forbids.
        #[serde(default, skip_serializing_if = "Option::is_none")] countdown_ms: Option<u32>,
    }
}
