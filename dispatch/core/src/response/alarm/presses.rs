//! Presses that are open: the key of each, with the alarm that takes its repeats.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use serde::{Deserialize, Serialize, Serializer};

use crate::kernel::id::AlarmId;

/// Open presses. Reads as a map from their keys to their alarms, and is written as one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<String, AlarmId>")]
pub struct Presses {
    alarms: BTreeMap<String, AlarmId>,
    keys: BTreeSet<(AlarmId, String)>,
}

impl Presses {
    /// Repeats of this key belong to this alarm from now on.
    pub fn insert(&mut self, key: String, alarm: AlarmId) {
        if let Some(before) = self.alarms.insert(key.clone(), alarm) {
            self.keys.remove(&(before, key.clone()));
        }
        self.keys.insert((alarm, key));
    }

    /// The next press of a key of this alarm is a new alarm.
    pub fn release(&mut self, alarm: AlarmId) {
        let from = (alarm, String::new());
        let own = self.keys.range(from..).take_while(|(of, _)| *of == alarm);
        for listed in own.cloned().collect::<Vec<_>>() {
            self.alarms.remove(&listed.1);
            self.keys.remove(&listed);
        }
    }
}

impl Deref for Presses {
    type Target = BTreeMap<String, AlarmId>;

    fn deref(&self) -> &Self::Target {
        &self.alarms
    }
}

impl Serialize for Presses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.alarms.serialize(serializer)
    }
}

impl From<BTreeMap<String, AlarmId>> for Presses {
    fn from(alarms: BTreeMap<String, AlarmId>) -> Self {
        Self { keys: alarms.iter().map(|(key, alarm)| (*alarm, key.clone())).collect(), alarms }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_alarm_gives_up_its_own_keys_alone() {
        let [one, other] = [1, 2].map(|id| AlarmId(Uuid::from_u128(id)));
        let mut presses = Presses::default();
        for (key, alarm) in [("a", one), ("b", one), ("c", other), ("a", other)] {
            presses.insert(key.to_owned(), alarm);
        }
        assert_eq!(presses, Presses::from(BTreeMap::clone(&presses)));
        presses.release(one);
        assert_eq!(presses.keys().collect::<Vec<_>>(), ["a", "c"]);
        presses.release(other);
        assert_eq!(presses, Presses::default());
    }
}
