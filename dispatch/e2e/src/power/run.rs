//! A run: one recording, and cut after cut of it.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::task::JoinSet;

use super::moment::{Moment, moment};
use super::outcome::Outcome;
use super::record::{Recorded, record};
use super::stay::{Cut, stays};

/// Cuts tried at once.
const AT_ONCE: usize = 2;

/// What is to be run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How many cuts.
    pub cuts: u64,
    /// When the power goes, and what is left then.
    pub seed: u64,
    /// Only the cut of this number.
    pub only: Option<u64>,
    /// Flushes of the file whose name ends so do nothing: a disk that lies, to show that it is noticed.
    pub lying: Option<String>,
    /// A recording that was kept; otherwise a new one is made.
    pub recording: Option<PathBuf>,
    /// Where the recording and what was found of a cut are kept if something is wrong with it.
    pub keep: Option<PathBuf>,
}

/// Runs it. `progress` is told of every cut. A finding is no error: it stands in the outcome.
pub async fn run(options: Options, mut progress: impl FnMut(u64)) -> Result<Outcome> {
    let recorded = match &options.recording {
        Some(folder) => Recorded::read(folder)?,
        None => record(options.seed).await.context("record")?,
    };
    if let Some(keep) = &options.keep {
        recorded.keep(&keep.join("recording"))?;
    }
    let recorded = Arc::new(recorded);
    let mut outcome = Outcome::of(&recorded);
    let mut trying = JoinSet::new();
    let wanted = (0..options.cuts).filter(|number| options.only.is_none_or(|only| only == *number));
    let mut waiting = wanted.map(|number| moment(&recorded, number, options.seed));
    loop {
        while trying.len() < AT_ONCE
            && let Some(moment) = waiting.next()
        {
            trying.spawn(cut(recorded.clone(), moment, options.clone()));
        }
        let Some(tried) = trying.join_next().await else { return Ok(outcome) };
        outcome.add(tried??);
        progress(outcome.cuts);
    }
}

async fn cut(recorded: Arc<Recorded>, moment: Moment, options: Options) -> Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let cut = Cut { moment, lying: options.lying, folder: folder.path().canonicalize()? };
    let outcome = stays(&recorded, &cut).await;
    if let Some(keep) = options.keep.filter(|_| !outcome.findings.is_empty()) {
        let kept = keep.join(format!("cut-{}", cut.moment.number));
        std::fs::create_dir_all(&keep)?;
        // Across file systems too.
        let copied = std::process::Command::new("cp").arg("-a").arg(folder.path()).arg(kept).status()?;
        anyhow::ensure!(copied.success(), "what was found could not be kept");
    }
    Ok(outcome)
}
