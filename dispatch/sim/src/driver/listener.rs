//! The stream: opened, resumed after a gap or a restart, and told to the world commit by commit.

use std::time::Duration;

use dispatch_api::client::{ClientError, Received, StreamClient};
use dispatch_api::stream::{Hello, Resume, ServerMessage, Subscribe};
use dispatch_core::kernel::id::SeatId;
use dispatch_core::kernel::time::Time;
use dispatch_core::view::View;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::{debug, info};

use super::{BACKOFF, BACKOFF_MAX};

/// Nothing for this long: the connection is dead.
const DEAD: Duration = Duration::from_secs(15);

/// What the stream says.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A connection begins.
    Hello(Box<Hello>),
    /// Everything alive.
    Whole(Vec<View>),
    /// One commit.
    Commit(Vec<View>),
    /// What the server's clock shows, and at which seats somebody sits.
    Heartbeat(Time, Vec<SeatId>),
}

/// Listens for ever; dropping the set ends it.
pub(crate) fn spawn(base_url: String, heard: mpsc::Sender<Heard>) -> JoinSet<()> {
    let mut task = JoinSet::new();
    task.spawn(async move {
        let mut listener = Listener { heard, stands: None };
        let mut wait = BACKOFF;
        loop {
            let connected = listener.connection(&base_url).await;
            match connected {
                Ok(true) => wait = BACKOFF,
                // Nobody wants to hear more.
                Ok(false) => return,
                Err(error) => debug!(%error, "the stream is not there"),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACKOFF_MAX);
        }
    });
    task
}

struct Listener {
    heard: mpsc::Sender<Heard>,
    /// The journal and the last seq taken in.
    stands: Option<Resume>,
}

impl Listener {
    /// One connection until it ends; false when nobody listens any more.
    async fn connection(&mut self, base_url: &str) -> Result<bool, ClientError> {
        let mut stream = StreamClient::open(base_url).await?;
        let mut subscribed = false;
        loop {
            let Ok(received) = tokio::time::timeout(DEAD, stream.next()).await else {
                info!("the stream has been silent for too long; opening it again");
                return Ok(true);
            };
            let received = received?;
            let Some(received) = received else {
                return Ok(true);
            };
            let Received::Message(message) = received else {
                continue;
            };
            let is_hello = matches!(message, ServerMessage::Hello(_));
            let gap = self.is_gap(&message);
            if !gap && !self.take(message).await {
                return Ok(false);
            }
            if gap || (is_hello && !subscribed) {
                stream.subscribe(Subscribe { resume: self.stands, ..Subscribe::default() }).await?;
                subscribed = true;
            }
        }
    }

    /// A commit that does not follow what was heard last.
    fn is_gap(&self, message: &ServerMessage) -> bool {
        match message {
            ServerMessage::Commit { prev, journal_id, .. } => {
                self.stands.is_none_or(|stands| stands.seq != *prev || stands.journal_id != *journal_id)
            }
            _ => false,
        }
    }

    /// Passes one message on; false when nobody listens any more.
    async fn take(&mut self, message: ServerMessage) -> bool {
        let heard = match message {
            ServerMessage::Hello(hello) => Heard::Hello(Box::new(hello)),
            ServerMessage::Snapshot { journal_id, seq, views, whole } => {
                self.stands = Some(Resume { journal_id, seq });
                if whole { Heard::Whole(views) } else { Heard::Commit(views) }
            }
            ServerMessage::Commit { journal_id, seq, deltas, .. } => {
                self.stands = Some(Resume { journal_id, seq });
                Heard::Commit(deltas)
            }
            ServerMessage::Heartbeat { now, seats, .. } => Heard::Heartbeat(now, seats),
            ServerMessage::Reset { reason } => {
                debug!(?reason, "the stream begins anew");
                self.stands = None;
                return true;
            }
            ServerMessage::Problem { code, detail } => {
                tracing::warn!(code, detail, "the stream did not understand the simulator");
                return true;
            }
            ServerMessage::Unrecorded { .. } | ServerMessage::Pong { .. } => return true,
        };
        self.heard.send(heard).await.is_ok()
    }
}
