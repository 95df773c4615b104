//! A reminder 提醒: something about an incident that comes up again at a seat when it falls due, as to call somebody back
//! in twenty minutes. It stands until it is done or cleared; one that nobody sees to escalates as any deadline does.
//!
//! It goes where its incident goes when that is merged, goes over with its seat's shift, and ends with its incident.

pub mod command;
pub(crate) mod decide;
pub mod event;
pub mod mark;
pub(crate) mod state;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::event::ReminderEnd;
use self::mark::ReminderMark;
use crate::kernel::id::{ActorId, DeskId, EntityId, IncidentId, ReminderId, SeatId, TimerKey, WordsId};
use crate::kernel::kind::Mode;
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;
use crate::response::incident::Incident;
use crate::state::State;
use crate::view::{Columns, Entity};

/// A reminder that stands; consoles are shown it as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Reminder {
    /// Its id, given by the centre.
    pub id: ReminderId,
    /// Rises by one with every event on it.
    pub version: u32,
    /// The incident it is about.
    pub incident: IncidentId,
    /// That of its incident.
    pub mode: Mode,
    /// The seat that is reminded.
    pub seat: SeatId,
    /// When it comes up, microseconds UTC.
    pub due: Time,
    /// What is to be done, as a words record; absent where nothing was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<WordsId>,
    /// Who set it.
    pub by: ActorId,
    /// When it was set, microseconds UTC.
    pub at: Time,
}

impl Entity for Reminder {
    type Id = ReminderId;

    fn id(&self) -> EntityId {
        self.id.into()
    }

    /// It concerns whoever looks at its incident, wherever that is moved.
    fn area(&self) -> AreaPath {
        AreaPath::default()
    }

    fn mode(&self) -> Option<Mode> {
        Some(self.mode)
    }

    fn columns(&self) -> Columns {
        Columns {
            state: "open".to_owned(),
            version: self.version,
            incident: Some(self.incident.to_string()),
            opened_at: self.at,
            ..Columns::default()
        }
    }

    fn incident(state: &State, id: &ReminderId) -> Option<IncidentId> {
        state.reminders().get(id).map(|reminder| reminder.incident)
    }

    fn answering<'a>(state: &'a State, id: &ReminderId) -> Option<(Option<&'a SeatId>, &'a DeskId)> {
        let seat = &state.reminders().get(id)?.seat;
        Some((Some(seat), &state.register().seats.get(seat)?.desk))
    }

    fn timers_of(state: &State, incident: &Incident) -> Vec<TimerKey> {
        let own = state.reminders().bearing(ReminderMark::Of(incident.id));
        own.map(|reminder| TimerKey::Reminder(reminder.id)).collect()
    }

    fn seats(state: &State) -> Vec<&SeatId> {
        state.reminders().values().map(|reminder| &reminder.seat).collect()
    }

    fn of(state: &State, id: &ReminderId) -> Option<Self> {
        state.reminders().get(id).cloned()
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.reminders().values().cloned()
    }
}
