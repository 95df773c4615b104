//! The client side, light enough to share two processors with the server it measures: HTTP with one connection per
//! poster, `WebSocket`s whose messages are looked at in the buffer they arrived in.
//!
//! Leaves out everything a real client needs: retries, redirects, chunks, fragments. What the node or a peer does not
//! send is an error here.

mod http;
mod socket;

pub use http::Connection;
pub use socket::{BINARY, Socket, TEXT};
