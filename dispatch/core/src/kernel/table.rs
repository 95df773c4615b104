//! Entities by id, each shared by the copies of a state until one of them changes it: what has ended is in memory once,
//! however many states hold it. Reads as an ordered map; equal tables are the same bytes, shared or not.

use std::collections::{BTreeMap, btree_map};
use std::ops::{Index, RangeBounds};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Entities in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[serde(bound(serialize = "K: Ord + Serialize, T: Serialize"))]
#[serde(bound(deserialize = "K: Ord + Deserialize<'de>, T: Deserialize<'de>"))]
pub struct Table<K, T>(BTreeMap<K, Arc<T>>);

impl<K, T> Default for Table<K, T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord, T: Clone> Table<K, T> {
    /// The one with this id.
    pub fn get(&self, id: &K) -> Option<&T> {
        self.0.get(id).map(|entity| &**entity)
    }

    /// The one with this id, to be changed: a copy of its own, where another state holds it too.
    pub fn get_mut(&mut self, id: &K) -> Option<&mut T> {
        self.0.get_mut(id).map(Arc::make_mut)
    }

    /// Whether there is one with this id.
    pub fn contains_key(&self, id: &K) -> bool {
        self.0.contains_key(id)
    }

    /// Adds one, or puts it in the place of another.
    pub fn insert(&mut self, id: K, entity: T) {
        self.0.insert(id, Arc::new(entity));
    }

    /// Removes one; whether it was there.
    pub fn remove(&mut self, id: &K) -> bool {
        self.0.remove(id).is_some()
    }

    /// The ids, in order.
    pub fn keys(&self) -> btree_map::Keys<'_, K, Arc<T>> {
        self.0.keys()
    }

    /// The entities, by id.
    pub fn values(&self) -> Values<'_, K, T> {
        Values(self.0.values())
    }

    /// Ids and entities, by id.
    pub fn iter(&self) -> Iter<'_, K, T> {
        Iter(self.0.iter())
    }

    /// Those whose ids lie within bounds, by id.
    pub fn range(&self, bounds: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (&K, &T)> {
        self.0.range(bounds).map(|(id, entity)| (id, &**entity))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Ord, T: PartialEq> Table<K, T> {
    /// Holds what another table holds under this id, where both say the same: it is in memory once from then on.
    pub(crate) fn share(&mut self, other: &Self, id: &K) {
        if let (Some(own), Some(others)) = (self.0.get_mut(id), other.0.get(id))
            && !Arc::ptr_eq(own, others)
            && own == others
        {
            *own = Arc::clone(others);
        }
    }

    /// Does so for every id.
    pub(crate) fn share_all(&mut self, other: &Self) {
        other.0.keys().for_each(|id| self.share(other, id));
    }
}

impl<K: Ord, T: Clone> Index<&K> for Table<K, T> {
    type Output = T;

    fn index(&self, id: &K) -> &T {
        &self.0[id]
    }
}

impl<K: Ord, T> FromIterator<(K, T)> for Table<K, T> {
    fn from_iter<I: IntoIterator<Item = (K, T)>>(rows: I) -> Self {
        Self(rows.into_iter().map(|(id, entity)| (id, Arc::new(entity))).collect())
    }
}

impl<'a, K: Ord, T: Clone> IntoIterator for &'a Table<K, T> {
    type Item = (&'a K, &'a T);
    type IntoIter = Iter<'a, K, T>;

    fn into_iter(self) -> Iter<'a, K, T> {
        self.iter()
    }
}

/// The entities of a table, by id.
#[derive(Clone, Debug)]
pub struct Values<'a, K, T>(btree_map::Values<'a, K, Arc<T>>);

impl<'a, K, T> Iterator for Values<'a, K, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        self.0.next().map(|entity| &**entity)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, T> DoubleEndedIterator for Values<'_, K, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|entity| &**entity)
    }
}

impl<K, T> ExactSizeIterator for Values<'_, K, T> {}

/// Ids and entities of a table, by id.
#[derive(Clone, Debug)]
pub struct Iter<'a, K, T>(btree_map::Iter<'a, K, Arc<T>>);

impl<'a, K, T> Iterator for Iter<'a, K, T> {
    type Item = (&'a K, &'a T);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(id, entity)| (id, &**entity))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<K, T> DoubleEndedIterator for Iter<'_, K, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(id, entity)| (id, &**entity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(u8, &str)]) -> Table<u8, String> {
        rows.iter().map(|(id, text)| (*id, (*text).to_owned())).collect()
    }

    fn is_shared(one: &Table<u8, String>, other: &Table<u8, String>, id: u8) -> bool {
        Arc::ptr_eq(&one.0[&id], &other.0[&id])
    }

    #[test]
    fn what_is_alike_is_held_once_and_changed_apart() {
        let (mut one, other) = (table(&[(1, "a"), (2, "b")]), table(&[(1, "a"), (2, "c")]));
        for id in [1, 2, 3] {
            one.share(&other, &id);
        }
        assert!(is_shared(&one, &other, 1) && !is_shared(&one, &other, 2));
        one.get_mut(&1).unwrap().push('!');
        assert_eq!((one[&1].as_str(), other[&1].as_str()), ("a!", "a"));
    }

    #[test]
    fn a_table_is_the_bytes_of_a_map() {
        let table = table(&[(2, "b"), (1, "a")]);
        let json = serde_json::to_string(&table).unwrap();
        assert_eq!(json, r#"{"1":"a","2":"b"}"#);
        assert_eq!(serde_json::from_str::<Table<u8, String>>(&json).unwrap(), table);
        assert!(is_shared(&table.clone(), &table, 1), "a copy shares all");
    }
}
