//! Libraries that a process loads before all others (`preload/`), built with the C compiler that the embedded database is
//! built with.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Builds one from its source, in `folder`; where it lies.
pub fn built(folder: &Path, name: &str, source: &str) -> anyhow::Result<PathBuf> {
    let (code, library) = (folder.join(format!("{name}.c")), folder.join(format!("{name}.so")));
    std::fs::write(&code, source)?;
    let mut compiler = Command::new(std::env::var_os("CC").unwrap_or("cc".into()));
    let built = compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&code).arg("-ldl");
    ensure!(built.status().context("run the C compiler")?.success(), "{name} was not built");
    Ok(library)
}

/// A path as text, as the environment of a process holds it.
pub fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("a path that is text")
}
