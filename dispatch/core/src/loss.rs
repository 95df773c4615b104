//! A loss 丢失: the journal was found to lack what had been witnessed of it. It stands until somebody accepts it; what
//! happened in between is known to nobody, so until then nothing goes on but calls for help.

pub mod command;
pub(crate) mod decide;
pub mod event;
pub(crate) mod state;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::event::LossKind;
use crate::kernel::id::{EntityId, JournalId, LossId};
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;
use crate::state::State;
use crate::view::{Columns, Entity};

/// A loss that nobody has accepted yet; consoles are shown it as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Loss {
    /// Its id, given by the centre.
    pub id: LossId,
    /// How the journal that was found differs from the one that was witnessed.
    pub kind: LossKind,
    /// The journal that was witnessed.
    pub journal: JournalId,
    /// The row it had come to.
    pub witnessed: u64,
    /// When it had come there, microseconds UTC.
    pub witnessed_at: Time,
    /// The row at which the journal that was found ended.
    pub found: u64,
    /// When that row was recorded, microseconds UTC; what happened since is lost.
    pub found_at: Time,
    /// When the loss was noticed, microseconds UTC.
    pub at: Time,
}

impl Entity for Loss {
    type Id = LossId;

    fn id(&self) -> EntityId {
        self.id.into()
    }

    /// It concerns everybody.
    fn area(&self) -> AreaPath {
        AreaPath::default()
    }

    fn columns(&self) -> Columns {
        Columns { state: "open".to_owned(), opened_at: self.at, ..Columns::default() }
    }

    fn of(state: &State, id: &LossId) -> Option<Self> {
        state.losses().get(id).cloned()
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.losses().values().cloned()
    }
}
