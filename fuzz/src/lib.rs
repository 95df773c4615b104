//! What arrives from outside as bytes, fuzzed by coverage (`cargo xtask fuzz`). Each target is a function of bytes that
//! fails when a rule does not hold, and not only when something panics; `tests/kept.rs` runs each over every input in
//! `kept/`, so that what was found once is proved ever after.
//!
//! | module | what it feeds |
//! |---|---|
//! | [`http_body`] | requests with bodies, to the router of a centre |
//! | [`stream_message`] | what clients of the stream say, to its hub, while a centre goes on |
//! | [`region_package`] | files of a region package, to the reader and then to a centre that adopts it |
//! | [`journal_row`] | rows behind a journal, to the decoder, the replay, the proof and a centre that opens on them |
//! | [`mutation`] | changes of an input that keep its form |
//! | [`request`] | how requests are written in inputs |
//! | [`centre`] | the centre behind all of them, begun anew for each input |
//!
//! **Absent on purpose**: copies of product code. The centre is the server's own router, driver, hub and writer beside a
//! store in memory. Sockets, and the protocols under HTTP and the stream, are libraries' affair.

pub mod centre;
pub mod http_body;
pub mod journal_row;
pub mod mutation;
pub mod region_package;
pub mod request;
pub mod stream_message;

/// A target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Named as its folder in `kept/` is.
    pub name: &'static str,
    /// Feeds it these bytes, and panics when a rule does not hold.
    pub feed: fn(&[u8]),
    /// Makes another input of one that keeps its form, by a number and no longer than asked for.
    pub change: fn(&[u8], u32, usize) -> Option<Vec<u8>>,
}

/// Every target.
pub const TARGETS: [Target; 4] = [
    Target { name: "http-body", feed: http_body::feed, change: mutation::lines_of },
    Target { name: "stream-message", feed: stream_message::feed, change: mutation::lines_of },
    Target { name: "region-package", feed: region_package::feed, change: mutation::package_of },
    Target { name: "journal-row", feed: journal_row::feed, change: mutation::lines_of },
];
