//! `cargo xtask failover-test`: kills, pauses and cuts off the leader of two nodes under load, and measures how soon
//! commands are answered again.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Parser;
use dispatch_e2e::oracle::failover;

/// Takes the leader of a pair away, again and again, and compares what was acknowledged with what is there.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many takeovers, a third of each kind.
    #[arg(long, default_value_t = 30)]
    runs: u64,
    /// When the leader is struck.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes the figures there, as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { runs, seed, report } = Arguments::parse();
    let began = std::time::Instant::now();
    let takeovers = failover(runs, seed, |done| {
        if done % 10 == 0 {
            let _ = writeln!(std::io::stderr(), "{done} of {runs}, {} s", began.elapsed().as_secs());
        }
    })
    .await?;
    let mut out = std::io::stdout();
    writeln!(out, "seed {seed}, {runs} takeovers in {} s\n{}", began.elapsed().as_secs(), takeovers.table())?;
    for finding in takeovers.tally.findings.iter().take(20) {
        writeln!(out, "FOUND {finding}")?;
    }
    if let Some(file) = report {
        std::fs::write(&file, serde_json::to_string_pretty(&takeovers)? + "\n")
            .context("write the report")?;
    }
    ensure!(takeovers.tally.findings.is_empty(), "{} findings", takeovers.tally.findings.len());
    Ok(())
}
