//! What is done beside the work: tracks written, the audit head exported, what is over erased and retired.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use dispatch_core::command::EraseWords;
use dispatch_core::kernel::kind::ErasureReason;
use dispatch_core::kernel::time::Time;
use dispatch_store::tracks::thin;
use dispatch_store::{
    Answers as _, AnyStore, AuditHead, Custody as _, Deliveries as _, StoreError, TrackPoint, Tracks,
    TracksDamage, WordsRecords as _, audit,
};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::config::Keep;
use crate::degraded::Degraded;
use crate::gate::Gate;
use crate::logs;
use crate::metrics::Metrics;
use crate::region::InForce;
use crate::truth::Truth;
use crate::witness::WITNESS_DAMAGED;

/// Points wait at most so long before they are written: durable within 2 s (D8).
const FLUSH: Duration = Duration::from_millis(500);
/// Points one flush writes; beyond it they are thinned, counted and shown.
const FLUSH_POINTS_MAX: usize = 50_000;
/// Batches of points that may wait.
const LANE: usize = 4_096;
/// Words erased by one command.
const ERASED_AT_ONCE: u32 = 500;
/// Between two rounds of upkeep.
const ROUND: Duration = Duration::from_hours(1);
/// What was delivered is remembered so long.
const DELIVERIES_DAYS: u16 = 90;
/// Cause of the technical alarm.
const TRACKS_DAMAGED: &str = "tracks_damaged";
/// Cause of the technical alarm: something of the hourly round could not be done.
const UPKEEP_FAILED: &str = "upkeep_failed";
/// A layer without anything in it.
const NO_FEATURES: &[u8] = br#"{"features": []}"#;
const DAY_US: i64 = 86_400_000_000;

/// What of the node upkeep works on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The journal, of which answers, deliveries and words are retired.
    pub store: AnyStore,
    /// Where units were.
    pub tracks: Tracks,
    /// Committed truth, for its time.
    pub truth: Truth,
    /// The region package in force, laid out for GIS users.
    pub region: InForce,
    /// The way of erasing words.
    pub gate: Arc<Gate>,
    /// Told when tracks are thinned or late.
    pub degraded: Arc<Degraded>,
    /// Track points are counted here.
    pub metrics: Arc<Metrics>,
    /// How long things are kept.
    pub keep: Keep,
    /// Where the audit head is exported to.
    pub data_dir: PathBuf,
    /// The head exported last by this process.
    pub exported: Arc<Mutex<Option<AuditHead>>>,
}

/// The lane of points to the tracks.
pub fn track_lane() -> (mpsc::Sender<Vec<TrackPoint>>, mpsc::Receiver<Vec<TrackPoint>>) {
    mpsc::channel(LANE)
}

/// Writes points until the driver ends.
pub async fn keep_tracks(parts: Parts, mut points: mpsc::Receiver<Vec<TrackPoint>>) {
    let mut open = true;
    while open {
        let mut waiting = Vec::new();
        match points.recv().await {
            Some(first) => waiting.extend(first),
            None => return,
        }
        let flush = tokio::time::sleep(FLUSH);
        tokio::pin!(flush);
        while open {
            tokio::select! {
                () = &mut flush => break,
                more = points.recv() => match more {
                    Some(more) => waiting.extend(more),
                    None => open = false,
                },
            }
        }
        write_tracks(&parts, waiting).await;
    }
}

async fn write_tracks(parts: &Parts, waiting: Vec<TrackPoint>) {
    let thinned = thin(waiting, FLUSH_POINTS_MAX);
    parts.degraded.set("positions_thinned", thinned.dropped > 0);
    parts.metrics.add("ortoo_track_points_thinned_total", &[], thinned.dropped);
    let kept = thinned.kept.len() as u64;
    // Every ten minutes this folds and encodes what came since: work for a thread of its own, not for one that answers.
    let (tracks, now, runtime) = (parts.tracks.clone(), parts.truth.now(), tokio::runtime::Handle::current());
    let written = tokio::task::spawn_blocking(move || runtime.block_on(tracks.append(thinned.kept, now)));
    let failed = match written.await {
        Ok(written) => written.err().map(|error| error.to_string()),
        Err(error) => Some(error.to_string()),
    };
    if parts.degraded.set("tracks_behind", failed.is_some())
        && let Some(error) = &failed
    {
        tracing::error!(%error, "tracks cannot be written; live positions go on");
    }
    let outcome = if failed.is_some() { "lost" } else { "kept" };
    parts.metrics.add("ortoo_track_points_total", &[("outcome", outcome)], kept);
}

/// Tells of tracks that were damaged, until told to stop.
pub async fn tell_of_tracks(parts: Parts, mut stop: watch::Receiver<bool>) {
    loop {
        let TracksDamage { what, set_aside } = tokio::select! {
            _ = stop.changed() => return,
            damage = parts.tracks.damage() => damage,
        };
        let kept = set_aside.map(|file| file.display().to_string()).unwrap_or_default();
        tracing::error!(error = %what, kept, "the tracks were damaged; a file is set aside and begun anew");
        parts.gate.tell_beside(TRACKS_DAMAGED);
    }
}

/// Every hour: the audit head outside the database, tracks and answers retired, words erased.
pub async fn hourly(parts: Parts, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(ROUND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = ticks.tick() => {}
        }
        round(&parts).await;
    }
}

/// What fails keeps nothing else from being done; all of it is tried again in an hour.
async fn round(parts: &Parts) {
    let exported = export_audit_head(parts).await;
    let mut failed = is_told("export the audit head", &exported);
    // In doubt nothing is known to be old enough.
    let doubts_clock = parts.degraded.doubts_clock();
    if !doubts_clock {
        let now = parts.truth.now();
        let before = |days: u16| Time(now.0 - i64::from(days) * DAY_US);
        let retired = parts.tracks.retire(before(parts.keep.tracks_days)).await;
        failed |= is_told("retire tracks", &retired.map_err(StoreError::into));
        let purged = parts.store.purge_answers(before(7)).await;
        failed |= is_told("purge answers", &purged.map_err(StoreError::into));
        let purged = parts.store.purge_deliveries(before(DELIVERIES_DAYS)).await;
        failed |= is_told("purge deliveries", &purged.map_err(StoreError::into));
        failed |= is_told("erase expired words", &erase_expired(parts, now).await);
    }
    if failed {
        parts.gate.tell_beside(UPKEEP_FAILED);
    } else if !doubts_clock {
        parts.gate.is_over(UPKEEP_FAILED);
    }
}

/// Logs what failed; whether it did.
fn is_told<T>(what: &'static str, done: &anyhow::Result<T>) -> bool {
    if let Err(error) = done {
        tracing::error!(what, error = logs::told(error), "upkeep failed; it is tried again in an hour");
    }
    done.is_err()
}

async fn erase_expired(parts: &Parts, now: Time) -> anyhow::Result<()> {
    loop {
        let words = parts.store.expired_words(now, ERASED_AT_ONCE).await?;
        if words.is_empty() {
            return Ok(());
        }
        parts.gate.own(EraseWords { words, reason: ErasureReason::Retention }.into()).await?;
    }
}

/// Lays the outlines of the region in force out for GIS users. Nothing waits for it.
pub async fn lay_out(parts: Parts) {
    let region = parts.region.get();
    let layer = |name| String::from_utf8_lossy(region.layers.get(name).unwrap_or(NO_FEATURES)).into_owned();
    let (areas, beats) = (layer("outlines"), layer("beats"));
    if let Err(error) = parts.store.lay_out(&region.hash, &areas, &beats).await {
        tracing::warn!(%error, "the region's outlines were not laid out in the database; the next start tries again");
    }
}

/// Appends the heads of the chains of the journal and of readings to their file (D11), which has to be as it was left.
pub async fn export_audit_head(parts: &Parts) -> anyhow::Result<()> {
    let mut exported = parts.exported.lock().await;
    let head = parts.store.audit_head().await.context("read the audit head")?;
    let (at, dir, last, next) = (parts.truth.now(), parts.data_dir.clone(), exported.clone(), head.clone());
    let written = tokio::task::spawn_blocking(move || {
        let found = audit::exported(&dir).ok().flatten().map(|exported| exported.head);
        audit::export(&next, at, &dir).map(|()| last.is_none() || found == last)
    });
    let is_as_left = written.await?.context("write the audit head")?;
    if !is_as_left {
        tracing::error!("the file of audit heads is not as it was left");
        parts.gate.tell_beside(WITNESS_DAMAGED);
    }
    *exported = Some(head);
    Ok(())
}
