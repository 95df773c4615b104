//! What the writer gathers for an incident that has left live state and is to be taken up again (D11): the incident as
//! the read model keeps it comes with the request, and units are examined for its place.

use crate::kernel::evidence::{Archived, Evidence};
use crate::kernel::time::Time;
use crate::response::incident::LinkKind;
use crate::seek::examine::Question;
use crate::seek::live_map::LiveMap;
use crate::state::State;
use crate::view::IncidentView;

impl Evidence {
    /// Adds an archived incident. One that is alive needs nothing of what was archived.
    #[must_use]
    pub fn with_archived(
        self,
        state: &State,
        live_map: &LiveMap,
        archived: &IncidentView,
        now: Time,
    ) -> Self {
        let incident = &archived.incident;
        if state.incidents().contains_key(&incident.id) {
            return self;
        }
        let known = incident.incident_type.as_ref().filter(|code| state.register().types.contains_key(*code));
        let question = Question {
            place: &incident.place,
            area: &incident.area,
            incident_type: known,
            priority: incident.priority,
            level: 1,
            desk: Some(&incident.desk),
            caller: None,
            named: &[],
            now,
            minute: self.local.minute,
        };
        let examination = Some(question.examine(state, live_map));
        let replaced = incident.links.iter().find(|link| link.kind == LinkKind::ReplacedBy);
        let archived = Archived {
            incident: incident.id,
            replaced_by: replaced.map(|link| link.incident),
            mode: incident.mode,
            desk: incident.desk.clone(),
            area: incident.area.clone(),
            place: incident.place.clone(),
            incident_type: incident.incident_type.clone(),
            priority: incident.priority,
            silent: incident.silent,
        };
        Self { examination, archived: Some(archived), ..self }
    }
}
