//! Programs of the end-to-end tests that are worth running alone and for longer, built as the proof builds them.

use std::path::Path;

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
    let path = root.join("target/debug").join(program);
    step::run(program, root, &path.to_string_lossy(), args, &[])
}
