//! The writer beside a store that fails on request: what is answered, when, and what the journal holds in the end.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clock;
mod commits;
mod driver;
mod failures;
mod lanes;
mod loss;
mod random;
