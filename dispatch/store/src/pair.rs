//! What two servers of one database tell each other through it: who leads, who stands by, and the alarms one hands to
//! the other.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::any::AnyStore;
use crate::store::StoreError;

/// Between two heartbeats of a leader.
const EVERY: Duration = Duration::from_secs(1);

/// What a leader hears when it says that it lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heartbeat {
    /// Somebody stands by.
    pub standby: bool,
    /// Alarms of a leader that had to go wait to be taken in.
    pub handed: bool,
}

/// An alarm that a leader which has to go could not record, as it hands it to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Tells it from others, however often it is handed on.
    pub key: String,
    /// The request; the store does not look into it.
    pub request: String,
}

/// What was heard with the last heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// This process leads.
    Leads(Heartbeat),
    /// The database does not answer; why.
    Nothing(String),
    /// Another process took the lead.
    Superseded,
}

/// The heartbeats of a leader: once a second, until this is dropped.
#[derive(Debug)]
pub struct Heartbeats {
    /// What was heard last.
    pub heard: watch::Receiver<Heard>,
    task: JoinHandle<()>,
}

impl Heartbeats {
    /// Of a store that leads.
    pub fn of(store: AnyStore) -> Self {
        let (sender, heard) = watch::channel(Heard::Leads(Heartbeat::default()));
        let task = tokio::spawn(async move {
            let mut ticks = interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                sender.send_replace(match store.heartbeat().await {
                    Ok(heartbeat) => Heard::Leads(heartbeat),
                    Err(StoreError::Superseded { .. }) => Heard::Superseded,
                    Err(error) => Heard::Nothing(error.to_string()),
                });
            }
        });
        Self { heard, task }
    }
}

impl Drop for Heartbeats {
    fn drop(&mut self) {
        self.task.abort();
    }
}
