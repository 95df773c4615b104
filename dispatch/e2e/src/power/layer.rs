//! The layer that writes down what a node does to its disks (`preload/disk_log.c`).

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::recording::Recording;
use crate::preload::{built, text};

const SOURCE: &str = include_str!("../../preload/disk_log.c");

/// A layer, and the log it writes.
#[derive(Debug)]
pub struct DiskLog {
    library: PathBuf,
    log: PathBuf,
    /// The disks, separated by colons.
    disks: String,
    folder: String,
}

impl DiskLog {
    /// Of the disks in a folder, which is named as the kernel names it; its own files lie in `tools`.
    pub fn new(tools: &Path, folder: &Path, disks: &[&str]) -> Result<Self> {
        let library = built(tools, "disk_log", SOURCE)?;
        let log = tools.join("disk.log");
        File::create(&log)?;
        let folder = text(folder)?.to_owned();
        let disks: Vec<String> = disks.iter().map(|disk| format!("{folder}/{disk}")).collect();
        Ok(Self { library, log, disks: disks.join(":"), folder })
    }

    /// The environment of a process whose doings are written down.
    pub fn envs(&self) -> Result<[(&str, &str); 3]> {
        Ok([
            ("LD_PRELOAD", text(&self.library)?),
            ("DISK_LOG", text(&self.log)?),
            ("DISK_ROOTS", &self.disks),
        ])
    }

    /// The log.
    pub fn path(&self) -> &Path {
        &self.log
    }

    /// How long it is.
    pub fn length(&self) -> Result<u64> {
        Ok(self.log.metadata()?.len())
    }

    /// While this is held nothing is done to the disks.
    pub fn hold(&self) -> Result<File> {
        let file = File::open(&self.log)?;
        file.lock().context("hold the disks")?;
        Ok(file)
    }

    /// What is written down so far.
    pub fn read(&self) -> Result<Recording> {
        Recording::read(std::fs::read(&self.log)?, &self.folder)
    }
}
