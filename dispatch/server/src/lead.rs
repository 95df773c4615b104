//! The lead of a journal: what a leader hears of its database and of whoever stands by (the degraded modes that come of
//! it, D17, and the alarms another left), and why it has to leave the lead.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dispatch_store::{AnyStore, Heard, Heartbeat, Heartbeats};
use tokio::sync::watch;

use crate::degraded::Degraded;
use crate::gate::Gate;
use crate::{handed, logs};

/// The database does not answer.
const UNREACHABLE: &str = "store_unreachable";
/// Nobody would take over.
const ALONE: &str = "no_standby";
/// Whoever is to stand by has so long to begin before that is said.
const ALONE_AFTER: Duration = Duration::from_secs(10);

/// Why a node leaves the lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Another process has it.
    Superseded,
    /// It was asked to yield it.
    Yielded,
}

/// The lead as one node has it.
#[derive(Debug)]
pub struct Lead {
    /// None as long as it stays.
    leaving: watch::Sender<Option<Leaving>>,
    has_standby: AtomicBool,
}

impl Default for Lead {
    /// It stays, and nobody was heard to stand by.
    fn default() -> Self {
        Self { leaving: watch::Sender::new(None), has_standby: AtomicBool::new(false) }
    }
}

impl Lead {
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
            // The sender lives as long as this.
            _ => std::future::pending().await,
        }
    }

    /// Whether somebody stands by for this node.
    pub fn has_standby(&self) -> bool {
        self.has_standby.load(Ordering::Acquire)
    }
}

/// What of the node [`listen`] works on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Told who leads and stands by.
    pub lead: Arc<Lead>,
    /// Told whether the database answers and somebody stands by.
    pub degraded: Arc<Degraded>,
    /// Holds what another leader handed on.
    pub store: AnyStore,
    /// Takes it in.
    pub gate: Arc<Gate>,
    /// Whether somebody is to stand by, as it was configured.
    pub wants_standby: bool,
}

/// Listens until the node stops.
pub async fn listen(parts: Parts, heartbeats: Heartbeats, mut stop: watch::Receiver<bool>) {
    let mut heard = heartbeats.heard.clone();
    let mut seen = Instant::now();
    loop {
        let last = heard.borrow_and_update().clone();
        match last {
            Heard::Leads(heartbeat) => hear(&parts, heartbeat, &mut seen).await,
            Heard::Nothing(error) => {
                if parts.degraded.set(UNREACHABLE, true) {
                    tracing::error!(error, "the database cannot be reached");
                    parts.degraded.tell();
                }
            }
            Heard::Superseded => parts.lead.leave(Leaving::Superseded),
        }
        tokio::select! {
            _ = stop.changed() => return,
            next = heard.changed() => if next.is_err() { return },
        }
    }
}

async fn hear(parts: &Parts, heartbeat: Heartbeat, seen: &mut Instant) {
    parts.lead.has_standby.store(heartbeat.standby, Ordering::Release);
    if heartbeat.standby {
        *seen = Instant::now();
    }
    let alone = parts.wants_standby && seen.elapsed() > ALONE_AFTER;
    let (reached, told) = (parts.degraded.set(UNREACHABLE, false), parts.degraded.set(ALONE, alone));
    if reached {
        tracing::info!("the database answers again");
    }
    if told && alone {
        tracing::warn!("nobody stands by");
    }
    if reached || told {
        parts.degraded.tell();
    }
    if heartbeat.handed
        && let Err(error) = handed::take_in(&parts.store, &parts.gate).await
    {
        tracing::error!(error = logs::told(&error), "what was handed on was not taken in; it is tried again");
    }
}
