//! The node proves what it keeps while it serves, as `ortoo verify` does: soon after a start and every day, so that somebody hears
//! of a bad disk before they need what was on it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dispatch_store::damage::is_damage;
use dispatch_store::{AnyStore, Custody as _, Proving, StoreError, Verified, audit};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::gate::Gate;
use crate::metrics::Metrics;
use crate::region::Region;

/// The first proof waits so long after a start, which has enough to do.
pub const FIRST: Duration = Duration::from_mins(10);

/// Of the time a proof works, it rests so many times as long: it takes a quarter of one processor.
pub const RESTS: u32 = 3;

/// Cause of the technical alarm.
const STORE_DAMAGED: &str = "store_damaged";

/// What of the node a proof works on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What is proved.
    pub store: AnyStore,
    /// The way of raising a technical alarm.
    pub gate: Arc<Gate>,
    /// What came of it is counted here.
    pub metrics: Arc<Metrics>,
    /// Where the audit head is exported to.
    pub data_dir: PathBuf,
    /// From one proof to the next; none is made where it is zero.
    pub every: Duration,
}

/// Proves until told to stop.
pub async fn run(parts: Parts, mut stop: watch::Receiver<bool>) {
    if parts.every.is_zero() {
        return;
    }
    let mut wait = FIRST.min(parts.every);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = parts.every;
        let (store, data_dir, mut stop, runtime) =
            (parts.store.clone(), parts.data_dir.clone(), stop.clone(), Handle::current());
        // It decodes and hashes a page at a time: work for a thread that may rest, not for one that answers.
        let proving = move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stop.changed() => None,
                    proved = prove(&store, data_dir) => Some(proved),
                }
            })
        };
        match tokio::task::spawn_blocking(proving).await {
            Ok(None) => return,
            Ok(Some(proved)) => told(&parts, &proved),
            Err(error) => tracing::error!(%error, "the proof of what is kept did not end"),
        }
    }
}

async fn prove(store: &AnyStore, data_dir: PathBuf) -> Result<Verified, StoreError> {
    let exported = audit::exported(&data_dir)?.map(|exported| exported.head);
    let worked = Mutex::new(Instant::now());
    let progress = move |_| {
        let mut since = worked.lock().unwrap_or_else(PoisonError::into_inner);
        std::thread::park_timeout(since.elapsed() * RESTS);
        *since = Instant::now();
    };
    let (package, progress) = (Some(Region::hash_of as _), Some(Arc::new(progress) as _));
    store.prove(&Proving { package, exported, progress, ..Proving::default() }).await
}

/// Damage is everybody's to know, until a proof finds none; a store that is away has told of itself.
fn told(parts: &Parts, proved: &Result<Verified, StoreError>) {
    let outcome = match proved {
        Ok(verified) => {
            tracing::info!(rows = verified.rows, audit_head = verified.audit_head, "what is kept was proved");
            parts.gate.is_over(STORE_DAMAGED);
            "proved"
        }
        Err(error) if is_damage(error) => {
            tracing::error!(%error, "what is kept is damaged; run `ortoo verify`");
            parts.gate.tell_beside(STORE_DAMAGED);
            "damaged"
        }
        Err(error) => {
            tracing::warn!(%error, "what is kept could not be proved; it is tried again");
            "failed"
        }
    };
    parts.metrics.count("ortoo_proofs_total", &[("outcome", outcome)]);
}
