//! Fixes of units as bodies made beforehand, in which only the time is written anew for each sending: making JSON would
//! otherwise be measured in place of reading it.
//!
//! A unit's fixes go through one connection, in order, and stray less than 100 m around its home base, so that each is
//! one the node applies.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::node::Spot;
use crate::watch::wall_us;
use crate::wire::Connection;

/// Digits of a time in microseconds, until the year 2286.
const DIGITS: usize = 16;
/// What is sent beside the body.
pub const HEADERS: &str = "content-type: application/x-ndjson\r\n";

/// A body of fixes, one to a line.
#[derive(Clone, Debug)]
pub struct Fixes {
    /// The body.
    pub bytes: Vec<u8>,
    clocks: Vec<usize>,
}

impl Fixes {
    /// One fix of each unit; `turn` moves them a little.
    pub fn of(units: &[Spot], turn: u32) -> Self {
        let mut text = String::new();
        let mut clocks = Vec::new();
        let step = f64::from(turn % 8) * 1e-4;
        for Spot { code, lon, lat } in units {
            let (lon, lat) = (lon + step, lat + step);
            let _ = write!(text, r#"{{"unit":"{code}","lon":{lon:.5},"lat":{lat:.5},"fix_time":"#);
            clocks.push(text.len());
            text.push_str("0000000000000000}\n");
        }
        Self { bytes: text.into_bytes(), clocks }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.clocks.len()
    }

    /// All fixes are of now.
    pub fn stamp(&mut self) -> &[u8] {
        let now = format!("{:0DIGITS$}", wall_us());
        for at in &self.clocks {
            self.bytes[*at..*at + DIGITS].copy_from_slice(now.as_bytes());
        }
        &self.bytes
    }
}

/// Sends fixes of all units at an even pace, `per_post` of them in one request, until it is dropped: every unit has one
/// in each `every`. Ends with an error when the node does not take them.
pub async fn traffic(address: SocketAddr, units: &[Spot], per_post: usize, every: Duration) -> Result<()> {
    const LANES: usize = 4;
    let mut lanes = Vec::new();
    for _ in 0..LANES {
        lanes.push(Connection::open(address).await?);
    }
    let bodies = |turn| units.chunks(per_post).map(|units| Fixes::of(units, turn)).collect::<Vec<_>>();
    let mut turns: Vec<Vec<Fixes>> = (0..8).map(bodies).collect();
    let posts = u32::try_from(turns[0].len()).context("posts")?;
    let mut pace = tokio::time::interval(every / posts);
    for turn in (0..turns.len()).cycle() {
        for at in 0..turns[turn].len() {
            pace.tick().await;
            let body = &mut turns[turn][at];
            let status = lanes[at % LANES].post("/api/v1/positions", HEADERS, body.stamp()).await?;
            anyhow::ensure!(status == 202, "positions were answered with {status}");
        }
    }
    Ok(())
}
