//! Timers of docs/terms.md. Each is a deadline in state; when it passes, an event names who must act next: the seat, then
//! the shift lead, then the parent desk.

use serde::{Deserialize, Serialize};

use crate::kernel::id::{
    AlarmId, DeskId, IncidentId, OrderId, SeatId, SupportId, SuppressionId, TechnicalId,
};

/// Which timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum TimerKey {
    /// Alarm not answered.
    Answer(AlarmId),
    /// Alarm answered and not settled.
    Settle(AlarmId),
    /// A call-back not made.
    CallBack(AlarmId),
    /// Incident not claimed.
    Claim(IncidentId),
    /// No order sent.
    FirstOrder(IncidentId),
    /// Order not delivered: phone.
    Delivered(OrderId),
    /// Order not signed.
    Signed(OrderId),
    /// Unit has not departed.
    Departed(OrderId),
    /// Unit has not arrived.
    Arrival(OrderId),
    /// No sign of life.
    SignOfLife(OrderId),
    /// No result feedback after clear.
    Feedback(OrderId),
    /// Recall or 补充警情 not signed.
    Notice(OrderId),
    /// Support request not answered.
    Support(SupportId),
    /// An automatic order is due: to be announced, then to be given.
    Automatic(IncidentId),
    /// A shelved technical alarm comes back.
    Shelf(TechnicalId),
    /// A suppressed source comes back.
    Suppression(SuppressionId),
    /// A closed incident leaves state.
    Archive(IncidentId),
    /// A settled alarm that belongs to no incident leaves state.
    AlarmArchive(AlarmId),
}

impl TimerKey {
    /// Every timer an order can have.
    pub fn of_order(id: OrderId) -> [Self; 7] {
        [
            Self::Delivered(id),
            Self::Signed(id),
            Self::Departed(id),
            Self::Arrival(id),
            Self::SignOfLife(id),
            Self::Feedback(id),
            Self::Notice(id),
        ]
    }
}

/// Who must act next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Climb {
    /// 0 the seat that owns it, 1 the desk's shift lead, 2 the parent desk, and so on up.
    pub level: u8,
    /// The seat that must act, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<SeatId>,
    /// The desk that must act.
    pub desk: DeskId,
}

/// An expired timer that still stands, as views show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Overdue {
    /// Which.
    pub timer: TimerKey,
    /// Who must act.
    pub climb: Climb,
    /// Since when.
    pub since: crate::kernel::time::Time,
    /// The number of the unit's terminal, where the seat has to phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}
