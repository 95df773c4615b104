//! Programs of the end-to-end tests that are worth running alone and for longer, built as the proof builds them.

use std::path::{Path, PathBuf};

use crate::{machine, step};

/// Builds everything.
pub fn build(root: &Path) -> anyhow::Result<()> {
    machine::prepare(false)?;
    // The selection of the proof: another one would build the same crates once more, with other features.
    step::run("build", root, "cargo", &["test", "--workspace", "--no-run", "--quiet"], &[])
}

/// Builds everything and runs one of them.
pub fn run(root: &Path, program: &str, args: &[String]) -> anyhow::Result<()> {
    build(root)?;
    alone(root, program, &args.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Runs one that is built.
pub fn alone(root: &Path, program: &str, args: &[&str]) -> anyhow::Result<()> {
    let path = path(root, "debug", program);
    step::run(program, root, &path.to_string_lossy(), args, &[])
}

/// Where cargo puts a program: below `CARGO_TARGET_DIR`, where somebody has set it.
pub fn path(root: &Path, profile: &str, program: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root.join(target).join(profile).join(program)
}
