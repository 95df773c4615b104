//! Drives the built binary as its users do: an alarm by API, a console on the stream, a unit's phone, a real browser.
//! Every test ends by demanding a clean log. Nothing of the server is linked in;
//! of the store, the private database server its tests start.

pub mod cast;
pub mod console;
pub mod deadline;
pub mod flush;
pub mod hostile;
pub mod node;
pub mod oracle;
pub mod power;
pub mod preload;
pub mod receiver;
pub mod wall_clock;
