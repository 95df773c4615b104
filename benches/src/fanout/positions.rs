//! The whole fleet to 200 consoles ten times a second, beside a loop that does nothing but write the same bytes to as
//! many sockets; then the same with consoles that have stopped reading.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use dispatch_api::stream::{ClientMessage, Subscribe};
use serde::Serialize;
use tokio::task::LocalSet;

use super::Run;
use crate::crowd::{Consoles, Crowd};
use crate::figures::Goal;
use crate::fixes::traffic;
use crate::measure::{Spread, Twice, real};
use crate::node::{Node, Spot, block_on};
use crate::page::Page;
use crate::process::Process;
use crate::sent::Sent;
use crate::watch::Mark;
use crate::wire::Socket;

/// Milliseconds between ticks.
const TICK_MS: u32 = 100;
/// Every unit moves in each of these, so that every frame changes at every tick.
const FIX_EVERY: Duration = Duration::from_millis(500);
const STALLED: usize = 5;
/// A console that cannot delay others may cost them so much and not more: what two equal runs differ by.
const DELAY_MAX: f64 = 1.25;

/// Figures of the part.
#[derive(Debug, Serialize)]
pub struct Positions {
    /// How many consoles.
    pub consoles: usize,
    /// Share of one processor the node takes for the fixes without any console.
    pub without_consoles: f64,
    /// With them, before the limit.
    pub before: Told,
    /// The loop that only writes.
    pub limit: Told,
    /// With them, after the limit.
    pub after: Told,
    /// With consoles beside that do not read.
    pub stalled: Told,
    /// Without those again.
    pub last: Told,
}

/// One run.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Told {
    /// Share of one processor.
    pub processor: f64,
    /// Ticks delivered per second and console.
    pub ticks_per_s: f64,
    /// Bytes of a tick.
    pub bytes: f64,
    /// Tick to frame.
    pub latency: Spread,
    /// Processor time for a delivery (one tick to one console), beyond that without consoles; microseconds.
    pub cpu_us: f64,
}

/// Runs the part.
pub fn run(run: &Run<'_>) -> Result<Positions> {
    let count = run.options.either(200, 40);
    let time = run.options.seconds(10);
    let tick = TICK_MS.to_string();
    let node = Node::start(&run.binary, &run.options.disk, &[("ORTOO_STREAM_POSITIONS_MS", tick.clone())])?;
    let units = scattered(&node.ground()?.units);
    let moving = Moving { node: &node, units: &units, time, count };
    moving.told(None, 0, 0.0)?;
    let without_consoles = moving.told(None, 0, 0.0)?.processor;
    let before = moving.told(Some(count), 0, without_consoles)?;
    let limit = limit(count, before.bytes, time)?;
    let after = moving.told(Some(count), 0, without_consoles)?;
    let stalled = moving.told(Some(count), STALLED, without_consoles)?;
    let last = moving.told(Some(count), 0, without_consoles)?;
    Ok(Positions { consoles: count, without_consoles, before, limit, after, stalled, last })
}

/// Units of all the region in turn, so that every request moves somebody in every tile.
fn scattered(units: &[Spot]) -> Vec<Spot> {
    const TURNS: usize = 20;
    (0..TURNS).flat_map(|turn| units.iter().skip(turn).step_by(TURNS)).cloned().collect()
}

struct Moving<'a> {
    node: &'a Node,
    units: &'a [Spot],
    time: Duration,
    count: usize,
}

impl Moving<'_> {
    /// The fleet moves while so many consoles look on and `stalled` others do not.
    fn told(&self, consoles: Option<usize>, stalled: usize, without: f64) -> Result<Told> {
        let crowd = consoles.map(|count| gather(self.node.address, count, true)).transpose()?;
        let mut taken = (0.0, 0);
        block_on(LocalSet::new().run_until(async {
            let deaf = self.deaf(stalled).await?;
            let (address, units) = (self.node.address, self.units.to_vec());
            let traffic =
                tokio::task::spawn_local(async move { traffic(address, &units, 100, FIX_EVERY).await });
            // The buffers of those that do not read fill meanwhile.
            tokio::time::sleep(self.time / 2).await;
            crowd.iter().for_each(Crowd::begin);
            let before = self.node.cpu_s()?;
            tokio::time::sleep(self.time).await;
            taken = (self.node.cpu_s()? - before, crowd.as_ref().map_or(0, Crowd::ticks));
            ensure!(!traffic.is_finished(), "the fixes ended: {:?}", traffic.await);
            traffic.abort();
            drop(deaf);
            Ok(())
        }))??;
        told(taken, crowd, self.time, self.count, without)
    }

    /// Consoles that ask for everything and take nothing.
    async fn deaf(&self, count: usize) -> Result<Vec<Socket>> {
        let subscribe = ClientMessage::Subscribe(Subscribe { positions: true, ..Subscribe::default() });
        let text = serde_json::to_string(&subscribe)?;
        let mut deaf = Vec::new();
        for _ in 0..count {
            let mut socket = Socket::open(self.node.address, Some(4_096)).await?;
            socket.say(&text).await?;
            deaf.push(socket);
        }
        Ok(deaf)
    }
}

/// The loop that only writes, at the same pace, the same bytes.
fn limit(count: usize, bytes: f64, time: Duration) -> Result<Told> {
    let arguments = [
        "writes",
        "--consoles",
        &count.to_string(),
        "--every-ms",
        &TICK_MS.to_string(),
        "--bytes",
        &format!("{:.0}", bytes.max(24.0)),
    ];
    let (process, address) = Process::peer(&arguments)?;
    let crowd = gather(address, count, false)?;
    std::thread::sleep(Duration::from_secs(1));
    crowd.begin();
    let before = process.cpu_s()?;
    std::thread::sleep(time);
    let taken = (process.cpu_s()? - before, crowd.ticks());
    told(taken, Some(crowd), time, count, 0.0)
}

fn gather(address: std::net::SocketAddr, count: usize, snapshot: bool) -> Result<Crowd> {
    let consoles = Consoles { count, positions: true, mark: Mark::At, snapshot };
    Crowd::gather(address, consoles, &Arc::new(Sent::new(0, 0)))
}

fn told(
    (cpu, ticks): (f64, u64),
    crowd: Option<Crowd>,
    time: Duration,
    count: usize,
    without: f64,
) -> Result<Told> {
    let seconds = time.as_secs_f64();
    let processor = cpu / seconds;
    let Some(crowd) = crowd else {
        return Ok(Told { processor, ticks_per_s: 0.0, bytes: 0.0, latency: Spread::default(), cpu_us: 0.0 });
    };
    let watch = crowd.leave()?;
    Ok(Told {
        processor,
        ticks_per_s: real(ticks) / seconds / real(count as u64),
        bytes: real(watch.frame_bytes) / real(ticks.max(1)),
        latency: Spread::of(&watch.frames),
        cpu_us: (processor - without) * seconds * 1e6 / real(ticks.max(1)),
    })
}

impl Positions {
    /// Prints it.
    pub fn print(&self, page: &mut Page) -> std::io::Result<()> {
        page.line(&format!(
            "position frames, {} consoles, a tick every {TICK_MS} ms; fixes alone take {:.1} % of a processor",
            self.consoles,
            self.without_consoles * 100.0
        ))?;
        page.line(
            "                          ticks/s  bytes a tick  processor %  CPU us each   p50 / p99 ms",
        )?;
        let rows = [
            ("ortoo", &self.before),
            ("loop that only writes", &self.limit),
            ("ortoo", &self.after),
            ("ortoo, 5 stalled beside", &self.stalled),
            ("ortoo", &self.last),
        ];
        for (name, told) in rows {
            page.line(&format!(
                "{name:<24} {:>8.2} {:>13.0} {:>12.1} {:>12.2} {:>14}",
                told.ticks_per_s,
                told.bytes,
                told.processor * 100.0,
                told.cpu_us,
                format!("{:.1} / {:.1}", told.latency.p50_us / 1e3, told.latency.p99_us / 1e3)
            ))?;
        }
        Ok(())
    }

    /// Goal 9.
    pub fn judge(&self) -> Vec<Goal> {
        let each = Twice::new(self.before.cpu_us, self.after.cpu_us);
        let share = Twice::new(self.before.processor, self.after.processor);
        let p99 = Twice::new(self.after.latency.p99_us, self.last.latency.p99_us);
        let consoles = self.consoles;
        vec![
            Goal::at_most(
                format!("9 {consoles} consoles: CPU per delivery over the write loop's{}", each.mark()),
                each.mean() / self.limit.cpu_us,
                1.25,
            ),
            Goal::at_most(
                format!("9 {consoles} consoles: % of a processor beyond the fixes{}", share.mark()),
                (share.mean() - self.without_consoles) * 100.0,
                5.0,
            ),
            Goal::at_most(
                format!("9 p99 beside {STALLED} stalled over p99 without{}", p99.mark()),
                self.stalled.latency.p99_us / p99.mean(),
                DELAY_MAX,
            ),
        ]
    }
}
