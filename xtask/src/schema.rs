//! Files that are made of the code and kept in the repository: the API's document, the events, the table of commands, the
//! codes that screens translate, and the types of the console.

use std::path::Path;

use crate::{built, step};

/// Writes them.
pub fn write(root: &Path) -> anyhow::Result<()> {
    built::run(root, "schema", &[])?;
    types(root, "schema")
}

/// Fails where one differs from what the code says. Everything is built.
pub fn check(root: &Path) -> anyhow::Result<()> {
    built::alone(root, "schema", &["--check"])
}

/// The types of the console, from the API's document.
pub fn types(root: &Path, script: &str) -> anyhow::Result<()> {
    step::run("types of the console", &root.join("map-ui"), "npm", &["run", "--silent", script], &[])
}
