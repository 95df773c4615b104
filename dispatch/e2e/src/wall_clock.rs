//! A wall clock that a test sets, for one process and while it runs (`preload/wall_clock.c`).

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::preload::{built, text};

const SOURCE: &str = include_str!("../preload/wall_clock.c");

/// A wall clock.
#[derive(Debug)]
pub struct WallClock {
    library: PathBuf,
    ahead: PathBuf,
    file: File,
}

impl WallClock {
    /// One that is right; its files lie in `folder`.
    pub fn new(folder: &Path) -> anyhow::Result<Self> {
        let library = built(folder, "wall_clock", SOURCE)?;
        let ahead = folder.join("ahead");
        let clock = Self { library, file: File::create(&ahead)?, ahead };
        clock.set_ahead(0)?;
        Ok(clock)
    }

    /// From now on it is ahead by these seconds; behind where they are negative.
    pub fn set_ahead(&self, seconds: i64) -> anyhow::Result<()> {
        self.file.write_all_at(&seconds.to_ne_bytes(), 0).context("set the clock")
    }

    /// The environment of a process that lives by it.
    pub fn envs(&self) -> anyhow::Result<[(&str, &str); 2]> {
        Ok([("LD_PRELOAD", text(&self.library)?), ("WALL_CLOCK_AHEAD", text(&self.ahead)?)])
    }
}
