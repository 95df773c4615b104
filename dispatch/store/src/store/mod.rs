//! What every database has to do for the centre, a trait for each concern. The journal has one way in:
//! [`Journal::append`].

mod answers;
mod concern;
mod custody;
mod deliveries;
mod error;
mod history;
mod journal;
mod read_model;
mod words;

pub use answers::Answers;
pub use custody::{AuditHead, Custody, PackageHash, Proving, ReadingsHead, Step, TableProof, Verified};
pub use deliveries::Deliveries;
pub use error::StoreError;
pub use history::History;
pub use journal::{AppendOutcome, Journal, Opening};
pub use read_model::ReadModel;
pub use words::WordsRecords;

/// A database of the centre: all concerns together.
///
/// Reads see committed rows only. No method holds a transaction open between two calls.
pub trait Store: Journal + Answers + History + ReadModel + WordsRecords + Deliveries + Custody {}

impl<S: Journal + Answers + History + ReadModel + WordsRecords + Deliveries + Custody> Store for S {}
