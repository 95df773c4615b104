//! A scratch copy of the repository as it lies on disk, in `target/planted`: a worktree of git, reset at each run, with a
//! target folder of its own that is kept from run to run, so that foreign crates are compiled once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::step;

/// The copy.
pub struct Scratch {
    folder: PathBuf,
    target: PathBuf,
}

impl Scratch {
    /// Makes the copy, or brings the one that is there up to date: whatever an earlier run left in it is gone, and what
    /// is new or changed in the repository and not committed is part of it.
    pub fn of(root: &Path) -> anyhow::Result<Self> {
        let home = root.join("target/planted");
        fs::create_dir_all(&home)?;
        let scratch = Self { folder: home.join("tree"), target: home.join("build") };
        let tree = written(root, &home.join("index"))?;
        // One that a killed run left half-made is made anew.
        if !scratch.folder.join(".git").is_file() || scratch.reset(&tree).is_err() {
            let _ = fs::remove_dir_all(&scratch.folder);
            let folder = scratch.folder.to_string_lossy().into_owned();
            step::output(root, "git", &["worktree", "prune"])?;
            step::output(root, "git", &["worktree", "add", "--detach", "--no-checkout", &folder, "HEAD"])?;
            scratch.reset(&tree)?;
        }
        Ok(scratch)
    }

    /// The files are those of a tree, and no others; those that are so already keep their times.
    fn reset(&self, tree: &str) -> anyhow::Result<()> {
        self.git(&["read-tree", "--reset", "-u", tree])?;
        self.git(&["clean", "--force", "-d", "--quiet"])
    }

    /// Runs git in it.
    pub fn git(&self, args: &[&str]) -> anyhow::Result<()> {
        step::output(&self.folder, "git", args).map(drop)
    }

    /// A command in it, not started yet.
    pub fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).envs(self.envs()).current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    /// Runs cargo in it.
    pub fn cargo(&self, headline: &str, args: &[&str]) -> anyhow::Result<()> {
        let envs = self.envs();
        let envs: Vec<(&str, &str)> = envs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        step::run(headline, &self.folder, "cargo", args, &envs)
    }

    /// Where a program lies that was built in it.
    pub fn built(&self, program: &str) -> String {
        self.target.join("debug").join(program).to_string_lossy().into_owned()
    }

    /// No part that is run here opens the console.
    fn envs(&self) -> [(&'static str, String); 3] {
        [
            ("CARGO_TARGET_DIR", self.target.to_string_lossy().into_owned()),
            ("ORTOO_BIN", self.built("ortoo")),
            ("ORTOO_CONSOLE_DIST", "none".into()),
        ]
    }
}

/// Writes the repository's files as they lie on disk into git's store, by an index of its own: the tree they make.
fn written(root: &Path, index: &Path) -> anyhow::Result<String> {
    let theirs = step::output(root, "git", &["rev-parse", "--git-path", "index"])?;
    // What git knows of the files already need not be read again.
    fs::copy(root.join(theirs.trim()), index).context("copy the index of git")?;
    let git = |args: &[&str]| -> anyhow::Result<String> {
        let output =
            Command::new("git").args(args).current_dir(root).env("GIT_INDEX_FILE", index).output()?;
        anyhow::ensure!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    };
    git(&["add", "--all"])?;
    Ok(git(&["write-tree"])?.trim().to_owned())
}
