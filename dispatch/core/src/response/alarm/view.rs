//! What is shown of an alarm: the alarm itself and its timers.

use serde::{Deserialize, Serialize};

use super::Alarm;
use crate::kernel::id::{AlarmId, DeskId, EntityId, IncidentId, SeatId, TimerKey};
use crate::kernel::kind::Mode;
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;
use crate::kernel::timer::Overdue;
use crate::response::deadline::Standing;
use crate::state::State;
use crate::view::{Columns, Entity, word};

/// An alarm and its timers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AlarmView {
    /// The alarm, as the state keeps it.
    #[serde(flatten)]
    pub alarm: Alarm,
    /// When its answer or call-back is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Time>,
    /// What ran out and still stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<Overdue>,
}

impl AlarmView {
    /// An alarm with its timers.
    pub fn new(state: &State, alarm: &Alarm) -> Self {
        let keys = [TimerKey::Answer(alarm.id), TimerKey::Settle(alarm.id), TimerKey::CallBack(alarm.id)];
        let timers = Standing::of(state, &keys);
        Self { due: timers.due(), overdue: timers.overdue(), alarm: alarm.clone() }
    }
}

impl Entity for AlarmView {
    type Id = AlarmId;

    fn id(&self) -> EntityId {
        self.alarm.id.into()
    }

    fn area(&self) -> AreaPath {
        self.alarm.area.clone()
    }

    fn mode(&self) -> Option<Mode> {
        Some(self.alarm.mode)
    }

    fn columns(&self) -> Columns {
        let incident = self.alarm.outcome.as_ref().and_then(|outcome| outcome.incident);
        Columns {
            state: word(&self.alarm.state),
            version: self.alarm.version,
            number: Some(self.alarm.number.clone()),
            desk: Some(self.alarm.desk.to_string()),
            incident: incident.map(|incident| incident.to_string()),
            place: self.alarm.place.coord,
            opened_at: self.alarm.received_at,
            ended_at: self.alarm.settled_at,
            ..Columns::default()
        }
    }

    fn incident(state: &State, id: &AlarmId) -> Option<IncidentId> {
        state.alarms().get(id)?.outcome.as_ref()?.incident
    }

    fn answering<'a>(state: &'a State, id: &AlarmId) -> Option<(Option<&'a SeatId>, &'a DeskId)> {
        let alarm = state.alarms().get(id)?;
        Some((alarm.answered.as_ref().map(|(_, seat)| seat), &alarm.desk))
    }

    fn of(state: &State, id: &AlarmId) -> Option<Self> {
        state.alarms().get(id).map(|alarm| Self::new(state, alarm))
    }

    fn all(state: &State) -> impl Iterator<Item = Self> {
        state.alarms().values().map(|alarm| Self::new(state, alarm))
    }
}
