//! Runs a node until it is told to stop.

use anyhow::bail;

use super::stopped::Stopped;
use super::warn_of_others;
use crate::config::Config;
use crate::running::{Beginning, Running};
use crate::terminal::{say, step};

/// `ortoo serve`.
pub(crate) async fn serve(config: Config, accept_loss: bool) -> anyhow::Result<()> {
    warn_of_others(&config);
    if config.standby {
        return super::standby::standby(config, accept_loss).await;
    }
    let opening = step("opening the journal and the region");
    let running = Running::start(config, Beginning { accept_loss, ..Beginning::default() }).await?;
    opening.finish_and_clear();
    let stopped = Stopped::listen()?;
    say(&format!("Ortoo answers at {}", running.base()))?;
    until_stopped(running, stopped, std::future::ready(())).await
}

/// Waits for Ctrl-C or SIGTERM, then stops what stands `before` the node and the node; a task that ends by itself is an
/// error.
pub(super) async fn until_stopped(
    mut running: Running,
    mut stopped: Stopped,
    before: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let node = running.node.clone();
    tokio::select! {
        () = stopped.told() => {}
        error = running.failed() => return Err(error),
        _ = node.lead.has_to_leave() => {
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
