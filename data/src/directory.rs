//! A package as a folder on disk.
//!
//! Leaves out: checking, and folders inside the folder: a package is flat.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use crate::{load::FILE_BYTES_MAX, package::Files};

/// Reads the files of the package in `folder`. Names that begin with a dot and folders are passed over;
/// a pipe or a device, which may have no end, is an error that names it.
/// A file over the limit is read one byte beyond it only, so that [`crate::Package::read`] reports it.
pub fn read_directory(folder: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = fs::metadata(entry.path())?;
        if name.starts_with('.') || kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            return Err(io::Error::other(format!("{name} is no file: move it away")));
        }
        let mut bytes = Vec::new();
        File::open(entry.path())?.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
        files.insert(name, bytes);
    }
    Ok(files)
}
