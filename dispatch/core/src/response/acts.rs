//! The last acts on an alarm, an incident or an order, as the state keeps them: rows of numbers beside the few names
//! that stand in them, for every entity of a day has such a list.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::event::{Event, Record};
use crate::kernel::act::{ACTS_MAX, Act};
use crate::kernel::id::{ActorId, SeatId};
use crate::kernel::time::Time;

/// The last acts, oldest first. Written and read as a list of [`Act`].
#[derive(Clone, Debug, Default)]
pub struct Acts {
    rows: Vec<Row>,
    /// Actors, seats, and what only another build did; each once.
    names: Vec<Arc<str>>,
}

/// An act: the event by its place in [`Event::NAMES`] or, behind those, in the names beside; actor and seat by their
/// place there.
#[derive(Clone, Copy, Debug)]
struct Row {
    at: Time,
    version: u32,
    what: u16,
    actor: u8,
    /// One more than its place; 0 for none.
    seat: u8,
}

impl Acts {
    /// The acts, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Act> + ExactSizeIterator {
        self.rows.iter().map(|row| self.act(row))
    }

    /// The last act.
    pub fn last(&self) -> Option<Act> {
        self.rows.last().map(|row| self.act(row))
    }

    /// How many are remembered.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Remembers who made a version of an entity.
    pub(crate) fn remember(&mut self, version: u32, record: &Record) {
        if self.rows.len() >= ACTS_MAX {
            // Written anew: names of what is forgotten go with it.
            *self = self.iter().skip(1).collect();
        }
        let (at, actor, seat) = (record.recorded_at, &record.actor, record.seat.as_ref());
        self.push(at, version, record.event.name(), actor, seat);
    }

    /// Forgets the last act if the record repeats it, so that repeats do not push out what people did.
    pub(crate) fn forget_same(&mut self, record: &Record) {
        if self.last().is_some_and(|last| last.what == record.event.name()) {
            self.rows.pop();
        }
    }

    /// Takes no more room than it needs.
    pub(crate) fn fit(&mut self) {
        self.rows.shrink_to_fit();
        self.names.shrink_to_fit();
    }

    fn push(&mut self, at: Time, version: u32, what: &str, actor: &ActorId, seat: Option<&SeatId>) {
        let known = Event::NAMES.iter().position(|name| *name == what);
        let what = known.unwrap_or_else(|| Event::NAMES.len() + self.place(what, || what.into()));
        let actor = self.place(actor.as_str(), || actor.into());
        let seat = seat.map_or(0, |seat| self.place(seat.as_str(), || seat.into()) + 1);
        let narrow = |place: usize| u8::try_from(place).unwrap_or(u8::MAX);
        let what = u16::try_from(what).unwrap_or(u16::MAX);
        self.rows.push(Row { at, version, what, actor: narrow(actor), seat: narrow(seat) });
    }

    /// Where a name stands. There are never more than three for each act that is remembered.
    fn place(&mut self, name: &str, of: impl FnOnce() -> Arc<str>) -> usize {
        let known = self.names.iter().position(|known| **known == *name);
        known.unwrap_or_else(|| {
            self.names.push(of());
            self.names.len() - 1
        })
    }

    fn act(&self, row: &Row) -> Act {
        let what = usize::from(row.what);
        let name = |place: usize| Arc::clone(&self.names[place]);
        let seat = usize::from(row.seat).checked_sub(1);
        Act {
            version: row.version,
            what: match Event::NAMES.get(what) {
                Some(known) => (*known).to_owned(),
                None => (*self.names[what - Event::NAMES.len()]).to_owned(),
            },
            actor: name(usize::from(row.actor)).into(),
            seat: seat.map(|place| name(place).into()),
            at: row.at,
        }
    }
}

impl PartialEq for Acts {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Acts {}

/// No more than are remembered: the last of them.
impl FromIterator<Act> for Acts {
    fn from_iter<I: IntoIterator<Item = Act>>(acts: I) -> Self {
        let given: Vec<Act> = acts.into_iter().collect();
        let mut acts = Self::default();
        for act in &given[given.len().saturating_sub(ACTS_MAX)..] {
            acts.push(act.at, act.version, &act.what, &act.actor, act.seat.as_ref());
        }
        acts
    }
}

impl Serialize for Acts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Acts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Act>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(version: u32, what: &str, actor: &str, seat: Option<&str>) -> Act {
        Act {
            version,
            what: what.into(),
            actor: actor.into(),
            seat: seat.map(SeatId::from),
            at: Time(version.into()),
        }
    }

    #[test]
    fn acts_are_read_as_they_were_written() {
        let written = [
            act(1, "alarm_raised", "intake", None),
            act(2, "alarm_answered", "anna", Some("north-call")),
            act(3, "alarm_of_another_build", "anna", Some("anna")),
        ];
        let acts: Acts = written.iter().cloned().collect();
        assert_eq!(acts.iter().collect::<Vec<_>>(), written);
        let json = serde_json::to_string(&acts).unwrap();
        assert_eq!(json, serde_json::to_string(&written).unwrap());
        assert_eq!(serde_json::from_str::<Acts>(&json).unwrap(), acts);
        assert_eq!(acts.last().as_ref(), written.last());
    }

    #[test]
    fn the_last_are_remembered_with_their_names_only() {
        let acts: Acts = (0..40).map(|n| act(n, "alarm_saved", &format!("actor-{n}"), None)).collect();
        assert_eq!((acts.len(), acts.names.len()), (ACTS_MAX, ACTS_MAX));
        assert_eq!(acts.iter().next().map(|act| act.version), Some(24));
    }
}
