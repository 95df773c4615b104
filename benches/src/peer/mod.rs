//! The peers we wrote ourselves, each a process of its own so that its processor time is its own: the plain way to do
//! one thing, without anything of Ortoo.

mod broadcast;
mod hyper_server;
pub mod reference;
mod writes;

use std::net::SocketAddr;

use anyhow::Result;

/// Which peer.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum Peer {
    /// A WebSocket server that broadcasts to a task for each console, which sends message by message.
    Broadcast(broadcast::Options),
    /// One loop that tries to write one frame to every console.
    Writes(writes::Options),
    /// A plain dispatch server of axum and `PostGIS`.
    Reference(reference::Options),
    /// An HTTP server that reads the body and answers.
    Hyper {
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
    },
}

/// Runs until it is killed.
pub fn run(peer: &Peer) -> Result<()> {
    match peer {
        Peer::Broadcast(options) => broadcast::run(options),
        Peer::Writes(options) => writes::run(options),
        Peer::Reference(options) => reference::run(options),
        Peer::Hyper { listen } => hyper_server::run(*listen),
    }
}
