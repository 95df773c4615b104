//! A wall clock that a test sets, for one process and while it runs: a library that is loaded before all others
//! (`preload/wall_clock.c`), built with the C compiler that the embedded database is built with.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

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
        let (source, library) = (folder.join("wall_clock.c"), folder.join("wall_clock.so"));
        std::fs::write(&source, SOURCE)?;
        let mut compiler = Command::new(std::env::var_os("CC").unwrap_or("cc".into()));
        let built = compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).arg("-ldl");
        ensure!(built.status().context("run the C compiler")?.success(), "the library was not built");
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
        let library = self.library.to_str().context("a path that is text")?;
        let ahead = self.ahead.to_str().context("a path that is text")?;
        Ok([("LD_PRELOAD", library), ("WALL_CLOCK_AHEAD", ahead)])
    }
}
