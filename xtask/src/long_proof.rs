//! The long proof: what takes too long for every proof and rarely fails. It is run by hand before a release, and its
//! result is dated in the papers.

use std::path::Path;

use crate::{built, fuzz, planted, soak, step};

/// The programs of the end-to-end tests, each for longer than in every proof.
const LONG: &[(&str, &[&str])] = &[
    ("simulate", &["--seeds", "3000", "--first-seed", "10000"]),
    ("crash-test", &["--kills", "200"]),
    ("damage", &["--rounds", "300"]),
    ("failover-test", &["--runs", "40"]),
    ("flush-order", &["--alarms", "2000"]),
    ("hostile", &["--seconds", "20"]),
    ("power-cut", &["--cuts", "200"]),
];

/// Each target of the fuzzer runs so long, seconds.
const FUZZ_S: u32 = 600;

/// Runs everything, the longest last.
pub fn run(root: &Path) -> anyhow::Result<()> {
    built::build(root)?;
    for (program, args) in LONG {
        built::alone(root, program, args)?;
    }
    fuzz::run(root, &fuzz::Asked::all(FUZZ_S))?;
    planted::run(root, None)?;
    soak::run(root, 10, 4)?;
    step::say("\nEverything holds, for longer too.");
    Ok(())
}
