//! A recommendation as the state keeps it: as it stands in the journal, every candidate once and in the journal's own
//! bytes. It is read when somebody rests on it or looks at it, which is seldom; it is held for as long as its incident.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event::RecommendationRecorded;
use crate::kernel::id::IncidentId;
use crate::kernel::marked::Marked;
use crate::kernel::recommendation::Recommendation;

/// A recommendation on record. Written and read as the payload of the event that recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRecommendation {
    incident: IncidentId,
    payload: Box<[u8]>,
}

impl KeptRecommendation {
    /// What an event recorded.
    pub(crate) fn of(recorded: &RecommendationRecorded) -> Self {
        let payload = serde_json::to_vec(recorded).expect("every key of an event is text");
        Self { incident: recorded.incident, payload: payload.into() }
    }

    /// The incident it is for.
    pub fn incident(&self) -> IncidentId {
        self.incident
    }

    /// The recommendation, with all it rests on.
    pub fn recommendation(&self) -> Recommendation {
        self.recorded().recommendation()
    }

    fn recorded(&self) -> RecommendationRecorded {
        serde_json::from_slice(&self.payload).expect("what was written of an event is read as that event")
    }
}

/// It is looked for by its incident.
impl Marked for KeptRecommendation {
    type Mark = IncidentId;

    fn marks(&self) -> impl Iterator<Item = IncidentId> {
        std::iter::once(self.incident)
    }
}

impl Serialize for KeptRecommendation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.recorded().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for KeptRecommendation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let recorded = RecommendationRecorded::deserialize(deserializer)?;
        Ok(Self::of(&recorded))
    }
}
