//! What all runs that drive the binary take.

use std::path::PathBuf;
use std::time::Duration;

use crate::page::To;

/// Where and how long.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Fewer consoles and shorter: to see that it runs, not to measure. Its results are named `.quick`.
    #[arg(long)]
    pub quick: bool,
    /// Folder on the disk to be measured.
    #[arg(long, default_value = "target/bench-data")]
    pub disk: PathBuf,
    /// Folder on a disk in memory, where a flush costs nothing.
    #[arg(long, default_value = "/dev/shm")]
    pub memory: PathBuf,
    /// Where the figures go.
    #[arg(long, default_value = "benches/results")]
    pub out: PathBuf,
}

impl Options {
    /// The files of a run.
    pub fn to(&self, name: &'static str) -> To {
        To { folder: self.out.clone(), name, quick: self.quick }
    }

    /// `whole` in a full run, `short` in a quick one.
    pub fn either<T>(&self, whole: T, short: T) -> T {
        if self.quick { short } else { whole }
    }

    /// Seconds in a full run, a fifth of them in a quick one.
    pub fn seconds(&self, whole: u64) -> Duration {
        Duration::from_millis(whole * self.either(1_000, 200))
    }
}
