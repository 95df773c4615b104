//! What leaves the node by itself: commits, heartbeats and position frames, handed to the hub.

use std::sync::Arc;
use std::time::Duration;

use dispatch_api::frame::HEADER_BYTES;
use dispatch_core::event::Record;
use dispatch_core::kernel::about::Register;
use dispatch_core::state::State;
use dispatch_core::view::View;
use dispatch_writer::Commit;
use geo_index::cells::Resolution;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::changes::Changes;
use crate::config;
use crate::degraded::Degraded;
use crate::gate::Gate;
use crate::hub::frames::{Labels, Tiler};
use crate::hub::hello::hello;
use crate::hub::{Hub, News, Standing};
use crate::liveness::Liveness;
use crate::metrics::Metrics;
use crate::region::InForce;
use crate::truth::Truth;

/// Commits that may wait to be shown; the driver waits when there are more.
const LANE: usize = 1_024;
/// Commits shown together at most.
const SHOWN_AT_ONCE: usize = 64;

/// What of the node is shown, and through what.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where commits, heartbeats and frames go.
    pub hub: Arc<Hub>,
    /// Committed truth, which the driver changed before it handed a commit on.
    pub truth: Truth,
    /// The region package in force: zone, tiles.
    pub region: InForce,
    /// The way to the writer's live units.
    pub gate: Arc<Gate>,
    /// Told of each commit that was shown.
    pub changes: Arc<Changes>,
    /// Told of each alarm that was recorded.
    pub liveness: Arc<Liveness>,
    /// What heartbeats say.
    pub degraded: Arc<Degraded>,
    /// Frames are counted here.
    pub metrics: Arc<Metrics>,
    /// Intervals of heartbeats and position frames.
    pub bounds: config::Stream,
}

/// Whether a record changes the register, so that consoles ask for it again.
pub fn changes_register(record: &Record) -> bool {
    record.event.about().register != Register::Same
}

/// What the driver has to show, in order.
#[derive(Debug)]
pub enum ToShow {
    /// A commit, to be shown after those before it.
    Commit(Arc<Commit>),
    /// Everything anew: the journal went on without the writer.
    Reset(Arc<State>),
}

/// The lane of what is to be shown.
pub fn lane() -> (mpsc::Sender<ToShow>, mpsc::Receiver<ToShow>) {
    mpsc::channel(LANE)
}

/// Shows it, until the driver ends. What came meanwhile is shown together.
pub async fn run(parts: Parts, mut shown: mpsc::Receiver<ToShow>) {
    let mut waiting = Vec::new();
    while shown.recv_many(&mut waiting, SHOWN_AT_ONCE).await > 0 {
        let mut commits = Vec::new();
        for shown in waiting.drain(..) {
            match shown {
                ToShow::Commit(commit) => {
                    let register = commit.records.iter().any(changes_register);
                    if register {
                        show(&parts, &mut commits);
                        relabel(&parts);
                    }
                    commits.push((commit, register));
                }
                ToShow::Reset(state) => {
                    show(&parts, &mut commits);
                    if let Some(journal) = state.journal {
                        parts.hub.replace(journal, state.seq, View::all(&state));
                        // Which units' orders are among what was not seen, nobody knows: all are to look.
                        parts.changes.note_all(&state);
                    }
                }
            }
        }
        show(&parts, &mut commits);
    }
}

/// Shows commits in order and leaves none.
fn show(parts: &Parts, commits: &mut Vec<(Arc<Commit>, bool)>) {
    if commits.is_empty() {
        return;
    }
    let news = commits.iter().map(|(commit, register)| News {
        prev: commit.prev,
        seq: commit.seq,
        at: commit.at,
        views: &commit.views,
        register: *register,
    });
    parts.hub.publish(&news.collect::<Vec<_>>());
    for (commit, _) in commits.drain(..) {
        parts.liveness.hear_alarms(&commit.records, &parts.truth.state(), parts.truth.clock().elapsed());
        parts.changes.note(&commit);
    }
}

/// Tells consoles anew what labels, zone and tiles are, should the register or the package have changed them.
pub fn relabel(parts: &Parts) {
    let labels = Labels::of(parts.truth.state().register()).areas;
    let region = parts.region.get();
    let hello = |standing: &Standing| hello(standing, parts.truth.now(), &region.manifest, &parts.bounds);
    parts.hub.relabel(&region.hash, &labels, hello);
}

/// Says that the node lives.
pub async fn heartbeats(parts: Parts, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(Duration::from_millis(u64::from(parts.bounds.heartbeat_ms)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = ticks.tick() => parts.degraded.tell(),
        }
    }
}

/// Shows where units are, once a tick. Nobody looking, nothing is made.
pub async fn positions(parts: Parts, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(Duration::from_millis(u64::from(parts.bounds.positions_ms)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut resolution = parts.region.get().manifest.tile_resolution;
    let mut tiler = tiler(resolution);
    let mut labelling = parts.hub.labelling();
    let mut labels = (0, Labels::default());
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = ticks.tick() => {}
        }
        let Some(snapshot) = parts.gate.ask(|writer| writer.live_map().live.snapshot()).await else { return };
        {
            // The slots' labels change with the register only, and that is large: looked at when it grew or changed.
            let state = parts.truth.state();
            let version = register_version(&state);
            if labels.0 != version {
                labels = (version, Labels::of(state.register()));
            }
        }
        let wanted = parts.region.get().manifest.tile_resolution;
        let labelled = parts.hub.labelling();
        if (wanted, labelled) != (resolution, labelling) {
            // Everything anew: whoever looks has dropped what there was.
            (resolution, labelling, tiler) = (wanted, labelled, self::tiler(wanted));
        }
        let changed = tiler.tick(&snapshot, &labels.1, parts.truth.now());
        if !changed.is_empty() {
            parts.metrics.add("ortoo_frames_total", &[], changed.len() as u64);
            parts.hub.frames(labelling, changed, HEADER_BYTES);
        }
    }
}

/// Cuts the region into tiles of a resolution; a package's was checked when it was read.
fn tiler(resolution: u8) -> Tiler {
    Tiler::new(Resolution::try_from(resolution).unwrap_or(Resolution::Three))
}

/// Differs when units may have other slots or homes: adopting and registering are rare.
fn register_version(state: &State) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(state.region().as_bytes());
    hasher.update(&(state.slots().len() as u64).to_le_bytes());
    let bytes = *hasher.finalize().as_bytes();
    u64::from_le_bytes(std::array::from_fn(|index| bytes[index]))
}
