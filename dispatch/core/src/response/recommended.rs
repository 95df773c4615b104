//! What is shown of a recommendation: the recommendation itself, where its incident lies.

pub mod examined;
pub mod kept;

use serde::{Deserialize, Serialize};

use crate::kernel::id::{EntityId, IncidentId, RecommendationId};
use crate::kernel::place::AreaPath;
use crate::kernel::recommendation::Recommendation;
use crate::response::recommended::kept::KeptRecommendation;
use crate::state::State;
use crate::view::{Columns, Entity, word};

/// A recommendation and where the incident it is for lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RecommendationView {
    /// The recommendation, with all it rests on.
    #[serde(flatten)]
    pub recommendation: Recommendation,
    /// Codes from the league down of its incident.
    pub area: AreaPath,
}

impl RecommendationView {
    /// A recommendation and where its incident lies.
    pub fn new(state: &State, recommendation: &KeptRecommendation) -> Self {
        let incident = state.incidents().get(&recommendation.incident());
        let area = incident.map(|incident| incident.area.clone()).unwrap_or_default();
        Self { recommendation: recommendation.recommendation(), area }
    }
}

impl Entity for RecommendationView {
    type Id = RecommendationId;

    /// It is recorded once and never changes; its incident's timeline names it.
    const TIMELINE: bool = false;

    fn id(&self) -> EntityId {
        self.recommendation.id.into()
    }

    fn area(&self) -> AreaPath {
        self.area.clone()
    }

    fn columns(&self) -> Columns {
        Columns {
            state: word(&self.recommendation.occasion),
            incident: Some(self.recommendation.incident.to_string()),
            opened_at: self.recommendation.examination.at,
            ..Columns::default()
        }
    }

    fn incident(state: &State, id: &RecommendationId) -> Option<IncidentId> {
        state.recommendations().get(id).map(KeptRecommendation::incident)
    }

    fn of(state: &State, id: &RecommendationId) -> Option<Self> {
        state.recommendations().get(id).map(|known| Self::new(state, known))
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.recommendations().values().map(|known| Self::new(state, known))
    }
}
