//! What goes over the wire: bodies and answers of the API, messages and frames of the stream, problems, the table of
//! operations that routing, the `OpenAPI` document and the client are made from, and the client itself.
//!
//! `docs/api.md` and `docs/stream.md` say the same in prose. **Absent on purpose**: HTTP serving, storage and every
//! decision; nothing here knows a socket that listens.

pub mod answer;
pub mod client;
pub mod described;
pub mod door;
pub mod frame;
pub mod heartbeat;
pub mod openapi;
pub mod operation;
pub mod position;
pub mod problem;
pub mod question;
pub mod stream;

/// Where every route but the node's own begins.
pub const BASE: &str = "/api/v1";

/// The subprotocol a stream client must offer (D15).
pub const PROTOCOL: &str = "ortoo.v1";

/// Names of our own headers.
pub mod header {
    /// The command id (D6).
    pub const KEY: &str = "idempotency-key";
    /// The account, device or source that acts.
    pub const ACTOR: &str = "ortoo-actor";
    /// The operator's seat.
    pub const SEAT: &str = "ortoo-seat";
    /// The way the command comes in: console, API, device, voice.
    pub const CHANNEL: &str = "ortoo-channel";
    /// Whose words are passed on.
    pub const ON_BEHALF_OF: &str = "ortoo-on-behalf-of";
    /// `journal_id:seq` at which an answer is true.
    pub const HEAD: &str = "ortoo-head";
}
