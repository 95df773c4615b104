//! What lies where a file of ours is to be. To open a pipe is to wait for whoever is at its other end, for ever where
//! nobody is: what is no file is named before anything opens it.
//!
//! **Absent on purpose**: guarding against whoever changes the folder in that very moment; that is its owner's affair.

use std::fs::FileType;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// What a database keeps beside its file while it is open, by the end of the name.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Nothing, or a file, lies at a path; links are followed. Whatever cannot be looked at is left to whoever opens it.
pub fn is_file_or_free(path: &Path) -> Result<(), StoreError> {
    is_file(path, "move it away")
}

/// The same of a database of ours and of what `SQLite` keeps beside it.
pub(crate) fn is_database_or_free(file: &Path) -> Result<(), StoreError> {
    let journal = "keep what lies there, and bring the journal back from its mirror with `ortoo recover MIRROR`, or from a \
                   backup with `ortoo restore BACKUP` into another, empty --data-dir";
    is_file(file, journal)?;
    for end in BESIDE {
        let beside = PathBuf::from(format!("{}{end}", file.display()));
        is_file(
            &beside,
            "move it away: the database makes its own file there, and what may be lacking then is said",
        )?;
    }
    Ok(())
}

fn is_file(path: &Path, remedy: &str) -> Result<(), StoreError> {
    let Some(found) = other_than_file(path) else { return Ok(()) };
    Err(StoreError::Unusable {
        at: path.display().to_string(),
        why: format!("it is {found}, where a file has to be"),
        remedy: remedy.into(),
    })
}

/// What lies at a path that is neither free nor a file, in words.
pub(crate) fn other_than_file(path: &Path) -> Option<&'static str> {
    let kind = std::fs::metadata(path).ok()?.file_type();
    (!kind.is_file()).then(|| named(kind))
}

fn named(kind: FileType) -> &'static str {
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn what_is_no_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let said = |path: &Path| is_file_or_free(path).map_err(|error| error.to_string());
        let (pipe, socket) = (dir.path().join("pipe"), dir.path().join("socket"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let _listener = UnixListener::bind(&socket).unwrap();
        std::fs::write(dir.path().join("file"), "x").unwrap();
        for (path, is) in [
            (pipe.as_path(), "it is a pipe"),
            (&socket, "it is a socket"),
            (dir.path(), "it is a folder"),
            (Path::new("/dev/null"), "it is a device"),
        ] {
            let error = said(path).unwrap_err();
            assert!(error.contains(is) && error.contains(&path.display().to_string()), "{error}");
        }
        assert_eq!(said(&dir.path().join("file")), Ok(()));
        assert_eq!(said(&dir.path().join("nothing")), Ok(()));
    }

    #[test]
    fn what_lies_beside_a_database_counts() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("journal.sqlite");
        for beside in ["journal.sqlite-wal", "journal.sqlite-shm"] {
            let folder = dir.path().join(beside);
            std::fs::create_dir(&folder).unwrap();
            let error = is_database_or_free(&file).unwrap_err().to_string();
            assert!(error.contains(&format!("{}: it is a folder", folder.display())), "{error}");
            assert!(error.contains("move it away"), "{error}");
            std::fs::remove_dir(&folder).unwrap();
        }
        assert!(is_database_or_free(&file).is_ok());
    }
}
