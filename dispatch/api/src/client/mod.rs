//! A client of the API and the stream, used by the simulator, the end-to-end tests and the benchmarks.
//!
//! Leaves out: retries and policies. It says what the server said.

mod http;
mod stream;

pub use http::{Client, ClientError};
pub use stream::{Received, StreamClient};
