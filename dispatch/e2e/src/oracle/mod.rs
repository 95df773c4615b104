//! The crash oracle: clients that write down every command before they send it and every answer they get, a hand that
//! kills the server, its database, or both, and a judge who compares what was said with what the journal holds.
//!
//! `kill -9` ends a process, not the machine: what the kernel was given it keeps. That answers wait for the disk is shown
//! apart (`cargo xtask flush-order`).

mod balancer;
mod centre_under_test;
mod chain;
mod chance;
mod damage;
mod failover;
mod hand;
mod judge;
mod ledger;
mod load;
mod relay;
mod run;
mod tally;

pub use centre_under_test::EXPECTED;
pub use damage::{Account, Damages, damage};
pub use failover::{Takeovers, failover};
pub use relay::Relay;
pub use run::{Options, StoreKind, run};
pub use tally::Tally;
