//! A folder of this machine that a request may name something in, and nothing outside of it: not by an absolute path, not by
//! `..`, not through a link.
//!
//! **Absent on purpose**: guarding against whoever can change the folder itself meanwhile; that is its owner's affair.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use dispatch_core::kernel::text;

/// Longest name, bytes: file systems take no longer one.
const NAME_BYTES_MAX: usize = 255;

/// What was named is not in the folder, or nothing can be named so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a name of its own, without separators, no dot, hyphen or space before it and no space behind, or an absolute path, below {key}"
)]
pub struct Outside {
    /// The configuration's key of the folder.
    pub key: &'static str,
}

/// The place of what is named in a folder, links followed. It need not be there yet; the folder above it has to.
pub fn place(folder: &Path, asked: &str, key: &'static str) -> Result<PathBuf, Outside> {
    let within = |folder: PathBuf| {
        let path = if Path::new(asked).is_absolute() {
            PathBuf::from(asked)
        } else if is_name(OsStr::new(asked)) {
            folder.join(asked)
        } else {
            return None;
        };
        let found = match path.canonicalize() {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => to_be_made(&path)?,
            Err(_) => return None,
        };
        (found != folder && found.starts_with(&folder)).then_some(found)
    };
    folder.canonicalize().ok().and_then(within).ok_or(Outside { key })
}

/// The place of what is not there. A link that leads nowhere is there.
fn to_be_made(path: &Path) -> Option<PathBuf> {
    let name = path.file_name().filter(|name| is_name(name) && path.ends_with(name))?;
    let is_free = path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound);
    let above = path.parent()?.canonicalize().ok()?;
    is_free.then(|| above.join(name))
}

fn is_name(name: &OsStr) -> bool {
    let mut parts = Path::new(name).components();
    let is_one =
        matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name);
    let text = name.to_str().unwrap_or_default();
    is_one
        && (1..=NAME_BYTES_MAX).contains(&text.len())
        // A leading hyphen is an option to whoever names it in a shell.
        && !text.starts_with(['.', '-'])
        && text.trim() == text
        && text::hidden(text).is_none()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_what_lies_in_the_folder_is_found() {
        let all = tempfile::tempdir().unwrap();
        let all = all.path().canonicalize().unwrap();
        let folder = all.join("copies");
        for made in ["copies/old", "beside", "copies-2"] {
            fs::create_dir_all(all.join(made)).unwrap();
        }
        symlink(all.join("beside"), folder.join("out")).unwrap();
        symlink(folder.join("old"), folder.join("in")).unwrap();
        symlink(all.join("nowhere"), folder.join("dangling")).unwrap();
        symlink(&folder, all.join("alias")).unwrap();
        let place = |asked: &str| place(&folder, asked, "backups").ok();
        assert_eq!(place("new"), Some(folder.join("new")));
        assert_eq!(place("old"), Some(folder.join("old")));
        assert_eq!(place("in"), Some(folder.join("old")));
        assert_eq!(place("2026-11-30 晚"), Some(folder.join("2026-11-30 晚")));
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        assert_eq!(place(&text(folder.join("new"))), Some(folder.join("new")));
        assert_eq!(place(&text(folder.join("old/inner"))), Some(folder.join("old/inner")));
        assert_eq!(place(&text(all.join("alias/new"))), Some(folder.join("new")), "links are followed first");
        let long = "x".repeat(256);
        for asked in [
            "",
            ".",
            "..",
            ".hidden",
            "a/b",
            "a/",
            "./a",
            "../beside",
            "old/../../beside",
            "a\0b",
            "a\nb",
            "a\u{202e}b",
            "-rf",
            " a",
            "a\u{3000}",
        ]
        .into_iter()
        .chain(["out", "out/new", "dangling", "/", "/proc", "/etc/passwd", &long])
        {
            assert_eq!(place(asked), None, "{asked:?}");
        }
        for outside in [
            "copies",
            "copies/.",
            "copies-2",
            "copies-2/new",
            "beside/new",
            "copies/../beside/new",
            "copies/out/new",
        ] {
            assert_eq!(place(&text(all.join(outside))), None, "{outside}");
        }
        for outside in ["copies/dangling", "copies/nowhere/new", "copies/.new", "copies/new/.."] {
            assert_eq!(place(&text(all.join(outside))), None, "{outside}");
        }
        assert_eq!(super::place(&all.join("nowhere"), "new", "backups"), Err(Outside { key: "backups" }));
    }
}
