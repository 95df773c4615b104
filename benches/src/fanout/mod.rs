//! How many consoles can be told how much: commits to all of them (goal 8) beside a server that sends message by
//! message, position frames (goal 9) beside a loop that only writes, and a console that has stopped reading.
//!
//! Leaves out node's `ws` and uWebSockets, which are not of this workspace.

mod positions;
mod updates;

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;

use crate::figures::{Goal, Machine};
use crate::measure::Twice;
use crate::node;
use crate::options::Options;
use crate::page::Page;

pub use positions::Positions;
pub use updates::Updates;

/// All figures of a run.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Ours before the peer.
    pub before: Updates,
    /// The peer.
    pub peer: Updates,
    /// Ours after it.
    pub after: Updates,
    /// Position frames.
    pub positions: Positions,
}

/// What the parts need.
#[derive(Debug)]
struct Run<'a> {
    binary: PathBuf,
    options: &'a Options,
}

/// Runs all of it.
pub fn run(options: &Options) -> Result<()> {
    let run = Run { binary: node::binary()?, options };
    let machine = Machine::here();
    let mut page = Page::default();
    page.machine(&machine, options.quick)?;
    page.line(updates::HEAD)?;
    let before = updates::ours(&run)?;
    page.line(&before.line("ortoo"))?;
    let peer = updates::peer(&run, before.bytes_per_delivery)?;
    page.line(&peer.line("broadcast, send per message"))?;
    let after = updates::ours(&run)?;
    page.line(&after.line("ortoo"))?;
    page.line("")?;
    let positions = positions::run(&run)?;
    positions.print(&mut page)?;
    page.line("")?;
    page.line("Left out: node ws and uWebSockets (goal 8 names them beside the send loop).")?;
    let figures = Figures { before, peer, after, positions };
    let goals = judge(&figures);
    page.finish(&options.to("fanout"), &machine, &figures, &goals)
}

fn judge(figures: &Figures) -> Vec<Goal> {
    let Figures { before, peer, after, positions } = figures;
    let rate = Twice::new(before.delivered_per_s, after.delivered_per_s);
    let p99 = Twice::new(before.latency.p99_us / 1e3, after.latency.p99_us / 1e3);
    let consoles = before.consoles;
    let mut goals = vec![
        Goal::at_least(format!("8 {consoles} consoles: deliveries/s{}", rate.mark()), rate.mean(), 900_000.0),
        Goal::at_most(format!("8 {consoles} consoles: p99, ms{}", p99.mark()), p99.mean(), 50.0),
        Goal::at_least(
            format!("8 deliveries/s over send per message{}", rate.mark()),
            rate.mean() / peer.delivered_per_s,
            5.0,
        ),
    ];
    goals.extend(positions.judge());
    goals
}
