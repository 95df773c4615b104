//! A node that runs: its handles and the tasks behind them, started from a configuration and stopped by a call. A value
//! rather than a process, so that tests start several on port 0.
//!
//! This is the top of the house: it imports every task, and only the tasks of the command line import it.

mod start;

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use dispatch_store::Custody as _;
use dispatch_store::mirror::Mirror;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

pub use self::start::{Beginning, Given, driver_parts, publisher_parts};
use crate::fault::Written;
use crate::node::Node;
use crate::{logs, mirror, upkeep};

/// A database that is gone is not waited for any longer when it is let go.
const CLOSING: Duration = Duration::from_secs(2);

/// At a stop the log of the embedded store is copied into its file, 64 MiB at the most.
const STOPPING: Duration = Duration::from_secs(10);

/// A node with its tasks.
#[derive(Debug)]
pub struct Running {
    /// The handles its tasks and HTTP share.
    pub node: Arc<Node>,
    /// Where the driver writes, and the last snapshot goes.
    written: Written,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
    /// The last of upkeep is done once the tasks have ended.
    upkeep: upkeep::Parts,
    /// The second copy, if there is to be one: what is left is copied at the end.
    mirror: Option<Arc<Mutex<Mirror>>>,
}

impl Running {
    /// The address it answers at, `http://…`.
    pub fn base(&self) -> String {
        format!("http://{}", self.node.address)
    }

    /// Stops, and keeps what is to be kept.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        self.end().await?;
        let state = self.node.state().clone();
        self.written.snapshot(&state).await.context("keep a snapshot")?;
        if let Err(error) = upkeep::export_audit_head(&self.upkeep).await {
            tracing::error!(error = logs::told(&error), "the last audit head was not exported");
        }
        if let Some(kept) = &self.mirror
            && let Err(error) = mirror::finish(&self.node.store, kept).await
        {
            tracing::error!(%error, "the mirror does not have the last of it");
        }
        self.let_go(STOPPING).await;
        tracing::info!(head = state.seq, "stopped");
        Ok(())
    }

    /// Stops, and lets the store go: somebody else leads, or is to.
    pub async fn leave(mut self) -> anyhow::Result<()> {
        self.end().await?;
        self.let_go(CLOSING).await;
        Ok(())
    }

    /// Closes the store in order: of the embedded one all is in one file then, and nothing in a log beside it.
    async fn let_go(&self, patience: Duration) {
        match tokio::time::timeout(patience, self.node.store.clone().close()).await {
            Ok(Ok(())) => {}
            // Its sessions were ended at the other side, most likely.
            Ok(Err(error)) => tracing::debug!(%error, "the store was not closed in order"),
            Err(_) => tracing::debug!("the store was not closed in time"),
        }
    }

    /// Stops taking and finishes what is in flight.
    async fn end(&mut self) -> anyhow::Result<()> {
        self.node.ready.store(false, Ordering::Release);
        self.stop.send_replace(true);
        self.node.gate.close();
        while let Some(ended) = self.tasks.join_next().await {
            ended.context("a task of the node failed")?;
        }
        let mut streams =
            std::mem::take(&mut *self.node.streams.lock().unwrap_or_else(PoisonError::into_inner));
        while streams.join_next().await.is_some() {}
        Ok(())
    }

    /// Waits until a task ends by itself, which none should.
    pub async fn failed(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Err(error)) => anyhow::Error::new(error).context("a task of the node failed"),
            _ => anyhow::anyhow!("a task of the node ended"),
        }
    }
}
