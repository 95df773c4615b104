//! Proof of the proof: bugs that somebody may make in good faith are planted one by one, each a patch of
//! `xtask/planted/`, and every part of the proof that is to catch one must fail; without a bug it must hold. All of it is
//! built in a scratch copy of the repository, so that no file of the product knows of a bug.
//!
//! Before that a server that can be asked to fail, as no shipped one can, is struck at every place.

mod scratch;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};

use self::scratch::Scratch;
use crate::step;
use crate::tree::Tree;

/// Where the patches lie, from the root.
const PATCHES: &str = "xtask/planted/";

/// A bug, named as its patch is, and what must fail with it.
struct Row {
    bug: &'static str,
    caught_by: &'static [Part],
}

/// What catches what.
const TABLE: &[Row] = &[
    Row { bug: "answer-before-commit", caught_by: &[WRITER, SIMULATOR] },
    Row { bug: "speculative-refusal", caught_by: &[WRITER, SIMULATOR] },
    Row { bug: "reused-sequence", caught_by: &[WRITER, SIMULATOR] },
    Row { bug: "applied-twice", caught_by: &[WRITER, SIMULATOR] },
    Row { bug: "lost-answer", caught_by: &[WRITER, SIMULATOR] },
    Row { bug: "unit-taken-twice", caught_by: &[CORE, SIMULATOR] },
    Row { bug: "short-snapshot", caught_by: &[WRITER, SIMULATOR] },
    Row { bug: "clock-at-its-word", caught_by: &[WRITER, SIMULATOR] },
    Row { bug: "decided-while-halted", caught_by: &[WRITER, SIMULATOR] },
    Row { bug: "losses-at-one-word", caught_by: &[CORE, SIMULATOR] },
    Row { bug: "plain-fence", caught_by: &[POSTGRES] },
    Row { bug: "unsynced-commit", caught_by: &[FLUSH_ORDER] },
    Row { bug: "skipping-cursor", caught_by: &[DELIVERY, SIMULATOR] },
];

/// A part of the proof.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Tests of a crate, as `cargo test` is told of them.
    Tests(&'static [&'static str]),
    /// A test that drives the server, and which of its functions.
    EndToEnd(&'static str, &'static [&'static str]),
    /// A program.
    Program {
        name: &'static str,
        /// What is built beside it.
        beside: &'static [&'static str],
        args: &'static [&'static str],
        /// How a line of its begins that tells of a broken rule.
        mark: &'static str,
    },
}

/// The writer beside a store that fails, step by step and at random.
const WRITER: Part = Part::Tests(&["-p", "dispatch-writer"]);
const CORE: Part = Part::Tests(&["-p", "dispatch-core", "--lib"]);
const POSTGRES: Part = Part::Tests(&["-p", "dispatch-store", "--test", "postgres"]);
const DELIVERY: Part = Part::EndToEnd("delivery", &["every_order"]);
const FLUSH_ORDER: Part = Part::Program { name: "flush-order", beside: NODE, args: &[], mark: "FOUND " };
/// Trials in which each has to be caught.
const SIMULATOR: Part =
    Part::Program { name: "simulate", beside: &[], args: &["--seeds", "100"], mark: "SEED " };

/// The node and the programs beside it, built together: another selection of packages would build the same crates once
/// more, with other features.
const TOGETHER: &[&str] = &[
    "build",
    "--quiet",
    "-p",
    "dispatch-server",
    "-p",
    "dispatch-sim",
    "-p",
    "dispatch-e2e",
    "--features",
    "dispatch-sim/trial",
];

/// The node's program, as cargo is told of it.
const NODE: &[&str] = &["--bin", "ortoo"];

/// A node that can be asked to fail.
const FAULTS: &[&str] = &["--features", "dispatch-server/faults"];

impl Part {
    /// Builds it; a node it drives with these features.
    fn build(self, scratch: &Scratch, features: &[&str]) -> anyhow::Result<()> {
        match self {
            Self::Tests(which) => scratch.cargo("build", &[&["test", "--no-run", "--quiet"], which].concat()),
            Self::EndToEnd(test, _) => {
                scratch.cargo("build", &[TOGETHER, NODE, features].concat())?;
                let args = ["test", "--no-run", "--quiet", "-p", "dispatch-e2e", "--test", test];
                scratch.cargo("build", &args)
            }
            Self::Program { name, beside, .. } => {
                scratch.cargo("build", &[TOGETHER, &["--bin", name], beside, features].concat())
            }
        }
    }

    /// The command that runs it, once it is built.
    fn command(self, scratch: &Scratch) -> Command {
        match self {
            Self::Tests(which) => scratch.command("cargo", &[&["test", "--quiet"], which].concat()),
            Self::EndToEnd(test, which) => {
                let args = ["test", "--quiet", "-p", "dispatch-e2e", "--test", test];
                scratch.command("cargo", &[&args, which].concat())
            }
            Self::Program { name, args, .. } => scratch.command(&scratch.built(name), args),
        }
    }

    /// How a line begins that tells of a broken rule.
    fn mark(self) -> &'static str {
        match self {
            Self::Tests(_) | Self::EndToEnd(..) => "---- ",
            Self::Program { mark, .. } => mark,
        }
    }

    /// What it is called.
    fn name(self) -> String {
        match self {
            Self::Tests(which) => [&["test"], which].concat().join(" "),
            Self::EndToEnd(test, which) => [&["test", "--test", test], which].concat().join(" "),
            Self::Program { name, args, .. } => [&[name], args].concat().join(" "),
        }
    }

    /// It has to hold.
    fn holds(self, scratch: &Scratch, features: &[&str]) -> anyhow::Result<()> {
        self.build(scratch, features)?;
        let headline = format!("{} must hold", self.name());
        step::say(&format!("\n== {headline}"));
        let status = self.command(scratch).status().with_context(|| headline.clone())?;
        ensure!(status.success(), "{headline}: {status}");
        Ok(())
    }

    /// It has to fail by what it looks at: what cannot be built or run is not caught.
    fn catches(self, what: &str, scratch: &Scratch, features: &[&str]) -> anyhow::Result<()> {
        let name = self.name();
        self.build(scratch, features).with_context(|| format!("{what} cannot be built for {name}"))?;
        let output = self.command(scratch).output().with_context(|| format!("run {name}"))?;
        let said =
            [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
        let Some(broken) = said.lines().find(|line| line.starts_with(self.mark())) else {
            bail!("{what} was not caught by {name}, which ended with {}:\n{said}", output.status);
        };
        ensure!(!output.status.success(), "{name} tells of {what} and holds");
        let caught = broken.trim_start_matches("---- ").trim_end_matches(" stdout ----");
        step::say(&format!("== {what}: caught by {name}: {caught}"));
        Ok(())
    }
}

/// Plants every bug of the table, or the one named.
pub fn run(root: &Path, only: Option<&str>) -> anyhow::Result<()> {
    let rows: Vec<&Row> = TABLE.iter().filter(|row| only.is_none_or(|only| only == row.bug)).collect();
    let known = || TABLE.iter().map(|row| row.bug).collect::<Vec<_>>().join(", ");
    ensure!(!rows.is_empty(), "there is no such bug; there are {}", known());
    let scratch = Scratch::of(root)?;
    if only.is_none() {
        Part::EndToEnd("fault", &[]).holds(&scratch, FAULTS)?;
        Part::EndToEnd("shipped", &[]).catches("a build that can be asked to fail", &scratch, FAULTS)?;
    }
    let mut held = Vec::new();
    for part in rows.iter().flat_map(|row| row.caught_by) {
        if !held.contains(part) {
            part.holds(&scratch, &[])?;
            held.push(*part);
        }
    }
    let mut missed = Vec::new();
    for Row { bug, caught_by } in rows {
        let patch = root.join(format!("{PATCHES}{bug}.patch"));
        scratch.git(&["apply", &patch.to_string_lossy()])?;
        for part in *caught_by {
            // The others are tried all the same.
            if let Err(why) = part.catches(bug, &scratch, &[]) {
                step::say(&format!("{why:#}"));
                missed.push(format!("{bug} by {}", part.name()));
            }
        }
        scratch.git(&["apply", "--reverse", &patch.to_string_lossy()])?;
    }
    ensure!(missed.is_empty(), "not caught: {}", missed.join("; "));
    step::say("\nEverything planted was caught.");
    Ok(())
}

/// Faults of the patches, one sentence each: every bug has one, it says what goes wrong, and it applies to the files as
/// they are.
pub fn faults(root: &Path, tree: &Tree) -> Vec<String> {
    let patches = tree.paths.iter().filter(|path| path.starts_with(PATCHES));
    let strays = patches.filter(|path| TABLE.iter().all(|row| **path != file(row.bug)));
    let mut faults: Vec<String> =
        strays.map(|path| format!("{path}: no row of xtask/src/planted.rs says what catches it")).collect();
    for path in TABLE.iter().map(|row| file(row.bug)) {
        let Ok(patch) = std::fs::read_to_string(root.join(&path)) else {
            faults.push(format!("{path}: a bug of xtask/src/planted.rs has no patch"));
            continue;
        };
        if ["", "diff", "---"].contains(&patch.split([' ', '\n']).next().unwrap_or_default()) {
            faults.push(format!("{path}: the first line says what goes wrong"));
        }
        if let Err(why) = step::output(root, "git", &["apply", "--check", &path]) {
            faults.push(format!("{path}: does not apply any more: {}", why.to_string().trim()));
        }
    }
    faults
}

/// The patch of a bug, from the root.
fn file(bug: &str) -> String {
    format!("{PATCHES}{bug}.patch")
}

#[cfg(test)]
mod tests {
    use super::{TABLE, faults, file};
    use crate::tree::Tree;

    fn said(patch: &str) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("planted-{}-{}", std::process::id(), patch.len()));
        let name = file(TABLE[0].bug);
        std::fs::create_dir_all(folder.join("xtask/planted")).unwrap();
        std::fs::write(folder.join("kept.txt"), "one\ntwo\n").unwrap();
        std::fs::write(folder.join(&name), patch).unwrap();
        let found = faults(&folder, &Tree::of(&[(&name, ""), ("xtask/planted/stray.patch", "")]));
        std::fs::remove_dir_all(folder).unwrap();
        found.into_iter().filter(|fault| !fault.ends_with("has no patch")).collect()
    }

    const CHANGE: &str = "--- a/kept.txt\n+++ b/kept.txt\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n";

    #[test]
    fn a_patch_says_what_goes_wrong_applies_and_has_its_row() {
        let stray = "xtask/planted/stray.patch: no row of xtask/src/planted.rs says what catches it";
        assert_eq!(said(&format!("Two is lost.\n\n{CHANGE}")), [stray]);
        let silent = said(CHANGE);
        assert_eq!(silent.len(), 2, "{silent:?}");
        assert!(silent[1].ends_with("the first line says what goes wrong"), "{silent:?}");
        let stale = said(&format!("Two is lost.\n\n{}", CHANGE.replace("two", "seven")));
        assert_eq!(stale.len(), 2, "{stale:?}");
        assert!(stale[1].contains("does not apply any more") && stale[1].contains("kept.txt"), "{stale:?}");
    }

    #[test]
    fn a_bug_without_a_patch_is_named() {
        let nowhere = std::env::temp_dir().join("planted-nowhere");
        assert_eq!(faults(&nowhere, &Tree::of(&[])).len(), TABLE.len());
    }
}
