//! Commands through each of the two stores: how many a second and how soon they are acknowledged with 1, 16 and 256
//! clients, beside single-row commits of the same database in the same run; an alarm's way to a console on `PostgreSQL`;
//! and how soon a centre with a long journal is ready again after it was killed.

mod clients;
mod goals;
mod ground;
mod raw;
mod restart;

use anyhow::Result;
use serde::Serialize;

use crate::figures::Machine;
use crate::latency::{Climb, climb};
use crate::measure::Spread;
use crate::node;
use crate::options::Options;
use crate::page::Page;

use clients::Clients;
use ground::{Kind, Stored};
use raw::Raw;
use restart::Restart;

/// How many send commands at once.
const CLIENTS: [usize; 3] = [1, 16, 256];

/// What one store did.
#[derive(Clone, Debug, Serialize)]
struct Figures {
    /// The database that was measured.
    store: Kind,
    /// Single-row commits of the same database, before and after.
    raw: [Raw; 2],
    /// Commands, by clients.
    clients: Vec<Clients>,
    /// An alarm's POST to its frame at a console, one poster.
    alarm: Climb,
    /// An alarm's commit by itself.
    commit: Spread,
    /// Ready again with a long journal.
    restart: Restart,
}

/// All figures of a run.
#[derive(Debug, Serialize)]
struct Both {
    /// A POST to a server that only answers, on a connection kept open.
    echo: Spread,
    stores: Vec<Figures>,
}

/// Runs all of it.
pub fn run(options: &Options) -> Result<()> {
    let binary = node::binary()?;
    let machine = Machine::here();
    let mut page = Page::default();
    page.machine(&machine, options.quick)?;
    page.line(
        "a command: one unit's change of duty, one row; its answer comes after its commit; p50 / p99 in us",
    )?;
    let echo = raw::echo(options)?;
    page.line(&format!("POST to a server that only answers: {}", echo.cell()))?;
    let mut stores = Vec::new();
    for kind in Kind::ALL {
        page.line("")?;
        let place = Stored::make(kind, options)?;
        let first = Raw::measure(&place, options)?;
        page.line(&first.line(kind))?;
        page.line(clients::HEAD)?;
        let mut rows = Vec::new();
        for count in CLIENTS {
            let row = clients::run(&binary, &place, count, options)?;
            page.line(&row.line(kind))?;
            rows.push(row);
        }
        let alarm = climb::run(&binary, &options.disk, &place.settings(), "app", 1, options)?;
        page.line(&format!("{kind:<10} alarm's POST to its frame at a console: {}", alarm.frame.cell()))?;
        let commit = raw::alarms(&place, options)?;
        page.line(&format!("{kind:<10} such an alarm's commit by itself: {}", commit.cell()))?;
        let restart = restart::run(&binary, &place, options)?;
        page.line(&restart.line(kind))?;
        let last = Raw::measure(&place, options)?;
        page.line(&last.line(kind))?;
        stores.push(Figures { store: kind, raw: [first, last], clients: rows, alarm, commit, restart });
    }
    let both = Both { echo, stores };
    let goals = goals::judge(&both);
    page.finish(&options.to("stores"), &machine, &both, &goals)
}
