//! Heartbeats of alarm points on their way. One that cannot be sent is not sent later: the next says as much.

use dispatch_api::client::Client;
use dispatch_api::heartbeat::Heartbeat;
use dispatch_core::kernel::id::PointId;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::debug;

/// Bodies that may wait; beyond it they are dropped.
const WAITING_MAX: usize = 4;

/// The way of heartbeats. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Pulse {
    bodies: mpsc::Sender<Vec<PointId>>,
    _task: JoinSet<()>,
}

impl Pulse {
    /// Opens it.
    pub(crate) fn spawn(client: Client) -> Self {
        let (bodies, waiting) = mpsc::channel(WAITING_MAX);
        let mut task = JoinSet::new();
        task.spawn(carry(client, waiting));
        Self { bodies, _task: task }
    }

    /// Sends these in one body.
    pub(crate) fn send(&self, points: Vec<PointId>) {
        if !points.is_empty() && self.bodies.try_send(points).is_err() {
            debug!("heartbeats are dropped: the server is behind");
        }
    }
}

async fn carry(client: Client, mut waiting: mpsc::Receiver<Vec<PointId>>) {
    while let Some(points) = waiting.recv().await {
        let heartbeat = |point: &PointId| Heartbeat { point: point.to_string() };
        let body: Vec<Heartbeat> = points.iter().map(heartbeat).collect();
        if let Err(error) = client.heartbeats(&body).await {
            debug!(%error, "heartbeats were not taken");
        }
    }
}
