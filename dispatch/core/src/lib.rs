//! What the centre decides: ids, commands, events, [`decide`] and [`apply`], and the policy that recommends units.
//!
//! **Absent on purpose**: no clock, no randomness, no I/O, no async, no unordered iteration, no floating point in
//! events and state (D1, D5). Time, ids and evidence come from outside. Nothing here knows HTTP, SQL or a file.

pub mod alarm;
pub mod command;
pub mod duplicate;
pub mod event;
pub mod evidence;
pub mod examine;
pub mod field;
pub mod gather;
pub mod id;
pub mod incident;
pub mod interval;
pub mod kind;
pub mod mask;
pub mod order;
pub mod place;
pub mod recommend;
pub mod recommendation;
pub mod refusal;
pub mod register;
pub mod state;
pub mod technical;
pub mod time;
pub mod timer;
pub mod unit;
pub mod view;

pub use duplicate::offers;
pub use examine::{Question, examine};
pub use field::{Field, Geography, PositionVerdict, UnitFix};
pub use gather::gather;
pub use mask::mask;
pub use recommend::recommend;

pub use geo_index::Coord;
