//! What orders are looked for by.

use crate::kernel::id::SeatId;
use crate::kernel::marked::Marked;
use crate::response::order::Order;

/// The seat that gave an order, while it goes on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GivenBy(pub SeatId);

impl Marked for Order {
    type Mark = GivenBy;

    fn marks(&self) -> impl Iterator<Item = GivenBy> {
        self.seat.clone().filter(|_| !self.state.is_ended()).map(GivenBy).into_iter()
    }
}
