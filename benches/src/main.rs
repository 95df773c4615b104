//! `cargo run --release -p benches -- <what>`

use clap::{Parser, Subcommand};

/// Measures Ortoo beside its peers.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The index of live units beside rstar, kiddo, H3 rings and a plain scan (goals 1-3).
    Index(benches::index::Options),
    /// An alarm's POST to a console's frame, durable, and in a storm (goal 7).
    Latency(benches::options::Options),
    /// What an alarm costs while something else has grown.
    Growth(benches::options::Options),
    /// Commits and positions to many consoles (goals 8, 9).
    Fanout(benches::options::Options),
    /// Positions in, in batches and alone (goals 5, 12).
    Intake(benches::options::Options),
    /// Commands, an alarm and a restart on each of the two stores.
    Stores(benches::options::Options),
    /// What a verification costs as the journal grows.
    Verification(benches::verification::Options),
    /// What a witness and a mirror cost beside bare commits.
    SecondCopy(benches::second_copy::Options),
    /// What an incident that has ended costs in memory.
    Memory(benches::options::Options),
    /// A peer as a process of its own; the runs start it.
    #[command(subcommand, hide = true)]
    Peer(benches::peer::Peer),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::Index(options) => benches::index::run(&options),
        What::Latency(options) => benches::latency::run(&options),
        What::Growth(options) => benches::growth::run(&options),
        What::Fanout(options) => benches::fanout::run(&options),
        What::Intake(options) => benches::intake::run(&options),
        What::Stores(options) => benches::stores::run(&options),
        What::Verification(options) => benches::verification::run(&options),
        What::SecondCopy(options) => benches::second_copy::run(&options),
        What::Memory(options) => benches::memory::run(&options),
        What::Peer(peer) => benches::peer::run(&peer),
    }
}
