//! A centre as it is served, but for sockets, disk and time: the server's own router, driver, publisher and hub over a
//! journal in memory, and a clock that stands still, so that an input does the same each time. It begins with a region
//! and a scene in which something of everything is under way, and begins so again for the next input.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use dispatch_core::invariant;
use dispatch_core::kernel::id::{CommandId, JournalId};
use dispatch_core::kernel::time::Time;
use dispatch_core::seek::live_map::{Geography, LiveMap};
use dispatch_core::state::State;
use dispatch_server::clock::Clock;
use dispatch_server::config::Config;
use dispatch_server::driver::Driver;
use dispatch_server::gate::{self, Inbox};
use dispatch_server::node::Node;
use dispatch_server::region::Region;
use dispatch_server::running::{Given, driver_parts, publisher_parts};
use dispatch_server::{fault, http, publisher, upkeep, witness};
use dispatch_store::memory::MemoryStore;
use dispatch_store::replay::Replay;
use dispatch_store::{AnyStore, Genesis, NodeKey, Opening, TrackPoint, Tracks, journal};
use dispatch_writer::Writer;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::request::Asked;

/// When everything happens, microseconds UTC.
pub const NOW: Time = Time(1_767_751_234_000_000);

/// What is under way before an input comes, as requests are written ([`crate::request`]).
const SCENE: &str = include_str!("scene.txt");

/// Refused requests of one life.
const ASKED_MAX: u64 = 1_000;

/// Longest answer that is read; a list of everything is shorter.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A centre and what it begins with.
pub struct Centre {
    runtime: Runtime,
    config: Config,
    region: Arc<Region>,
    /// Its ground, which takes long to lay out.
    ground: Geography,
    tracks: Tracks,
    store: Arc<MemoryStore>,
    opening: Opening,
    life: Option<Life>,
    _dir: TempDir,
}

impl std::fmt::Debug for Centre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Centre").field("head", &self.opening.head).finish_non_exhaustive()
    }
}

/// A centre from its start on.
struct Life {
    node: Arc<Node>,
    store: Arc<MemoryStore>,
    router: Router,
    tasks: JoinSet<()>,
    /// Requests so far: their keys are made of it.
    asked: u64,
    /// What it began with.
    begun: State,
    /// Rows lie under it that no centre wrote: they may break any rule.
    is_forged: bool,
    _stop: watch::Sender<bool>,
    _points: mpsc::Receiver<Vec<TrackPoint>>,
}

/// What a request is answered with.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status of the answer.
    pub status: StatusCode,
    /// Its body.
    pub body: Vec<u8>,
}

impl Centre {
    /// A centre of the small region, with the scene, that is configured otherwise.
    pub fn new(change: impl FnOnce(&mut Config)) -> Self {
        let memory = Path::new("/dev/shm");
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let dir = dir.expect("a folder for the witness and the tracks");
        let mut config = Config { data_dir: dir.path().to_owned(), ..Config::default() };
        change(&mut config);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let tracks = runtime.block_on(Tracks::connect_or_begin(dir.path())).expect("tracks");
        let genesis = Genesis {
            journal: JournalId(Uuid::from_u128(1)),
            command: CommandId(Uuid::from_u128(2)),
            clock: Clock::scaled(NOW, 0).name(),
            at: NOW,
        };
        let region = Arc::new(Region::find("valparaiso").expect("the small region ships"));
        let store = Arc::new(MemoryStore::new(&genesis));
        let opening = store.open_now().expect("a journal of one row opens");
        let ground = region.geography();
        let mut centre =
            Self { runtime, config, region, ground, tracks, store, opening, life: None, _dir: dir };
        centre.prepare();
        centre
    }

    /// Adopts the region, plays the scene, and begins there from now on.
    fn prepare(&mut self) {
        let region = self.region.clone();
        let node = self.node();
        self.runtime.block_on(node.gate.adopt(&region)).expect("the region is adopted");
        for asked in Asked::all(SCENE.as_bytes()) {
            let answered = self.ask(&asked).expect("the scene is of requests");
            assert!(answered.status.is_success(), "the scene: {asked:?}: {answered:?}");
        }
        self.judge();
        let life = self.life.take().expect("it lives");
        self.store = Arc::new(life.store.copy());
        self.opening = self.store.open_now().expect("the scene opens");
    }

    /// The node as it lives now.
    pub fn node(&mut self) -> Arc<Node> {
        self.life().node.clone()
    }

    fn life(&mut self) -> &mut Life {
        let begun = self.life.take().unwrap_or_else(|| self.begin(self.store.copy(), self.opening.clone()));
        self.life.insert(begun)
    }

    /// Begins on a journal that somebody made up from here on, until the next input.
    pub fn begin_on(&mut self, store: MemoryStore, opening: Opening) {
        self.life = Some(Life { is_forged: true, ..self.begin(store, opening) });
    }

    fn begin(&self, store: MemoryStore, opening: Opening) -> Life {
        let _entered = self.runtime.enter();
        let store = Arc::new(store);
        let (gate, inbox) = gate::gate(&self.config.limits);
        let (stop, stopping) = watch::channel(false);
        let given = Given {
            config: self.config.clone(),
            begun: JournalId(Uuid::from_u128(1)),
            secret: NodeKey::new([1; 32]),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            region: self.region.clone(),
            gate,
            stopping: stopping.clone(),
        };
        let (clock, any) = (Clock::scaled(NOW, 0), AnyStore::Memory(store.clone()));
        let node = given.node(&opening, clock.clone(), any.clone(), self.tracks.clone());
        let node = Arc::new(node.expect("the journal has its first row"));
        let mut live_map = LiveMap::new(self.ground.clone()).expect("the ground of the region is whole");
        live_map.sync_all(&opening.state);
        let resumed = witness::resume(None, &clock, &any, &opening);
        let begun = opening.state.clone();
        let writer = Writer::open(opening, resumed, live_map, gate::writer_limits(&self.config.limits));
        let (points, tracked) = upkeep::track_lane();
        let tasks = spawn(&node, writer, inbox, points, stopping);
        let router = http::router(node.clone());
        Life { node, store, router, tasks, asked: 0, begun, is_forged: false, _stop: stop, _points: tracked }
    }

    /// Asks as a client does, and waits for the answer; none where what is asked cannot stand in a request.
    pub fn ask(&mut self, asked: &Asked) -> Option<Answered> {
        let life = self.life();
        life.asked += 1;
        let key = Uuid::new_v5(&Uuid::NAMESPACE_OID, &life.asked.to_le_bytes());
        let router = life.router.clone();
        let request = asked.request(key, &life.node)?;
        Some(self.send(router, request))
    }

    fn send(&self, router: Router, request: Request<Body>) -> Answered {
        self.runtime.block_on(async {
            let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, ANSWER_BYTES_MAX).await.expect("an answer of ours is whole").to_vec();
            Answered { status: parts.status, body }
        })
    }

    /// Whoever calls for help is heard.
    pub fn call(&mut self) {
        let call = Asked { path: "/alarms".into(), sender: String::new(), body: b"help".to_vec() };
        let Answered { status, body } = self.ask(&call).expect("it is a request");
        assert_eq!(status, StatusCode::CREATED, "a call for help: {}", String::from_utf8_lossy(&body));
    }

    /// Lets what is under way come to its end: what was committed is shown.
    pub fn settle(&mut self) {
        let node = self.node();
        self.runtime.block_on(async {
            while node.hub.standing().head < node.state().seq {
                tokio::task::yield_now().await;
            }
        });
    }

    /// Has the node adopt a package.
    pub fn adopt(&mut self, region: &Arc<Region>) -> dispatch_writer::Reply {
        let node = self.node();
        self.runtime.block_on(node.gate.adoption(region))
    }

    /// Judges what became of the journal: every row is read back as the record it was written from, a replay of the rows
    /// gives the state that is held, and that state keeps its own rules, unless it began on rows that were made up.
    pub fn judge(&mut self) {
        let life = self.life();
        assert!(life.tasks.try_join_next().is_none(), "a task of the node ended");
        let rows = life.store.rows_after(life.begun.seq);
        let read = rows.iter().map(|row| journal::record(row).expect("what was written can be read"));
        let records: Vec<_> = read.collect();
        for (row, record) in rows.iter().zip(&records) {
            let [again] = &journal::rows(row.node, std::slice::from_ref(record), &[])[..] else { panic!() };
            assert_eq!((&again.name, again.v, &again.payload), (&row.name, row.v, &row.payload));
        }
        let mut replay = Replay::from(life.begun.clone());
        replay.commit(&records).expect("what was written can be replayed");
        let state = life.node.state();
        assert!(replay.state == *state, "a replay gives another state");
        if !life.is_forged {
            let broken = invariant::violations(&state);
            let said: Vec<_> = broken.iter().map(|it| format!("{} ({})", it.rule, it.id)).collect();
            assert_eq!(said, [""; 0], "rules of the state");
        }
    }

    /// The head it begins with.
    pub fn head(&self) -> u64 {
        self.opening.head
    }

    /// The journal it begins with.
    pub fn store(&self) -> &MemoryStore {
        &self.store
    }

    /// Begins anew with the next input.
    pub fn forget(&mut self) {
        self.life = None;
    }

    /// Begins anew with the next input if anything was committed, or so much was refused that it is felt.
    pub fn forget_what_happened(&mut self) {
        let is_used = |life: &mut Life| life.node.state().seq != life.begun.seq || life.asked > ASKED_MAX;
        self.life.take_if(is_used);
    }
}

fn spawn(
    node: &Arc<Node>,
    writer: Writer,
    inbox: Inbox,
    points: mpsc::Sender<Vec<TrackPoint>>,
    stop: watch::Receiver<bool>,
) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    let (shown, published) = publisher::lane();
    let written = fault::written(node.store.clone()).expect("no failure is asked for");
    tasks.spawn(Driver::new(driver_parts(node, written), writer, shown, points).run(inbox, stop));
    tasks.spawn(publisher::run(publisher_parts(node), published));
    tasks
}
