//! Sinks that are in trouble, so that a degraded mode (D17) holds as long as one of them is.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What can be wrong with a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// Its receiver does not answer, or is slower than what is to be sent.
    Behind,
    /// Its receiver refused a delivery for good and has confirmed none since.
    Refused,
}

impl Trouble {
    /// The degraded mode.
    pub fn code(self) -> &'static str {
        match self {
            Self::Behind => "sink_behind",
            Self::Refused => "sink_refused",
        }
    }
}

/// Which sinks are in which trouble.
#[derive(Debug, Default)]
pub struct Troubles {
    held: Mutex<BTreeSet<(Trouble, String)>>,
}

impl Troubles {
    /// One began or ended; whether any sink has this trouble now.
    pub fn set(&self, trouble: Trouble, sink: &str, on: bool) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = (trouble, sink.to_owned());
        if on {
            held.insert(entry);
        } else {
            held.remove(&entry);
        }
        held.iter().any(|(other, _)| *other == trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_holds_as_long_as_one_sink_is_in_it() {
        let troubles = Troubles::default();
        assert!(troubles.set(Trouble::Behind, "a", true));
        assert!(troubles.set(Trouble::Behind, "b", true));
        assert!(!troubles.set(Trouble::Refused, "a", false));
        assert!(troubles.set(Trouble::Behind, "a", false));
        assert!(!troubles.set(Trouble::Behind, "b", false));
    }
}
