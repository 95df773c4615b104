//! JSON over HTTP: positions (one, an array, one a line) and alarms.

pub mod alarm;
pub mod positions;
mod salvage;
