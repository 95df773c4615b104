//! A seeded world that lives beside the centre: units that wait, patrol and obey, callers and points that raise alarms,
//! devices that fail, and, where wanted, operators. It speaks to the server as a device, a caller and a console do,
//! and knows nothing that they could not know.
//!
//! The world ([`world::World`]) is pure: no clock, no socket, one seed, and the same day comes out. The driver
//! ([`driver`]) gives it the time, carries its messages over HTTP and brings it what the stream says.
//!
//! Glossary: a *happening* is what really occurred, and several *calls* may tell of it; a *conversation* is what a
//! caller would say if answered; a *task* is an order as its crew sees it; a *message* is anything that leaves.
//!
//! **Absent on purpose**: decisions. Nothing here chooses a unit except by what the recommendation on screen says.

pub mod caller;
pub mod chance;
pub mod conversation;
pub mod crew;
mod desk_act;
pub mod driver;
mod errand;
pub mod fault;
pub mod ground;
mod hearing;
mod heartbeats;
pub mod hours;
pub mod message;
pub mod moment;
mod number;
pub mod operator;
pub mod plot;
pub mod room;
pub mod route;
pub mod scene;
pub mod settings;
pub mod signal;
pub mod tally;
#[cfg(feature = "trial")]
pub mod trial;
pub mod unit;
pub mod vehicle;
pub mod work;
pub mod world;

pub use caller::Storm;
pub use driver::{Options, Report, SimError, run};
pub use scene::Scene;
pub use settings::Settings;
pub use world::World;
