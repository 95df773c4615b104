//! So many clients, each with units of its own, each sending its next command when the last was acknowledged.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::ground::{Kind, Stored};
use crate::measure::{Spread, histogram, ns, real};
use crate::node::{Node, Spot, block_on};
use crate::options::Options;
use crate::wire::Connection;

const DUTIES: [&str; 2] = [r#"{"duty":"patrolling"}"#, r#"{"duty":"on_call"}"#];

/// What so many clients see.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Clients {
    /// How many.
    pub count: usize,
    /// Commands acknowledged a second.
    pub per_s: f64,
    /// A command's POST to its answer.
    pub answer: Spread,
    /// Processor time of the node for a command, microseconds.
    pub cpu_us: f64,
    /// Warnings and errors in the node's log.
    pub complaints: usize,
}

/// Above the rows.
pub const HEAD: &str = "store      clients | commands/s   answer p50 / p99 us | node CPU us a command";

impl Clients {
    /// One row.
    pub fn line(&self, kind: Kind) -> String {
        let Self { count, per_s, answer, cpu_us, complaints } = self;
        let complaints = if *complaints > 0 { format!(" [{complaints} warnings]") } else { String::new() };
        format!("{kind:<10} {count:>7} | {per_s:>10.0} {:>21} | {cpu_us:>21.0}{complaints}", answer.cell())
    }
}

/// One run on a new node.
pub fn run(binary: &Path, stored: &Stored, clients: usize, options: &Options) -> Result<Clients> {
    let node = Node::start(binary, &stored.disk, &stored.settings())?;
    let sending = Sending::new(&node)?;
    let (answers, per_s, cpu_us) = block_on(async {
        let mut tasks = sending.begin(clients).await?;
        tokio::time::sleep(options.seconds(1)).await;
        sending.measured.store(true, Ordering::Relaxed);
        let (began, before, cpu) = (Instant::now(), sending.count(), node.cpu_s()?);
        tokio::time::sleep(options.seconds(6)).await;
        let (took, count, cpu) = (began.elapsed(), sending.count() - before, node.cpu_s()? - cpu);
        let answers = sending.end(&mut tasks).await?;
        anyhow::Ok((answers, real(count) / took.as_secs_f64(), cpu * 1e6 / real(count.max(1))))
    })??;
    Ok(Clients { count: clients, per_s, answer: Spread::of(&answers), cpu_us, complaints: node.complaints() })
}

/// What the clients share.
#[derive(Clone, Debug)]
pub struct Sending {
    address: std::net::SocketAddr,
    units: Arc<Vec<Spot>>,
    acknowledged: Arc<AtomicU64>,
    measured: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Sending {
    /// Nobody sends yet.
    pub fn new(node: &Node) -> Result<Self> {
        Ok(Self {
            address: node.address,
            units: Arc::new(node.ground()?.units),
            acknowledged: Arc::default(),
            measured: Arc::default(),
            stop: Arc::default(),
        })
    }

    /// Commands acknowledged so far.
    pub fn count(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// So many clients begin.
    pub async fn begin(&self, clients: usize) -> Result<JoinSet<Result<Histogram<u64>>>> {
        let mut tasks = JoinSet::new();
        for client in 0..clients {
            let connection = Connection::open(self.address).await?;
            tasks.spawn(self.clone().send(client, clients, connection));
        }
        Ok(tasks)
    }

    /// They stop; what they saw.
    pub async fn end(&self, tasks: &mut JoinSet<Result<Histogram<u64>>>) -> Result<Histogram<u64>> {
        self.stop.store(true, Ordering::Relaxed);
        let mut answers = histogram();
        while let Some(ended) = tasks.join_next().await {
            answers.add(ended??)?;
        }
        Ok(answers)
    }

    async fn send(self, client: usize, clients: usize, mut connection: Connection) -> Result<Histogram<u64>> {
        let own: Vec<&Spot> = self.units.iter().skip(client).step_by(clients).collect();
        let mut times = histogram();
        for round in 0.. {
            for unit in &own {
                if self.stop.load(Ordering::Relaxed) {
                    return Ok(times);
                }
                let headers = format!(
                    "content-type: application/json\r\nidempotency-key: {}\r\nortoo-actor: unit:{}\r\n\
                     ortoo-channel: device\r\n",
                    Uuid::now_v7(),
                    unit.code
                );
                let path = format!("/api/v1/units/{}/duty", unit.code);
                let began = Instant::now();
                let status = connection.post(&path, &headers, DUTIES[round % 2].as_bytes()).await?;
                // In the first round a unit may have the duty already; that is acknowledged too, as a refusal.
                ensure!(
                    status == 200 || (round == 0 && status == 409),
                    "duty was answered with {status}: {}",
                    String::from_utf8_lossy(connection.body())
                );
                self.acknowledged.fetch_add(1, Ordering::Relaxed);
                if self.measured.load(Ordering::Relaxed) {
                    times.saturating_record(ns(began.elapsed()));
                }
            }
        }
        Ok(times)
    }
}
