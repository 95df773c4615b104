//! `cargo xtask simulate`: trials of the writer, seed after seed.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, ensure};
use clap::Parser;
use dispatch_sim::trial::{Report, run};

/// Seeds that failed once. They are run for ever.
const KEPT: &str = include_str!("../../seeds.txt");
/// Number of seeds that is enough for every failure to befall every point.
const ENOUGH: u64 = 200;

/// Runs the writer beside a store that fails, clients that repeat and a clock that jumps; an auditor judges every step.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds, beside those that are kept.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
}

fn main() -> anyhow::Result<()> {
    let Arguments { seeds, first_seed } = Arguments::parse();
    let began = std::time::Instant::now();
    let kept = kept()?;
    let all: Vec<u64> = kept.iter().copied().chain(first_seed..first_seed.saturating_add(seeds)).collect();
    let (next, total) = (AtomicU64::new(0), Mutex::new(Report::default()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(seed) = usize::try_from(next.fetch_add(1, Ordering::Relaxed))
                    .ok()
                    .and_then(|place| all.get(place))
                {
                    let report = run(*seed);
                    total.lock().unwrap_or_else(std::sync::PoisonError::into_inner).add(report);
                }
            });
        }
    });
    let mut total = total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    total.violations.sort();
    let mut out = std::io::stdout();
    writeln!(out, "{}\nin {} s", total.table(), began.elapsed().as_secs())?;
    for (seed, what) in total.violations.iter().take(5) {
        writeln!(out, "SEED {seed}: {what}\n    again: cargo xtask simulate --seeds 1 --first-seed {seed}")?;
    }
    ensure!(
        total.violations.is_empty(),
        "{} seeds break a rule: keep them in dispatch/sim/seeds.txt",
        total.violations.len()
    );
    let never = total.never();
    ensure!(seeds < ENOUGH || never.is_empty(), "this never happened: {never:?}");
    Ok(())
}

fn kept() -> anyhow::Result<BTreeSet<u64>> {
    let lines = KEPT.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines
        .filter(|line| !line.is_empty())
        .map(|line| line.parse().with_context(|| format!("seeds.txt: {line}")))
        .collect()
}
