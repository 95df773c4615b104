//! `cargo xtask crash-test`: kills the built server, its database, or both, under load, and judges after each kill.

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Parser;
use dispatch_e2e::oracle::{Options, StoreKind, run};
use serde_json::json;

/// Kills a centre under load and compares what was acknowledged with what is there.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many kills; of both stores, half of them each.
    #[arg(long, default_value_t = 20)]
    kills: u64,
    /// Only of one store.
    #[arg(long)]
    store: Option<StoreKind>,
    /// When and what is killed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes the figures there, as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { kills, store, seed, report } = Arguments::parse();
    let plan = match store {
        Some(store) => vec![(store, kills)],
        None => vec![(StoreKind::Sqlite, kills.div_ceil(2)), (StoreKind::Postgres, kills / 2)],
    };
    let mut out = std::io::stdout();
    let mut parts = Vec::new();
    let mut findings = 0;
    for (store, kills) in plan {
        let began = std::time::Instant::now();
        let tally = run(Options { kills, store, seed }, |done| {
            if done % 10 == 0 {
                let _ = writeln!(
                    std::io::stderr(),
                    "{store:?}: {done} of {kills} kills, {} s",
                    began.elapsed().as_secs()
                );
            }
        })
        .await?;
        let took = began.elapsed().as_secs();
        writeln!(out, "\n{store:?}, seed {seed}, {} kills in {took} s\n{}", tally.kills(), tally.table())?;
        for finding in tally.findings.iter().take(20) {
            writeln!(out, "FOUND {finding}")?;
        }
        findings += tally.findings.len();
        parts.push(json!({ "store": store, "seed": seed, "took_s": took, "tally": tally }));
    }
    if let Some(file) = report {
        std::fs::write(&file, serde_json::to_string_pretty(&parts)? + "\n").context("write the report")?;
    }
    ensure!(findings == 0, "{findings} findings");
    Ok(())
}
