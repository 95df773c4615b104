//! Connections that each post the positions of their own units and wait for the answer before the next.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use memchr::memmem;
use tokio::task::JoinSet;

use super::{Counted, Load};
use crate::fixes::{Fixes, HEADERS};
use crate::measure::{Spread, histogram, ns, real};
use crate::node::{Spot, block_on};
use crate::process::Works;
use crate::wire::Connection;

struct Lane {
    requests: u64,
    applied: u64,
    not_applied: u64,
    times: Histogram<u64>,
}

/// Posts for so long. Batches wait until they are applied; of single ones the receipt counts.
pub fn run(
    address: SocketAddr,
    units: &[Spot],
    lanes: usize,
    together: usize,
    time: Duration,
    server: &impl Works,
) -> Result<Load> {
    let path = if together > 1 { "/api/v1/positions?wait=true" } else { "/api/v1/positions" };
    let (began, cpu) = (Instant::now(), server.cpu_s()?);
    let total = block_on(async {
        let mut tasks = JoinSet::new();
        for units in units.chunks(units.len().div_ceil(lanes)) {
            let bodies =
                |turn| units.chunks(together).map(|units| Fixes::of(units, turn)).collect::<Vec<_>>();
            let bodies: Vec<Fixes> = (0..8).flat_map(bodies).collect();
            let connection = Connection::open(address).await?;
            tasks.spawn(post(connection, path, bodies, time, together > 1));
        }
        let mut total = Lane { requests: 0, applied: 0, not_applied: 0, times: histogram() };
        while let Some(ended) = tasks.join_next().await {
            let lane = ended??;
            total.requests += lane.requests;
            total.applied += lane.applied;
            total.not_applied += lane.not_applied;
            total.times.add(&lane.times)?;
        }
        anyhow::Ok(total)
    })??;
    let Lane { requests, applied, not_applied, times } = total;
    let (took_s, cpu_s) = (began.elapsed().as_secs_f64(), server.cpu_s()? - cpu);
    Counted { requests, applied, not_applied, cpu_s, took_s }.load(Spread::of(&times))
}

async fn post(
    mut connection: Connection,
    path: &'static str,
    mut bodies: Vec<Fixes>,
    time: Duration,
    waits: bool,
) -> Result<Lane> {
    let mut lane = Lane { requests: 0, applied: 0, not_applied: 0, times: histogram() };
    let began = Instant::now();
    let count = bodies.len();
    for body in (0..count).cycle() {
        let body = &mut bodies[body];
        let sent = Instant::now();
        if sent - began > time {
            break;
        }
        let status = connection.post(path, HEADERS, body.stamp()).await?;
        lane.times.saturating_record(ns(sent.elapsed()));
        lane.requests += 1;
        let sent = body.count() as u64;
        let applied = match status {
            202 if waits => applied(connection.body()).context("an answer without verdicts")?,
            202 => sent,
            429 => 0,
            other => anyhow::bail!("{other}: {}", String::from_utf8_lossy(connection.body())),
        };
        lane.applied += applied;
        lane.not_applied += sent - applied;
    }
    Ok(lane)
}

fn applied(body: &[u8]) -> Option<u64> {
    const WORDS: &[u8] = br#""applied":"#;
    let rest = &body[memmem::find(body, WORDS)? + WORDS.len()..];
    let end = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
}

/// Mean bytes of one position.
pub fn position_bytes(units: &[Spot]) -> f64 {
    let fixes = Fixes::of(units, 0);
    real(fixes.bytes.len() as u64) / real(fixes.count() as u64)
}
