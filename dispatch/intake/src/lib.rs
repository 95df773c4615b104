//! What arrives from the field, decoded: one folder per protocol, each a pure function from bytes to typed values.
//!
//! A position that cannot be read is a typed fault with its line and field; an alarm is never refused for its form, so
//! that decoder has no error at all. **Absent on purpose**: sockets, clocks, the register and every decision.

pub mod fault;
pub mod json;
mod number;
mod text;

pub use fault::Fault;
