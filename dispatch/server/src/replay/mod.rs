//! `ortoo replay`: a real call log through the shipped writer and store, on the log's own clock, as fast as commands are
//! decided and made durable. It measures what we compute beside what the log says, and what we would have recommended beside what was
//! done. It opens no port and knows no network.

mod log;
mod mapping;
mod player;
mod replayed_centre;
mod report;
mod script;
mod world;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use dispatch_core::command::AdoptRegion;
use dispatch_core::kernel::time::Time;
use dispatch_core::register::Register;
use dispatch_core::seek::live_map::{FixRules, Geography, LiveMap};
use dispatch_store::{Answer, Custody as _, Genesis, Journal as _, SqliteOptions, SqliteStore, Verified};
use dispatch_writer::{Limits, NodeClock, Reading, Writer};
use geo_index::cells::Resolution;
use geo_index::travel::{Pace, Terrain};
use indicatif::{ProgressBar, ProgressStyle};
use region::Files;

use self::log::Log;
use self::player::Player;
use self::replayed_centre::ReplayedCentre;
pub use self::report::Report;
use crate::clock::Calendar;
use crate::region::Region;
use crate::terminal::step;

/// What is replayed, and where to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The call log.
    pub log: PathBuf,
    /// Its column mapping; the shipped one that fits its header when absent.
    pub mapping: Option<PathBuf>,
    /// An empty or missing directory for the journal.
    pub data_dir: PathBuf,
}

/// What was found.
#[derive(Debug)]
pub struct Replayed {
    /// Ours beside the log's.
    pub report: Report,
    /// The proof of the journal that came of it.
    pub verified: Verified,
}

/// Replays a log.
pub async fn run(options: &Options) -> anyhow::Result<Replayed> {
    let log = Log::read(&options.log, options.mapping.as_deref())?;
    let steps = script::script(&log);
    let Some(first) = steps.first() else { bail!("{}: no call can be read", options.log.display()) };
    if options.data_dir.join(dispatch_store::sqlite::JOURNAL_FILE).exists() {
        bail!("{} already holds a journal; give an empty --data-dir", options.data_dir.display());
    }
    std::fs::create_dir_all(&options.data_dir)
        .with_context(|| format!("make the data directory {}", options.data_dir.display()))?;
    let register = world::register(&log);
    let mut centre = open(&options.data_dir, &log, &register, first.at).await?;
    adopt(&mut centre, register, first.at).await?;

    let mut player = Player::new(&mut centre, &log);
    let progress = bar(steps.len(), "replaying");
    for step in steps {
        player.play(step).await?;
        progress.inc(1);
    }
    progress.finish_and_clear();
    let mut report = Report::of(&log, &player);
    (report.commands, report.commits) = (centre.commands, centre.commits);
    let store = centre.into_store().await?;
    let proving = step("proving the journal");
    let verified = store.verify().await.context("verify")?;
    proving.finish_and_clear();
    Ok(Replayed { report, verified })
}

async fn open(
    dir: &Path,
    log: &Log,
    register: &Register,
    at: Time,
) -> anyhow::Result<ReplayedCentre<SqliteStore>> {
    let calendar = Calendar::of(&log.mapping.zone);
    let store = SqliteStore::connect(SqliteOptions::new(dir, Genesis::new("log", at))).await?;
    let opening = store.open().await?;
    let live_map = LiveMap::new(geography(log, register)).context("travel")?;
    let limits = Limits::default();
    // It goes by the log alone, from the first call on.
    let clock = NodeClock::resume(at, Some(at), Reading { since_boot: at.0, shows: at });
    let writer = Writer::open(opening, clock, live_map, limits.clone());
    let mut centre = ReplayedCentre::new(writer, limits, store, calendar);
    centre.pass_to(at).await?;
    Ok(centre)
}

async fn adopt(centre: &mut ReplayedCentre<SqliteStore>, register: Register, at: Time) -> anyhow::Result<()> {
    let register_file = serde_json::to_vec(&register).context("register")?;
    let content = Region::packed(&Files::from([("register.json".to_owned(), register_file)]));
    let hash = content.hash.clone();
    centre.pass_to(at).await?;
    let adopt = AdoptRegion { hash, register: Box::new(register), duties: Vec::new() };
    match centre.send(adopt, vec![content]).await? {
        Answer::Accepted(_) => Ok(()),
        Answer::Refused(refusal) => bail!("the log's own register is refused: {refusal}"),
    }
}

fn geography(log: &Log, register: &Register) -> Geography {
    let travel = log.mapping.travel;
    let pace = Pace { speed_cm_s: travel.speed_cm_s, detour_per_mille: travel.detour_per_mille };
    // A unit of a log is seen at its calls alone: between two of them it may have gone anywhere.
    let rules = FixRules { jump_m_per_h: u32::MAX, ..FixRules::default() };
    Geography {
        region: register.region.clone(),
        areas: Vec::new(),
        middles: BTreeMap::new(),
        terrain: Terrain { resolution: Resolution::Seven, classes: BTreeMap::new(), default: 0 },
        paces: vec![vec![pace]],
        rules,
    }
}

fn bar(steps: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} [{bar:32}] {pos}/{len} {eta}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX)).with_message(what).with_style(style)
}
