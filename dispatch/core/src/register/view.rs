//! What the read model keeps of a fixed alarm point. Consoles read points with the register, not from the stream.

use serde::{Deserialize, Serialize};

use super::PointEntry;
use crate::kernel::id::{EntityId, PointId};
use crate::kernel::place::AreaPath;
use crate::state::State;
use crate::view::{Columns, Entity};

/// An alarm point as the register describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PointView {
    /// Id of the point, as alarms name it.
    pub id: PointId,
    /// What it is.
    #[serde(flatten)]
    pub entry: PointEntry,
}

impl Entity for PointView {
    type Id = PointId;

    const STREAMED: bool = false;

    fn id(&self) -> EntityId {
        self.id.clone().into()
    }

    fn area(&self) -> AreaPath {
        self.entry.area.clone()
    }

    fn is_alive(&self) -> bool {
        !self.entry.retired
    }

    fn columns(&self) -> Columns {
        Columns {
            state: "registered".to_owned(),
            number: Some(self.entry.number.clone()),
            place: Some(self.entry.at),
            ..Columns::default()
        }
    }

    fn of(state: &State, id: &PointId) -> Option<Self> {
        let entry = state.register().points.get(id)?;
        Some(Self { id: id.clone(), entry: entry.clone() })
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        let points = state.register().points.iter();
        points.map(|(id, entry)| Self { id: id.clone(), entry: entry.clone() })
    }
}
