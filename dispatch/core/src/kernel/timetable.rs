//! What is due and when: the deadlines of the state, and those that ran out and still stand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::{SeatId, TimerKey};
use super::time::Time;
use super::timer::Escalation;

/// Deadlines, and those that ran out and still stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Vec<TimerRow>", from = "Vec<TimerRow>")]
pub struct Timetable {
    by_key: BTreeMap<TimerKey, TimerRow>,
    by_time: std::collections::BTreeSet<(Time, TimerKey)>,
}

/// One timer that is set, or that ran out and still stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerRow {
    /// What kind of timer, and on what.
    pub key: TimerKey,
    /// When it is due next; none when it has escalated as far as it can.
    pub due: Option<Time>,
    /// When it first ran out.
    #[serde(default)]
    pub expired: Option<Time>,
    /// Who must act, once it ran out.
    #[serde(default)]
    pub escalation: Option<Escalation>,
}

impl From<Timetable> for Vec<TimerRow> {
    fn from(table: Timetable) -> Self {
        table.by_key.into_values().collect()
    }
}

impl From<Vec<TimerRow>> for Timetable {
    fn from(rows: Vec<TimerRow>) -> Self {
        let by_time = rows.iter().filter_map(|row| row.due.map(|due| (due, row.key))).collect();
        Self { by_key: rows.into_iter().map(|row| (row.key, row)).collect(), by_time }
    }
}

impl Timetable {
    /// Sets or moves a timer.
    pub fn set(&mut self, key: TimerKey, due: Time) {
        self.cancel(key);
        self.by_time.insert((due, key));
        self.by_key.insert(key, TimerRow { key, due: Some(due), expired: None, escalation: None });
    }

    /// Ends a timer.
    pub fn cancel(&mut self, key: TimerKey) {
        if let Some(row) = self.by_key.remove(&key)
            && let Some(due) = row.due
        {
            self.by_time.remove(&(due, key));
        }
    }

    /// Records that it ran out, who must act, and when it escalates again.
    pub fn expire(&mut self, key: TimerKey, at: Time, escalation: Escalation, next_at: Option<Time>) {
        let since = self.by_key.get(&key).and_then(|row| row.expired).unwrap_or(at);
        self.cancel(key);
        if let Some(due) = next_at {
            self.by_time.insert((due, key));
        }
        self.by_key
            .insert(key, TimerRow { key, due: next_at, expired: Some(since), escalation: Some(escalation) });
    }

    /// Moves everything that is due by a number of microseconds, and what ran out with it.
    pub fn move_by(&mut self, us: i64) {
        let rows = std::mem::take(self).by_key.into_values().map(|mut row| {
            row.due = row.due.map(|due| due.moved(us));
            row.expired = row.expired.map(|expired| expired.moved(us));
            row
        });
        *self = rows.collect::<Vec<_>>().into();
    }

    /// Lets another seat act on a timer that ran out and has not escalated beyond its seat.
    pub fn hand_to(&mut self, key: TimerKey, seat: &SeatId) {
        let escalation = self.by_key.get_mut(&key).and_then(|row| row.escalation.as_mut());
        if let Some(escalation) = escalation.filter(|escalation| escalation.level == 0) {
            escalation.seat = Some(seat.clone());
        }
    }

    /// Every timer, by key.
    pub fn rows(&self) -> impl Iterator<Item = &TimerRow> {
        self.by_key.values()
    }

    /// The timer of this key, if it is set or still stands.
    pub fn get(&self, key: TimerKey) -> Option<&TimerRow> {
        self.by_key.get(&key)
    }

    /// The timers due at or before `now`, soonest first.
    pub fn due(&self, now: Time) -> impl Iterator<Item = &TimerRow> {
        self.by_time
            .iter()
            .take_while(move |(due, _)| *due <= now)
            .filter_map(|(_, key)| self.by_key.get(key))
    }

    /// When the next timer is due.
    pub fn next_due(&self) -> Option<Time> {
        self.by_time.first().map(|(due, _)| *due)
    }
}
