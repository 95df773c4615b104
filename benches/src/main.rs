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
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::Index(options) => benches::index::run(&options),
    }
}
