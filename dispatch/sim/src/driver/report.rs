//! What a run came to.

use std::collections::BTreeMap;
use std::fmt;

use dispatch_core::kernel::time::Time;
use serde::Serialize;

use super::lane::Answered;
pub use super::uplink::UplinkCounts;
use crate::message::Reply;
use crate::tally::Tally;

/// Counters of a run, for a summary.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Simulated seconds lived.
    pub simulated_s: f64,
    /// The last moment lived.
    pub until: Option<Time>,
    /// What the world counted since it was last begun.
    pub tally: Tally,
    /// What became of the positions.
    pub uplink: UplinkCounts,
    /// Requests done, by command.
    pub accepted: BTreeMap<String, u64>,
    /// Requests not done, by command and code.
    pub refused: BTreeMap<String, BTreeMap<String, u64>>,
    /// Requests sent again because nothing was decided.
    pub retries: u64,
    /// How often the stream was opened again.
    pub reconnected: u64,
    /// How often the world was begun anew from the server's truth.
    pub begun_anew: u64,
}

impl Report {
    /// Counts an answer.
    pub(crate) fn answered(&mut self, answered: &Answered) {
        self.retries += u64::from(answered.retries);
        if matches!(answered.reply, Reply::Accepted { .. }) {
            *self.accepted.entry(answered.name.to_owned()).or_default() += 1;
        } else {
            let code = answered.code.clone().unwrap_or_else(|| "failed".to_owned());
            *self.refused.entry(answered.name.to_owned()).or_default().entry(code).or_default() += 1;
        }
    }

    /// Requests that were accepted, of all commands together.
    pub fn accepted_total(&self) -> u64 {
        self.accepted.values().sum()
    }

    /// Requests not done.
    pub fn refused_total(&self) -> u64 {
        self.refused.values().flat_map(BTreeMap::values).sum()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.0} simulated seconds: {} positions, {} alarms ({} SOS), {} orders obeyed, {} requests done, {} refused",
            self.simulated_s,
            self.uplink.queued,
            self.tally.alarms + self.tally.sos,
            self.tally.sos,
            self.tally.orders,
            self.accepted_total(),
            self.refused_total(),
        )
    }
}
