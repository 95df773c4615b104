//! Tests of decisions: lives of alarms, incidents, orders and units, every refusal, replay, and random sequences of
//! commands against an independent model.

mod about;
mod alarm;
mod automatic;
mod dispatching;
mod incident;
mod model;
mod order_table;
mod permission;
mod progress;
mod random;
mod redirect;
mod register;
mod replay;
pub(crate) mod scene;
mod seats;
mod sequence;
mod silent;
mod stamps;
mod support;
mod technical;
mod timer;
