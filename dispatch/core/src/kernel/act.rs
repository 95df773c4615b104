//! Who did what to an alarm, an incident or an order: the answer to a stale command names the last of them.

use serde::{Deserialize, Serialize};

use crate::kernel::id::{ActorId, SeatId};
use crate::kernel::time::Time;

/// The most acts an alarm, an incident or an order remembers for the answer to a stale command.
pub const ACTS_MAX: usize = 16;

/// Who did the last thing, for the answer to a stale command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Act {
    /// The version it made.
    pub version: u32,
    /// Name of the event it made.
    pub what: String,
    /// Who did it: an account, a device or a source.
    pub actor: ActorId,
    /// The seat it was done at; none for a device or source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<SeatId>,
    /// When the centre recorded it.
    pub at: Time,
}
