//! Keeps the second copy of the journal (`dispatch_store::mirror`) at most a second behind, and tells when it is not.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dispatch_store::mirror::{Mirror, Mirrored};
use dispatch_store::{AnyStore, Custody as _, StoreError};
use tokio::sync::{Mutex, watch};
use tokio::time::{MissedTickBehavior, interval};

use crate::degraded::Degraded;
use crate::gate::Gate;
use crate::metrics::Metrics;
use crate::technicals;
use crate::truth::Truth;

/// Between two looks at the journal.
const LOOK: Duration = Duration::from_millis(200);

/// A mirror that has not had all for so long is behind.
const BEHIND: Duration = Duration::from_secs(1);

/// Code of the degraded mode, and cause of the technical alarm.
pub const MIRROR_BEHIND: &str = "mirror_behind";

/// Code of what is noted: whatever takes the data directory's disk takes the mirror with it.
pub const MIRROR_ON_SAME_DISK: &str = "mirror_on_same_disk";

/// Cause of the technical alarm: the mirror holds rows that the journal does not.
const MIRROR_OF_MORE: &str = "mirror_of_more";

/// What of the node a mirror works on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What is copied.
    pub store: AnyStore,
    /// Told when the mirror is behind.
    pub degraded: Arc<Degraded>,
    /// The way of raising a technical alarm, and of clearing it.
    pub gate: Arc<Gate>,
    /// Which technical alarms stand.
    pub truth: Truth,
    /// How far it has come is shown here.
    pub metrics: Arc<Metrics>,
}

/// Copies until told to stop.
pub async fn run(parts: Parts, mirror: Arc<Mutex<Mirror>>, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut had_all, mut copied_up_to) = (Instant::now(), 0);
    // What was told of it; nothing yet, though an alarm may stand since before the start.
    let mut told = None;
    let mut others = Others::default();
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = ticks.tick() => {}
        }
        let copied = mirror.lock().await.round(&parts.store).await;
        if let Ok(Mirrored { another: Some(row), head, .. }) = &copied {
            tracing::error!(
                row,
                head,
                "the mirror holds rows that the journal does not: they are kept, and another copy is begun; to bring \
                 them back stop the node and run `ortoo recover`"
            );
            parts.gate.tell_beside(MIRROR_OF_MORE);
        }
        let mut is_behind = (had_all.elapsed() > BEHIND).then_some(true);
        if let Ok(Mirrored { seq, head, .. }) = &copied {
            let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            parts.metrics.set("ortoo_mirror_head", &[], whole(*seq));
            parts.metrics.set("ortoo_mirror_behind_rows", &[], whole(head.saturating_sub(*seq)));
            copied_up_to = *seq;
            if seq == head {
                (had_all, is_behind) = (Instant::now(), Some(false));
            } else {
                ticks.reset_immediately();
            }
        }
        if copied.is_err() {
            parts.metrics.set("ortoo_mirror_behind_rows", &[], behind(&parts, copied_up_to).await);
        }
        if let Some(is_behind) = is_behind
            && told.replace(is_behind) != Some(is_behind)
        {
            tell(&parts, is_behind, copied.err());
        }
        others.look(&parts, &mirror).await;
    }
}

/// The copies beside the one that is written, while an alarm says that they hold rows that the journal does not.
#[derive(Default)]
struct Others {
    /// Those that were found to; none before they were looked at.
    known: Option<Vec<PathBuf>>,
}

impl Others {
    /// Looks once, and whenever there are others than before: a copy that is there stays as it is.
    async fn look(&mut self, parts: &Parts, mirror: &Mutex<Mirror>) {
        if technicals::standing(&parts.truth, MIRROR_OF_MORE).is_empty() {
            self.known = None;
            return;
        }
        let Some(standing) = mirror.lock().await.standing() else { return };
        let Ok(copies) = standing.others() else { return };
        if self.known.as_ref() == Some(&copies) {
            return;
        }
        self.known = Some(copies);
        match standing.hold_more(&parts.store).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::info!("the mirror holds no row any more that the journal does not");
                parts.gate.is_over(MIRROR_OF_MORE);
            }
            Err(error) => {
                tracing::warn!(%error, "nobody can say whether the mirror still holds rows that the journal does not");
            }
        }
    }
}

/// Rows that the journal has and the mirror does not; none where the journal is away.
async fn behind(parts: &Parts, copied_up_to: u64) -> i64 {
    let head = parts.store.audit_head().await.map_or(0, |head| head.seq);
    i64::try_from(head.saturating_sub(copied_up_to)).unwrap_or(i64::MAX)
}

/// Tells when it is behind, and why where that is known.
fn tell(parts: &Parts, is_behind: bool, error: Option<StoreError>) {
    if parts.degraded.set(MIRROR_BEHIND, is_behind) {
        parts.degraded.tell();
    }
    if !is_behind {
        tracing::info!("the mirror has everything");
        parts.gate.is_over(MIRROR_BEHIND);
        return;
    }
    let why = error.map_or_else(|| "there is more to copy".to_owned(), |error| error.to_string());
    tracing::error!(why, "the mirror is behind; nothing waits for it");
    parts.gate.tell_beside(MIRROR_BEHIND);
}

/// Copies what is left, once nothing is written any more.
pub async fn finish(store: &AnyStore, mirror: &Mutex<Mirror>) -> Result<(), StoreError> {
    let mut mirror = mirror.lock().await;
    loop {
        let Mirrored { seq, head, .. } = mirror.round(store).await?;
        if seq == head {
            return Ok(());
        }
    }
}

/// Copies what another server commits, as long as this one stands by.
pub async fn follow(store: &AnyStore, dir: &Path) -> StoreError {
    let mut mirror = Mirror::at(dir);
    loop {
        match mirror.round(store).await {
            Ok(Mirrored { seq, head, .. }) if seq == head => tokio::time::sleep(LOOK).await,
            Ok(_) => {}
            Err(error) => return error,
        }
    }
}

/// Tells whoever looks after the node, once, when the mirror lies on the disk of the data directory: no other was named, or
/// it was not mounted. The disk may be slow, and nobody waits for it.
pub async fn tell_of_disk(degraded: Arc<Degraded>, data_dir: PathBuf, mirror: PathBuf) {
    let (data, copies) = (data_dir.clone(), mirror.clone());
    let shares = tokio::task::spawn_blocking(move || disk(&data).is_some_and(|of| disk(&copies) == Some(of)));
    if shares.await.unwrap_or(false) {
        degraded.note(MIRROR_ON_SAME_DISK);
        tracing::warn!(
            data_dir = %data_dir.display(),
            mirror = %mirror.display(),
            "the mirror lies on the disk of the data directory, and is lost with it: name a folder on another disk, or \
             look whether that is mounted"
        );
    }
}

/// The disk a folder lies on, or will be made on.
fn disk(folder: &Path) -> Option<u64> {
    let folder = std::path::absolute(folder).ok()?;
    folder.ancestors().find_map(|there| std::fs::metadata(there).ok()).map(|there| there.dev())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_lies_where_it_would_be_made() {
        let here = tempfile::tempdir().unwrap();
        assert_eq!(disk(&here.path().join("not/there")), disk(here.path()));
        assert_eq!(disk(Path::new("not-there")), disk(Path::new(".")));
        assert_ne!(disk(Path::new("/proc")), disk(here.path()), "another file system");
    }
}
