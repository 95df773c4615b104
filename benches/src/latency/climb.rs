//! Posters that each send an alarm, wait for the answer and for the frame at a console, and send the next.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::Sandwich;
use crate::crowd::{Consoles, Crowd};
use crate::measure::{Spread, histogram, ns, real};
use crate::node::{Ground, Node, Spot, block_on};
use crate::options::Options;
use crate::page::Page;
use crate::peer::reference;
use crate::process::{Process, Works};
use crate::sent::Sent;
use crate::watch::Mark;
use crate::wire::Connection;

/// What an alarm is known by at the console.
pub const MARK: &str = r#""device":"bench-"#;
/// More alarms than one run raises.
const NUMBERS: usize = 2_000_000;

/// What so many posters see.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Climb {
    /// Source of the alarms.
    pub source: &'static str,
    /// How many post at once.
    pub posters: usize,
    /// POST to the frame at a console.
    pub frame: Spread,
    /// POST to the answer.
    pub answer: Spread,
    /// Alarms per second that were durable and on the console.
    pub per_s: f64,
    /// Processor time of the node for an alarm, microseconds.
    pub cpu_us: f64,
    /// Warnings and errors in the node's log.
    pub complaints: usize,
}

/// One run on a new node.
pub fn run(
    binary: &Path,
    on: &Path,
    settings: &[(&str, String)],
    source: &'static str,
    posters: usize,
    options: &Options,
) -> Result<Climb> {
    let node = Node::start(binary, on, settings)?;
    let ground = Arc::new(node.ground()?.points);
    let climb = climb(node.address, &node, true, source, posters, &ground, options)?;
    Ok(Climb { complaints: node.complaints(), ..climb })
}

/// The same with the reference on a new database of a server of its own.
pub fn reference(
    database: &str,
    ground: &Ground,
    source: &'static str,
    posters: usize,
    options: &Options,
) -> Result<Climb> {
    block_on(reference::prepare(database, &ground.units))??;
    let (process, address) = Process::peer(&["reference", "--database", database])?;
    climb(address, &process, false, source, posters, &Arc::new(ground.points.clone()), options)
}

fn climb(
    address: SocketAddr,
    works: &impl Works,
    snapshot: bool,
    source: &'static str,
    posters: usize,
    ground: &Arc<Vec<Spot>>,
    options: &Options,
) -> Result<Climb> {
    let sent = Arc::new(Sent::new(NUMBERS, posters));
    let consoles = Consoles { count: 1, positions: false, mark: Mark::After(MARK), snapshot };
    let crowd = Crowd::gather(address, consoles, &sent)?;
    if !snapshot {
        // Nothing tells when the reference has taken the console in.
        std::thread::sleep(Duration::from_millis(500));
    }
    let Posted { answers, per_s, cpu_us } =
        block_on(post(address, works, source, posters, ground, &sent, options))??;
    let watch = crowd.leave()?;
    ensure!(
        !snapshot || watch.gaps + watch.resets == 0,
        "the console had {} gaps, {} resets",
        watch.gaps,
        watch.resets
    );
    Ok(Climb {
        source,
        posters,
        frame: Spread::of(&watch.deltas),
        answer: Spread::of(&answers),
        per_s,
        cpu_us,
        complaints: 0,
    })
}

struct Posted {
    answers: Histogram<u64>,
    per_s: f64,
    cpu_us: f64,
}

async fn post(
    address: SocketAddr,
    works: &impl Works,
    source: &'static str,
    posters: usize,
    ground: &Arc<Vec<Spot>>,
    sent: &Arc<Sent>,
    options: &Options,
) -> Result<Posted> {
    let stop = Arc::new(AtomicBool::new(false));
    let done = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for poster in 0..posters {
        let mut connection = Connection::open(address).await?;
        let (ground, sent, stop, done) = (ground.clone(), sent.clone(), stop.clone(), done.clone());
        tasks.spawn(async move {
            let mut answers = histogram();
            let mut number = poster;
            while !stop.load(Ordering::Relaxed) {
                let alarm = Alarm { source, number, at: &ground[number * 7 % ground.len()] };
                let at = alarm.post(&mut connection, &sent).await?;
                if sent.is_measured(at) {
                    answers.saturating_record(sent.clock() - at);
                }
                ensure!(sent.seen(poster).await, "alarm {number} did not reach the console");
                done.fetch_add(1, Ordering::Relaxed);
                number += posters;
            }
            Ok(answers)
        });
    }
    // Both shorter than the time after which an unanswered alarm is overdue, which would add work to the run.
    tokio::time::sleep(options.seconds(1)).await;
    sent.measure();
    let (began, before, cpu) = (Instant::now(), done.load(Ordering::Relaxed), works.cpu_s()?);
    tokio::time::sleep(options.seconds(6)).await;
    let (took, cpu) = (ns(began.elapsed()), works.cpu_s()? - cpu);
    let alarms = real((done.load(Ordering::Relaxed) - before) as u64);
    stop.store(true, Ordering::Relaxed);
    let mut answers = histogram();
    while let Some(ended) = tasks.join_next().await {
        answers.add(ended??)?;
    }
    Ok(Posted { answers, per_s: alarms * 1e9 / real(took), cpu_us: cpu * 1e6 / alarms.max(1.0) })
}

/// An alarm to be raised.
#[derive(Debug)]
pub struct Alarm<'a> {
    /// Its source.
    pub source: &'a str,
    /// The number it is known by.
    pub number: usize,
    /// Where the alarm is raised.
    pub at: &'a Spot,
}

impl Alarm<'_> {
    /// Posts it and waits for the answer; when it was sent.
    pub async fn post(&self, connection: &mut Connection, sent: &Sent) -> Result<u64> {
        let Self { source, number, at } = self;
        let body = format!(
            r#"{{"source":"{source}","device":"bench-{number}","lon":{},"lat":{},"text":"羊圈着火"}}"#,
            at.lon, at.lat
        );
        let headers = format!("content-type: application/json\r\nidempotency-key: {}\r\n", Uuid::now_v7());
        let at = sent.mark(*number);
        let status = connection.post("/api/v1/alarms", &headers, body.as_bytes()).await?;
        ensure!(
            status == 201,
            "an alarm was answered with {status}: {}",
            String::from_utf8_lossy(connection.body())
        );
        Ok(at)
    }
}

/// Above the rows.
pub const HEAD: &str = "source  posters |           disk        memory          disk | disk/memory | alarms/s disk   memory | CPU us an alarm";

/// One row.
pub fn print(page: &mut Page, climb: &Sandwich<Climb>) -> std::io::Result<()> {
    let Sandwich { before, memory, after } = climb;
    let frame = climb.disk(|climb| climb.frame.p50_us);
    let complaints = before.complaints + memory.complaints + after.complaints;
    page.line(&format!(
        "{:<7} {:>7} | {:>14} {:>13} {:>13} | {:>10.2}x | {:>13.0} {:>8.0} | {:>15.0}{}{}",
        before.source,
        before.posters,
        before.frame.cell(),
        memory.frame.cell(),
        after.frame.cell(),
        frame.mean() / memory.frame.p50_us,
        climb.disk(|climb| climb.per_s).mean(),
        memory.per_s,
        climb.disk(|climb| climb.cpu_us).mean(),
        frame.mark(),
        if complaints > 0 { format!(" [{complaints} warnings]") } else { String::new() },
    ))
}

/// Above the rows of the reference.
pub const REFERENCE_HEAD: &str =
    "source  posters |         ortoo     reference | reference/ortoo | alarms/s ortoo  reference  ratio";

/// One row beside the reference.
pub fn print_reference(page: &mut Page, climb: &Sandwich<Climb>, reference: &Climb) -> std::io::Result<()> {
    let (frame, per_s) = (climb.disk(|climb| climb.frame.p50_us), climb.disk(|climb| climb.per_s));
    page.line(&format!(
        "{:<7} {:>7} | {:>13} {:>13} | {:>14.2}x | {:>14.0} {:>10.0} {:>5.2}x{}",
        reference.source,
        reference.posters,
        climb.after.frame.cell(),
        reference.frame.cell(),
        reference.frame.p50_us / frame.mean(),
        per_s.mean(),
        reference.per_s,
        per_s.mean() / reference.per_s,
        frame.mark(),
    ))
}
