//! One process, one data directory, and nobody else's. The lock is the operating system's and goes with the process,
//! however it ends.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::store::StoreError;

/// Whoever only looks who holds the lock holds it for less than this.
const GLANCE: Duration = Duration::from_millis(20);

/// A data directory held by this process until this value is dropped.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Creates the directory if need be and takes its lock; [`StoreError::InUse`] when another process has it.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        make_private(dir)?;
        let path = dir.join("lock");
        let describe = || format!("locking {}", path.display());
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(StoreError::file(describe()))?;
        let began = Instant::now();
        let mut taken = file.try_lock();
        while matches!(taken, Err(TryLockError::WouldBlock)) && began.elapsed() < GLANCE {
            std::thread::yield_now();
            taken = file.try_lock();
        }
        match taken {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { what: dir.display().to_string() });
            }
            Err(TryLockError::Error(source)) => return Err(StoreError::File { what: describe(), source }),
        }
        // The process id is for the engineer who finds the file; nothing reads it.
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(StoreError::file(describe()))?;
        Ok(Self { _file: file })
    }
}

impl DataLock {
    /// The process that holds the lock of a data directory, by the number it wrote there; none where nobody does. It is
    /// looked at by taking it for a moment, together with whoever else looks.
    pub fn holder(dir: &Path) -> Result<Option<String>, StoreError> {
        let path = dir.join("lock");
        let describe = || format!("looking at {}", path.display());
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::file(describe())(error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder).map_err(StoreError::file(describe()))?;
                Ok(Some(holder.trim().to_owned()))
            }
            Err(TryLockError::Error(source)) => Err(StoreError::File { what: describe(), source }),
        }
    }
}

/// How the names of files begin that are ours.
const OURS: [&str; 6] = ["journal.sqlite", "tracks.sqlite", "audit-head", "witness", "lock", "node-key"];

/// Makes a folder, if need be, that only its owner can look into: what callers said is in it, and where units were. What
/// an earlier program left in it for everybody to read is taken from them.
pub fn make_private(dir: &Path) -> Result<(), StoreError> {
    let describe = || format!("making {} private", dir.display());
    std::fs::create_dir_all(dir).map_err(StoreError::file(format!("creating {}", dir.display())))?;
    let mode = std::fs::metadata(dir).map_err(StoreError::file(describe()))?.permissions().mode();
    // One in which everybody has files stays open; ours are closed all the same.
    if mode & STICKY == 0 {
        close(dir, mode).map_err(StoreError::file(describe()))?;
    }
    for entry in std::fs::read_dir(dir).map_err(StoreError::file(describe()))? {
        let entry = entry.map_err(StoreError::file(describe()))?;
        let is_ours =
            entry.file_name().to_str().is_some_and(|name| OURS.iter().any(|our| name.starts_with(our)));
        if !is_ours {
            continue;
        }
        let closed = entry.metadata().and_then(|known| {
            if known.is_file() { close(&entry.path(), known.permissions().mode()) } else { Ok(()) }
        });
        match closed {
            // A log goes with the last connection of whoever had the file open, which may be just now.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            closed => closed.map_err(StoreError::file(describe()))?,
        }
    }
    Ok(())
}

/// Set on folders in which everybody has files, as `/tmp`.
const STICKY: u32 = 0o1000;

fn close(path: &Path, mode: u32) -> std::io::Result<()> {
    let owners = mode & 0o700;
    if mode & 0o777 == owners {
        Ok(())
    } else {
        std::fs::set_permissions(path, Permissions::from_mode(owners))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn what_everybody_could_read_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, other) = (dir.path().join("journal.sqlite-wal"), dir.path().join("notes.txt"));
        for file in [&ours, &other] {
            std::fs::write(file, "x").unwrap();
            std::fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
        }
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        make_private(dir.path()).unwrap();
        assert_eq!((mode(dir.path()), mode(&ours), mode(&other)), (0o700, 0o600, 0o644));
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o1777)).unwrap();
        std::fs::set_permissions(&ours, Permissions::from_mode(0o644)).unwrap();
        make_private(dir.path()).unwrap();
        assert_eq!(mode(&ours), 0o600);
        assert_eq!(mode(dir.path()), 0o1777, "others have files there");
    }
}
