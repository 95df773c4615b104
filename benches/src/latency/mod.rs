//! From an alarm's POST through the commit to a frame at a console (goal 7), beside the same binary on a disk in memory,
//! where the same commit is made and its flush costs nothing, one single-row commit of the same database and one bare
//! flush; beside a plain server of axum and `PostGIS`; then the same in a storm.

pub(crate) mod climb;
pub(crate) mod floor;
mod goals;
mod storm;

use std::path::PathBuf;

use anyhow::Result;
use dispatch_store::conformance::cluster::Cluster;
use serde::Serialize;

use crate::figures::Machine;
use crate::measure::Twice;
use crate::node::{self, Node};
use crate::options::Options;
use crate::page::Page;

pub use climb::Climb;
pub use floor::Floor;
pub use storm::Storm;

/// Alarms as they are posted: `app` rings and waits for a call-taker; `button` makes an incident at once, with a
/// recommendation out of all units.
pub const SOURCES: [&str; 2] = ["app", "button"];
/// How many post at once.
pub const POSTERS: [usize; 3] = [1, 8, 32];

/// The same, first on the disk, then in memory, then on the disk again.
#[derive(Clone, Debug, Serialize)]
pub struct Sandwich<T> {
    /// On the disk.
    pub before: T,
    /// In memory.
    pub memory: T,
    /// On the disk once more.
    pub after: T,
}

impl<T> Sandwich<T> {
    /// Runs the three.
    pub fn of(mut run: impl FnMut(&PathBuf) -> Result<T>, options: &Options) -> Result<Self> {
        Ok(Self { before: run(&options.disk)?, memory: run(&options.memory)?, after: run(&options.disk)? })
    }

    /// One figure of the two on the disk.
    pub fn disk(&self, figure: impl Fn(&T) -> f64) -> Twice {
        Twice::new(figure(&self.before), figure(&self.after))
    }
}

/// All figures of a run.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Database and disk by themselves, before and after.
    pub floors: [Floor; 2],
    /// By source and posters.
    pub climbs: Vec<Sandwich<Climb>>,
    /// The plain server of axum and `PostGIS`, by source and posters.
    pub references: Vec<Climb>,
    /// The storm.
    pub storm: Sandwich<Storm>,
}

/// Runs all of it.
pub fn run(options: &Options) -> Result<()> {
    let binary = node::binary()?;
    let machine = Machine::here();
    let mut page = Page::default();
    page.machine(&machine, options.quick)?;
    page.line("disk: the whole path, durable; memory: the same binary with its data on a disk in memory (a flush costs")?;
    page.line("nothing there, the commit is made all the same); p50 / p99 in us; order disk, memory, disk")?;
    let first = Floor::measure(options)?;
    floor::print(&mut page, &first)?;
    page.line("")?;
    page.line(climb::HEAD)?;
    let mut climbs = Vec::new();
    for source in SOURCES {
        for posters in POSTERS {
            let climb = Sandwich::of(|on| climb::run(&binary, on, &[], source, posters, options), options)?;
            climb::print(&mut page, &climb)?;
            climbs.push(climb);
        }
    }
    page.line("")?;
    page.line(
        "beside a plain server: axum, one transaction on PostgreSQL with PostGIS, a broadcast to consoles",
    )?;
    page.line(climb::REFERENCE_HEAD)?;
    let cluster = Cluster::start();
    let ground = Node::start(&binary, &options.disk, &[])?.ground()?;
    let mut references = Vec::new();
    for climb in &climbs {
        let Climb { source, posters, .. } = climb.before;
        let reference = climb::reference(&cluster.database(), &ground, source, posters, options)?;
        climb::print_reference(&mut page, climb, &reference)?;
        references.push(reference);
    }
    page.line("")?;
    let storm = Sandwich::of(|on| storm::run(&binary, on, options), options)?;
    storm::print(&mut page, &storm)?;
    page.line("")?;
    let last = Floor::measure(options)?;
    floor::print(&mut page, &last)?;
    let figures = Figures { floors: [first, last], climbs, references, storm };
    let goals = goals::judge(&figures);
    page.finish(&options.to("latency"), &machine, &figures, &goals)
}
