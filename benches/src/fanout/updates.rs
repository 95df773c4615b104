//! Units change their duty, a thousand a second, and every console is told of each.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Run;
use crate::crowd::{Consoles, Crowd};
use crate::measure::{Spread, real};
use crate::node::{Node, Spot, block_on};
use crate::process::Process;
use crate::sent::Sent;
use crate::watch::Mark;
use crate::wire::Connection;

const RATE: u32 = 1_000;
/// So many that a slow answer does not slow the pace.
const LANES: usize = 200;
const DUTIES: [&str; 2] = [r#"{"duty":"patrolling"}"#, r#"{"duty":"on_call"}"#];
/// What a unit's view begins with.
const UNIT: &str = r#"{"kind":"unit","view":{"id":"U"#;

/// One server's figures.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Updates {
    /// How many consoles.
    pub consoles: usize,
    /// Updates per second the server took.
    pub updates_per_s: f64,
    /// Deltas delivered per second, over all consoles, while updates came.
    pub delivered_per_s: f64,
    /// Sending to arrival.
    pub latency: Spread,
    /// After the last update, until all was delivered or 10 s had passed.
    pub behind_s: f64,
    /// Deltas that were to be delivered and had not been by then.
    pub missing: u64,
    /// Mean bytes of a delivery.
    pub bytes_per_delivery: f64,
    /// Processor time of the server for a delivery.
    pub cpu_us: f64,
    /// Commits that did not follow the one before, and consoles that had to begin anew.
    pub gaps: u64,
}

fn consoles(run: &Run<'_>) -> usize {
    run.options.either(1_000, 100)
}

/// Ortoo's.
pub fn ours(run: &Run<'_>) -> Result<Updates> {
    let node = Node::start(&run.binary, &run.options.disk, &[])?;
    let units = node.ground()?.units;
    let number = |unit: &Spot| unit.code.trim_start_matches('U').parse::<usize>();
    let numbers =
        units.iter().map(number).max_by_key(|number| number.clone().unwrap_or(0)).context("units")?? + 1;
    let sent = Arc::new(Sent::new(numbers, 0));
    let count = consoles(run);
    let kind = Consoles { count, positions: false, mark: Mark::After(UNIT), snapshot: true };
    let crowd = Crowd::gather(node.address, kind, &sent)?;
    let units = Arc::new(units);
    // Every unit once, so that each has the same duty; those that had it already are refused here.
    block_on(post(&node, &units, &sent, 0, units.len()))??;
    std::thread::sleep(Duration::from_millis(500));
    sent.measure();
    crowd.begin();
    let time = run.options.seconds(10);
    let posts = usize::try_from(time.as_millis())? * RATE as usize / 1_000;
    let (began, cpu) = (Instant::now(), node.cpu_s()?);
    let taken = block_on(post(&node, &units, &sent, units.len(), posts))??;
    let (took, delivered) = (began.elapsed().as_secs_f64(), crowd.deltas());
    let expected = (taken * count) as u64;
    let behind = crowd.wait_for(expected, Duration::from_secs(10));
    let cpu = node.cpu_s()? - cpu;
    let missing = expected.saturating_sub(crowd.deltas());
    let watch = crowd.leave()?;
    Ok(Updates {
        consoles: count,
        updates_per_s: real(taken as u64) / took,
        delivered_per_s: real(delivered) / took,
        latency: Spread::of(&watch.deltas),
        behind_s: behind.as_secs_f64(),
        missing,
        bytes_per_delivery: real(watch.message_bytes) / real(watch.deltas.len().max(1)),
        cpu_us: cpu * 1e6 / real(expected),
        gaps: watch.gaps + watch.resets,
    })
}

/// Posts `posts` changes, the first of them the `from`th since the node began; how many were taken.
async fn post(
    node: &Node,
    units: &Arc<Vec<Spot>>,
    sent: &Arc<Sent>,
    from: usize,
    posts: usize,
) -> Result<usize> {
    let mut lanes = JoinSet::new();
    let every = Duration::from_secs(1) / RATE;
    let began = tokio::time::Instant::now();
    for lane in 0..LANES {
        let mut connection = Connection::open(node.address).await?;
        let (units, sent) = (units.clone(), sent.clone());
        lanes.spawn(async move {
            let mut taken = 0;
            for post in (from..from + posts).filter(|post| post % LANES == lane) {
                tokio::time::sleep_until(began + every * u32::try_from(post - from)?).await;
                let code = &units[post % units.len()].code;
                let headers = format!(
                    "content-type: application/json\r\nidempotency-key: {}\r\nortoo-actor: unit:{code}\r\n\
                     ortoo-channel: device\r\n",
                    Uuid::now_v7()
                );
                let duty = DUTIES[post / units.len() % DUTIES.len()];
                sent.mark(code.trim_start_matches('U').parse()?);
                let path = format!("/api/v1/units/{code}/duty");
                let status = connection.post(&path, &headers, duty.as_bytes()).await?;
                ensure!(
                    status == 200 || (from == 0 && status == 409),
                    "duty was answered with {status}: {}",
                    String::from_utf8_lossy(connection.body())
                );
                taken += usize::from(status == 200);
            }
            Ok(taken)
        });
    }
    let mut taken = 0;
    while let Some(ended) = lanes.join_next().await {
        taken += ended??;
    }
    Ok(taken)
}

/// The peer's: it makes the messages itself, of the size ours have.
pub fn peer(run: &Run<'_>, bytes: f64) -> Result<Updates> {
    let count = consoles(run);
    let time = run.options.seconds(10);
    let messages = (time + Duration::from_secs(3)).as_millis() * u128::from(RATE) / 1_000;
    let arguments = [
        "broadcast",
        "--consoles",
        &count.to_string(),
        "--rate",
        &RATE.to_string(),
        "--messages",
        &messages.to_string(),
        "--bytes",
        &format!("{bytes:.0}"),
    ];
    let (process, address) = Process::peer(&arguments)?;
    let sent = Arc::new(Sent::new(0, 0));
    let kind = Consoles { count, positions: false, mark: Mark::At, snapshot: false };
    let crowd = Crowd::gather(address, kind, &sent)?;
    crowd.wait_for(1, Duration::from_secs(10));
    crowd.begin();
    let (began, cpu) = (Instant::now(), process.cpu_s()?);
    std::thread::sleep(time);
    let (took, delivered, cpu) = (began.elapsed().as_secs_f64(), crowd.deltas(), process.cpu_s()? - cpu);
    let offered = real(u64::from(RATE) * count as u64) * took;
    let watch = crowd.leave()?;
    Ok(Updates {
        consoles: count,
        updates_per_s: f64::from(RATE),
        delivered_per_s: real(delivered) / took,
        latency: Spread::of(&watch.deltas),
        behind_s: (offered - real(delivered)).max(0.0) / real(delivered.max(1)) * took,
        missing: 0,
        bytes_per_delivery: watch.bytes_per_message(),
        cpu_us: cpu * 1e6 / real(delivered.max(1)),
        gaps: 0,
    })
}

/// Above the rows.
pub const HEAD: &str = "commits to all consoles       consoles  updates/s  deliveries/s   p50 / p99 ms   behind s  \
                        bytes  CPU us each  missing  gaps";

impl Updates {
    /// One row.
    pub fn line(&self, name: &str) -> String {
        format!(
            "{name:<30} {:>7} {:>10.0} {:>13.0} {:>14} {:>10.2} {:>6.0} {:>12.2} {:>8} {:>5}",
            self.consoles,
            self.updates_per_s,
            self.delivered_per_s,
            format!("{:.1} / {:.1}", self.latency.p50_us / 1e3, self.latency.p99_us / 1e3),
            self.behind_s,
            self.bytes_per_delivery,
            self.cpu_us,
            self.missing,
            self.gaps
        )
    }
}
