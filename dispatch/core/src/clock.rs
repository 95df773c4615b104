//! What time brings about: the journal begins, timers run out and escalate, what is due is done. It stands above the
//! contexts, because a tick acts in all of them.

mod apply;
pub mod command;
pub mod decide;
pub mod event;
