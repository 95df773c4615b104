//! What it costs: programs that measure Ortoo beside its peers, in one run on one machine.
//!
//! A benchmark reports; it never passes or fails a build. Each prints a table, writes JSON with every
//! figure, and says which goals of the project are met. Ratios within a run are what counts: absolute
//! times move with the machine.

mod crowd;
pub mod fanout;
pub mod figures;
mod fixes;
pub mod growth;
pub mod index;
pub mod intake;
pub mod latency;
mod measure;
pub mod memory;
mod node;
pub mod options;
mod page;
pub mod peer;
mod process;
pub mod second_copy;
mod sent;
pub mod stores;
pub mod verification;
mod watch;
mod wire;
