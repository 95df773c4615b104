//! A node that holds so many of something, in which nothing runs out by itself.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use dispatch_api::client::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::axis::Axis;
use crate::node::{Node, Spot, block_on};
use crate::wire::Connection;

/// How many post at once.
const POSTERS: usize = 8;
/// The longest a timer may take, milliseconds: a day.
const TIMER_MAX_MS: u32 = 86_400_000;
/// The longest a unit may be late, per mille of the estimate.
const LATE_MAX_PER_MILLE: u32 = 10_000;
/// Alarms are spread over the squares of a lattice around each point, degrees apart: some 300 m.
const STEP_DEG: f64 = 0.004;

/// A node grown to a size.
#[derive(Debug)]
pub struct Grown {
    node: Node,
    points: Arc<Vec<Spot>>,
    raised: usize,
    /// How many it holds, before it is asked anything.
    pub size: usize,
}

impl Grown {
    /// Starts a node below a folder and grows it.
    pub fn start(binary: &Path, ground: &Path, axis: &Axis, size: usize) -> Result<Self> {
        let node = Node::start(binary, ground, &[])?;
        let points = Arc::new(node.ground()?.points);
        let mut grown = Self { node, points, raised: 0, size };
        block_on(async {
            let client = grown.node.client()?;
            let_nothing_run_out(&client).await?;
            grown.raise(axis.grown_by, size).await
        })??;
        Ok(grown)
    }

    /// Raises so many alarms; processor seconds of the node for each.
    pub async fn raise(&mut self, source: &'static str, alarms: usize) -> Result<f64> {
        let before = self.node.cpu_s()?;
        let (from, to) = (self.raised, self.raised + alarms);
        let mut tasks = JoinSet::new();
        for poster in 0..POSTERS {
            let mut connection = Connection::open(self.node.address).await?;
            let points = self.points.clone();
            tasks.spawn(async move {
                for number in (from + poster..to).step_by(POSTERS) {
                    post(&mut connection, source, number, &points).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        self.raised = to;
        Ok((self.node.cpu_s()? - before) / f64::from(u32::try_from(alarms)?.max(1)))
    }

    /// Memory it has in use, megabytes.
    pub fn resident_mb(&self) -> Result<f64> {
        self.node.resident_mb()
    }

    /// Warnings and errors it logged.
    pub fn complaints(&self) -> usize {
        self.node.complaints()
    }
}

async fn post(connection: &mut Connection, source: &str, number: usize, points: &[Spot]) -> Result<()> {
    // Each point once, then each again a step beside it.
    let (round, at) = (number / points.len(), &points[number * 7 % points.len()]);
    let aside = f64::from(u32::try_from(round)?) * STEP_DEG;
    let body = format!(
        r#"{{"source":"{source}","device":"growth-{number}","lon":{},"lat":{},"text":"羊圈着火"}}"#,
        at.lon,
        at.lat + aside
    );
    let headers = format!("content-type: application/json\r\nidempotency-key: {}\r\n", Uuid::now_v7());
    let status = connection.post("/api/v1/alarms", &headers, body.as_bytes()).await?;
    let answer = String::from_utf8_lossy(connection.body());
    ensure!(status == 201, "an alarm was answered with {status}: {answer}");
    Ok(())
}

/// Every timer of the region takes its longest: nothing happens but what is asked.
async fn let_nothing_run_out(client: &Client) -> Result<()> {
    let mut region: Value = client.get("/region").await?;
    let top = region["desks"].as_object().context("desks")?.iter();
    let top = top.min_by_key(|(_, desk)| desk["area"].as_array().map_or(0, Vec::len)).context("a desk")?.0;
    let seats = region["seats"].as_object().context("seats")?;
    let seat =
        seats.iter().find(|(_, seat)| seat["desk"] == top.as_str()).context("a seat at the top")?.0.clone();
    let mut timers = region["timers"].take();
    for (name, timer) in
        timers.as_object_mut().context("timers")?.iter_mut().filter(|(_, timer)| timer.is_array())
    {
        let longest = if name == "arrival_per_mille" { LATE_MAX_PER_MILLE } else { TIMER_MAX_MS };
        *timer = json!([longest, longest, longest]);
    }
    let engineer = client.clone().with_actor("engineer").with_seat(&seat);
    engineer.act("register", "", "timers", &json!({ "timers": timers }), Uuid::now_v7()).await?;
    Ok(())
}
