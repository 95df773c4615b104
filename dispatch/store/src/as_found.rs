//! A folder as it was found, to be so again where what was begun in it has failed.
//!
//! **Absent on purpose**: what was changed of files that were there; whoever begins something writes new ones.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::lock::{DataLock, is_ours};
use crate::store::StoreError;

/// What was in a folder.
#[derive(Debug)]
pub struct AsFound {
    dir: PathBuf,
    /// Its mode, and the names in it; none where it was not there.
    held: Option<(u32, BTreeSet<OsString>)>,
    /// Folders that were not there, the innermost first.
    missing: Vec<PathBuf>,
}

impl AsFound {
    /// Looks at a data directory, which need not be there.
    pub fn look(dir: &Path) -> Result<Self, StoreError> {
        let failed = || StoreError::file(format!("looking at {}", dir.display()));
        let held = match fs::metadata(dir) {
            Ok(known) => Some((known.permissions().mode(), names(dir).map_err(failed())?)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(failed()(error)),
        };
        let above = dir.ancestors().filter(|above| !above.as_os_str().is_empty());
        let missing = above.take_while(|above| !above.exists()).map(Path::to_owned).collect();
        Ok(Self { dir: dir.into(), held, missing })
    }

    /// Takes away what is new in it by a name of ours, and the folder, if it was not there. Where another process has taken
    /// it meanwhile it is theirs.
    pub fn put_back(self) -> Result<(), StoreError> {
        let lock = match DataLock::take(&self.dir) {
            Err(StoreError::InUse { .. }) => return Ok(()),
            taken => taken?,
        };
        let failed = || StoreError::file(format!("leaving {} as it was found", self.dir.display()));
        let (mode, before) = self.held.unzip();
        let before = before.unwrap_or_default();
        for name in names(&self.dir).map_err(failed())?.difference(&before) {
            if is_ours(name) {
                fs::remove_file(self.dir.join(name)).map_err(failed())?;
            }
        }
        drop(lock);
        if let Some(mode) = mode {
            return fs::set_permissions(&self.dir, Permissions::from_mode(mode)).map_err(failed());
        }
        for made in self.missing {
            match fs::remove_dir(made) {
                // Somebody else has something there.
                Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => break,
                removed => removed.map_err(failed())?,
            }
        }
        Ok(())
    }
}

fn names(dir: &Path) -> std::io::Result<BTreeSet<OsString>> {
    fs::read_dir(dir)?.map(|entry| Ok(entry?.file_name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_and_ours_goes() {
        let dir = tempfile::tempdir().unwrap();
        let (kept, made) = (dir.path().join("kept"), dir.path().join("not/there"));
        fs::create_dir(&kept).unwrap();
        fs::set_permissions(&kept, Permissions::from_mode(0o755)).unwrap();
        fs::write(kept.join("witness"), "w").unwrap();
        let found = [AsFound::look(&kept).unwrap(), AsFound::look(&made).unwrap()];
        for folder in [&kept, &made] {
            drop(DataLock::take(folder).unwrap());
            fs::write(folder.join("journal.sqlite.partial"), "x").unwrap();
        }
        fs::write(kept.join("notes.txt"), "theirs").unwrap();
        for found in found {
            found.put_back().unwrap();
        }
        let left = names(&kept).unwrap();
        assert_eq!(left, BTreeSet::from(["notes.txt".into(), "witness".into()]));
        assert_eq!(fs::metadata(&kept).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(names(dir.path()).unwrap(), BTreeSet::from(["kept".into()]));
    }

    #[test]
    fn what_another_process_has_taken_is_left_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let found = AsFound::look(dir.path()).unwrap();
        let _theirs = DataLock::take(dir.path()).unwrap();
        fs::write(dir.path().join("journal.sqlite"), "x").unwrap();
        found.put_back().unwrap();
        assert!(dir.path().join("journal.sqlite").exists());
    }
}
