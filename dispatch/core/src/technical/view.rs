//! What is shown of technical alarms and of the sources that are suppressed.

use serde::{Deserialize, Serialize};

use super::{Suppression, Technical};
use crate::kernel::id::{EntityId, SuppressionId, TechnicalId};
use crate::kernel::place::AreaPath;
use crate::state::State;
use crate::technical::mark::Source;
use crate::view::{Columns, Entity};

/// A technical alarm, and whether its source is suppressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TechnicalView {
    /// The technical alarm.
    #[serde(flatten)]
    pub technical: Technical,
    /// 抑制: the suppression that keeps it off the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<SuppressionId>,
}

impl TechnicalView {
    /// A technical alarm and what keeps it off the list.
    pub fn new(state: &State, technical: &Technical) -> Self {
        let source = Source::new(technical.point.as_ref(), technical.unit.as_ref());
        let mut of_source = state.suppressions().bearing(source);
        let suppressed = of_source.find(|known| known.kind.is_none_or(|kind| kind == technical.kind));
        Self { technical: technical.clone(), suppressed: suppressed.map(|known| known.id) }
    }

    fn state_word(&self) -> &'static str {
        match (&self.technical.cleared_at, self.suppressed, &self.technical.shelf) {
            (Some(_), _, _) => "cleared",
            (None, Some(_), _) => "suppressed",
            (None, None, Some(_)) => "shelved",
            (None, None, None) => "open",
        }
    }
}

impl Entity for TechnicalView {
    type Id = TechnicalId;

    fn id(&self) -> EntityId {
        self.technical.id.into()
    }

    fn area(&self) -> AreaPath {
        self.technical.area.clone()
    }

    fn columns(&self) -> Columns {
        Columns {
            state: self.state_word().to_owned(),
            version: self.technical.version,
            opened_at: self.technical.first_at,
            ended_at: self.technical.cleared_at,
            ..Columns::default()
        }
    }

    fn of(state: &State, id: &TechnicalId) -> Option<Self> {
        state.technicals().get(id).map(|technical| Self::new(state, technical))
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.technicals().values().map(|technical| Self::new(state, technical))
    }
}

impl Entity for Suppression {
    type Id = SuppressionId;

    fn id(&self) -> EntityId {
        self.id.into()
    }

    fn area(&self) -> AreaPath {
        self.area.clone()
    }

    fn columns(&self) -> Columns {
        Columns { state: "open".to_owned(), opened_at: self.at, ..Columns::default() }
    }

    fn of(state: &State, id: &SuppressionId) -> Option<Self> {
        state.suppressions().get(id).cloned()
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.suppressions().values().cloned()
    }
}
