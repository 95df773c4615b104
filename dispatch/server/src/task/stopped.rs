//! Being told to stop, as terminals and service managers do it.

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

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
