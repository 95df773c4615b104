//! What an incident that has ended costs in memory until it is archived: resident memory of the node before and after
//! thousands of whole ones, and what a console's snapshot of them takes.

mod incident;

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use self::incident::Desk;
use crate::figures::{Goal, Machine};
use crate::node::{self, Node, block_on};
use crate::options::Options;
use crate::page::Page;
use crate::wire::{Socket, TEXT};

/// Incidents lived before anything is measured: what has a bound, such as the commits kept for consoles that come back,
/// has reached it.
const BEFORE: u32 = 1_000;
/// Incidents measured, in so many steps.
const MEASURED: u32 = 5_000;
const STEPS: u32 = 5;

/// What was measured.
#[derive(Debug, Serialize)]
struct Figures {
    /// Resident memory before the first incident, MB.
    empty_mb: f64,
    steps: Vec<Step>,
    /// A console's subscription to everything until its snapshot was there, after all of them, milliseconds.
    snapshot_ms: f64,
    /// That snapshot, MB.
    snapshot_mb: f64,
    /// Growth over all steps for each incident, KB.
    per_incident_kb: f64,
    /// Warnings and errors in the node's log.
    complaints: usize,
}

/// Where it stood after so many incidents.
#[derive(Clone, Copy, Debug, Serialize)]
struct Step {
    /// Incidents lived so far, all of them ended.
    incidents: u32,
    /// Resident memory, MB.
    resident_mb: f64,
}

/// Runs it.
pub fn run(options: &Options) -> Result<()> {
    let binary = node::binary()?;
    let machine = Machine::here();
    let mut page = Page::default();
    page.machine(&machine, options.quick)?;
    page.line("incidents  resident MB  KB an incident since the step before")?;
    let node = Node::start(&binary, &options.disk, &[])?;
    let empty_mb = node.resident_mb()?;
    let figures = block_on(lives(&node, empty_mb, &mut page, options))??;
    let Figures { per_incident_kb, complaints, snapshot_ms, snapshot_mb, .. } = figures;
    page.line(&format!("{per_incident_kb:.1} KB an incident over all steps; {complaints} warnings"))?;
    page.line(&format!("a console's snapshot of them all: {snapshot_mb:.1} MB in {snapshot_ms:.0} ms"))?;
    let what = "growth of the node for each incident that has ended, KB".to_owned();
    let goals = [Goal::at_most(what, per_incident_kb, 10.0)];
    page.finish(&options.to("memory"), &machine, &figures, &goals)
}

async fn lives(node: &Node, empty_mb: f64, page: &mut Page, options: &Options) -> Result<Figures> {
    let client = node.client()?;
    let desks = Desk::all(&client).await?;
    ensure!(!desks.is_empty(), "the region has no phone whose desk has a seat");
    let (warming, step) =
        (options.either(BEFORE, BEFORE / 10), options.either(MEASURED, MEASURED / 10) / STEPS);
    let mut steps: Vec<Step> = Vec::new();
    for number in 1..=warming + step * STEPS {
        let desk = &desks[number as usize * 37 % desks.len()];
        desk.live(&client, number).await.with_context(|| format!("incident {number}"))?;
        if number >= warming && (number - warming).is_multiple_of(step) {
            let now = Step { incidents: number, resident_mb: node.resident_mb()? };
            let grown = steps.last().map_or(0.0, |last| grown_kb(last, &now));
            page.line(&format!("{number:>9} {:>12.1} {grown:>39.1}", now.resident_mb))?;
            steps.push(now);
        }
    }
    let (from, to) = (steps.first().context("a step")?, steps.last().context("a step")?);
    let per_incident_kb = grown_kb(from, to);
    // Last: it is as large as they are.
    let shown = snapshot(node).await?;
    Ok(Figures {
        empty_mb,
        steps,
        snapshot_ms: shown.0,
        snapshot_mb: shown.1,
        per_incident_kb,
        complaints: node.complaints(),
    })
}

fn grown_kb(from: &Step, to: &Step) -> f64 {
    (to.resident_mb - from.resident_mb) * 1_024.0 / f64::from((to.incidents - from.incidents).max(1))
}

/// What a console gets that asks for everything: milliseconds until it is there, and its megabytes.
async fn snapshot(node: &Node) -> Result<(f64, f64)> {
    let mut console = Socket::open(node.address, None).await?;
    let (began, mut came) = (Instant::now(), None);
    console.say(r#"{"type":"subscribe"}"#).await?;
    while came.is_none() {
        let each = |opcode, text: &[u8]| {
            if opcode == TEXT && text.starts_with(br#"{"type":"snapshot""#) {
                came = Some(text.len());
            }
        };
        ensure!(console.hear(each).await?, "the stream ended before its snapshot");
    }
    let bytes = u32::try_from(came.unwrap_or_default())?;
    Ok((began.elapsed().as_secs_f64() * 1e3, f64::from(bytes) / 1_048_576.0))
}
