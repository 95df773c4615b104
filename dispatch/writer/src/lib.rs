//! The single writer of a node: a synchronous state machine that takes inputs with the time they came and leaves
//! outputs to be carried out (D3, D6, D7). A thin driver runs it beside a real store; the simulator and the tests run
//! it beside one that fails on purpose.
//!
//! | module | what it holds |
//! |---|---|
//! | [`clock`] | the node's time, made of what the machine's clocks show |
//! | [`message`] | inputs, outputs, requests, replies and commits |
//! | [`limits`] | how much may wait, how large a batch is, how long ids are kept |
//! | [`counters`] | what was counted, for metrics |
//! | `lanes` | what waits to be decided; alarms have their own lane |
//! | `memory` | the answers of the last seven days |
//! | `draft` | the batch being decided and the one in flight |
//! | `outcome` | the answer of an accepted command |
//! | `positions` | fixes: live at once, never in the journal |
//! | `recovery` | what happens when a commit fails |
//! | [`writer`] | the state machine itself |
//!
//! **Absent on purpose**: I/O, clock, randomness, async, threads. `handle` never waits; nothing leaves before the
//! commit it rests on.

pub mod clock;
pub mod counters;
mod draft;
mod lanes;
pub mod limits;
mod memory;
pub mod message;
mod outcome;
mod positions;
mod recovery;
pub mod writer;

pub use clock::{NodeClock, Reading};
pub use counters::{Counters, Gauges};
pub use limits::Limits;
pub use message::{Commit, Input, Moment, Output, PositionReceipt, Reply, Request, Unrecorded};
pub use writer::Writer;
