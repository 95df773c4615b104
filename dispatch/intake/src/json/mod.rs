//! JSON over HTTP: positions and heartbeats (one, an array, one a line) and alarms.

pub mod alarm;
mod body;
pub mod heartbeats;
pub mod positions;
mod salvage;
