//! A centre with a long journal is killed and started again: how soon it is ready.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Serialize;

use super::clients::Sending;
use super::ground::{Kind, Stored};
use crate::node::{Node, block_on};
use crate::options::Options;

/// Rows the journal is to have.
const ROWS: u64 = 1_000_000;
/// Clients that fill it.
const CLIENTS: usize = 256;

/// What it took.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Restart {
    /// Commands acknowledged before it was killed, each one row at least, but for the first round's refusals.
    pub rows: u64,
    /// Filling it, seconds.
    pub filled_s: f64,
    /// From starting the process again to its being ready, seconds.
    pub ready_s: f64,
    /// Resident memory once it was ready, MB.
    pub resident_mb: f64,
}

impl Restart {
    /// One line.
    pub fn line(&self, kind: Kind) -> String {
        let Self { rows, filled_s, ready_s, resident_mb } = self;
        format!(
            "{kind:<10} killed with a journal of {rows} rows (filled in {filled_s:.0} s): ready after {ready_s:.2} s, \
             {resident_mb:.0} MB resident"
        )
    }
}

/// Fills, kills, starts.
pub fn run(binary: &Path, stored: &Stored, options: &Options) -> Result<Restart> {
    let rows = options.either(ROWS, ROWS / 50);
    let mut node = Node::start(binary, &stored.disk, &stored.settings())?;
    let sending = Sending::new(&node)?;
    let began = Instant::now();
    block_on(async {
        let mut tasks = sending.begin(CLIENTS).await?;
        while sending.count() < rows {
            tokio::time::sleep(Duration::from_millis(100)).await;
            ensure!(tasks.len() == CLIENTS, "a client ended early");
            if let Some(ended) = tasks.try_join_next() {
                ended??;
            }
        }
        sending.end(&mut tasks).await?;
        anyhow::Ok(())
    })??;
    let filled_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    node.kill_and_start_again()?;
    let ready_s = began.elapsed().as_secs_f64();
    Ok(Restart { rows: sending.count(), filled_s, ready_s, resident_mb: node.resident_mb()? })
}
