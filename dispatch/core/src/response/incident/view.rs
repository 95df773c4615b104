//! What is shown of an incident: the incident itself, its derived status, its timers and those of all that belongs to
//! it that ran out.

use serde::{Deserialize, Serialize};

use super::{Incident, IncidentStatus, Link, LinkKind};
use crate::kernel::id::{DeskId, EntityId, IncidentId, SeatId, TimerKey};
use crate::kernel::kind::{IncidentState, Mode};
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;
use crate::kernel::timer::Overdue;
use crate::response::deadline::Standing;
use crate::response::status::incident_status;
use crate::state::State;
use crate::view::{Columns, Entity, View, word};

/// An incident, its derived status and its timers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct IncidentView {
    /// The incident, as the state keeps it.
    #[serde(flatten)]
    pub incident: Incident,
    /// EIDO words, several at once.
    pub status: Vec<IncidentStatus>,
    /// The next deadline of its own timers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// What ran out and still stands, the timers of what belongs to it included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<Overdue>,
    /// The type is not known yet.
    pub missing_type: bool,
    /// The place is not known yet.
    pub missing_place: bool,
}

impl IncidentView {
    /// An incident with its derived status, its timers and those of what belongs to it that ran out.
    pub fn new(state: &State, incident: &Incident) -> Self {
        let own = Standing::of(state, &[TimerKey::Claim(incident.id), TimerKey::FirstOrder(incident.id)]);
        let belonging = Standing::of(state, &View::timers_of(state, incident));
        Self {
            status: incident_status(state, incident),
            due: own.due(),
            overdue: [own.overdue(), belonging.overdue()].concat(),
            missing_type: incident.incident_type.is_none(),
            missing_place: !incident.place.is_known(),
            incident: incident.clone(),
        }
    }

    /// An archived incident that another replaces (D11): the read model keeps it as it ended, its timeline says what
    /// goes on from it.
    #[must_use]
    pub fn replaced_by(mut self, by: IncidentId) -> Self {
        self.incident.state = IncidentState::Replaced;
        self.incident.links.push(Link { kind: LinkKind::ReplacedBy, incident: by });
        self.status = incident_status(&State::default(), &self.incident);
        self
    }
}

impl Entity for IncidentView {
    type Id = IncidentId;

    fn id(&self) -> EntityId {
        self.incident.id.into()
    }

    fn area(&self) -> AreaPath {
        self.incident.area.clone()
    }

    fn mode(&self) -> Option<Mode> {
        Some(self.incident.mode)
    }

    fn columns(&self) -> Columns {
        Columns {
            state: word(&self.incident.state),
            version: self.incident.version,
            number: Some(self.incident.number.clone()),
            desk: Some(self.incident.desk.to_string()),
            incident: Some(self.incident.id.to_string()),
            place: self.incident.place.coord,
            opened_at: self.incident.created_at,
            ended_at: self.incident.ended_at,
            ..Columns::default()
        }
    }

    fn incident(state: &State, id: &IncidentId) -> Option<IncidentId> {
        state.incidents().get(id).map(|incident| incident.id)
    }

    fn answering<'a>(state: &'a State, id: &IncidentId) -> Option<(Option<&'a SeatId>, &'a DeskId)> {
        let incident = state.incidents().get(id)?;
        Some((incident.claimed_by.as_ref(), &incident.desk))
    }

    fn seats(state: &State) -> Vec<&SeatId> {
        let active = state.incidents().values().filter(|incident| incident.state == IncidentState::Active);
        active.filter_map(|incident| incident.claimed_by.as_ref()).collect()
    }

    fn of(state: &State, id: &IncidentId) -> Option<Self> {
        state.incidents().get(id).map(|incident| Self::new(state, incident))
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.incidents().values().map(|incident| Self::new(state, incident))
    }
}
