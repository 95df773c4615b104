//! Positions on their way: gathered into batches, one batch under way, the oldest dropped when the server cannot be
//! reached for long, as devices do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use dispatch_api::client::Client;
use dispatch_api::position::Position;
use serde::Serialize;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tracing::debug;

use super::{BACKOFF, BACKOFF_MAX};

/// Most positions in one body.
const BATCH_MAX: usize = 1_000;
/// Most positions kept while the server does not answer.
const KEPT_MAX: usize = 50_000;

/// What became of the positions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct UplinkCounts {
    /// Taken by the server.
    pub queued: u64,
    /// Not understood by it.
    pub faulty: u64,
    /// Dropped here, because too many waited for the server.
    pub dropped: u64,
    /// Batches sent again.
    pub retries: u64,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: std::sync::Mutex<Vec<Position>>,
    arrived: Notify,
    queued: AtomicU64,
    faulty: AtomicU64,
    dropped: AtomicU64,
    retries: AtomicU64,
}

/// The way of positions. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Uplink {
    shared: Arc<Shared>,
    _task: JoinSet<()>,
}

impl Uplink {
    /// Opens it.
    pub(crate) fn spawn(client: Client) -> Self {
        let shared = Arc::new(Shared::default());
        let mut task = JoinSet::new();
        task.spawn(carry(client, Arc::clone(&shared)));
        Self { shared, _task: task }
    }

    /// Sends these as soon as may be.
    pub(crate) fn send(&self, mut fixes: Vec<Position>) {
        if fixes.is_empty() {
            return;
        }
        let mut waiting = self.shared.waiting.lock().expect("nobody panics while holding it");
        waiting.append(&mut fixes);
        if waiting.len() > KEPT_MAX {
            let over = waiting.len() - KEPT_MAX;
            waiting.drain(..over);
            self.shared.dropped.fetch_add(over as u64, Ordering::Relaxed);
        }
        drop(waiting);
        self.shared.arrived.notify_one();
    }

    /// What became of them so far.
    pub(crate) fn counts(&self) -> UplinkCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        UplinkCounts {
            queued: read(&self.shared.queued),
            faulty: read(&self.shared.faulty),
            dropped: read(&self.shared.dropped),
            retries: read(&self.shared.retries),
        }
    }
}

async fn carry(client: Client, shared: Arc<Shared>) {
    loop {
        let batch: Vec<Position> = {
            let mut waiting = shared.waiting.lock().expect("nobody panics while holding it");
            let take = waiting.len().min(BATCH_MAX);
            waiting.drain(..take).collect()
        };
        if batch.is_empty() {
            shared.arrived.notified().await;
            continue;
        }
        post(&client, &batch, &shared).await;
    }
}

async fn post(client: &Client, batch: &[Position], shared: &Shared) {
    let mut wait = BACKOFF;
    loop {
        match client.positions(batch).await {
            Ok(receipt) => {
                shared.queued.fetch_add(receipt.queued, Ordering::Relaxed);
                shared.faulty.fetch_add(receipt.faulty, Ordering::Relaxed);
                return;
            }
            Err(error) if super::lane::is_passing(&error) => {
                debug!(%error, "positions wait");
                shared.retries.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(BACKOFF_MAX.min(Duration::from_secs(2)));
            }
            Err(error) => {
                tracing::warn!(%error, "positions were refused");
                shared.faulty.fetch_add(batch.len() as u64, Ordering::Relaxed);
                return;
            }
        }
    }
}
