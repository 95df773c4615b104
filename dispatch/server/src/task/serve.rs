//! Runs a node until it is told to stop.

use anyhow::{Context as _, bail};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{say, step, warn_of_others};
use crate::config::Config;
use crate::node::{Beginning, Running};

/// `ortoo serve`.
pub(crate) async fn serve(config: Config) -> anyhow::Result<()> {
    warn_of_others(&config);
    if config.standby {
        return super::standby::standby(config).await;
    }
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
    let mut stopped = Stopped::listen()?;
    let node = running.node.clone();
    tokio::select! {
        told = stopped.told() => told?,
        error = running.failed() => return Err(error),
        _ = node.has_to_leave() => {
            running.leave().await?;
            bail!("another process took the lead of this journal: to stand by for it, serve with --standby");
        }
    }
    let stopping = step("finishing what is in flight");
    before.await;
    running.stop().await?;
    stopping.finish_and_clear();
    Ok(())
}

/// That somebody told us to stop: Ctrl-C or SIGTERM.
pub(super) struct Stopped {
    terminated: Signal,
}

impl Stopped {
    /// Listens from now on.
    pub(super) fn listen() -> anyhow::Result<Self> {
        Ok(Self { terminated: signal(SignalKind::terminate()).context("listen for SIGTERM")? })
    }

    /// Waits until then.
    pub(super) async fn told(&mut self) -> anyhow::Result<()> {
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.context("listen for Ctrl-C"),
            _ = self.terminated.recv() => Ok(()),
        }
    }
}
