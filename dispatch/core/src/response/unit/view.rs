//! What is shown of a unit: its run-time state, its derived status, its slot in position frames.

use serde::{Deserialize, Serialize};

use super::Unit;
use crate::kernel::id::{EntityId, UnitId};
use crate::kernel::kind::UnitStatus;
use crate::kernel::place::AreaPath;
use crate::response::status::status_of;
use crate::state::State;
use crate::view::{Columns, Entity, word};

/// A unit, its derived status and its slot in position frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnitView {
    /// The unit, as the state keeps it.
    #[serde(flatten)]
    pub unit: Unit,
    /// What it is doing.
    pub status: UnitStatus,
    /// Slot in position frames.
    pub slot: u32,
    /// Codes from the league down of its home.
    pub area: AreaPath,
}

impl UnitView {
    /// A unit with its derived status; none where the register does not know it.
    pub fn new(state: &State, unit: &Unit) -> Option<Self> {
        let entry = state.register().units.get(&unit.id)?;
        let status = status_of(state, unit);
        Some(Self { unit: unit.clone(), status, slot: entry.slot, area: entry.area.clone() })
    }
}

impl Entity for UnitView {
    type Id = UnitId;

    fn id(&self) -> EntityId {
        self.unit.id.clone().into()
    }

    fn area(&self) -> AreaPath {
        self.area.clone()
    }

    fn columns(&self) -> Columns {
        Columns {
            state: word(&self.status),
            version: self.unit.version,
            desk: Some(self.unit.desk.to_string()),
            ..Columns::default()
        }
    }

    fn of(state: &State, id: &UnitId) -> Option<Self> {
        state.units().get(id).and_then(|unit| Self::new(state, unit))
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.units().values().filter_map(|unit| Self::new(state, unit))
    }
}
