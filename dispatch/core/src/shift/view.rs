//! What is shown of a shift that is offered: the offer itself.

use super::ShiftHandover;
use crate::kernel::id::{EntityId, HandoverId, SeatId};
use crate::kernel::place::AreaPath;
use crate::state::State;
use crate::view::{Columns, Entity};

impl Entity for ShiftHandover {
    type Id = HandoverId;

    fn id(&self) -> EntityId {
        self.id.into()
    }

    fn area(&self) -> AreaPath {
        self.area.clone()
    }

    fn columns(&self) -> Columns {
        Columns { state: "offered".to_owned(), opened_at: self.at, ..Columns::default() }
    }

    fn seats(state: &State) -> Vec<&SeatId> {
        state.handovers().values().flat_map(|handover| [&handover.from, &handover.to]).collect()
    }

    fn of(state: &State, id: &HandoverId) -> Option<Self> {
        state.handovers().get(id).cloned()
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.handovers().values().cloned()
    }
}
