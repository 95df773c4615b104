//! What leaves the node by itself: commits, heartbeats and position frames, handed to the hub.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dispatch_api::frame::HEADER_BYTES;
use dispatch_core::event::Record;
use dispatch_core::kernel::about::Register;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::state::State;
use dispatch_core::view::View;
use dispatch_writer::Commit;
use geo_index::cells::Resolution;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::http;
use crate::hub::News;
use crate::hub::frames::{Labels, Tiler};
use crate::hub::interest::addressed;
use crate::node::Node;

/// Commits that may wait to be shown; the driver waits when there are more.
const LANE: usize = 1_024;
/// Commits shown together at most.
const SHOWN_AT_ONCE: usize = 64;

/// At which seq each unit changed last, for clients that wait for their orders.
#[derive(Debug)]
pub struct Changes {
    units: Mutex<BTreeMap<UnitId, u64>>,
    head: watch::Sender<u64>,
}

impl Changes {
    /// Nothing changed yet.
    pub fn new(head: u64) -> Self {
        Self { units: Mutex::default(), head: watch::Sender::new(head) }
    }

    /// Waits until a unit changed after `seq`; the caller bounds the time.
    pub async fn after(&self, unit: &UnitId, seq: u64) {
        let mut head = self.head.subscribe();
        loop {
            head.mark_unchanged();
            let changed = self.units.lock().unwrap_or_else(PoisonError::into_inner).get(unit).copied();
            if changed.is_some_and(|changed| changed > seq) || head.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until something was committed after `seq`; the caller bounds the time.
    pub async fn beyond(&self, seq: u64) {
        // The node ends when nobody publishes any more.
        let _ = self.head.subscribe().wait_for(|head| *head > seq).await;
    }

    /// Everything may have changed.
    fn note_all(&self, state: &State) {
        let all = state.units.keys().map(|unit| (unit.clone(), state.seq));
        self.units.lock().unwrap_or_else(PoisonError::into_inner).extend(all);
        self.head.send_replace(state.seq);
    }

    fn note(&self, commit: &Commit) {
        let mut units = self.units.lock().unwrap_or_else(PoisonError::into_inner);
        for view in &commit.views {
            let of_order = || view.as_order().and_then(|view| addressed(&view.order.target));
            let unit = view.as_unit().map(|view| view.unit.id.clone()).or_else(of_order);
            if let Some(unit) = unit {
                units.insert(unit, commit.seq);
            }
        }
        drop(units);
        self.head.send_replace(commit.seq);
    }
}

/// Whether a record changes the register, so that consoles ask for it again.
pub fn changes_register(record: &Record) -> bool {
    record.event.about().register != Register::Same
}

/// What the driver has to show, in order.
#[derive(Debug)]
pub enum Shown {
    /// A commit.
    Commit(Arc<Commit>),
    /// Everything anew: the journal went on without the writer.
    Reset(Arc<State>),
}

/// The lane of what is to be shown.
pub fn lane() -> (mpsc::Sender<Shown>, mpsc::Receiver<Shown>) {
    mpsc::channel(LANE)
}

/// Shows it, until the driver ends. What came meanwhile is shown together.
pub async fn run(node: Arc<Node>, mut shown: mpsc::Receiver<Shown>) {
    let mut waiting = Vec::new();
    while shown.recv_many(&mut waiting, SHOWN_AT_ONCE).await > 0 {
        let mut commits = Vec::new();
        for shown in waiting.drain(..) {
            match shown {
                Shown::Commit(commit) => {
                    let register = commit.records.iter().any(changes_register);
                    if register {
                        show(&node, &mut commits);
                        relabel(&node);
                    }
                    commits.push((commit, register));
                }
                Shown::Reset(state) => {
                    show(&node, &mut commits);
                    if let Some(journal) = state.journal {
                        node.hub.replace(journal, state.seq, View::all(&state));
                        // Which units' orders are among what was not seen, nobody knows: all are to look.
                        node.changes.note_all(&state);
                    }
                }
            }
        }
        show(&node, &mut commits);
    }
}

/// Shows commits in order and leaves none.
fn show(node: &Node, commits: &mut Vec<(Arc<Commit>, bool)>) {
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
    node.hub.publish(&news.collect::<Vec<_>>());
    for (commit, _) in commits.drain(..) {
        node.liveness.hear_alarms(&commit.records, &node.state());
        node.changes.note(&commit);
    }
}

/// Tells consoles anew what labels, zone and tiles are, should the register or the package have changed them.
pub fn relabel(node: &Node) {
    let labels = Labels::of(&node.state().register).areas;
    node.hub.relabel(&node.region().hash, &labels, |standing| http::stream::hello(node, standing));
}

/// Says that the node lives.
pub async fn heartbeats(node: Arc<Node>, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(Duration::from_millis(u64::from(node.config.stream.heartbeat_ms)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = ticks.tick() => node.hub.heartbeat(node.now(), node.degraded.list()),
        }
    }
}

/// Shows where units are, once a tick. Nobody looking, nothing is made.
pub async fn positions(node: Arc<Node>, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(Duration::from_millis(u64::from(node.config.stream.positions_ms)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut resolution = node.region().manifest.tile_resolution;
    let mut tiler = tiler(resolution);
    let mut labelling = node.hub.labelling();
    let mut labels = (0, Labels::default());
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = ticks.tick() => {}
        }
        let Some(snapshot) = node.gate.ask(|writer| writer.field().live.snapshot()).await else { return };
        {
            // The slots' labels change with the register only, and that is large: looked at when it grew or changed.
            let state = node.state();
            let version = register_version(&state);
            if labels.0 != version {
                labels = (version, Labels::of(&state.register));
            }
        }
        let wanted = node.region().manifest.tile_resolution;
        let labelled = node.hub.labelling();
        if (wanted, labelled) != (resolution, labelling) {
            // Everything anew: whoever looks has dropped what there was.
            (resolution, labelling, tiler) = (wanted, labelled, self::tiler(wanted));
        }
        let changed = tiler.tick(&snapshot, &labels.1, node.now());
        if !changed.is_empty() {
            node.metrics.add("ortoo_frames_total", &[], changed.len() as u64);
            node.hub.frames(labelling, changed, HEADER_BYTES);
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
    hasher.update(state.region.as_bytes());
    hasher.update(&(state.slots.len() as u64).to_le_bytes());
    let bytes = *hasher.finalize().as_bytes();
    u64::from_le_bytes(std::array::from_fn(|index| bytes[index]))
}
