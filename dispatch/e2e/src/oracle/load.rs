//! Everybody who uses the centre while it is killed: chains of alarms lived to their end, sources that only raise, a
//! console that resumes where it stood.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use dispatch_api::client::Client;
use serde_json::json;
use tokio::task::JoinSet;

use super::chain::{Stage, live};
use super::chance::Chance;
use super::hand::{Hand, Path};
use crate::console::Console;

/// Chains at once.
const CHAINS: u64 = 8;
/// Sources that only raise.
const SOURCES: u64 = 2;

/// All of them at work.
#[derive(Debug)]
pub struct Load {
    working: JoinSet<Result<()>>,
    watching: JoinSet<Result<()>>,
    stage: Arc<Stage>,
    commits: Arc<AtomicU64>,
}

impl Load {
    /// They begin.
    pub fn begin(stage: &Arc<Stage>) -> Self {
        let mut load = Self {
            working: JoinSet::new(),
            watching: JoinSet::new(),
            stage: stage.clone(),
            commits: Arc::default(),
        };
        for number in 0..CHAINS {
            load.working.spawn(live(stage.clone(), number));
        }
        for number in 0..SOURCES {
            load.working.spawn(raise(stage.clone(), CHAINS + number));
        }
        load.watching.spawn(watch(stage.clone(), load.commits.clone()));
        load
    }

    /// An error of somebody who gave up: nobody may before the end.
    pub fn check(&mut self) -> Result<()> {
        match self.working.try_join_next() {
            Some(ended) => ended?.and_then(|()| anyhow::bail!("a client ended early")),
            None => Ok(()),
        }
    }

    /// No new life begins, those begun are lived to their end. Commits the console saw.
    pub async fn heal(mut self) -> Result<u64> {
        self.stage.healing.store(true, Ordering::Relaxed);
        while let Some(ended) = self.working.join_next().await {
            ended??;
        }
        if let Some(ended) = self.watching.try_join_next() {
            ended?.context("the console")?;
        }
        self.watching.shutdown().await;
        Ok(self.commits.load(Ordering::Relaxed))
    }
}

async fn raise(stage: Arc<Stage>, number: u64) -> Result<()> {
    let actor = format!("source-{number}");
    let chance = Chance::new(stage.seed, number * 8);
    let mut hand = Hand::new(Client::new(&stage.base)?, &actor, &stage.ledger, chance);
    let mut press: u64 = 0;
    while !stage.healing.load(Ordering::Relaxed) {
        press += 1;
        let body =
            json!({ "source": "button", "point": stage.scene.point, "press": format!("{number}-{press}") });
        if let Err(code) = hand.send(Path::Alarm, &body).await {
            stage.ledger.finds(format!("an alarm was refused: {code}"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// A console that comes back after every loss and goes on from where it stood; a gap ends it with an error.
async fn watch(stage: Arc<Stage>, commits: Arc<AtomicU64>) -> Result<()> {
    let client = Client::new(&stage.base)?.with_actor("watch");
    let mut console = loop {
        match Console::open(&client).await {
            Ok(console) => break console,
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    loop {
        let stood = console.seq;
        match console.step().await {
            Ok(()) => {
                commits.fetch_add(u64::from(console.seq > stood), Ordering::Relaxed);
            }
            Err(error) if error.to_string().contains("a gap") => return Err(error),
            Err(_) => {
                while console.resume(&client).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }
}
