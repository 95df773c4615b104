//! Timers of docs/terms.md. Each is a deadline in state; when it passes, an event names who must act next: the seat, then
//! the shift lead, then the parent desk.

use serde::{Deserialize, Serialize};

use crate::kernel::id::{DeskId, SeatId, TimerKey};

/// Who must act next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Escalation {
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
    /// The level it has escalated to, and who must act there.
    pub escalation: Escalation,
    /// When it first ran out.
    pub since: crate::kernel::time::Time,
    /// The number of the unit's terminal, where the seat has to phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}
