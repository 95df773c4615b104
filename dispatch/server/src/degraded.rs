//! Degraded modes (D17): which hold now, and telling consoles of them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::hub::Hub;
use crate::truth::Truth;

/// The machine's clock is in doubt (D7).
pub const CLOCK_IN_DOUBT: &str = "clock_in_doubt";

/// Degraded modes of one node, by code.
#[derive(Debug)]
pub struct Degraded {
    codes: Mutex<BTreeSet<&'static str>>,
    /// How the node is set up, of which no console has to hear for ever.
    standing: Mutex<BTreeSet<&'static str>>,
    hub: Arc<Hub>,
    truth: Truth,
}

impl Degraded {
    /// None holds yet; consoles are told through the hub, at the time of truth.
    pub fn new(hub: Arc<Hub>, truth: Truth) -> Self {
        Self { codes: Mutex::default(), standing: Mutex::default(), hub, truth }
    }

    /// One began or ended; true when that is news.
    pub fn set(&self, code: &'static str, on: bool) -> bool {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if on { codes.insert(code) } else { codes.remove(code) }
    }

    /// Whether the machine's clock is in doubt: nothing that cannot be undone is done meanwhile.
    pub fn doubts_clock(&self) -> bool {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).contains(CLOCK_IN_DOUBT)
    }

    /// Codes of those that hold, in alphabetical order.
    pub fn list(&self) -> Vec<String> {
        let codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.iter().map(|code| (*code).to_owned()).collect()
    }

    /// From now on this holds, and is told to whoever looks after the node, on no console.
    pub fn note(&self, code: &'static str) {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).insert(code);
    }

    /// Codes of those that hold, and of what was noted.
    pub fn all(&self) -> Vec<String> {
        let standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        self.list().into_iter().chain(standing.iter().map(|code| (*code).to_owned())).collect()
    }

    /// Sends every console a heartbeat with those that hold, beside the regular ones.
    pub fn tell(&self) {
        let ahead = self.doubts_clock().then(|| self.truth.clock().ahead_ms());
        self.hub.heartbeat(self.truth.now(), self.list(), ahead);
    }
}
