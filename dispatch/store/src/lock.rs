//! One process, one data directory, and nobody else's. The lock is the operating system's and goes with the process,
//! however it ends.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::store::StoreError;

/// The lock's file in the data directory.
pub(crate) const LOCK_FILE: &str = "lock";

/// Whoever only looks who holds the lock holds it for less than this.
const GLANCE: Duration = Duration::from_millis(20);

/// A data directory held by this process until this value is dropped.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
    /// The directory itself, so that whoever removes the file lets nobody else in; none where the file system does not lock
    /// folders.
    _dir: Option<File>,
}

impl DataLock {
    /// Creates the directory if need be and takes its lock; [`StoreError::InUse`] when another process has it.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        make_private(dir)?;
        let path = dir.join(LOCK_FILE);
        let (file, closed) = opened(&path)?;
        let in_use = || StoreError::InUse { what: dir.display().to_string() };
        match taken(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use()),
            Err(TryLockError::Error(why)) => return Err(unusable(&path, &why)),
        }
        let folder = File::open(dir).ok().map(|folder| (taken(&folder), folder));
        let folder = match folder {
            Some((Err(TryLockError::WouldBlock), _)) => return Err(in_use()),
            Some((Ok(()), folder)) => Some(folder),
            Some((Err(TryLockError::Error(_)), _)) | None => None,
        };
        if let Err(error) = closed.map_or_else(|| named(&file), Err) {
            tracing::warn!(%error, lock = %path.display(), "who holds the lock cannot be written into it");
        }
        Ok(Self { _file: file, _dir: folder })
    }
}

/// Takes a lock, after those who only look.
fn taken(file: &File) -> Result<(), TryLockError> {
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if began.elapsed() < GLANCE => std::thread::yield_now(),
            taken => return taken,
        }
    }
}

/// What is to be locked, and why it cannot be written where it cannot. Whatever lies there under the name is the same for
/// every process, so that a folder, or a file that nobody may write, locks as well.
fn opened(path: &Path) -> Result<(File, Option<std::io::Error>), StoreError> {
    match OpenOptions::new().create(true).truncate(false).write(true).open(path) {
        Ok(file) => Ok((file, None)),
        Err(why) => match File::open(path) {
            Ok(file) => Ok((file, Some(why))),
            Err(_) => Err(unusable(path, &why)),
        },
    }
}

/// The process id, for `ortoo verify` and for the engineer who finds the file.
fn named(mut file: &File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn unusable(path: &Path, why: &std::io::Error) -> StoreError {
    StoreError::Unusable {
        at: path.display().to_string(),
        why: format!("it cannot be locked ({why}), and without a lock two processes could write one journal"),
        remedy: "give it to the user this runs as, or, when no process serves this directory, remove it"
            .into(),
    }
}

impl DataLock {
    /// The process that holds the lock of a data directory, by the number it wrote there; none where nobody does. It is
    /// looked at by taking it for a moment, together with whoever else looks. The number is empty where it could not be
    /// written.
    pub fn holder(dir: &Path) -> Result<Option<String>, StoreError> {
        are_files(dir)?;
        let path = dir.join(LOCK_FILE);
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
                // A folder holds no number.
                let _ = file.read_to_string(&mut holder);
                Ok(Some(holder.trim().to_owned()))
            }
            Err(TryLockError::Error(source)) => Err(StoreError::File { what: describe(), source }),
        }
    }
}

/// How the names of files begin that are ours.
const OURS: [&str; 6] = ["journal.sqlite", "tracks.sqlite", "audit-head", "witness", LOCK_FILE, "node-key"];

/// Refuses a directory in which one of our names is of something that cannot be read as a file: opening a pipe would wait for
/// ever. A folder is told of by whoever opens it, and one that is called as the lock is locks as well.
fn are_files(dir: &Path) -> Result<(), StoreError> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Ok(()) };
    for entry in entries.flatten() {
        if !entry.file_name().to_str().is_some_and(is_ours) {
            continue;
        }
        // What a link leads to counts.
        let Ok(kind) = std::fs::metadata(entry.path()).map(|known| known.file_type()) else { continue };
        if !kind.is_dir() && !kind.is_file() {
            return Err(StoreError::Unusable {
                at: entry.path().display().to_string(),
                why: "it is a pipe or a device and no file".into(),
                remedy: "move it away, and bring the file back from where it was copied to".into(),
            });
        }
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    OURS.iter().any(|our| name.starts_with(our))
}

/// Makes a folder, if need be, that only its owner can look into: what callers said is in it, and where units were. What
/// an earlier program left in it for everybody to read is taken from them.
pub fn make_private(dir: &Path) -> Result<(), StoreError> {
    let describe = || format!("making {} private", dir.display());
    std::fs::create_dir_all(dir).map_err(StoreError::file(format!("creating {}", dir.display())))?;
    are_files(dir)?;
    let mode = std::fs::metadata(dir).map_err(StoreError::file(describe()))?.permissions().mode();
    // One in which everybody has files stays open; ours are closed all the same.
    if mode & STICKY == 0 {
        close(dir, mode).map_err(StoreError::file(describe()))?;
    }
    for entry in std::fs::read_dir(dir).map_err(StoreError::file(describe()))? {
        let entry = entry.map_err(StoreError::file(describe()))?;
        if !entry.file_name().to_str().is_some_and(is_ours) {
            continue;
        }
        let closed = entry.metadata().and_then(|known| {
            if known.is_file() { close(&entry.path(), known.permissions().mode()) } else { Ok(()) }
        });
        match closed {
            // A log goes with the last connection of whoever had the file open, which may be just now.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            // Whoever may not change it has it all the same, and nothing is in it but a number.
            Err(_) if entry.file_name() == LOCK_FILE => {}
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
    fn nobody_comes_in_where_the_lock_was_removed() {
        let dir = tempfile::tempdir().unwrap();
        let held = DataLock::take(dir.path()).unwrap();
        std::fs::remove_file(dir.path().join(LOCK_FILE)).unwrap();
        assert!(matches!(DataLock::take(dir.path()), Err(StoreError::InUse { .. })));
        drop(held);
        DataLock::take(dir.path()).unwrap();
    }

    #[test]
    fn what_is_no_file_is_named_and_not_waited_for() {
        for (name, is_pipe, is_refused) in [
            ("lock", true, true),
            ("journal.sqlite", true, true),
            ("node-key", true, true),
            ("tracks.sqlite", true, true),
            ("journal.sqlite", false, false),
            ("lock", false, false),
            ("notes", true, false),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(name);
            if is_pipe {
                let mode = rustix::fs::Mode::from_raw_mode(0o600);
                rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
            } else {
                std::fs::create_dir(&path).unwrap();
            }
            let taken = DataLock::take(dir.path()).map(drop);
            let looked = DataLock::holder(dir.path()).map(drop);
            for said in [taken, looked] {
                match said {
                    Err(StoreError::Unusable { at, .. }) => {
                        assert!(is_refused && at.ends_with(name), "{name}: {at}");
                    }
                    other => assert!(!is_refused && other.is_ok(), "{name}: {other:?}"),
                }
            }
        }
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
