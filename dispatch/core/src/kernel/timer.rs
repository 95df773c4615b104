//! Timers of docs/terms.md. Each is a deadline in state; when it passes, an event names who must act next: the seat, then
//! the shift lead, then the parent desk.

use serde::{Deserialize, Serialize};

use crate::kernel::entity::EntityId;
use crate::kernel::id::{
    AlarmId, DeskId, IncidentId, OrderId, SeatId, SupportId, SuppressionId, TechnicalId,
};

macro_rules! timers {
    ($( $(#[$doc:meta])* $name:ident($entity:ident, $id:ty) )*) => {
        /// A timer by what it waits for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(tag = "kind", content = "id", rename_all = "snake_case")]
        pub enum TimerKey { $( $(#[$doc])* $name($id), )* }

        impl TimerKey {
            /// The entity that waits.
            pub fn waits_for(self) -> EntityId {
                match self { $( Self::$name(id) => EntityId::$entity(id), )* }
            }
        }
    };
}

timers! {
    /// Alarm not answered.
    Answer(Alarm, AlarmId)
    /// Alarm answered and not settled.
    Settle(Alarm, AlarmId)
    /// A call-back not made.
    CallBack(Alarm, AlarmId)
    /// Incident not claimed.
    Claim(Incident, IncidentId)
    /// No order sent.
    FirstOrder(Incident, IncidentId)
    /// Order not delivered: phone.
    Delivered(Order, OrderId)
    /// Order not signed.
    Signed(Order, OrderId)
    /// Unit has not departed.
    Departed(Order, OrderId)
    /// Unit has not arrived.
    Arrival(Order, OrderId)
    /// No sign of life.
    SignOfLife(Order, OrderId)
    /// No result feedback after clear.
    Feedback(Order, OrderId)
    /// Recall or 补充警情 not signed.
    Notice(Order, OrderId)
    /// Support request not answered.
    Support(Support, SupportId)
    /// An automatic order is due: to be announced, then to be given.
    Automatic(Incident, IncidentId)
    /// A shelved technical alarm comes back.
    Shelf(Technical, TechnicalId)
    /// A suppressed source comes back.
    Suppression(Suppression, SuppressionId)
    /// A closed incident leaves state.
    Archive(Incident, IncidentId)
    /// A settled alarm that belongs to no incident leaves state.
    AlarmArchive(Alarm, AlarmId)
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
    /// The timer that ran out, and what it is set on.
    pub timer: TimerKey,
    /// The level it has climbed to, and who must act there.
    pub climb: Climb,
    /// When it first ran out.
    pub since: crate::kernel::time::Time,
    /// The number of the unit's terminal, where the seat has to phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}
