//! The handles of a running node: what HTTP answers from. Each is held by those alone who need it; here they stand
//! together for the routes, which need nearly all.
//!
//! **Absent on purpose**: tasks, and how a node starts and stops ([`crate::running`]). No handle knows this struct.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, RwLockReadGuard};

use dispatch_core::command::AcceptLoss;
use dispatch_core::kernel::id::LossId;
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;
use dispatch_store::{AnyStore, NodeKey, Tracks};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::changes::Changes;
use crate::config::Config;
use crate::degraded::Degraded;
use crate::gate::Gate;
use crate::hub::Hub;
use crate::lead::Lead;
use crate::liveness::Liveness;
use crate::metrics::Metrics;
use crate::region::{InForce, Region};
use crate::room::Room;
use crate::truth::Truth;
use crate::unrecorded::UnrecordedWords;
use crate::witness::WitnessKeeper;

/// A running node, as those see it who answer for it.
#[derive(Debug)]
pub struct Node {
    /// As it was configured.
    pub config: Config,
    /// The address it answers at.
    pub address: SocketAddr,
    /// The region package in force.
    pub region: InForce,
    /// Committed truth, and the time.
    pub truth: Truth,
    /// The way to the writer.
    pub gate: Arc<Gate>,
    /// The fan-out to consoles.
    pub hub: Arc<Hub>,
    /// The journal, its read model and words.
    pub store: AnyStore,
    /// Where units were.
    pub tracks: Tracks,
    /// What was counted, for `/metrics`.
    pub metrics: Arc<Metrics>,
    /// How far the journal has come and when, kept beside it.
    pub witness: Arc<WitnessKeeper>,
    /// Degraded modes that hold now.
    pub degraded: Arc<Degraded>,
    /// What was said with alarms the journal cannot take at present.
    pub unrecorded: Arc<UnrecordedWords>,
    /// When alarm points were last heard.
    pub liveness: Arc<Liveness>,
    /// Which unit changed at which seq.
    pub changes: Arc<Changes>,
    /// Whether somebody stands by, and why the lead has to end.
    pub lead: Arc<Lead>,
    /// Key of command fingerprints (D6), from the id the journal began under, so that it outlives a restart and a loss.
    pub fingerprint_key: [u8; 32],
    /// The secret under which fingerprints are kept.
    pub secret: NodeKey,
    /// Whether the node has begun to take commands and has not stopped.
    pub ready: AtomicBool,
    /// Where connections and bodies are.
    pub room: Arc<Room>,
    /// Open streams: they end before the store is let go.
    pub streams: Mutex<JoinSet<()>>,
    /// Turns true once the node stops.
    pub stop: watch::Receiver<bool>,
}

impl Node {
    /// Reads committed truth. Hold it briefly: commits wait.
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.truth.state()
    }

    /// The region package in force.
    pub fn region(&self) -> Arc<Region> {
        self.region.get()
    }

    /// Goes on without what the journal has lost.
    pub async fn accept_losses(&self) -> anyhow::Result<()> {
        let losses: Vec<LossId> = self.state().losses().keys().copied().collect();
        for loss in losses {
            self.gate.own(AcceptLoss { loss }.into()).await?;
        }
        Ok(())
    }

    /// The node's time, microseconds UTC: never behind what is committed (D7).
    pub fn now(&self) -> Time {
        self.truth.now()
    }
}
