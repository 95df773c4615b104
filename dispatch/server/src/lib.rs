//! The server: configuration in, a running node out. It opens HTTP and the stream, runs the writer beside its store and
//! wires the rooms together. The binary `ortoo` is a thin shell around [`cli`].
//!
//! A running node is made of **handles**, which know only what they are made of; **tasks** work on handles, each naming
//! those it needs in a struct `Parts`; the **start** makes the handles once and hands them to the tasks.
//!
//! | handle | what it is |
//! |---|---|
//! | [`config`], [`clock`], [`metrics`], [`fault`] | what the node is told from outside, and what it counts |
//! | [`folder`] | a folder that a request may name something in |
//! | [`area_path`], [`region`] | the region package: read, adopted, drawn; the one in force |
//! | [`truth`] | committed state and the time that goes with it |
//! | [`hub`] | the fan-out to consoles: commits, heartbeats, position frames |
//! | [`degraded`] | degraded modes that hold, and telling consoles |
//! | [`logs`] | what is logged, and how an error is told |
//! | [`changes`] | which unit changed at which seq, for those who wait for it |
//! | [`gate`] | the bounded lanes to the writer |
//! | [`room`], [`descriptors`] | the room for connections and bodies, and the descriptors they need |
//! | [`peer`] | who brings a request, and what each may take of the node |
//! | [`unrecorded`] | what was said with alarms the journal cannot take at present |
//! | [`node_key`] | the node's secret, in a file of its own |
//! | [`node`] | all handles as HTTP answers from them |
//!
//! | task | what it does |
//! |---|---|
//! | [`driver`] | runs the writer's loop |
//! | [`publisher`] | hands commits, heartbeats and position frames to the hub |
//! | [`delivery`] | sends the journal to sinks (D9) |
//! | [`liveness`] | says which alarm points fell silent; the handle of when each was last heard |
//! | [`lead`], [`handed`] | hears of the database and of whoever stands by; the handle of the lead |
//! | [`witness`] | keeps beside the database how far the journal has come, and when |
//! | [`mirror`] | keeps the second copy, and tells when it is behind |
//! | [`proof`], [`mirror_proof`] | prove all that is kept, and the second copy, once a day, and tell when it is damaged |
//! | [`technicals`] | records what the node tells of its own machine, until it is over |
//! | [`upkeep`] | does what is done every hour and beside the work |
//! | [`http`] | answers: routes, the guard before them, connections, the stream |
//!
//! | at the top | what it does |
//! |---|---|
//! | [`running`] | starts and stops a node |
//! | `replay` | plays a call log through writer and store, ours beside the log's |
//! | `task`, `terminal`, [`cli`] | the command line: one file a task |
//!
//! **Arrows** go one way, and no two modules import each other but a parent and its children:
//!
//! ```text
//! cli ─> task ─> running ─> every task and handle
//!         ├────> replay, terminal
//!         └────> http (the standby answers while another leads)
//! http ───────> node ──────> every handle, none of which knows it
//! driver ─────> publisher::ToShow, handed, lead, witness, gate, hub, truth, region
//! publisher ──> liveness, changes, degraded, gate, hub, truth, region
//! delivery ───> changes, degraded, truth
//! liveness ───> gate, truth, region
//! lead ───────> handed ─> gate;  lead ─> degraded
//! witness ────> degraded, truth, clock
//! technicals ─> gate, truth;  mirror ─> technicals, degraded, gate, metrics, truth
//! proof ──────> gate, metrics, region;  mirror_proof ─> proof, gate, metrics
//! upkeep ─────> degraded, gate, truth, region
//! degraded ───> hub, truth;  changes ─> hub;  gate ─> region, config, fault, clock
//! descriptors > room ─> config ─> fault;  whatever tells an error ─> logs ─> config
//! hub ────────> config, area_path, truth, peer;  region ─> clock, area_path, folder;  truth ─> clock
//! ```
//!
//! **Absent on purpose**: decisions (the core's), the order of commits (the writer's), SQL (the store's).

pub mod area_path;
pub mod changes;
pub mod cli;
pub mod clock;
pub mod config;
pub mod degraded;
pub mod delivery;
pub mod descriptors;
pub mod driver;
pub mod fault;
pub mod folder;
pub mod gate;
pub mod handed;
pub mod http;
pub mod hub;
pub mod lead;
pub mod liveness;
pub mod logs;
pub mod metrics;
pub mod mirror;
pub mod mirror_proof;
pub mod node;
pub mod node_key;
pub mod peer;
pub mod proof;
pub mod publisher;
pub mod region;
mod replay;
pub mod room;
pub mod running;
mod task;
pub mod technicals;
mod terminal;
pub mod truth;
pub mod unrecorded;
pub mod upkeep;
pub mod witness;

/// Version of the server, in the API's description and in `hello`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
