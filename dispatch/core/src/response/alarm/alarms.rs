//! Alarms by id, and by what they came from: of many thousands open in a flood, those of one source are found at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde::{Deserialize, Serialize, Serializer};

use crate::kernel::id::{AlarmId, PointId, UnitId};
use crate::response::alarm::Alarm;

/// Alarms in the order of their ids. Reads as a map of them; what an alarm came from never changes while it is here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<AlarmId, Alarm>")]
pub struct Alarms {
    by_id: BTreeMap<AlarmId, Alarm>,
    by_source: BTreeMap<Source, BTreeSet<AlarmId>>,
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
            self.by_source.entry(source).or_default().insert(alarm.id);
        }
        self.by_id.insert(alarm.id, alarm);
    }

    /// Removes an alarm, and its entry under what it came from.
    pub fn remove(&mut self, id: AlarmId) -> Option<Alarm> {
        let alarm = self.by_id.remove(&id)?;
        for source in sources(&alarm) {
            let left = self.by_source.get_mut(&source).map(|of_it| {
                of_it.remove(&id);
                of_it.len()
            });
            if left == Some(0) {
                self.by_source.remove(&source);
            }
        }
        Some(alarm)
    }

    /// An alarm to change, but for its point, unit and device.
    pub fn get_mut(&mut self, id: AlarmId) -> Option<&mut Alarm> {
        self.by_id.get_mut(&id)
    }

    /// Alarms from the same point, unit or device as this one, itself included if it is kept here.
    pub fn kin(&self, alarm: &Alarm) -> BTreeSet<AlarmId> {
        sources(alarm).filter_map(|source| self.by_source.get(&source)).flatten().copied().collect()
    }
}

impl Deref for Alarms {
    type Target = BTreeMap<AlarmId, Alarm>;

    fn deref(&self) -> &Self::Target {
        &self.by_id
    }
}

impl Serialize for Alarms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.by_id.serialize(serializer)
    }
}

impl From<BTreeMap<AlarmId, Alarm>> for Alarms {
    fn from(by_id: BTreeMap<AlarmId, Alarm>) -> Self {
        let mut alarms = Self::default();
        for alarm in by_id.into_values() {
            alarms.insert(alarm);
        }
        alarms
    }
}
