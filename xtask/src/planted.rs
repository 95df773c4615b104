//! Proof of the proof: bugs that somebody may make in good faith are planted one by one, and the part of the proof that
//! is to catch each must fail; without the bug it must hold. The server is built apart, in `target/planted`, with the
//! feature that no shipped build has.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail, ensure};

use crate::step;

/// The list of bugs, in the only place where it stands.
const BUGS: &str = include_str!("../../dispatch/core/src/planted.rs");

/// A bug and the command of cargo that must fail with it, and must not without.
struct Row {
    bug: &'static str,
    cargo: &'static [&'static str],
}

/// What catches what.
const TABLE: &[Row] = &[
    Row { bug: "AnswerBeforeCommit", cargo: WRITER },
    Row { bug: "SpeculativeRefusal", cargo: WRITER },
    Row { bug: "ReusedSequence", cargo: WRITER },
    Row { bug: "AppliedTwice", cargo: WRITER },
    Row { bug: "LostAnswer", cargo: WRITER },
    Row {
        bug: "UnitTakenTwice",
        cargo: &["test", "--quiet", "-p", "dispatch-core", "--features", "planted", "--lib"],
    },
    Row { bug: "ShortSnapshot", cargo: WRITER },
    Row {
        bug: "PlainFence",
        cargo: &["test", "--quiet", "-p", "dispatch-store", "--features", "planted", "--test", "postgres"],
    },
    Row { bug: "UnsyncedCommit", cargo: &["run", "--quiet", "-p", "dispatch-e2e", "--bin", "flush-order"] },
    Row {
        bug: "SkippingCursor",
        cargo: &["test", "--quiet", "-p", "dispatch-e2e", "--test", "courier", "every_order"],
    },
];

/// What the simulator has to catch by itself as well.
const SIMULATED: &[&str] = &[
    "AnswerBeforeCommit",
    "SpeculativeRefusal",
    "ReusedSequence",
    "AppliedTwice",
    "LostAnswer",
    "UnitTakenTwice",
    "ShortSnapshot",
    "SkippingCursor",
];

/// The writer beside a store that fails, step by step and at random.
const WRITER: &[&str] = &["test", "--quiet", "-p", "dispatch-writer", "--features", "planted"];

/// What is built apart.
const BUILD: &[&str] = &[
    "build",
    "--quiet",
    "-p",
    "dispatch-server",
    "-p",
    "dispatch-sim",
    "--features",
    "dispatch-server/planted,dispatch-sim/planted,dispatch-sim/trial",
];

/// Trials in which each has to be caught.
const SEEDS: &[&str] = &["--seeds", "100"];

/// Plants every bug of the table, or the one named.
pub fn run(root: &Path, only: Option<&str>) -> anyhow::Result<()> {
    let bugs = bugs();
    for row in TABLE {
        ensure!(bugs.contains(&row.bug), "{}: the table names a bug that nobody can plant", row.bug);
    }
    let target = root.join("target/planted");
    let binary = target.join("debug/ortoo");
    let simulate = target.join("debug/simulate").to_string_lossy().into_owned();
    let (target, binary) = (target.to_string_lossy().into_owned(), binary.to_string_lossy().into_owned());
    // The server and the simulator are built apart: what drives the server is the same for every build.
    let apart = [("CARGO_TARGET_DIR", target.as_str())];
    let envs = [("ORTOO_BIN", binary.as_str())];
    step::run("a server and a simulator that can be made to fail", root, "cargo", BUILD, &apart)?;
    if only.is_none() {
        let faults = ["test", "--quiet", "-p", "dispatch-e2e", "--features", "planted", "--test", "fault"];
        step::run("every point, struck by everything", root, "cargo", &faults, &envs)?;
        let shipped = ["test", "--quiet", "-p", "dispatch-e2e", "--test", "shipped"];
        fails("a build with faults", root, "cargo", &shipped, &envs)?;
    }
    for row in TABLE.iter().filter(|row| only.is_none_or(|only| only == row.bug)) {
        step::run("without a bug", root, "cargo", row.cargo, &envs)?;
        let planted = [envs[0], ("ORTOO_PLANTED", row.bug)];
        fails(row.bug, root, "cargo", row.cargo, &planted)?;
    }
    step::run("without a bug", root, &simulate, SEEDS, &[])?;
    for bug in SIMULATED.iter().filter(|bug| only.is_none_or(|only| only == **bug)) {
        fails(bug, root, &simulate, SEEDS, &[("ORTOO_PLANTED", bug)])?;
    }
    let uncaught: Vec<&str> =
        bugs.into_iter().filter(|bug| TABLE.iter().all(|row| row.bug != *bug)).collect();
    ensure!(only.is_some() || uncaught.is_empty(), "nothing is said to catch {}", uncaught.join(", "));
    step::say("\nEverything planted was caught.");
    Ok(())
}

/// Runs a command that must fail, and not because it cannot be built.
fn fails(bug: &str, root: &Path, program: &str, args: &[&str], envs: &[(&str, &str)]) -> anyhow::Result<()> {
    let name = Path::new(program).file_name().unwrap_or_default().to_string_lossy();
    step::say(&format!("\n== {bug} must be caught by: {name} {}", args.join(" ")));
    let output = Command::new(program)
        .args(args)
        .envs(envs.iter().copied())
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("run {name}"))?;
    if output.status.success() {
        bail!("{bug} was not caught: {name} {} holds", args.join(" "));
    }
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    ensure!(!said.contains("could not compile"), "{bug}: {said}");
    let why = said.lines().find(|line| line.starts_with("Error:") || line.contains("panicked at"));
    step::say(&format!("== {bug}: caught: {}", why.unwrap_or("it failed")));
    Ok(())
}

/// The names in `Bug::ALL`.
fn bugs() -> Vec<&'static str> {
    let list =
        BUGS.split("pub const ALL").nth(1).and_then(|rest| rest.split("];").next()).unwrap_or_default();
    let names = list.lines().filter_map(|line| line.trim().strip_prefix("Self::"));
    names.map(|name| name.trim_end_matches(',')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_bugs_is_read_from_where_it_stands() {
        assert!(bugs().contains(&"SkippingCursor"));
        assert_eq!(format!("[Self; {}]", bugs().len()), BUGS.split("ALL: ").nth(1).unwrap()[..10].to_owned());
    }
}
