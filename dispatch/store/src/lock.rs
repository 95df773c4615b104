//! One process, one data directory, and nobody else's. The lock is the operating system's and goes with the process,
//! however it ends. What is locked is the folder itself, which nobody can take away and leave the journal there; the file
//! `lock` in it says who holds it, and is locked as well: by it an earlier build is known, and any process where folders
//! cannot be locked.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::place;
use crate::store::StoreError;

/// The lock's file in the data directory.
const LOCK_FILE: &str = "lock";

/// Whoever only looks who holds the lock holds it for less than this.
const GLANCE: Duration = Duration::from_millis(20);

/// A data directory held by this process until this value is dropped.
#[derive(Debug)]
pub struct DataLock {
    /// The folder and the file in it; one of them where the other cannot be locked.
    _held: Vec<File>,
}

impl DataLock {
    /// Creates the directory if need be and takes its lock; [`StoreError::InUse`] when another process has it.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        make_private(dir)?;
        let mut held = Vec::new();
        let folder = match File::open(dir).and_then(|folder| locked(&folder).map(|taken| (folder, taken))) {
            Ok((_, false)) => return Err(in_use(dir)),
            Ok((folder, true)) => {
                held.push(folder);
                Ok(())
            }
            Err(why) => Err(why),
        };
        let path = dir.join(LOCK_FILE);
        match opened(&path).and_then(|(file, closed)| Ok((locked(&file)?, file, closed))) {
            Ok((false, _, _)) => return Err(in_use(dir)),
            Ok((true, file, closed)) => {
                if let Err(error) = closed.map_or_else(|| name(&file), Err) {
                    tracing::warn!(%error, lock = %path.display(), "who holds the lock cannot be written into it");
                }
                held.push(file);
            }
            Err(why) if folder.is_err() => return Err(unusable(&path, &why)),
            Err(error) => {
                tracing::warn!(%error, lock = %path.display(), "who holds the lock cannot be written into it");
            }
        }
        Ok(Self { _held: held })
    }
}

/// Locks what was opened, unless another process holds it for longer than a look takes.
fn locked(file: &File) -> std::io::Result<bool> {
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if began.elapsed() < GLANCE => std::thread::yield_now(),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(why)) => return Err(why),
        }
    }
}

/// The file that is to be locked, and why it cannot be written where it cannot. Whatever lies there under the name is the
/// same for every process, so that a folder, or a file that nobody may write, locks as well; a pipe is not opened, which
/// would wait for its other end.
fn opened(path: &Path) -> std::io::Result<(File, Option<std::io::Error>)> {
    if let Some(found) = place::other_than_file(path).filter(|_| !path.is_dir()) {
        return Err(std::io::Error::other(format!("it is {found}")));
    }
    let why = match OpenOptions::new().create(true).truncate(false).write(true).open(path) {
        Ok(file) => return Ok((file, None)),
        Err(why) => why,
    };
    match File::open(path) {
        Ok(file) => Ok((file, Some(why))),
        Err(_) => Err(why),
    }
}

/// The process id, for `ortoo verify` and for the engineer who finds the file.
fn name(mut file: &File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn in_use(dir: &Path) -> StoreError {
    StoreError::InUse { what: dir.display().to_string() }
}

fn unusable(path: &Path, why: &std::io::Error) -> StoreError {
    StoreError::Unusable {
        at: path.display().to_string(),
        why: format!(
            "neither it nor its folder can be locked ({why}), and without a lock two processes could write one journal"
        ),
        remedy: "give it to the user this runs as, or, when no process serves this directory, remove it"
            .into(),
    }
}

impl DataLock {
    /// The process that holds the lock of a data directory, by the number it wrote there; none where nobody does. It is
    /// looked at by taking it for a moment, together with whoever else looks. The number is empty where it could not be
    /// written.
    pub fn holder(dir: &Path) -> Result<Option<String>, StoreError> {
        let folder = match File::open(dir) {
            Ok(folder) => folder,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::file(format!("looking at {}", dir.display()))(error)),
        };
        let mut is_held = is_locked(&folder);
        let mut holder = String::new();
        let path = dir.join(LOCK_FILE);
        let may_wait = place::other_than_file(&path).is_some() && !path.is_dir();
        // Where it cannot be opened the folder alone says it.
        if !may_wait && let Ok(mut file) = File::open(&path) {
            is_held |= is_locked(&file);
            // A folder holds no number.
            let _ = file.read_to_string(&mut holder);
        }
        Ok(is_held.then(|| holder.trim().to_owned()))
    }
}

/// Whether another process holds what was opened; what cannot be locked is held by nobody.
fn is_locked(file: &File) -> bool {
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

/// How the names of files begin that are ours.
const OURS: [&str; 6] = ["journal.sqlite", "tracks.sqlite", "audit-head", "witness", LOCK_FILE, "node-key"];

/// Whether a file in a data directory has a name of ours.
pub(crate) fn is_ours(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| OURS.iter().any(|our| name.starts_with(our)))
}

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
        if !is_ours(&entry.file_name()) {
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
    fn whoever_takes_the_file_away_lets_nobody_in() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(LOCK_FILE);
        let held = DataLock::take(dir.path()).unwrap();
        let own = Some(std::process::id().to_string());
        assert_eq!(DataLock::holder(dir.path()).unwrap(), own);
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(DataLock::take(dir.path()), Err(StoreError::InUse { .. })));
        assert!(!path.exists(), "whoever is not let in changes nothing");
        std::fs::write(&path, "7\n").unwrap();
        assert!(matches!(DataLock::take(dir.path()), Err(StoreError::InUse { .. })));
        assert_eq!(DataLock::holder(dir.path()).unwrap().as_deref(), Some("7"), "as it says");
        drop(held);
        assert_eq!(DataLock::holder(dir.path()).unwrap(), None);
        DataLock::take(dir.path()).unwrap();
    }

    #[test]
    fn an_earlier_build_that_holds_the_file_alone_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let file = File::create(dir.path().join(LOCK_FILE)).unwrap();
        file.lock().unwrap();
        assert!(matches!(DataLock::take(dir.path()), Err(StoreError::InUse { .. })));
        assert_eq!(DataLock::holder(dir.path()).unwrap().as_deref(), Some(""));
    }

    #[test]
    fn a_pipe_in_the_place_of_the_file_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(LOCK_FILE);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let _held = DataLock::take(dir.path()).unwrap();
        assert!(matches!(DataLock::take(dir.path()), Err(StoreError::InUse { .. })));
        assert_eq!(DataLock::holder(dir.path()).unwrap().as_deref(), Some(""));
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
