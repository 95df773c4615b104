//! Runs a node until it is told to stop.

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use super::{say, step};
use crate::config::Config;
use crate::node::{Beginning, Running};

/// `ortoo serve`.
pub(crate) async fn serve(config: Config) -> anyhow::Result<()> {
    let opening = step("opening the journal and the region");
    let running = Running::start(config, Beginning::default()).await?;
    opening.finish_and_clear();
    say(&format!("Ortoo answers at {}", running.base()))?;
    until_stopped(running, std::future::ready(())).await
}

/// Waits for Ctrl-C or SIGTERM, then stops what stands `before` the node and the node; a task that ends by itself is an
/// error.
pub(super) async fn until_stopped(
    mut running: Running,
    before: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let mut terminated = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.context("listen for Ctrl-C")?,
        _ = terminated.recv() => {}
        error = running.failed() => return Err(error),
    }
    let stopping = step("finishing what is in flight");
    before.await;
    running.stop().await?;
    stopping.finish_and_clear();
    Ok(())
}
