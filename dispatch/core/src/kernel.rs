//! What every context stands on: ids, time, places, closed vocabularies, refusals, timers, evidence.
//!
//! **Absent on purpose**: anything that decides or changes. Nothing here imports a context.

pub mod about;
pub mod act;
pub mod command_row;
pub mod evidence;
pub mod fact;
pub mod ground;
pub mod id;
pub mod kind;
pub mod marked;
pub mod place;
pub mod recommend;
pub mod recommendation;
pub mod refusal;
pub mod rule;
#[cfg(feature = "schema")]
pub mod schema;
pub mod table;
pub mod target;
pub mod time;
pub mod timer;
pub mod timetable;

/// Text that came from outside: what codes, names and ids hold none of, and how much is told back.
pub use ::text;
