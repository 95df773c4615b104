//! `ortoo replay`: a call log, and what was found in it.

use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::replay::{self, Options};
use crate::terminal::say;

/// Replays `log` and prints the report; fails when ours and the log differ or a call is unaccounted for.
pub(crate) async fn replay(
    log: PathBuf,
    mapping: Option<PathBuf>,
    keep: Option<PathBuf>,
) -> anyhow::Result<()> {
    let scratch = std::env::temp_dir().join(format!("ortoo-replay-{}", std::process::id()));
    let options = Options { log, mapping, data_dir: keep.clone().unwrap_or_else(|| scratch.clone()) };
    let replayed = replay::run(&options).await;
    if keep.is_none() && scratch.exists() {
        std::fs::remove_dir_all(&scratch).context("remove the journal of the replay")?;
    }
    let replayed = replayed?;
    let verified = &replayed.verified;
    say(&replayed.report.text())?;
    say(&format!("verify: {} rows, chain {}, state {}", verified.rows, verified.audit_head, verified.state))?;
    if !replayed.report.holds() {
        bail!("the replay does not hold: see the counts above");
    }
    Ok(())
}
