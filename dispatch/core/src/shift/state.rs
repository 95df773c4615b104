//! What shifts keep of the centre's state; written by their own events alone.

use std::collections::BTreeMap;

use crate::contexts::keeps;
use crate::kernel::id::HandoverId;
use crate::shift::ShiftHandover;

keeps! {
    /// Shifts offered and not accepted.
    ShiftState in shift, for tests shift_mut {
        /// Offers that stand, each under its id.
        handovers: BTreeMap<HandoverId, ShiftHandover>,
    }
}
