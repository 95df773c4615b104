//! `cargo xtask power-cut`: what a node did to its disks is recorded, and it is started on what they may hold after the power
//! went, many times.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::ensure;
use clap::Parser;
use dispatch_e2e::power::{Options, run};

/// Cuts the power of a recorded node and looks at what stayed.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many cuts.
    #[arg(long, default_value_t = 20)]
    cuts: u64,
    /// When the power goes, and what is left then.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only the cut of this number.
    #[arg(long, value_name = "N")]
    only: Option<u64>,
    /// Keeps the recording there, and what was found after a cut if something is wrong with it.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// A recording that was kept, instead of a new one.
    #[arg(long, value_name = "DIR")]
    recording: Option<PathBuf>,
    /// A disk that lies: flushes of the file whose name ends so do nothing.
    #[arg(long, value_name = "NAME")]
    lying: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { cuts, seed, only, keep, recording, lying } = Arguments::parse();
    let began = std::time::Instant::now();
    let options = Options { cuts, seed, only, keep, recording, lying };
    let outcome = run(options, |done| {
        if done % 10 == 0 {
            let _ = writeln!(std::io::stderr(), "{done} of {cuts} cuts, {} s", began.elapsed().as_secs());
        }
    })
    .await?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "seed {seed}, {} cuts in {} s\n{}",
        outcome.cuts,
        began.elapsed().as_secs(),
        outcome.table()
    )?;
    for finding in outcome.findings.iter().take(20) {
        writeln!(out, "FOUND {finding}")?;
    }
    ensure!(outcome.findings.is_empty(), "{} findings", outcome.findings.len());
    Ok(())
}
