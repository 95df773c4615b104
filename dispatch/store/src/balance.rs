//! Two sides compared without keeping either: what the journal makes goes in on one side, what is stored on the other, and
//! at the end they have to be level. Memory does not grow with them.
//!
//! Each row is hashed under a key of the verification's own, so that nobody can prepare rows whose hashes cancel each
//! other out, and added to the sum of a bucket chosen by its name. Where a bucket is not level, a second verification
//! keeps the rows of that bucket alone and names one.

use std::collections::BTreeMap;

use dispatch_core::kernel::time::Time;

use crate::audit::Columns;
use crate::genesis::minted;
use crate::store::StoreError;

/// So many buckets: a second look keeps one row of as many.
const BUCKETS: usize = 4_096;

/// What rows are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Matter {
    /// Entities that left live state.
    Entity,
    /// Which records are about which entities.
    Timeline,
    /// Digests of words.
    Words,
    /// Words that were erased.
    Erasure,
}

impl Matter {
    /// What is wrong where the two are not level, as errors name it.
    pub(crate) fn fault(self) -> &'static str {
        match self {
            Self::Entity => "the read model is not what the journal makes",
            Self::Timeline => "the timeline is not what the journal makes",
            Self::Words => "words are not those that the journal names",
            Self::Erasure => "words are not erased as the journal says",
        }
    }
}

/// Name and hash of a row that is kept, and on which side there is more of it.
type Rows = BTreeMap<(Matter, String), BTreeMap<[u8; 32], i64>>;

/// Two sides.
#[derive(Debug)]
pub(crate) struct Balance {
    key: [u8; 32],
    buckets: Vec<[u64; 4]>,
    look: Look,
    rows: Rows,
}

/// Which rows are kept.
#[derive(Clone, Copy, Debug)]
enum Look {
    /// None: sums alone.
    Sums,
    /// Those of a bucket that was not level.
    Bucket(usize),
    /// All that the journal makes; what is stored beside them may be older than where the journal was begun to be read.
    Tail,
}

impl Balance {
    /// Of sums.
    pub(crate) fn new() -> Self {
        // Of ids only the time is known beforehand.
        let chance = [minted(Time(0)), minted(Time(0))].map(uuid::Uuid::into_bytes).concat();
        Self::under(blake3::derive_key("ortoo balance of a verification", &chance), Look::Sums)
    }

    /// Of rows whose beginning is not known: those that are stored and not expected may be right.
    pub(crate) fn of_a_tail() -> Self {
        Self { look: Look::Tail, ..Self::new() }
    }

    fn under(key: [u8; 32], look: Look) -> Self {
        Self { key, buckets: vec![[0; 4]; BUCKETS], look, rows: Rows::new() }
    }

    /// Empty, to name a row of the first bucket that is not level; none where all are.
    pub(crate) fn closer(&self) -> Option<Self> {
        let uneven = self.buckets.iter().position(|sum| *sum != [0; 4])?;
        Some(Self::under(self.key, Look::Bucket(uneven)))
    }

    /// The journal makes this row.
    pub(crate) fn expect(&mut self, matter: Matter, name: String, value: &[u8; 32]) {
        self.put(matter, name, value, 1);
    }

    /// This row is stored. False where it cannot be told whether it should be.
    pub(crate) fn find(&mut self, matter: Matter, name: String, value: &[u8; 32]) -> bool {
        match self.look {
            Look::Tail if !self.rows.contains_key(&(matter, name.clone())) => false,
            Look::Tail | Look::Sums | Look::Bucket(_) => {
                self.put(matter, name, value, -1);
                true
            }
        }
    }

    fn put(&mut self, matter: Matter, name: String, value: &[u8; 32], side: i64) {
        let named = Columns::keyed(&self.key).number(matter as u8).text(&name).hash();
        let bucket = usize::from(u16::from_le_bytes([named[0], named[1]])) % BUCKETS;
        let kept = match self.look {
            Look::Sums => false,
            Look::Bucket(kept) => kept == bucket,
            Look::Tail => true,
        };
        if kept {
            let name = (matter, name);
            let sides = self.rows.entry(name.clone()).or_default();
            *sides.entry(*value).or_default() += side;
            sides.retain(|_, side| *side != 0);
            // In a tail one that is level stays named: a second row like it has to be noticed.
            if sides.is_empty() && !matches!(self.look, Look::Tail) {
                self.rows.remove(&name);
            }
        }
        let row = Columns::keyed(&self.key).bytes(Some(&named)).bytes(Some(value)).hash();
        for (sum, lane) in self.buckets[bucket].iter_mut().zip(row.chunks_exact(8)) {
            let lane = u64::from_le_bytes(lane.try_into().unwrap_or_default());
            *sum = if side > 0 { sum.wrapping_add(lane) } else { sum.wrapping_sub(lane) };
        }
    }

    /// What is not level among the rows that were kept.
    pub(crate) fn difference(&self) -> Option<StoreError> {
        let ((matter, name), sides) = self.rows.iter().find(|(_, sides)| !sides.is_empty())?;
        let (expected, found) = (sides.values().any(|side| *side > 0), sides.values().any(|side| *side < 0));
        let what = match (expected, found) {
            (true, true) => "differs",
            (true, false) => "is missing",
            (false, _) => "is not of the journal",
        };
        Some(StoreError::corrupt(matter.fault(), format!("{name} {what}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: u8) -> [u8; 32] {
        [value; 32]
    }

    /// Both sides weighed; what is named where they are not level.
    fn weighed(expected: &[(&str, u8)], found: &[(&str, u8)]) -> Option<String> {
        let weigh = |mut balance: Balance| {
            for (name, value) in expected {
                balance.expect(Matter::Words, (*name).into(), &row(*value));
            }
            for (name, value) in found {
                assert!(balance.find(Matter::Words, (*name).into(), &row(*value)), "nothing is older");
            }
            balance
        };
        let sums = weigh(Balance::new());
        assert!(sums.difference().is_none(), "sums name nothing");
        let closer = weigh(sums.closer()?);
        Some(closer.difference().expect("a bucket that is not level names a row").to_string())
    }

    #[test]
    fn what_is_not_level_is_named() {
        assert_eq!(weighed(&[], &[]), None);
        assert_eq!(weighed(&[("a", 1), ("b", 2)], &[("b", 2), ("a", 1)]), None, "whatever the order");
        let said = |named: &str| Some(format!("words are not those that the journal names: {named}"));
        assert_eq!(weighed(&[("a", 1), ("b", 2)], &[("b", 2)]), said("a is missing"));
        assert_eq!(weighed(&[("a", 1)], &[("a", 1), ("b", 2)]), said("b is not of the journal"));
        assert_eq!(weighed(&[("a", 1)], &[("a", 2)]), said("a differs"));
        assert_eq!(weighed(&[("a", 1)], &[("a", 1), ("a", 1)]), said("a is not of the journal"));
        assert!(weighed(&[("a", 1), ("b", 2)], &[("a", 2), ("b", 1)]).is_some(), "swapped");
    }

    #[test]
    fn a_tail_is_compared_and_what_is_older_is_not() {
        let mut balance = Balance::of_a_tail();
        balance.expect(Matter::Words, "a".into(), &row(1));
        assert!(!balance.find(Matter::Words, "older".into(), &row(9)));
        assert!(balance.difference().unwrap().to_string().contains("a is missing"));
        assert!(balance.find(Matter::Words, "a".into(), &row(1)));
        assert!(balance.difference().is_none() && balance.closer().is_none());
        assert!(balance.find(Matter::Words, "a".into(), &row(1)), "it is told from what is older");
        assert!(balance.difference().is_some());
    }
}
