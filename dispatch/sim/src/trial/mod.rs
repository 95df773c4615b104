//! A trial: the writer that ships, beside a store that fails, a clock that jumps, clients that repeat and devices that
//! stutter, all from one seed and in no real time. An auditor looks at everything that goes in and comes out.
//!
//! | module | what it holds |
//! |---|---|
//! | [`agenda`] | what happens next, and when: the only order there is |
//! | [`strikes`] | which failures befall which point, by chance, and how often each did |
//! | `centre` | the process: the writer and its driver, killed and started again |
//! | `loss` | a disk that loses the end of the journal, and how that goes on |
//! | `people`, [`hand`], [`mind`] | clients: how one sends a command until it is answered, and what it wants next |
//! | [`delivery`] | sink delivery, with a durable cursor |
//! | [`auditor`] | an independent model and every rule that must hold |
//! | [`report`] | what a trial came to |
//!
//! **Absent on purpose**: real time, threads, I/O. Two runs of a seed are the same, step by step.

pub mod agenda;
pub mod auditor;
mod centre;
pub mod delivery;
pub mod hand;
mod loss;
pub mod mind;
mod people;
pub mod report;
pub mod strikes;
mod world;

pub use report::Report;
pub use world::{run, samples};
