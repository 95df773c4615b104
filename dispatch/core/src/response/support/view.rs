//! What is shown of a support request: the request itself, to everybody.

use super::Support;
use crate::kernel::id::{DeskId, EntityId, IncidentId, SeatId, SupportId};
use crate::kernel::place::AreaPath;
use crate::state::State;
use crate::view::{Columns, Entity, word};

impl Entity for Support {
    type Id = SupportId;

    fn id(&self) -> EntityId {
        self.id.into()
    }

    fn area(&self) -> AreaPath {
        AreaPath::default()
    }

    fn columns(&self) -> Columns {
        Columns {
            state: word(&self.state),
            version: self.version,
            desk: Some(self.by.to_string()),
            incident: Some(self.incident.to_string()),
            opened_at: self.at,
            ..Columns::default()
        }
    }

    fn incident(state: &State, id: &SupportId) -> Option<IncidentId> {
        state.supports().get(id).map(|support| support.incident)
    }

    fn answering<'a>(state: &'a State, id: &SupportId) -> Option<(Option<&'a SeatId>, &'a DeskId)> {
        Some((None, &state.supports().get(id)?.of))
    }

    fn of(state: &State, id: &SupportId) -> Option<Self> {
        state.supports().get(id).cloned()
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.supports().values().cloned()
    }
}
