//! Entities by id, and by what they are looked for by: an order of magnitude more of them costs a search no more.

use std::collections::BTreeSet;
use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kernel::table::Table;

/// What is looked for by more than its id.
pub trait Marked {
    /// What it may be looked for by.
    type Mark: Clone + Ord;

    /// All it can be found by as it is now. It may bear none, or several.
    fn marks(&self) -> impl Iterator<Item = Self::Mark>;
}

/// Entities in the order of their ids, each listed under its marks. Reads as the table of them, and is written as it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedTable<K, T: Marked> {
    by_id: Table<K, T>,
    by_mark: BTreeSet<(T::Mark, Entry<K>)>,
}

/// An id beneath a mark, or what comes before or behind all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Entry<K> {
    First,
    Of(K),
    Last,
}

impl<K, T: Marked> Default for MarkedTable<K, T> {
    fn default() -> Self {
        Self { by_id: Table::default(), by_mark: BTreeSet::new() }
    }
}

impl<K: Copy + Ord, T: Clone + Marked> MarkedTable<K, T> {
    /// Adds one, or puts it in the place of another.
    pub fn insert(&mut self, id: K, entity: T) {
        self.remove(&id);
        self.by_mark.extend(entity.marks().map(|mark| (mark, Entry::Of(id))));
        self.by_id.insert(id, entity);
    }

    /// Removes one; whether it was there.
    pub fn remove(&mut self, id: &K) -> bool {
        if let Some(entity) = self.by_id.get(id) {
            for mark in entity.marks() {
                self.by_mark.remove(&(mark, Entry::Of(*id)));
            }
        }
        self.by_id.remove(id)
    }

    /// Changes one, a copy of its own where another state holds it too; what the change gives back, if there is such a one.
    pub fn change<R>(&mut self, id: &K, how: impl FnOnce(&mut T) -> R) -> Option<R> {
        let entity = self.by_id.get_mut(id)?;
        let before: Vec<_> = entity.marks().collect();
        let given = how(entity);
        let after: Vec<_> = entity.marks().collect();
        if before != after {
            for mark in before {
                self.by_mark.remove(&(mark, Entry::Of(*id)));
            }
            self.by_mark.extend(after.into_iter().map(|mark| (mark, Entry::Of(*id))));
        }
        Some(given)
    }

    /// Changes all of them.
    pub fn change_all(&mut self, mut how: impl FnMut(&mut T)) {
        for id in self.by_id.keys().copied().collect::<Vec<_>>() {
            self.change(&id, &mut how);
        }
    }

    /// Those that bear a mark, by id.
    pub fn bearing(&self, mark: T::Mark) -> impl DoubleEndedIterator<Item = &T> {
        self.between(mark.clone(), mark).map(|(_, id)| &self.by_id[id])
    }

    /// Ids of those that bear a mark from one to another, both included, by mark and then id.
    pub fn between(&self, from: T::Mark, to: T::Mark) -> impl DoubleEndedIterator<Item = (&T::Mark, &K)> {
        let listed = (from <= to).then(|| self.by_mark.range((from, Entry::First)..=(to, Entry::Last)));
        listed.into_iter().flatten().filter_map(|(mark, entry)| match entry {
            Entry::Of(id) => Some((mark, id)),
            Entry::First | Entry::Last => None,
        })
    }
}

impl<K: Ord, T: Marked + PartialEq> MarkedTable<K, T> {
    /// Holds what another table holds under this id, where both say the same: it is in memory once from then on.
    pub(crate) fn share(&mut self, other: &Self, id: &K) {
        self.by_id.share(&other.by_id, id);
    }

    /// Does so for every id.
    pub(crate) fn share_all(&mut self, other: &Self) {
        self.by_id.share_all(&other.by_id);
    }
}

impl<K, T: Marked> Deref for MarkedTable<K, T> {
    type Target = Table<K, T>;

    fn deref(&self) -> &Table<K, T> {
        &self.by_id
    }
}

impl<'a, K: Ord, T: Clone + Marked> IntoIterator for &'a MarkedTable<K, T> {
    type Item = (&'a K, &'a T);
    type IntoIter = super::table::Iter<'a, K, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.by_id.iter()
    }
}

impl<K: Ord + Serialize, T: Marked + Serialize> Serialize for MarkedTable<K, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.by_id.serialize(serializer)
    }
}

impl<'de, K, T> Deserialize<'de> for MarkedTable<K, T>
where
    K: Copy + Ord + Deserialize<'de>,
    T: Clone + Marked + Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let by_id = Table::<K, T>::deserialize(deserializer)?;
        let listed = by_id.iter().flat_map(|(id, entity)| entity.marks().map(|mark| (mark, Entry::Of(*id))));
        Ok(Self { by_mark: listed.collect(), by_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that can be found by each of its letters.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    struct Text(String);

    impl Marked for Text {
        type Mark = char;

        fn marks(&self) -> impl Iterator<Item = char> {
            self.0.chars()
        }
    }

    fn bearing(table: &MarkedTable<u8, Text>, mark: char) -> Vec<&str> {
        table.bearing(mark).map(|text| text.0.as_str()).collect()
    }

    fn table() -> MarkedTable<u8, Text> {
        let mut table = MarkedTable::default();
        for (id, text) in [(3, "ab"), (1, "bc"), (2, "")] {
            table.insert(id, Text(text.to_owned()));
        }
        table
    }

    #[test]
    fn each_is_found_by_what_it_bears_now() {
        let mut table = table();
        assert_eq!((bearing(&table, 'b'), bearing(&table, 'd')), (vec!["bc", "ab"], vec![]));
        assert_eq!(
            table.change(&1, |text| std::mem::replace(&mut text.0, "d".to_owned())),
            Some("bc".to_owned())
        );
        assert_eq!((bearing(&table, 'b'), bearing(&table, 'd')), (vec!["ab"], vec!["d"]));
        table.insert(3, Text("d".to_owned()));
        assert_eq!((bearing(&table, 'b'), bearing(&table, 'd')), (vec![], vec!["d", "d"]));
        assert!(table.remove(&3) && !table.remove(&3));
        assert_eq!(table.change(&3, |_| ()), None);
        assert_eq!(bearing(&table, 'd'), ["d"]);
    }

    #[test]
    fn marks_are_read_from_one_to_another() {
        let table = table();
        let between = |from, to| table.between(from, to).map(|(mark, id)| (*mark, *id)).collect::<Vec<_>>();
        assert_eq!(between('a', 'b'), [('a', 3), ('b', 1), ('b', 3)]);
        assert_eq!(between('c', 'z'), [('c', 1)]);
        assert_eq!(between('z', 'a'), []);
    }

    #[test]
    fn it_is_the_bytes_of_its_entities() {
        let table = table();
        let json = serde_json::to_string(&table).unwrap();
        assert_eq!(json, r#"{"1":"bc","2":"","3":"ab"}"#);
        assert_eq!(serde_json::from_str::<MarkedTable<u8, Text>>(&json).unwrap(), table);
    }
}
