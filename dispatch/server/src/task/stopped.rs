//! Being told to stop, as terminals and service managers do it.

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// That somebody told us to stop: Ctrl-C or SIGTERM.
pub(super) struct Stopped {
    pressed: Signal,
    terminated: Signal,
}

impl Stopped {
    /// Listens from now on.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let pressed = signal(SignalKind::interrupt()).context("listen for Ctrl-C")?;
        Ok(Self { pressed, terminated: signal(SignalKind::terminate()).context("listen for SIGTERM")? })
    }

    /// Waits until then.
    pub(super) async fn told(&mut self) {
        tokio::select! {
            _ = self.pressed.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }
}
