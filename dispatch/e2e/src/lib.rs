//! Drives the built binary as its users do: an alarm by API, a console on the stream, a unit's phone, a real browser.
//! Every test ends by demanding a clean log. Nothing of the server is linked in.

pub mod cast;
pub mod console;
pub mod deadline;
pub mod node;
pub mod receiver;
