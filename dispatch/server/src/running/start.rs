//! How a node starts: the store is opened, the region adopted on the first start, every handle made once, and each task
//! given those it works on.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use dispatch_core::event::JournalOpened;
use dispatch_core::kernel::id::{JournalId, UnitId};
use dispatch_core::kernel::time::Time;
use dispatch_core::seek::live_map::LiveMap;
use dispatch_core::view::View;
use dispatch_store::lock::make_private;
use dispatch_store::mirror::Mirror;
use dispatch_store::{
    Answers as _, AnyStore, Genesis, Heartbeats, History as _, Journal as _, Lost, NodeKey, Opening,
    StoreError, Testimony, TrackPoint, Tracks, loss,
};
use dispatch_writer::{NodeClock, Writer};
use geo_index::Fix;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Running;
use crate::changes::Changes;
use crate::clock::Clock;
use crate::config::Config;
use crate::degraded::{CLOCK_IN_DOUBT, Degraded};
use crate::descriptors;
use crate::fault::{self, Written};
use crate::gate::{self, Inbox};
use crate::http::guard::Entrance;
use crate::hub::Hub;
use crate::lead::{self, Lead};
use crate::liveness::{self, Liveness};
use crate::metrics::Metrics;
use crate::mirror::MIRROR_BEHIND;
use crate::mirror_proof::MIRROR_DAMAGED;
use crate::node::Node;
use crate::node_key::NODE_KEY_CHANGED;
use crate::region::{InForce, Region, RegionError};
use crate::room::Room;
use crate::truth::Truth;
use crate::unrecorded::UnrecordedWords;
use crate::witness::{TAIL_LOST, WITNESS_DAMAGED, WitnessKeeper};
use crate::{
    delivery, driver, http, logs, mirror, mirror_proof, node_key, proof, publisher, technicals, upkeep,
    witness,
};

/// Cause of the technical alarm.
const PACKAGE_DAMAGED: &str = "package_damaged";

/// What a node begins with beside its configuration.
#[derive(Debug, Default)]
pub struct Beginning {
    /// A new journal's clock; the wall's when absent.
    pub clock: Option<Clock>,
    /// A store that leads, and what it starts from; opened as configured when absent.
    pub opened: Option<(AnyStore, Box<Opening>)>,
    /// A bound address; bound as configured when absent.
    pub listener: Option<Arc<TcpListener>>,
    /// Goes on without what the journal has lost: somebody at the machine said so.
    pub accept_loss: bool,
}

/// What a node was opened with.
struct Opened {
    store: AnyStore,
    heartbeats: Heartbeats,
    tracks: Tracks,
    opening: Box<Opening>,
    /// The id the journal began under: what commands were answered is known by it, whatever the journal is called since.
    begun: JournalId,
    secret: NodeKey,
    /// Answers were kept under another secret.
    is_other_key: bool,
    clock: Clock,
    /// The node's time goes on by this.
    resumed: NodeClock,
    /// What of the journal was found lost.
    lost: Option<Lost>,
    /// Why nobody can say whether the journal has lost anything: a witness cannot be read, or is missing.
    unwitnessed: Option<StoreError>,
}

impl Opened {
    /// Opens journal and tracks, unless this node leads already.
    async fn by(
        config: &Config,
        clock: Option<Clock>,
        opened: Option<(AnyStore, Box<Opening>)>,
    ) -> anyhow::Result<Self> {
        let clock = clock.unwrap_or_else(Clock::wall);
        let genesis = Genesis::new(clock.name(), clock.now());
        // Whatever keeps the journal, the audit head is exported here.
        make_private(&config.data_dir).context("make the data directory")?;
        let location = config.location();
        let (store, opened) = if let Some((store, opening)) = opened {
            (store, Some(opening))
        } else {
            let address = config.advertised(config.listen);
            (location.open(genesis, &address).await.context("open the journal")?, None)
        };
        // From here on, for what follows may take longer than whoever stands by would wait.
        let heartbeats = Heartbeats::of(store.clone());
        let tracks = location.tracks_or_new().await.context("open the tracks")?;
        let known = store.known_key().await.context("read by what the node's key is told")?;
        let (secret, mut is_other_key) = secret(config, &store, known.as_deref()).await?;
        let keyed = store.key_answers(&secret).await.context("put answers under the node's key")?;
        let mut opening = match opened {
            // What it holds of them was read before.
            Some(opening) if keyed == 0 => opening,
            _ => Box::new(store.open().await.context("read the journal")?),
        };
        // A journal that was brought back from its mirror knows no key, and has answers under one.
        is_other_key |=
            known.is_none() && opening.answers.iter().any(|it| secret.is_foreign(&it.fingerprint));
        let first = store.records(0, 1).await.context("read the first row")?;
        let begun = first.first().and_then(|record| record.event.get::<JournalOpened>());
        let begun = begun.context("the journal has no first row")?.journal;
        let clock = Clock::of_journal(&opening.clock, opening.state.now).unwrap_or(clock);
        let testimony = Testimony::of(&store, &config.data_dir).await.context("hear the witness")?;
        let Testimony { witness, damage, is_missing, lost } = testimony;
        let missing = || StoreError::corrupt("the journal has no witness", "its file is gone");
        let unwitnessed = damage.or_else(|| is_missing.then(missing));
        let resumed = witness::resume(witness, &clock, &store, &opening);
        let lost = lost.filter(|lost| !lost.is_on_record(&opening.state));
        if let Some(lost) = &lost {
            *opening = loss::go_on(&store, *opening, lost, resumed.now()).await.context("record the loss")?;
        }
        Ok(Self {
            store,
            heartbeats,
            tracks,
            opening,
            begun,
            secret,
            is_other_key,
            clock,
            resumed,
            lost,
            unwitnessed,
        })
    }

    /// The ground of a region with every unit where it was seen last.
    async fn live_map(&self, region: &Region, config: &Config) -> anyhow::Result<LiveMap> {
        let state = &self.opening.state;
        let mut live_map = LiveMap::new(region.geography()).context("lay out the ground")?;
        live_map.sync_all(state);
        // What is kept of tracks bounds how far back this may look.
        let seen_since = Time(state.now.0 - i64::from(config.keep.tracks_days) * 86_400_000_000);
        let seen = self.tracks.newest(seen_since).await.unwrap_or_else(|error| {
            tracing::error!(%error, "nobody can say where units were");
            Vec::new()
        });
        live_map.resume(state, seen.iter().map(last_fix));
        Ok(live_map)
    }
}

/// The package of the region in force, or, before there is one, the configured; and why the configured one stands in for it
/// where what is kept of it is damaged: the register is the journal's, the package only what is drawn and travelled.
fn in_force(opening: &Opening, config: &Config) -> Result<(Arc<Region>, Option<RegionError>), RegionError> {
    let hash = opening.state.region();
    let kept = match &opening.region {
        _ if hash.is_empty() => return Ok((Arc::new(Region::find(&config.region)?), None)),
        Some(content) => Region::kept(content),
        None => Err(RegionError::Archive(format!("package {hash} is not there"))),
    };
    let kept = kept.and_then(|kept| {
        if kept.hash == *hash {
            return Ok(kept);
        }
        Err(RegionError::Archive(format!("the bytes of package {hash} give {}", kept.hash)))
    });
    match kept {
        Ok(kept) => Ok((Arc::new(kept), None)),
        Err(damage) => Region::find(&config.region).map(|region| (Arc::new(region), Some(damage))),
    }
}

/// The node's secret, and whether answers are kept under another one. One that cannot be read does not stop a centre
/// that was there before: for as long as this process lives it has another.
async fn secret(config: &Config, store: &AnyStore, known: Option<&str>) -> anyhow::Result<(NodeKey, bool)> {
    match node_key::read_or_make(&config.node_key()) {
        Ok(secret) => {
            let is_other = known.is_some_and(|known| known != secret.check());
            if is_other || known.is_none() {
                store.know_key(&secret).await.context("keep by what the node's key is told")?;
            }
            Ok((secret, is_other))
        }
        Err(error) if known.is_some() => {
            tracing::error!(error = logs::told(&error), "the node's key cannot be read");
            Ok((node_key::for_now()?, true))
        }
        Err(error) => Err(error.context("read the node's key")),
    }
}

/// Tells of what the journal has lost, now or before, and goes on without it where that was asked for.
async fn settle_loss(node: &Node, lost: Option<Lost>, accept_loss: bool) -> anyhow::Result<()> {
    if let Some(lost) = lost {
        tracing::error!(
            %lost,
            "the journal has lost its end, or another was put in its place: stop the node and bring the end back \
             with `ortoo recover`, if there is a mirror, or go on without it (--accept-loss, or the key on a console)"
        );
        node.gate.tell_beside(TAIL_LOST);
    } else if !accept_loss && let Some(loss) = node.state().losses().values().next() {
        let lost = Lost::from(loss);
        tracing::warn!(%lost, "a loss stands that nobody has accepted: calls for help are taken, and nothing else is");
    }
    if !node.state().is_halted() {
        // It was brought back meanwhile.
        node.gate.is_over(TAIL_LOST);
    }
    if accept_loss {
        node.accept_losses().await?;
    }
    Ok(())
}

impl Running {
    /// Opens the store, adopts the region on the first start, and begins to answer.
    pub async fn start(mut config: Config, beginning: Beginning) -> anyhow::Result<Self> {
        config.limits = descriptors::fitted(config.limits, descriptors::raise());
        let accept_loss = beginning.accept_loss;
        let opened = Opened::by(&config, beginning.clock, beginning.opened).await?;
        let is_new = opened.opening.state.region().is_empty();
        let (region, damage) = in_force(&opened.opening, &config)?;
        let live_map = opened.live_map(&region, &config).await?;
        let listener = if let Some(listener) = beginning.listener {
            listener
        } else {
            let bound = TcpListener::bind(config.listen).await;
            Arc::new(bound.with_context(|| format!("listen at {}", config.listen))?)
        };
        let (gate, inbox) = gate::gate(&config.limits);
        let (stop, stopping) = watch::channel(false);
        let Opened {
            store,
            heartbeats,
            tracks,
            opening,
            begun,
            secret,
            is_other_key,
            clock,
            resumed,
            lost,
            unwitnessed,
        } = opened;
        let given = Given {
            config,
            begun,
            secret,
            address: listener.local_addr()?,
            region: region.clone(),
            gate,
            stopping,
        };
        let written = fault::written(store.clone())?;
        let node = Arc::new(given.node(&opening, clock, store, tracks)?);
        let broken = dispatch_core::invariant::violations(&opening.state);
        for violation in &broken {
            tracing::error!(rule = violation.rule, id = violation.id, "the state is not as it must be");
        }
        node.metrics.set("ortoo_invariants_broken", &[], i64::try_from(broken.len()).unwrap_or(i64::MAX));
        let limits = gate::writer_limits(&node.config.limits);
        // Before anything that is due is seen to: nothing that cannot be undone is done by a clock in doubt.
        node.degraded.set(CLOCK_IN_DOUBT, resumed.doubt(&limits).is_some());
        node.degraded.set(TAIL_LOST, opening.state.is_halted());
        let writer = Writer::open(*opening, resumed, live_map, limits);
        // Before anything more is committed: nothing passes a sink that is new.
        let deliveries = delivery::begin(&delivery_parts(&node), &node.config.sink, &node.stop).await?;
        let mirror = node.config.mirror().map(Mirror::at);
        let mirror = mirror.map(|mirror| Arc::new(tokio::sync::Mutex::new(mirror)));
        let upkeep = upkeep_parts(&node);
        let mut running = Self { upkeep, node, written, tasks: JoinSet::new(), stop, mirror };
        running.spawn_all(writer, inbox, listener, heartbeats);
        for delivery in deliveries {
            running.tasks.spawn(delivery.run());
        }
        let node = &running.node;
        if is_new {
            node.gate.adopt(&region).await.context("adopt the region")?;
            tracing::info!(region = %region.manifest.id, hash = %region.hash, "adopted");
        }
        if let Some(error) = damage {
            tracing::error!(%error, "the region's package is damaged; the configured one stands in for it");
            node.gate.tell_beside(PACKAGE_DAMAGED);
        } else {
            node.gate.is_over(PACKAGE_DAMAGED);
        }
        if is_other_key {
            tracing::warn!(
                "answers were kept under another key: what is repeated from before is not known as the same"
            );
            node.gate.tell_beside(NODE_KEY_CHANGED);
        }
        if let Some(error) = unwitnessed {
            tracing::error!(%error, "the witness of the journal was damaged: nobody can say whether its end is lost");
            node.gate.tell_beside(WITNESS_DAMAGED);
        }
        settle_loss(node, lost, accept_loss).await?;
        running.tasks.spawn(upkeep::tell_of_tracks(running.upkeep.clone(), node.stop.clone()));
        running.tasks.spawn(node.witness.clone().run(node.stop.clone()));
        if let Some(kept) = &running.mirror {
            running.tasks.spawn(mirror::run(mirror_parts(node), kept.clone(), node.stop.clone()));
            let proof = mirror_proof::run(mirror_proof_parts(node), kept.clone(), node.stop.clone());
            running.tasks.spawn(proof);
        } else {
            // No second copy is kept any more.
            node.gate.is_over(MIRROR_BEHIND);
            node.gate.is_over(MIRROR_DAMAGED);
        }
        // Where a database lies nobody says.
        if let Some(dir) = node.config.mirror().filter(|_| node.config.store.is_empty()) {
            let (degraded, data_dir) = (node.degraded.clone(), node.config.data_dir.clone());
            tokio::spawn(mirror::tell_of_disk(degraded, data_dir, dir.into()));
        }
        publisher::relabel(&publisher_parts(node));
        node.ready.store(true, Ordering::Release);
        tokio::spawn(upkeep::lay_out(running.upkeep.clone()));
        tracing::info!(address = %node.address, region = %region.manifest.id, "ready");
        Ok(running)
    }

    /// Starts every task but the deliveries.
    fn spawn_all(
        &mut self,
        writer: Writer,
        inbox: Inbox,
        listener: Arc<TcpListener>,
        heartbeats: Heartbeats,
    ) {
        let node = &self.node;
        let stop = || node.stop.clone();
        let (shown, published) = publisher::lane();
        let (points, tracked) = upkeep::track_lane();
        let driver = driver::Driver::new(driver_parts(node, self.written.clone()), writer, shown, points);
        self.tasks.spawn(driver.run(inbox, stop()));
        let parts = publisher_parts(node);
        self.tasks.spawn(publisher::run(parts.clone(), published));
        self.tasks.spawn(publisher::heartbeats(parts.clone(), stop()));
        self.tasks.spawn(publisher::positions(parts, stop()));
        self.tasks.spawn(liveness::watch(liveness_parts(node), stop()));
        self.tasks.spawn(upkeep::keep_tracks(self.upkeep.clone(), tracked));
        self.tasks.spawn(technicals::run(technicals_parts(node), stop()));
        self.tasks.spawn(upkeep::hourly(self.upkeep.clone(), stop()));
        self.tasks.spawn(proof::run(proof_parts(node), stop()));
        self.tasks.spawn(lead::listen(lead_parts(node), heartbeats, stop()));
        let (truth, room) = (Some(node.truth.clone()), node.room.clone());
        let entrance = Arc::new(Entrance::new(&node.config, node.metrics.clone(), truth, room));
        self.tasks.spawn(http::serve(entrance, http::router(node.clone()), listener, stop()));
    }
}

/// What the handles are made of, beside what was opened.
#[derive(Debug)]
pub struct Given {
    /// As it was configured.
    pub config: Config,
    /// The id the journal began under.
    pub begun: JournalId,
    /// The node's secret.
    pub secret: NodeKey,
    /// The address it answers at.
    pub address: SocketAddr,
    /// The region package in force.
    pub region: Arc<Region>,
    /// The way to the writer.
    pub gate: gate::Gate,
    /// Turns true once the node stops.
    pub stopping: watch::Receiver<bool>,
}

impl Given {
    /// Makes every handle once. An error where the journal has no first row.
    pub fn node(
        self,
        opening: &Opening,
        clock: Clock,
        store: AnyStore,
        tracks: Tracks,
    ) -> anyhow::Result<Node> {
        let state = &opening.state;
        let journal = state.journal.context("the journal has no first row")?;
        let truth = Truth::new(state.clone(), clock);
        let (bounds, views) = (self.config.stream.clone(), View::all(state));
        let hub = Arc::new(Hub::new(truth.clone(), journal, opening.head, views, bounds));
        let degraded = Arc::new(Degraded::new(hub.clone(), truth.clone()));
        let (dir, told) = (&self.config.data_dir, degraded.clone());
        let (reached, gate) = ((opening.head, opening.audit_head), Arc::new(self.gate));
        Ok(Node {
            region: InForce::new(self.region),
            witness: Arc::new(WitnessKeeper::new(dir, reached, truth.clone(), told, gate.clone())),
            gate,
            degraded,
            hub,
            store,
            tracks,
            metrics: Arc::new(Metrics::default()),
            unrecorded: Arc::new(UnrecordedWords::default()),
            liveness: Arc::new(Liveness::new(truth.clock().elapsed())),
            changes: Arc::new(Changes::new(opening.head)),
            lead: Arc::new(Lead::default()),
            fingerprint_key: fingerprint_key(self.begun),
            secret: self.secret,
            address: self.address,
            ready: AtomicBool::new(false),
            room: Room::of(&self.config.limits),
            streams: Mutex::default(),
            stop: self.stopping,
            config: self.config,
            truth,
        })
    }
}

/// What the driver works on.
pub fn driver_parts(node: &Node, store: Written) -> driver::Parts {
    driver::Parts {
        truth: node.truth.clone(),
        region: node.region.clone(),
        store,
        metrics: node.metrics.clone(),
        gate: node.gate.clone(),
        degraded: node.degraded.clone(),
        hub: node.hub.clone(),
        unrecorded: node.unrecorded.clone(),
        lead: node.lead.clone(),
        witness: node.witness.clone(),
    }
}

/// What the publisher works on.
pub fn publisher_parts(node: &Node) -> publisher::Parts {
    publisher::Parts {
        hub: node.hub.clone(),
        truth: node.truth.clone(),
        region: node.region.clone(),
        gate: node.gate.clone(),
        changes: node.changes.clone(),
        liveness: node.liveness.clone(),
        degraded: node.degraded.clone(),
        metrics: node.metrics.clone(),
        bounds: node.config.stream.clone(),
    }
}

fn liveness_parts(node: &Node) -> liveness::Parts {
    liveness::Parts {
        liveness: node.liveness.clone(),
        truth: node.truth.clone(),
        region: node.region.clone(),
        gate: node.gate.clone(),
        metrics: node.metrics.clone(),
    }
}

fn delivery_parts(node: &Node) -> delivery::Parts {
    delivery::Parts {
        store: node.store.clone(),
        truth: node.truth.clone(),
        gate: node.gate.clone(),
        changes: node.changes.clone(),
        degraded: node.degraded.clone(),
        metrics: node.metrics.clone(),
    }
}

fn lead_parts(node: &Node) -> lead::Parts {
    lead::Parts {
        lead: node.lead.clone(),
        degraded: node.degraded.clone(),
        store: node.store.clone(),
        gate: node.gate.clone(),
        wants_standby: node.config.standby,
    }
}

fn technicals_parts(node: &Node) -> technicals::Parts {
    technicals::Parts { gate: node.gate.clone(), truth: node.truth.clone() }
}

fn mirror_parts(node: &Node) -> mirror::Parts {
    mirror::Parts {
        store: node.store.clone(),
        degraded: node.degraded.clone(),
        gate: node.gate.clone(),
        truth: node.truth.clone(),
        metrics: node.metrics.clone(),
    }
}

fn mirror_proof_parts(node: &Node) -> mirror_proof::Parts {
    mirror_proof::Parts {
        gate: node.gate.clone(),
        metrics: node.metrics.clone(),
        every: Duration::from_secs(node.config.keep.prove_every_s.into()),
    }
}

fn proof_parts(node: &Node) -> proof::Parts {
    proof::Parts {
        store: node.store.clone(),
        gate: node.gate.clone(),
        metrics: node.metrics.clone(),
        data_dir: node.config.data_dir.clone(),
        every: Duration::from_secs(node.config.keep.prove_every_s.into()),
    }
}

fn upkeep_parts(node: &Node) -> upkeep::Parts {
    upkeep::Parts {
        store: node.store.clone(),
        tracks: node.tracks.clone(),
        truth: node.truth.clone(),
        region: node.region.clone(),
        gate: node.gate.clone(),
        degraded: node.degraded.clone(),
        metrics: node.metrics.clone(),
        keep: node.config.keep.clone(),
        data_dir: node.config.data_dir.clone(),
        exported: Arc::default(),
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
