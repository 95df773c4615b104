//! The crash oracle: clients that write down every command before they send it and every answer they get, a hand that
//! kills the server, its database, or both, and a judge who compares what was said with what the journal holds.
//!
//! `kill -9` ends a process, not the machine: what the kernel was given it keeps. What a disk keeps when the power goes is
//! shown apart ([`crate::power`]), by the same clients and the same judge.

mod balancer;
pub(crate) mod centre_under_test;
pub(crate) mod chain;
pub(crate) mod chance;
mod damage;
mod failover;
pub(crate) mod hand;
pub(crate) mod judge;
pub(crate) mod ledger;
pub(crate) mod load;
mod relay;
mod run;
mod tally;

pub use centre_under_test::EXPECTED;
pub use damage::{Account, Damages, damage};
pub use failover::{Takeovers, failover};
pub use relay::Relay;
pub use run::{Options, StoreKind, run};
pub use tally::Tally;
