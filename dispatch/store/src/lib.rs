//! What the centre remembers: the journal, answers by command id, the read model, words apart, region contents,
//! snapshots and, in a file of their own, tracks.
//!
//! | module | what it holds |
//! |---|---|
//! | [`store`] | what every database does, a trait for each concern; [`Store`] is their sum |
//! | [`any`] | either database, chosen by its address |
//! | [`batch`] | what one commit carries: records, views, answers, words, contents |
//! | [`words`] | what a person said or typed, apart from the journal (D12) |
//! | [`journal`], [`audit`] | a record as a row, and the hash chain over rows as stored |
//! | [`delivery`] | what left the centre, sink by sink (D9) |
//! | `parts` | what one call writes, as rows |
//! | `row` | answers and words as rows of a table |
//! | [`rows`] | the read model as one pure function of records and views, shared by every database (D4) |
//! | [`replay`] | state and views made again from the journal alone |
//! | `proof`, `balance` | whatever is kept, compared with what a replay makes, in memory that does not grow |
//! | [`query`] | pages of the read model, by cursor |
//! | [`genesis`], [`snapshot`] | the first row of a journal, and a state kept with its hash and the name of its format |
//! | `sql` | what both databases say in the same words |
//! | [`sqlite`] | the embedded database |
//! | [`postgres`] | PostgreSQL with PostGIS |
//! | [`damage`] | which errors of a database tell of damage |
//! | [`pair`] | what two servers of one database tell each other |
//! | [`tracks`] | where units were, in chunks of ten minutes (D8) |
//! | [`witness`], [`loss`] | how far the journal had come, witnessed outside it, and how one goes on that fell short of that |
//! | [`mirror`] | a second copy of all that was committed, in plain files on another disk |
//! | [`key`] | the secret under which bodies of commands are known |
//! | [`lock`], [`place`], `as_found` | one process, one data directory; what lies where a file of it is to be; and as it was found |
//!
//! **Absent on purpose**: decisions (the core's), the order in which batches are sent (the writer's) and any write to
//! the journal other than [`Journal::append`] (D4).

pub mod any;
pub mod archive;
mod as_found;
pub mod audit;
mod balance;
pub mod batch;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod damage;
pub mod delivery;
#[cfg(any(test, feature = "failing"))]
pub mod failing;
pub mod genesis;
pub mod journal;
pub mod key;
pub mod lock;
pub mod loss;
#[cfg(any(test, feature = "memory"))]
pub mod memory;
pub mod mirror;
pub mod pair;
mod parts;
pub mod place;
pub mod postgres;
mod proof;
pub mod query;
pub mod replay;
mod row;
pub mod rows;
pub mod snapshot;
mod sql;
pub mod sqlite;
pub mod store;
pub mod tracks;
pub mod witness;
pub mod words;

pub use any::{AnyStore, Location};
pub use batch::{Accepted, Answer, Batch, Content, StoredAnswer};
pub use delivery::{Delivery, DeliveryState, SinkCursor, SinkStand};
pub use genesis::{Genesis, MINTED_MAX, minted};
pub use key::NodeKey;
pub use lock::DataLock;
pub use loss::Lost;
pub use pair::{Handed, Heard, Heartbeat, Heartbeats};
pub use postgres::{PostgresOptions, PostgresStore, Round, Standby};
pub use query::{Cursor, EntityQuery, EntityRow, Page};
pub use snapshot::StateHash;
pub use sqlite::{SqliteOptions, SqliteStore};
pub use store::{
    Answers, AppendOutcome, AuditHead, Custody, Deliveries, History, Journal, Opening, PackageHash, Proving,
    ReadModel, ReadingsHead, Step, Store, StoreError, TableProof, Verified, WordsRecords,
};
pub use tracks::{TrackPoint, Tracks, TracksDamage};
pub use witness::{Testimony, Witness, WitnessFile};
pub use words::{Reading, StoredWords, Text, Words, WordsClass};
