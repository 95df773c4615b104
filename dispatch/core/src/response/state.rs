//! What the response keeps of the centre's state; written by its own events, and where units follow the register.

use std::collections::BTreeMap;

use crate::contexts::keeps;
use crate::kernel::id::{AlarmId, DeskId, IncidentId, OrderId, RecommendationId, SupportId, UnitId};
use crate::kernel::recommendation::Recommendation;
use crate::kernel::time::LocalDay;
use crate::response::alarm::alarms::Alarms;
use crate::response::incident::{Earlier, Incident};
use crate::response::order::Order;
use crate::response::support::Support;
use crate::response::unit::Unit;

keeps! {
    /// Alarms, incidents, orders and units: one subject, since each changes with the others.
    ResponseState in response, for tests response_mut {
        /// Alarms that are not archived.
        alarms: Alarms,
        /// Open presses: repeats find their alarm by it.
        presses: BTreeMap<String, AlarmId>,
        /// Incidents that are not archived.
        incidents: BTreeMap<IncidentId, Incident>,
        /// What those had that were taken up again.
        earlier: BTreeMap<IncidentId, Earlier>,
        /// Orders of those.
        orders: BTreeMap<OrderId, Order>,
        /// Recommendations those refer to.
        recommendations: BTreeMap<RecommendationId, Recommendation>,
        /// Units at run time, by id.
        units: BTreeMap<UnitId, Unit>,
        /// Support requests that are not over.
        supports: BTreeMap<SupportId, Support>,
        /// The last serial each desk gave to an alarm, with the day it belongs to: part of its human number.
        alarm_serials: BTreeMap<DeskId, (LocalDay, u32)>,
        /// The same for incidents.
        incident_serials: BTreeMap<DeskId, (LocalDay, u32)>,
    }
}
