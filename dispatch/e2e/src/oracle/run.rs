//! A run: centre after centre, kill after kill, judged after each.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use dispatch_store::conformance::cluster::Cluster;
use serde::Serialize;

use super::centre_under_test::{CentreUnderTest, EXPECTED, Victim};
use super::chain::Stage;
use super::chance::Chance;
use super::judge::Judge;
use super::ledger::{CommandFate, Ledger};
use super::load::Load;
use super::tally::Tally;
use crate::cast::Scene;

/// Kills of one centre; then a new one begins, so that a proof of all of its journal stays short.
const KILLS_OF_A_CENTRE: u64 = 40;

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// Files.
    Sqlite,
    /// A private database server.
    Postgres,
}

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many kills.
    pub kills: u64,
    /// Of a centre on which store.
    pub store: StoreKind,
    /// When and what is killed, and what clients choose.
    pub seed: u64,
}

/// Runs it. `progress` is told of every kill. A finding is no error: it stands in the tally.
pub async fn run(options: Options, mut progress: impl FnMut(u64)) -> Result<Tally> {
    let cluster = match options.store {
        StoreKind::Sqlite => None,
        StoreKind::Postgres => Some(Cluster::start()),
    };
    let mut tally = Tally::default();
    let mut part = 0;
    while tally.kills() < options.kills {
        let kills = KILLS_OF_A_CENTRE.min(options.kills - tally.kills());
        let before = tally.kills();
        let seed = options.seed.wrapping_add(part);
        let of_this =
            of_one(options.store, kills, seed, cluster.as_ref(), |done| progress(before + done)).await;
        tally.add(of_this.with_context(|| format!("seed {seed}"))?);
        part += 1;
    }
    Ok(tally)
}

async fn of_one(
    store: StoreKind,
    kills: u64,
    seed: u64,
    cluster: Option<&Cluster>,
    mut progress: impl FnMut(u64),
) -> Result<Tally> {
    let folder = tempfile::tempdir()?;
    let mut centre = CentreUnderTest::open(folder.path(), cluster).await?;
    let ledger = Arc::new(Ledger::default());
    let scene = Scene::find(&centre.node).await?;
    let stage = Arc::new(Stage::new(centre.node.base.clone(), scene, ledger.clone(), seed));
    let mut load = Load::begin(&stage);
    let (mut judge, mut tally) = (Judge::default(), Tally::default());
    let mut chance = Chance::new(seed, u64::MAX);
    for kill in 1..=kills {
        // Sometimes right after a start, while everybody comes back at once; mostly in the middle of the work.
        tokio::time::sleep(chance.between_ms(0, 400)).await;
        load.check()?;
        let victims = store.victims();
        let victim = victims[usize::try_from(chance.below(victims.len() as u64))?];
        let logged = centre.node.log();
        centre.kill(victim, cluster)?;
        let count = match victim {
            Victim::Server => &mut tally.server_kills,
            Victim::Database => &mut tally.database_kills,
            Victim::Both => &mut tally.both_kills,
        };
        *count += 1;
        if let Some(cluster) = cluster.filter(|_| victim != Victim::Server) {
            cluster.resume();
        }
        // Requests that were on their way end with the server; those of a database alone may be answered meanwhile.
        let known = ledger.entries();
        judge.read(&centre.location.journal(judge.head())?, &ledger)?;
        if victim != Victim::Database {
            tally.unknown_at_kills +=
                known.values().filter(|entry| entry.fate == CommandFate::Unknown).count() as u64;
            judge.compare(&ledger, &mut tally);
        }
        centre.location.verify().with_context(|| format!("after kill {kill} ({victim:?})"))?;
        complaints(&logged, &ledger);
        centre.start_again(victim).await.with_context(|| format!("after kill {kill} ({victim:?})"))?;
        progress(kill);
    }
    tally.commits_seen = load.heal().await?;
    stage.count(&mut tally);
    let CentreUnderTest { node, location } = centre;
    node.finish(EXPECTED).await?;
    judge.read(&location.journal(judge.head())?, &ledger)?;
    judge.compare(&ledger, &mut tally);
    tally.rows = location.verify()?;
    if tally.unknown > 0 {
        ledger.finds(format!("{} commands were never answered", tally.unknown));
    }
    tally.findings = ledger.findings();
    Ok(tally)
}

/// A server that is killed cannot be asked to end in order; what it logged before is judged all the same.
fn complaints(log: &[String], ledger: &Ledger) {
    for line in log.iter().filter(|line| line.contains("\"ERROR\"") || line.contains("panicked")) {
        if !EXPECTED.iter().any(|words| line.contains(words)) {
            ledger.finds(format!("the log said: {line}"));
        }
    }
}
