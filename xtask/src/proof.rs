//! The whole proof, in the order in which it fails fastest. One build profile for all of it, so that nothing is
//! compiled twice.

use std::path::Path;

use crate::{advisories, built, machine, schema, step, tidy};

/// Runs everything.
pub fn run(root: &Path, browser: bool) -> anyhow::Result<()> {
    machine::prepare(browser)?;
    tidy::check(root)?;
    step::run("format", root, "cargo", &["fmt", "--all", "--check"], &[])?;
    console(root)?;
    let lint = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    step::run("lints", root, "cargo", &lint, &[])?;
    // Run by hand only (`cargo xtask planted`), it is of no target above; it has to compile all the same.
    let lint = ["clippy", "--workspace", "--test", "fault", "--quiet", "--", "-D", "warnings"];
    step::run("lints of the test that is run by hand", root, "cargo", &lint, &[])?;
    // One selection of packages for all of it: another selection would build the same crates with other features.
    let build = ["test", "--workspace", "--no-run", "--quiet"];
    step::run("build of everything, the binary included", root, "cargo", &build, &[])?;
    schema::check(root)?;
    licences(root)?;
    advisories::check(root)?;
    let skip = if browser { "0" } else { "1" };
    let tests = ["test", "--workspace", "--quiet"];
    step::run(
        "unit, property, doc and end-to-end tests",
        root,
        "cargo",
        &tests,
        &[("ORTOO_NO_BROWSER", skip)],
    )?;
    built::alone(root, "simulate", &["--seeds", "500"])?;
    built::alone(root, "flush-order", &[])?;
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
    schema::types(root, "schema:check")?;
    step::run("console format", &folder, "npm", &["run", "--silent", "lint"], &[])?;
    step::run("console types", &folder, "npm", &["run", "--silent", "check"], &[])?;
    step::run("console unit tests", &folder, "npm", &["run", "--silent", "test"], &[])
}

/// Licences, bans and sources, by a tool of the project's own in the target folder: nothing of the machine is changed.
/// Advisories are looked at apart, for its own way to them is the network alone.
fn licences(root: &Path) -> anyhow::Result<()> {
    let tools = root.join("target/tools");
    let deny = tools.join("bin/cargo-deny").to_string_lossy().into_owned();
    if !step::answers(&deny) {
        let tools = tools.to_string_lossy().into_owned();
        let install = ["install", "--quiet", "--locked", "--debug", "--root", &tools, "cargo-deny@0.20.2"];
        step::run("cargo-deny", root, "cargo", &install, &[])?;
    }
    step::run("dependencies", root, &deny, &["check", "licenses", "bans", "sources"], &[])
}
