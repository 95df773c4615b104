//! Positions in: batches applied per second beside Redis `GEOADD` (goal 5), and what one request costs beside the
//! plainest server of the same library (goal 12).
//!
//! Leaves out Tile38 and `PostGIS`, which are measured apart.

mod lanes;
mod redis;

use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;

use crate::figures::{Goal, Machine};
use crate::measure::{Spread, Twice, real};
use crate::node::{self, Node, Spot};
use crate::options::Options;
use crate::page::Page;
use crate::process::Process;

/// Positions in one POST, commands in one pipeline.
pub const TOGETHER: usize = 100;
/// Connections that send batches.
const BATCH_LANES: usize = 10;
/// Connections that send one position at a time.
const SINGLE_LANES: usize = 32;

/// What one server did.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Load {
    /// Requests (or pipelines) per second.
    pub requests_per_s: f64,
    /// Positions per second that were applied, as the server says.
    pub applied_per_s: f64,
    /// Processors the server took.
    pub processors: f64,
    /// Positions applied for one second of the server's processor time.
    pub applied_per_cpu_s: f64,
    /// Processor time of the server for a request, microseconds.
    pub cpu_us: f64,
    /// One request.
    pub latency: Spread,
    /// Requests that were refused, or positions in them that were not applied.
    pub not_applied: u64,
}

/// All figures of a run.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Batches: ours, Redis, ours.
    pub batches: [Load; 3],
    /// Single positions: ours, hyper, ours.
    pub singles: [Load; 3],
    /// Bytes of one position.
    pub position_bytes: f64,
    /// Warnings and errors in the node's log.
    pub complaints: usize,
}

/// Runs all of it.
pub fn run(options: &Options) -> Result<()> {
    let binary = node::binary()?;
    let machine = Machine::here();
    let mut page = Page::default();
    page.machine(&machine, options.quick)?;
    let node = Node::start(&binary, &options.disk, &[])?;
    let units = node.ground()?.units;
    let time = options.seconds(8);
    page.line(&format!(
        "{TOGETHER} positions in a POST (NDJSON, answered when they are in the index; tracks on), {BATCH_LANES} \
         connections; Redis: {TOGETHER} GEOADD in a pipeline, as many connections"
    ))?;
    page.line(HEAD)?;
    let ours = |lanes, together, time| lanes::run(node.address, &units, lanes, together, time, &node);
    let batch = || ours(BATCH_LANES, TOGETHER, time);
    // The first of all is warming up: every unit gets its first fix.
    ours(BATCH_LANES, TOGETHER, time / 8)?;
    let batches = measured(&mut page, ["ortoo", "redis GEOADD"], batch, || beside_redis(&units, time))?;
    page.line("")?;
    page.line(&format!(
        "one position in a POST, {SINGLE_LANES} connections; hyper reads the body and answers"
    ))?;
    page.line(HEAD)?;
    let single = || ours(SINGLE_LANES, 1, time);
    let singles = measured(&mut page, ["ortoo", "hyper"], single, || beside_hyper(&units, time))?;
    let position_bytes = lanes::position_bytes(&units);
    let complaints = node.complaints();
    page.line("")?;
    page.line(&format!("a position has {position_bytes:.0} bytes; the node logged {complaints} warnings"))?;
    page.line(
        "Left out: Tile38 and PostGIS (goal 5 names them beside Redis); accounts (goal 12) do not exist yet.",
    )?;
    let figures = Figures { batches, singles, position_bytes, complaints };
    let goals = judge(&figures);
    page.finish(&options.to("intake"), &machine, &figures, &goals)
}

fn measured(
    page: &mut Page,
    names: [&str; 2],
    ours: impl Fn() -> Result<Load>,
    peer: impl Fn() -> Result<Load>,
) -> Result<[Load; 3]> {
    let before = ours()?;
    page.line(&before.line(names[0]))?;
    let beside = peer()?;
    page.line(&beside.line(names[1]))?;
    let after = ours()?;
    page.line(&after.line(names[0]))?;
    Ok([before, beside, after])
}

fn beside_redis(units: &[Spot], time: Duration) -> Result<Load> {
    let folder = tempfile::tempdir()?;
    let (process, address) = redis::start(folder.path())?;
    redis::run(&process, address, units, BATCH_LANES, time)
}

fn beside_hyper(units: &[Spot], time: Duration) -> Result<Load> {
    let (process, address) = Process::peer(&["hyper"])?;
    lanes::run(address, units, SINGLE_LANES, 1, time, &process)
}

fn judge(figures: &Figures) -> Vec<Goal> {
    let [before, redis, after] = &figures.batches;
    let core = Twice::new(before.applied_per_cpu_s, after.applied_per_cpu_s);
    let wall = Twice::new(before.applied_per_s, after.applied_per_s);
    let [single_before, hyper, single_after] = &figures.singles;
    let requests = Twice::new(single_before.requests_per_s, single_after.requests_per_s);
    let cost = Twice::new(single_before.cpu_us, single_after.cpu_us);
    vec![
        Goal::at_least(
            format!("5 positions applied per second of server CPU{}", core.mark()),
            core.mean(),
            1_000_000.0,
        ),
        Goal::at_least(
            format!("5 the same over Redis{}", core.mark()),
            core.mean() / redis.applied_per_cpu_s,
            3.0,
        ),
        Goal::at_least(
            format!("5 positions applied per second of time over Redis{}", wall.mark()),
            wall.mean() / redis.applied_per_s,
            3.0,
        ),
        Goal::at_least(
            format!("12 single POSTs per second over hyper's{}", requests.mark()),
            requests.mean() / hyper.requests_per_s,
            0.75,
        ),
        Goal::at_least(
            format!("12 hyper's CPU for a request over ours{}", cost.mark()),
            hyper.cpu_us / cost.mean(),
            0.75,
        ),
    ]
}

const HEAD: &str = "                 requests/s   applied/s  processors  applied/CPU s  CPU us/request  p50 / p99 us  \
                    not applied";

impl Load {
    fn line(&self, name: &str) -> String {
        format!(
            "{name:<16} {:>10.0} {:>11.0} {:>11.2} {:>14.0} {:>15.2} {:>13} {:>12}",
            self.requests_per_s,
            self.applied_per_s,
            self.processors,
            self.applied_per_cpu_s,
            self.cpu_us,
            self.latency.cell(),
            self.not_applied
        )
    }
}

/// What was counted in a time.
#[derive(Clone, Copy, Debug)]
struct Counted {
    requests: u64,
    applied: u64,
    not_applied: u64,
    cpu_s: f64,
    took_s: f64,
}

impl Counted {
    fn load(self, latency: Spread) -> Result<Load> {
        let Self { requests, applied, not_applied, cpu_s, took_s } = self;
        ensure!(requests > 0 && cpu_s > 0.0, "nothing was answered");
        Ok(Load {
            requests_per_s: real(requests) / took_s,
            applied_per_s: real(applied) / took_s,
            processors: cpu_s / took_s,
            applied_per_cpu_s: real(applied) / cpu_s,
            cpu_us: cpu_s * 1e6 / real(requests),
            latency,
            not_applied,
        })
    }
}
