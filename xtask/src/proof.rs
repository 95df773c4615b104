//! The whole proof, in the order in which it fails fastest. One build profile for all of it, so that nothing is
//! compiled twice.

use std::path::Path;

use crate::{machine, step, tidy};

/// Runs everything.
pub fn run(root: &Path, browser: bool) -> anyhow::Result<()> {
    machine::prepare(browser)?;
    tidy::check(root)?;
    step::run("format", root, "cargo", &["fmt", "--all", "--check"], &[])?;
    console(root)?;
    let lint = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    step::run("lints", root, "cargo", &lint, &[])?;
    step::run(
        "binary",
        root,
        "cargo",
        &["build", "--quiet", "--package", "dispatch-server", "--bin", "ortoo"],
        &[],
    )?;
    let tests = ["test", "--workspace", "--exclude", "dispatch-e2e", "--quiet"];
    step::run("unit, property and doc tests", root, "cargo", &tests, &[])?;
    licences(root)?;
    let skip = if browser { "0" } else { "1" };
    let end_to_end = ["test", "--package", "dispatch-e2e"];
    step::run("end to end", root, "cargo", &end_to_end, &[("ORTOO_NO_BROWSER", skip)])?;
    step::say("\nEverything holds.");
    Ok(())
}

fn console(root: &Path) -> anyhow::Result<()> {
    let folder = root.join("map-ui");
    step::run(
        "console packages",
        &folder,
        "npm",
        &["ci", "--no-audit", "--no-fund", "--loglevel=error"],
        &[],
    )?;
    step::run("console types", &folder, "npm", &["run", "--silent", "check"], &[])?;
    step::run("console unit tests", &folder, "npm", &["run", "--silent", "test"], &[])
}

/// Licences, bans and sources need no network; advisories do and are left to `cargo deny check` by hand.
fn licences(root: &Path) -> anyhow::Result<()> {
    if !step::answers("cargo-deny") {
        step::say(
            "\n== dependencies: cargo-deny is not installed (cargo install cargo-deny --locked); not checked",
        );
        return Ok(());
    }
    step::run("dependencies", root, "cargo", &["deny", "check", "licenses", "bans", "sources"], &[])
}
