//! What the centre decides: ids, commands, events, [`decide`] and [`apply`], and the policy that recommends units.
//!
//! **Absent on purpose**: no clock, no randomness, no I/O, no async, no unordered iteration, no floating point in
//! events and state (D1, D5). Time, ids and evidence come from outside. Nothing here knows HTTP, SQL or a file.

mod adoption;
pub mod apply;
pub mod changed_views;
pub mod clock;
pub mod command;
mod contexts;
pub mod decide;
pub mod event;
pub mod hash;
pub mod invariant;
pub mod kernel;
mod reactions;
pub mod record;
pub mod register;
pub mod response;
#[cfg(any(test, feature = "sample"))]
pub mod sample;
pub mod screen;
pub mod seek;
pub mod shift;
pub mod state;
pub mod technical;
#[cfg(test)]
mod tests;
pub mod upcast;
pub mod view;
pub mod words;

pub use apply::apply;
pub use changed_views::{changed_units, changed_views};
pub use decide::decide;
pub use geo_index::Coord;
pub use hash::state_hash;
pub use kernel::recommend::recommend;
pub use record::record;
pub use response::duplicate::offers;
pub use response::status::{incident_status, unit_status};
pub use seek::examine::{Question, examine};
pub use seek::gather::gather;
pub use seek::live_map::{Field, Geography, PositionVerdict, UnitFix};
pub use seek::mask::mask;
pub use upcast::{UpcastError, decode, encode};
