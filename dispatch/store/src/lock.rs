//! One process, one data directory. The lock is the operating system's and goes with the process, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Seek, Write};
use std::path::Path;

use crate::store::StoreError;

/// A data directory held by this process until this value is dropped.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Creates the directory if need be and takes its lock; [`StoreError::InUse`] when another process has it.
    pub fn take(dir: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(dir).map_err(StoreError::file(format!("creating {}", dir.display())))?;
        let path = dir.join("lock");
        let describe = || format!("locking {}", path.display());
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(StoreError::file(describe()))?;
        match file.try_lock() {
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
