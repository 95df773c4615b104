//! Alarms by id, and by what they came from: of many thousands open in a flood, those of one source are found at once.

use std::collections::BTreeSet;
use std::ops::Deref;

use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

use crate::kernel::id::{AlarmId, PointId, UnitId};
use crate::kernel::table::Table;
use crate::response::alarm::Alarm;

/// Alarms in the order of their ids. Reads as a map of them; what an alarm came from never changes while it is here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Table<AlarmId, Alarm>")]
pub struct Alarms {
    by_id: Table<AlarmId, Alarm>,
    by_source: BTreeSet<(Source, AlarmId)>,
}

/// What an alarm came from; one alarm may have come from several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Point(PointId),
    Unit(UnitId),
    Device(String),
}

fn sources(alarm: &Alarm) -> impl Iterator<Item = Source> {
    let point = alarm.point.clone().map(Source::Point);
    let unit = alarm.unit.clone().map(Source::Unit);
    let device = alarm.device.clone().map(Source::Device);
    [point, unit, device].into_iter().flatten()
}

impl Alarms {
    /// Adds an alarm and lists it under what it came from.
    pub fn insert(&mut self, alarm: Alarm) {
        self.remove(alarm.id);
        for source in sources(&alarm) {
            self.by_source.insert((source, alarm.id));
        }
        self.by_id.insert(alarm.id, alarm);
    }

    /// Removes an alarm, and its entry under what it came from.
    pub fn remove(&mut self, id: AlarmId) {
        if let Some(alarm) = self.by_id.get(&id) {
            for source in sources(alarm) {
                self.by_source.remove(&(source, id));
            }
            self.by_id.remove(&id);
        }
    }

    /// An alarm to change, but for its point, unit and device.
    pub fn get_mut(&mut self, id: AlarmId) -> Option<&mut Alarm> {
        self.by_id.get_mut(&id)
    }

    /// Holds once with others an alarm that both hold and say the same of.
    pub(crate) fn share(&mut self, other: &Self, id: AlarmId) {
        self.by_id.share(&other.by_id, &id);
    }

    /// Does so for every alarm.
    pub(crate) fn share_all(&mut self, other: &Self) {
        self.by_id.share_all(&other.by_id);
    }

    /// Alarms from the same point, unit or device as this one, itself included if it is kept here.
    pub fn kin(&self, alarm: &Alarm) -> BTreeSet<AlarmId> {
        let first = AlarmId(Uuid::nil());
        let of_it = |source: Source| {
            let listed = self.by_source.range((source.clone(), first)..);
            listed.take_while(move |(known, _)| *known == source).map(|(_, id)| *id)
        };
        sources(alarm).flat_map(of_it).collect()
    }
}

impl Deref for Alarms {
    type Target = Table<AlarmId, Alarm>;

    fn deref(&self) -> &Self::Target {
        &self.by_id
    }
}

impl Serialize for Alarms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.by_id.serialize(serializer)
    }
}

impl From<Table<AlarmId, Alarm>> for Alarms {
    fn from(by_id: Table<AlarmId, Alarm>) -> Self {
        let listed = by_id.values().flat_map(|alarm| sources(alarm).map(|source| (source, alarm.id)));
        Self { by_source: listed.collect(), by_id }
    }
}
