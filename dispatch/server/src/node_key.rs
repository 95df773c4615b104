//! The node's secret (`dispatch_store::key`): a file beside the data or where the configuration says, made at the first
//! start and in no backup.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use dispatch_store::{NodeKey, audit, place};

/// The file in the data directory.
pub const NODE_KEY_FILE: &str = "node-key";

/// Code of the technical alarm: answers are kept under another key.
pub const NODE_KEY_CHANGED: &str = "node_key_changed";

/// A key for as long as this process lives, where the node's own cannot be read: calls are taken all the same.
pub fn for_now() -> anyhow::Result<NodeKey> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).context("make a key")?;
    Ok(NodeKey::new(key))
}

/// Reads the key, or makes one where there is none: 32 bytes as 64 hex digits, for its owner alone.
pub fn read_or_make(path: &Path) -> anyhow::Result<NodeKey> {
    place::is_file_or_free(path)?;
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let key = audit::from_hex(text.trim());
            let key = key.ok_or_else(|| {
                anyhow!(
                    "{} is not 64 hex digits: bring back the key, or remove the file and have another made",
                    path.display()
                )
            })?;
            Ok(NodeKey::new(key))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
    }
}

fn make(path: &Path) -> anyhow::Result<NodeKey> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).context("make a key")?;
    let what = || format!("make {}", path.display());
    let own = path.with_extension(std::process::id().to_string());
    let mut options = std::fs::OpenOptions::new();
    let mut file =
        options.write(true).create(true).truncate(true).mode(0o600).open(&own).with_context(what)?;
    writeln!(file, "{}", audit::hex(&key)).and_then(|()| file.sync_all()).with_context(what)?;
    // Whole or not at all: another server may be making one in this moment, and whoever comes first has made it.
    let linked = std::fs::hard_link(&own, path);
    std::fs::remove_file(&own).with_context(what)?;
    // Before anything is answered under it.
    let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).with_context(what)?;
    match linked {
        Ok(()) => Ok(NodeKey::new(key)),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read_or_make(path),
        Err(error) => Err(error).with_context(what),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn it_is_made_once_and_read_after_that() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(NODE_KEY_FILE);
        let made = read_or_make(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(read_or_make(&path).unwrap().wrap([7; 32]), made.wrap([7; 32]));
        std::fs::write(&path, "short").unwrap();
        let told = read_or_make(&path).unwrap_err().to_string();
        assert!(told.contains("64 hex digits"), "{told}");
    }
}
