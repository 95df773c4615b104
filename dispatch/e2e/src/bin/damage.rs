//! `cargo xtask damage`: damages what a centre keeps, again and again, and judges whether that is noticed and told.

use std::io::Write as _;

use anyhow::ensure;
use clap::Parser;
use dispatch_e2e::oracle::{Damages, StoreKind, damage};

/// Damages files and tables of a centre and starts the built binary on them.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many rounds; of both stores, a third of them in tables.
    #[arg(long, default_value_t = 30)]
    rounds: u64,
    /// Only of one store.
    #[arg(long)]
    store: Option<StoreKind>,
    /// What is damaged, and how.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { rounds, store, seed } = Arguments::parse();
    let plan = match store {
        Some(store) => vec![(store, rounds)],
        None => vec![(StoreKind::Sqlite, rounds - rounds / 3), (StoreKind::Postgres, rounds / 3)],
    };
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let mut findings = 0;
    for (store, rounds) in plan {
        let began = std::time::Instant::now();
        let account = damage(Damages { rounds, store, seed }, |number, done| {
            let _ = writeln!(err, "{store:?} {number} of {rounds}, {done}");
        })
        .await?;
        let took = began.elapsed().as_secs();
        writeln!(out, "\n{store:?}, seed {seed}, {rounds} rounds in {took} s\n{}", account.table())?;
        for finding in &account.findings {
            writeln!(out, "{finding}")?;
        }
        findings += account.findings.len();
    }
    ensure!(findings == 0, "{findings} findings");
    Ok(())
}
