//! What the centre decides: ids, commands, events, [`decide`] and [`apply`], and the policy that recommends units.
//!
//! **Absent on purpose**: no clock, no randomness, no I/O, no async, no unordered iteration, no floating point in
//! events and state (D1, D5). Time, ids and evidence come from outside. Nothing here knows HTTP, SQL or a file.

pub mod alarm;
pub mod apply;
pub mod automatic;
pub mod command;
pub mod decide;
pub mod duplicate;
pub mod event;
pub mod evidence;
pub mod examine;
pub mod fault_point;
pub mod field;
pub mod gather;
pub mod hash;
pub mod id;
pub mod incident;
pub mod interval;
pub mod invariant;
pub mod kind;
pub mod mask;
pub mod order;
pub mod place;
pub mod planted;
pub mod recommend;
pub mod recommendation;
pub mod record;
pub mod refusal;
pub mod register;
pub mod rule;
#[cfg(any(test, feature = "sample"))]
pub mod sample;
pub mod screen;
pub mod shift;
pub mod snapshot;
pub mod state;
pub mod status;
pub mod technical;
#[cfg(test)]
mod tests;
pub mod time;
pub mod timer;
pub mod touched;
pub mod unit;
pub mod upcast;
pub mod view;

pub use apply::apply;
pub use decide::decide;
pub use duplicate::offers;
pub use examine::{Question, examine};
pub use field::{Field, Geography, PositionVerdict, UnitFix};
pub use gather::gather;
pub use hash::state_hash;
pub use mask::mask;
pub use recommend::recommend;
pub use record::record;
pub use snapshot::views;
pub use status::{incident_status, unit_status};
pub use touched::{touched, touched_units};
pub use upcast::{UpcastError, decode, encode};

pub use geo_index::Coord;
