//! What left the centre, sink by sink (D9): how far each has come in the journal, and what became of each row that was
//! sent. A sink is driven from the journal: its cursor passes a row when the receiver has confirmed it, has refused it
//! for good, or was never to have it.
//!
//! Leaves out: which rows a sink wants and how they are sent (the server's), and any part in a journal transaction:
//! what is forgotten here is sent again, and a receiver tells it by its key.

use dispatch_core::kernel::id::JournalId;
use dispatch_core::kernel::time::Time;
use serde::{Deserialize, Serialize};

use crate::journal::{signed, unsigned, word};
use crate::store::StoreError;

/// How far a sink has come. A restored journal numbers rows again under another id, so the two together are the key by
/// which receivers drop repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SinkCursor {
    /// The journal's id at that row.
    pub journal: JournalId,
    /// The last row that needs nothing more; 0 is before the first.
    pub seq: u64,
}

/// Where a sink stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkStand {
    /// How far it has come.
    pub cursor: SinkCursor,
    /// What was tried and is not confirmed, by sequence.
    pub outstanding: Vec<Delivery>,
    /// Rows refused for good and not forgotten yet.
    pub refused: u64,
}

/// What became of one row at one sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Sequence of the row in the journal.
    pub seq: u64,
    /// How far it has come.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: u32,
    /// What the receiver answered last, as an HTTP status; none where it did not answer.
    pub status: Option<u16>,
    /// When it was last sent.
    pub at: Time,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Sent and not confirmed: it is sent again.
    Waiting,
    /// The receiver has it.
    Confirmed,
    /// The receiver does not want it, now or ever.
    Refused,
}

/// A delivery as a row.
#[derive(Debug, Serialize)]
pub(crate) struct DeliveryRow {
    pub(crate) seq: i64,
    pub(crate) state: String,
    pub(crate) attempts: i64,
    pub(crate) status: Option<i32>,
    pub(crate) at: i64,
}

impl From<&Delivery> for DeliveryRow {
    fn from(delivery: &Delivery) -> Self {
        Self {
            seq: signed(delivery.seq),
            state: word(&delivery.state),
            attempts: delivery.attempts.into(),
            status: delivery.status.map(i32::from),
            at: delivery.at.0,
        }
    }
}

impl DeliveryRow {
    /// As it was written.
    pub(crate) fn read(self) -> Result<Delivery, StoreError> {
        let fault = |what: &str| {
            StoreError::corrupt("a delivery cannot be read", format!("row {}: {what}", self.seq))
        };
        Ok(Delivery {
            seq: unsigned(self.seq),
            state: crate::journal::from_word(&self.state).map_err(|_| fault("state"))?,
            attempts: u32::try_from(self.attempts).map_err(|_| fault("attempts"))?,
            status: self.status.map(u16::try_from).transpose().map_err(|_| fault("status"))?,
            at: Time(self.at),
        })
    }
}

/// A cursor from how it is stored.
pub(crate) fn cursor(journal: &str, reached: i64) -> Result<SinkCursor, StoreError> {
    let journal = journal.parse().map(JournalId).map_err(|error| {
        StoreError::corrupt("a cursor does not name its journal", format!("{journal}: {error}"))
    })?;
    Ok(SinkCursor { journal, seq: unsigned(reached) })
}

/// The answer to an attempt to move a cursor beyond the journal.
pub(crate) fn beyond(sink: &str, seq: u64) -> StoreError {
    StoreError::Impossible(format!("sink {sink} cannot have come to row {seq}, which is beyond the head"))
}
