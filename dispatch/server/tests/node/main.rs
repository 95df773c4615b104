//! The server as its clients see it: a real node on port 0 with a store of its own, spoken to over sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod automatic;
mod backup;
mod command;
mod door;
mod load;
mod points;
mod positions;
mod protocol;
mod question;
mod region;
mod socket;
mod speaker;
mod stream;
mod support;
mod walk;
