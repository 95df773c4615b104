//! What the writer gathers for an incident that has left live state and is to be taken up again (D11): the incident as
//! the read model keeps it comes with the request, and units are examined for its place.

use crate::kernel::evidence::Evidence;
use crate::kernel::time::Time;
use crate::seek::examine::Question;
use crate::seek::live_map::Field;
use crate::state::State;
use crate::view::IncidentView;

impl Evidence {
    /// Adds an archived incident. One that is alive needs nothing of what was archived.
    #[must_use]
    pub fn with_archived(self, state: &State, field: &Field, archived: &IncidentView, now: Time) -> Self {
        let incident = &archived.incident;
        if state.incidents.contains_key(&incident.id) {
            return self;
        }
        let known = incident.incident_type.as_ref().filter(|code| state.register.types.contains_key(*code));
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
        let examination = Some(question.examine(state, field));
        Self { examination, archived: Some(Box::new(archived.clone())), ..self }
    }
}
