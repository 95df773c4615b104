//! The answer of an accepted command: what its events are about.

use dispatch_core::event::Record;
use dispatch_core::kernel::about::{About, Fate};
use dispatch_core::state::State;
use dispatch_store::Accepted;

/// Gathers the answer from the records of one command and the state after them.
pub fn accepted(state: &State, records: &[Record]) -> Accepted {
    let mut answer = Accepted { seq: records.last().map_or(0, |record| record.seq), ..Accepted::default() };
    for record in records {
        note(&mut answer, &record.event.about());
    }
    let of_incident =
        answer.named.incident.and_then(|id| state.incidents().get(&id)).map(|incident| incident.version);
    let of_alarm = answer.named.alarm.and_then(|id| state.alarms().get(&id)).map(|alarm| alarm.version);
    answer.version = of_incident.or(of_alarm);
    answer
}

/// The subject of an event and what it made stand for it; what else it changed only where nothing does.
fn note(answer: &mut Accepted, about: &About) {
    answer.feedback = about.feedback.or(answer.feedback);
    for (at, (id, role)) in about.entities.iter().enumerate() {
        match role {
            Fate::Made | Fate::Changed | Fate::Gone(_) => {
                answer.named.name(id, at == 0 || *role == Fate::Made);
            }
            Fate::Told | Fate::Named => {}
        }
    }
}
