//! What has happened to shifts.

use serde::{Deserialize, Serialize};

use crate::contexts::events;
use crate::kernel::id::{AlarmId, HandoverId, IncidentId, OrderId, SeatId};
use crate::kernel::place::AreaPath;

/// What a seat has open: what goes over when its shift does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Holding {
    /// Active incidents it has claimed.
    pub incidents: Vec<IncidentId>,
    /// Alarms it has answered that are not settled, or that it owes a call-back.
    pub alarms: Vec<AlarmId>,
    /// Open orders it has given.
    pub orders: Vec<OrderId>,
}

events! {
    ($) shift_events

    /// 交接班 is offered: nothing goes over before the other seat signs.
    ShiftHandoverOffered "shift_handover_offered" (Made handover) {
        /// Id of the offer, given by the centre.
        handover: HandoverId,
        /// The seat that ends its shift.
        from: SeatId,
        /// The seat that is to sign.
        to: SeatId,
        /// Codes from the league down of their desk.
        area: AreaPath,
        /// What is open as it is offered.
        open: Holding,
    }
    /// The other seat did not sign, or another offer took its place.
    ShiftHandoverEnded "shift_handover_ended" (Gone handover) {
        /// The offer that ended.
        handover: HandoverId,
        /// The area of their desk.
        area: AreaPath,
    }
    /// 交接班: the other seat signed, and what was open is its own.
    ShiftHandoverAccepted "shift_handover_accepted"
        (Gone handover, Changed all incidents, Changed all alarms, Changed all orders) {
        /// The offer that was accepted.
        handover: HandoverId,
        /// The seat that ended its shift.
        from: SeatId,
        /// The seat that signed.
        to: SeatId,
        /// The area of their desk.
        area: AreaPath,
        /// The incidents that went over.
        incidents: Vec<IncidentId>,
        /// The alarms that went over: answered and unsettled, or owed a call-back.
        alarms: Vec<AlarmId>,
        /// The open orders that went over.
        orders: Vec<OrderId>,
    }
}
