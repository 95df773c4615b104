//! Failures by chance: at each point each kind has a small probability, and how often each befell is counted. A run of
//! many seeds in which one never did proves less than it says.

use std::collections::BTreeMap;

use crate::chance::Chance;

/// A place on the way of a command, in the order in which the command passes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// Before a command is decided.
    Decide,
    /// Before its batch goes to the store.
    Append,
    /// The store has the batch, nobody was told.
    Commit,
    /// Before the answer goes to whoever sent it.
    Answer,
    /// Committed and true, before anybody is shown.
    Publish,
    /// A sink's receiver has confirmed, nothing was noted.
    Deliver,
    /// Before a snapshot is kept.
    Snapshot,
}

/// What happens there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// It does not work, and says so.
    Error,
    /// It takes seconds.
    Stall,
    /// The process is gone.
    Crash,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Decide,
        Self::Append,
        Self::Commit,
        Self::Answer,
        Self::Publish,
        Self::Deliver,
        Self::Snapshot,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Append => "append",
            Self::Commit => "commit",
            Self::Answer => "answer",
            Self::Publish => "publish",
            Self::Deliver => "deliver",
            Self::Snapshot => "snapshot",
        }
    }
}

impl Strike {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Error, Self::Stall, Self::Crash];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Stall => "stall",
            Self::Crash => "crash",
        }
    }
}

/// How likely errors, stalls and crashes are each time the way leads past a point.
const ODDS: [(Strike, f64); 3] = [(Strike::Error, 0.02), (Strike::Stall, 0.02), (Strike::Crash, 0.004)];

/// Chance, and what it did.
#[derive(Debug)]
pub struct Strikes {
    chance: Chance,
    /// Nothing fails any more.
    pub healed: bool,
    counts: BTreeMap<(&'static str, &'static str), u64>,
    struck: bool,
}

impl Strikes {
    /// Of a stream of chance.
    pub fn new(chance: Chance) -> Self {
        Self { chance, healed: false, counts: BTreeMap::new(), struck: false }
    }

    /// What befalls this point this time.
    pub fn at(&mut self, point: Point) -> Option<Strike> {
        // Rare points would hardly ever be struck.
        let more = match point {
            Point::Snapshot => 8.0,
            Point::Deliver => 3.0,
            _ => 1.0,
        };
        let mut drawn = self.chance.unit();
        if self.healed {
            return None;
        }
        for (strike, odds) in ODDS {
            if drawn < odds * more {
                *self.counts.entry((point.name(), strike.name())).or_default() += 1;
                self.struck = true;
                return Some(strike);
            }
            drawn -= odds * more;
        }
        None
    }

    /// Counts something else that failed.
    pub fn count(&mut self, what: &'static str, how: &'static str) {
        *self.counts.entry((what, how)).or_default() += 1;
    }

    /// Whether something failed since it was last asked.
    pub fn struck(&mut self) -> bool {
        std::mem::take(&mut self.struck)
    }

    /// How often what befell, by point and kind.
    pub fn counts(&self) -> &BTreeMap<(&'static str, &'static str), u64> {
        &self.counts
    }
}
