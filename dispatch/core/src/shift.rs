//! 交接班: a shift offered by one seat and not yet signed by the one that takes it over. Until it is accepted everything
//! stays with the seat that offers, and timers go on naming it.

pub(crate) mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;
pub(crate) mod state;
pub mod view;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{ActorId, HandoverId, SeatId};
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;

pub use self::event::Holding;

/// A shift that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ShiftHandover {
    /// Its id, given by the centre.
    pub id: HandoverId,
    /// The seat that ends its shift.
    pub from: SeatId,
    /// The seat that is to sign.
    pub to: SeatId,
    /// The area of their desk.
    pub area: AreaPath,
    /// What was open when it was offered; what is open when it is accepted goes over.
    pub open: Holding,
    /// The operator who offered it.
    pub by: ActorId,
    /// When it was offered, microseconds UTC.
    pub at: Time,
}
