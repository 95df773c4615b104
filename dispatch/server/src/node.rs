//! A running node: everything HTTP needs to answer, and the tasks behind it. Started from a configuration, stopped by
//! a signal, a value rather than a process, so that tests start several on port 0.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anyhow::Context as _;
use dispatch_core::kernel::id::{JournalId, UnitId};
use dispatch_core::kernel::time::Time;
use dispatch_core::seek::live_map::Field;
use dispatch_core::state::State;
use dispatch_store::{AnyStore, Beats, Genesis, Opening, Store as _, TrackPoint, Tracks};
use dispatch_writer::Writer;
use geo_index::Fix;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::config::Config;
use crate::delivery::{self, Troubles};
use crate::driver::{self, Gate};
use crate::http::guard::Entrance;
use crate::hub::Hub;
use crate::liveness::{self, Liveness};
use crate::metrics::Metrics;
use crate::publisher::{self, Changes};
use crate::region::Region;
use crate::unrecorded::Unrecorded;
use crate::{http, lead, upkeep};

/// What HTTP and the tasks share.
#[derive(Debug)]
pub struct Node {
    /// As it was configured.
    pub config: Config,
    /// The region package in force; the driver changes it with the commit that adopts another.
    pub region: RwLock<Arc<Region>>,
    /// The way to the writer.
    pub gate: Gate,
    /// Committed truth (D3): changed only by what is published.
    pub truth: Arc<RwLock<State>>,
    /// The fan-out.
    pub hub: Arc<Hub>,
    /// The journal.
    pub store: AnyStore,
    /// Where units were.
    pub tracks: Tracks,
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// The one clock.
    pub clock: Clock,
    /// Degraded modes that hold now.
    pub degraded: Degraded,
    /// Sinks in trouble.
    pub troubles: Troubles,
    /// What was said with alarms the journal cannot take at present.
    pub unrecorded: Unrecorded,
    /// When alarm points were last heard.
    pub liveness: Liveness,
    /// Which unit changed at which seq.
    pub changes: Changes,
    /// Key of command fingerprints (D6), from the journal's id so that it outlives a restart.
    pub fingerprint_key: [u8; 32],
    /// The address it answers at.
    pub address: SocketAddr,
    /// Whether the writer lives.
    pub ready: AtomicBool,
    /// Whether somebody stands by for this node.
    pub has_standby: AtomicBool,
    /// Why this node has to leave the lead, once it has.
    leaving: watch::Sender<Option<Leaving>>,
    /// Open streams: they end before the store is let go.
    pub streams: Mutex<JoinSet<()>>,
    /// Turns true once the node stops.
    pub stop: watch::Sender<bool>,
}

/// Why a node leaves the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Another process has it.
    Superseded,
    /// It was asked to hand it over.
    HandOver,
}

/// Degraded modes by code (D17).
#[derive(Debug, Default)]
pub struct Degraded {
    codes: Mutex<BTreeSet<&'static str>>,
}

impl Degraded {
    /// One began or ended; true when that is news.
    pub fn set(&self, code: &'static str, on: bool) -> bool {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if on { codes.insert(code) } else { codes.remove(code) }
    }

    /// Those that hold.
    pub fn list(&self) -> Vec<String> {
        let codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.iter().map(|code| (*code).to_owned()).collect()
    }
}

impl Node {
    /// Reads committed truth. Hold it briefly: commits wait.
    pub fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.truth.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The region package in force.
    pub fn region(&self) -> Arc<Region> {
        self.region.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Draws and tells the time by another package from now on.
    pub fn enter_region(&self, region: Arc<Region>) {
        *self.region.write().unwrap_or_else(PoisonError::into_inner) = region;
    }

    /// Asks whoever runs the node to end its lead; the first reason counts.
    pub fn leave(&self, why: Leaving) {
        self.leaving.send_modify(|leaving| {
            leaving.get_or_insert(why);
        });
    }

    /// Waits until this node has to leave the lead.
    pub async fn has_to_leave(&self) -> Leaving {
        let mut leaving = self.leaving.subscribe();
        match leaving.wait_for(Option::is_some).await.map(|why| *why) {
            Ok(Some(why)) => why,
            // The sender lives as long as the node.
            _ => std::future::pending().await,
        }
    }

    /// Tells consoles at once which degraded modes hold.
    pub fn tell_degraded(&self) {
        self.hub.heartbeat(self.now(), self.degraded.list());
    }

    /// The node's time: never behind what is committed (D7).
    pub fn now(&self) -> Time {
        self.clock.now().max(self.state().now)
    }
}

/// A database that is gone is not waited for any longer when it is let go.
const CLOSING: std::time::Duration = std::time::Duration::from_secs(2);

/// A node with its tasks.
#[derive(Debug)]
pub struct Running {
    /// What they share.
    pub node: Arc<Node>,
    tasks: JoinSet<()>,
}

/// What a node begins with beside its configuration.
#[derive(Debug, Default)]
pub struct Beginning {
    /// A new journal's clock; the wall's when absent.
    pub clock: Option<Clock>,
    /// A store that leads, and what it starts from; opened as configured when absent.
    pub opened: Option<(AnyStore, Box<Opening>)>,
    /// A bound address; bound as configured when absent.
    pub listener: Option<Arc<TcpListener>>,
}

impl Running {
    /// Opens the store, adopts the region on the first start, and begins to answer.
    pub async fn start(config: Config, beginning: Beginning) -> anyhow::Result<Self> {
        let clock = beginning.clock.unwrap_or_else(Clock::wall);
        let genesis = Genesis::new(clock.name(), clock.now());
        // Whatever keeps the journal, the audit head is exported here.
        std::fs::create_dir_all(&config.data_dir)
            .with_context(|| format!("make the data directory {}", config.data_dir.display()))?;
        let place = config.place();
        let (store, opened) = if let Some((store, opening)) = beginning.opened {
            (store, Some(*opening))
        } else {
            let address = config.advertised(config.listen);
            (place.open(genesis, &address).await.context("open the journal")?, None)
        };
        // From here on, for what follows may take longer than whoever stands by would wait.
        let beats = Beats::of(store.clone());
        let tracks = place.tracks().await.context("open the tracks")?;
        let opening = match opened {
            Some(opening) => opening,
            None => store.open().await.context("read the journal")?,
        };
        let clock = Clock::of_journal(&opening.clock, opening.state.now).unwrap_or(clock);
        let adopted =
            opening.region.as_ref().map(Region::kept).transpose().context("read the region in force")?;
        let is_new = adopted.is_none();
        let region = match adopted {
            Some(region) => region,
            None => Region::find(&config.region)?,
        };
        let mut field = Field::new(region.geography()).context("lay out the ground")?;
        field.sync_all(&opening.state);
        // What is kept of tracks bounds how far back this may look.
        let seen_since = Time(opening.state.now.0 - i64::from(config.keep.tracks_days) * 86_400_000_000);
        let seen = tracks.newest(seen_since).await.context("read where units were")?;
        field.resume(&opening.state, seen.iter().map(last_fix));
        let journal = opening.state.journal.context("the journal has no first row")?;
        let listener = if let Some(listener) = beginning.listener {
            listener
        } else {
            let bound = TcpListener::bind(config.listen).await;
            Arc::new(bound.with_context(|| format!("listen at {}", config.listen))?)
        };
        let address = listener.local_addr()?;

        let metrics = Arc::new(Metrics::default());
        let truth = Arc::new(RwLock::new(opening.state.clone()));
        let views: Vec<_> = dispatch_core::view::View::all(&opening.state).collect();
        let hub = Arc::new(Hub::new(journal, opening.head, views.into_iter(), config.stream.clone()));
        let (gate, inbox) = driver::gate(&config.limits);
        let region = Arc::new(region);
        let node = Arc::new(Node {
            region: RwLock::new(region.clone()),
            gate,
            truth,
            hub,
            store,
            tracks,
            metrics,
            clock: clock.clone(),
            degraded: Degraded::default(),
            troubles: Troubles::default(),
            unrecorded: Unrecorded::default(),
            liveness: Liveness::new(clock.now().max(opening.state.now)),
            changes: Changes::new(opening.head),
            fingerprint_key: fingerprint_key(journal),
            address,
            ready: AtomicBool::new(false),
            has_standby: AtomicBool::new(false),
            leaving: watch::Sender::new(None),
            streams: Mutex::default(),
            stop: watch::Sender::new(false),
            config,
        });
        let limits = driver::writer_limits(&node.config.limits);
        let writer = Writer::open(opening, field, limits);
        // Before anything more is committed: nothing passes a sink that is new.
        let deliveries = delivery::begin(&node).await?;
        let mut running = Self { node, tasks: JoinSet::new() };
        running.spawn_all(writer, inbox, listener, beats);
        for delivery in deliveries {
            running.tasks.spawn(delivery.run());
        }
        if is_new {
            running.node.gate.adopt(&region).await.context("adopt the region")?;
            tracing::info!(region = %region.manifest.id, hash = %region.hash, "adopted");
        }
        publisher::relabel(&running.node);
        running.node.ready.store(true, Ordering::Release);
        tokio::spawn(upkeep::lay_out(running.node.clone()));
        tracing::info!(address = %address, region = %region.manifest.id, "ready");
        Ok(running)
    }

    fn spawn_all(&mut self, writer: Writer, inbox: driver::Inbox, listener: Arc<TcpListener>, beats: Beats) {
        let node = &self.node;
        let (shown, published) = publisher::lane();
        let (points, tracked) = upkeep::track_lane();
        let driver = driver::Driver::new(node.clone(), writer, shown, points);
        self.tasks.spawn(driver.run(inbox, node.stop.subscribe()));
        self.tasks.spawn(publisher::run(node.clone(), published));
        self.tasks.spawn(publisher::heartbeats(node.clone(), node.stop.subscribe()));
        self.tasks.spawn(publisher::positions(node.clone(), node.stop.subscribe()));
        self.tasks.spawn(liveness::watch(node.clone(), node.stop.subscribe()));
        self.tasks.spawn(upkeep::keep_tracks(node.clone(), tracked));
        self.tasks.spawn(upkeep::hourly(node.clone(), node.stop.subscribe()));
        self.tasks.spawn(lead::listen(node.clone(), beats, node.stop.subscribe()));
        let entrance = Arc::new(Entrance::new(&node.config, node.metrics.clone()));
        let router = http::router(node.clone());
        self.tasks.spawn(http::serve(entrance, router, listener, node.stop.subscribe()));
    }

    /// The address it answers at, `http://…`.
    pub fn base(&self) -> String {
        format!("http://{}", self.node.address)
    }

    /// Stops, and keeps what is to be kept.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.end().await?;
        let state = self.node.state().clone();
        driver::keep_snapshot(&self.node.store, &state).await.context("keep a snapshot")?;
        upkeep::export_audit_head(&self.node).await?;
        tracing::info!(head = state.seq, "stopped");
        Ok(())
    }

    /// Stops, and lets the store go: somebody else leads, or is to.
    pub async fn leave(mut self) -> anyhow::Result<()> {
        self.end().await?;
        let store = self.node.store.clone();
        match tokio::time::timeout(CLOSING, store.close()).await {
            Ok(Ok(())) => {}
            // Its sessions were ended at the other side, most likely.
            Ok(Err(error)) => tracing::debug!(%error, "the store was not closed in order"),
            Err(_) => tracing::debug!("the store was not closed in time"),
        }
        Ok(())
    }

    /// Stops taking and finishes what is in flight.
    async fn end(&mut self) -> anyhow::Result<()> {
        self.node.ready.store(false, Ordering::Release);
        self.node.stop.send_replace(true);
        self.node.gate.close();
        while let Some(ended) = self.tasks.join_next().await {
            ended.context("a task of the node failed")?;
        }
        let mut streams =
            std::mem::take(&mut *self.node.streams.lock().unwrap_or_else(PoisonError::into_inner));
        while streams.join_next().await.is_some() {}
        Ok(())
    }

    /// Waits until a task ends by itself, which none should.
    pub async fn failed(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Err(error)) => anyhow::Error::new(error).context("a task of the node failed"),
            _ => anyhow::anyhow!("a task of the node ended"),
        }
    }
}

fn last_fix(point: &TrackPoint) -> (UnitId, Fix) {
    let TrackPoint { unit, at, fix_time, speed_cm_s, heading_deg, .. } = point;
    let (speed_cm_s, heading_deg) = (*speed_cm_s, *heading_deg);
    (unit.clone(), Fix { at: *at, fix_time: fix_time.0, speed_cm_s, heading_deg })
}

fn fingerprint_key(journal: JournalId) -> [u8; 32] {
    blake3::derive_key("ortoo command fingerprint 1", journal.0.as_bytes())
}
