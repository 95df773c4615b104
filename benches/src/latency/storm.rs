//! The storm: 50 alarms in 10 s while 2,000 units send a fix every 5 s, tracks on, 200 consoles with positions.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;
use tokio::task::LocalSet;

use super::Sandwich;
use super::climb::{Alarm, MARK};
use crate::crowd::{Consoles, Crowd};
use crate::fixes::traffic;
use crate::measure::{Spread, real};
use crate::node::{Ground, Node, block_on};
use crate::options::Options;
use crate::page::Page;
use crate::sent::Sent;
use crate::watch::Mark;
use crate::wire::Connection;

const ALARMS: usize = 50;
const WITHIN: Duration = Duration::from_secs(10);
/// A unit's fix, each in a request of its own, as devices send them.
const FIX_EVERY: Duration = Duration::from_secs(5);

/// What the consoles saw of it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Storm {
    /// How many consoles.
    pub consoles: usize,
    /// POST of an alarm to its frame, over all alarms and consoles.
    pub frame: Spread,
    /// Tick of positions to the frame, over all frames and consoles.
    pub positions: Spread,
    /// Position frames per second and console, bytes.
    pub position_bytes_per_s: f64,
    /// Share of one processor the node took.
    pub processor: f64,
    /// Warnings and errors in the node's log.
    pub complaints: usize,
}

/// One storm on a new node.
pub fn run(binary: &Path, on: &Path, options: &Options) -> Result<Storm> {
    let node = Node::start(binary, on, &[])?;
    let ground = node.ground()?;
    let sent = Arc::new(Sent::new(ALARMS, 0));
    let count = options.either(200, 40);
    let consoles = Consoles { count, positions: true, mark: Mark::After(MARK), snapshot: true };
    let crowd = Crowd::gather(node.address, consoles, &sent)?;
    let mut processor = 0.0;
    block_on(LocalSet::new().run_until(async {
        let (address, units) = (node.address, ground.units.clone());
        let traffic = tokio::task::spawn_local(async move { traffic(address, &units, 1, FIX_EVERY).await });
        // One round, so that every unit has a fix before the storm.
        tokio::time::sleep(options.seconds(6)).await;
        crowd.begin();
        let before = node.cpu_s()?;
        raise(&node, &ground, &sent).await?;
        processor = (node.cpu_s()? - before) / WITHIN.as_secs_f64();
        ensure!(!traffic.is_finished(), "the fixes ended: {:?}", traffic.await);
        traffic.abort();
        Ok(())
    }))??;
    let expected = (ALARMS * count) as u64;
    crowd.wait_for(expected, Duration::from_secs(5));
    let watch = crowd.leave()?;
    ensure!(watch.deltas.len() >= expected, "{} of {expected} frames of alarms arrived", watch.deltas.len());
    Ok(Storm {
        consoles: count,
        frame: Spread::of(&watch.deltas),
        positions: Spread::of(&watch.frames),
        position_bytes_per_s: real(watch.frame_bytes) / real(count as u64) / WITHIN.as_secs_f64(),
        processor,
        complaints: node.complaints(),
    })
}

/// 50 alarms of one banner, evenly over the time; every second one is a button and makes an incident at once.
async fn raise(node: &Node, ground: &Ground, sent: &Arc<Sent>) -> Result<()> {
    let mut pace = tokio::time::interval(WITHIN / u32::try_from(ALARMS)?);
    let mut connections = Vec::new();
    for _ in 0..ALARMS {
        connections.push(Connection::open(node.address).await?);
    }
    let mut tasks = tokio::task::JoinSet::new();
    for (number, mut connection) in connections.into_iter().enumerate() {
        pace.tick().await;
        let at = ground.points[number].clone();
        let sent = sent.clone();
        tasks.spawn_local(async move {
            let source = super::SOURCES[number % 2];
            Alarm { source, number, at: &at }.post(&mut connection, &sent).await
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    Ok(())
}

/// Prints it.
pub fn print(page: &mut Page, storm: &Sandwich<Storm>) -> std::io::Result<()> {
    page.line(&format!(
        "storm: {ALARMS} alarms in {} s, 400 fixes/s each in its own POST, {} consoles with positions, tracks on",
        WITHIN.as_secs(),
        storm.before.consoles
    ))?;
    page.line("               alarm to frame   positions to frame   node, of one processor")?;
    for (name, run) in [("disk", &storm.before), ("memory", &storm.memory), ("disk", &storm.after)] {
        page.line(&format!(
            "{name:<8} {:>20} {:>20} {:>18.0} %   {:.0} position bytes/s a console, {} warnings",
            run.frame.cell(),
            run.positions.cell(),
            run.processor * 100.0,
            run.position_bytes_per_s,
            run.complaints
        ))?;
    }
    Ok(())
}
