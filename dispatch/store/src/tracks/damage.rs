//! Damage to tracks stands in nobody's way (D17): a damaged file is set aside and told of, and tracks begin anew.

use std::path::{Path, PathBuf};

use tokio::sync::Mutex;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use super::TRACKS_FILE;
use crate::store::StoreError;

/// Tracks that were damaged.
#[derive(Debug)]
pub struct TracksDamage {
    /// What was wrong.
    pub what: StoreError,
    /// Where the file is kept; none where it was gone, or where tracks are a database's.
    pub set_aside: Option<PathBuf>,
}

/// Damage that nobody was told of yet.
#[derive(Debug)]
pub(super) struct Damages {
    found: UnboundedSender<TracksDamage>,
    untold: Mutex<UnboundedReceiver<TracksDamage>>,
}

impl Damages {
    pub(super) fn none() -> Self {
        let (found, untold) = mpsc::unbounded_channel();
        Self { found, untold: Mutex::new(untold) }
    }

    pub(super) fn found(&self, damage: TracksDamage) {
        // Both ends are here.
        let _ = self.found.send(damage);
    }

    /// Waits for the next.
    pub(super) async fn next(&self) -> TracksDamage {
        match self.untold.lock().await.recv().await {
            Some(damage) => damage,
            None => std::future::pending().await,
        }
    }
}

/// A file that has another name.
#[derive(Debug)]
pub(super) struct SetAside {
    file: PathBuf,
}

impl SetAside {
    /// Gives the tracks of a folder another name, with the log that belongs to them. Nobody has them open.
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        let names = (1_u32..).map(|count| dir.join(format!("{TRACKS_FILE}.damaged-{count}")));
        let file = names.into_iter().find(|name| !name.exists()).unwrap_or_default();
        rename_with_log(&dir.join(TRACKS_FILE), &file)?;
        Ok(Self { file })
    }

    /// Where it is, if there was one.
    pub(super) fn file(self) -> Option<PathBuf> {
        Some(self.file).filter(|file| file.exists())
    }

    /// Gives it its name again.
    pub(super) fn put_back(self, dir: &Path) -> Result<(), StoreError> {
        rename_with_log(&self.file, &dir.join(TRACKS_FILE))
    }
}

/// Renames a database and the files beside it that go by its name.
fn rename_with_log(from: &Path, to: &Path) -> Result<(), StoreError> {
    for part in ["", "-wal", "-shm"] {
        let named = |path: &Path| PathBuf::from(format!("{}{part}", path.display()));
        match std::fs::rename(named(from), named(to)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::file(format!("renaming {}", from.display()))(error));
            }
            _ => {}
        }
    }
    Ok(())
}
