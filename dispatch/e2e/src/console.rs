//! A console as the stream makes it: maps of views by kind and id, a sequence that may not have gaps.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use dispatch_api::client::{Client, Received, StreamClient};
use dispatch_api::stream::{Resume, ServerMessage, Subscribe};
use dispatch_core::kernel::id::{AlarmId, IncidentId, JournalId, OrderId, UnitId};
use dispatch_core::kernel::kind::OrderState;
use dispatch_core::response::alarm::AlarmState;
use dispatch_core::view::{AlarmView, IncidentView, OrderView, UnitView, View};
use tokio::time::timeout;

use crate::deadline::PATIENCE;

/// A console on the stream.
#[derive(Debug)]
pub struct Console {
    stream: StreamClient,
    /// Where it stands.
    pub seq: u64,
    /// Of which journal.
    pub journal: Option<JournalId>,
    views: BTreeMap<(&'static str, String), View>,
    /// Position frames seen.
    pub frames: u64,
    /// Alarms shown as not recorded, in the order they were.
    unrecorded: Vec<AlarmView>,
    /// Degraded modes of the last heartbeat.
    degraded: Vec<String>,
    /// How far the node's machine is ahead, as it said.
    clock_ahead_ms: Option<i64>,
}

impl Console {
    /// Opens a console that sees everything, and waits for its snapshot.
    pub async fn open(client: &Client) -> anyhow::Result<Self> {
        let mut console =
            Self::connect(client, Subscribe { positions: true, ..Subscribe::default() }).await?;
        while console.journal.is_none() {
            console.step().await?;
        }
        Ok(console)
    }

    /// Opens the stream again after a loss and goes on from where this console stood.
    pub async fn resume(&mut self, client: &Client) -> anyhow::Result<()> {
        let journal_id = self.journal.context("a console that never stood anywhere cannot resume")?;
        let resume = Some(Resume { journal_id, seq: self.seq });
        let again =
            Self::connect(client, Subscribe { positions: true, resume, ..Subscribe::default() }).await?;
        self.stream = again.stream;
        Ok(())
    }

    async fn connect(client: &Client, subscribe: Subscribe) -> anyhow::Result<Self> {
        let mut stream = client.stream().await?;
        stream.subscribe(subscribe).await?;
        Ok(Self {
            stream,
            seq: 0,
            journal: None,
            views: BTreeMap::new(),
            frames: 0,
            unrecorded: Vec::new(),
            degraded: Vec::new(),
            clock_ahead_ms: None,
        })
    }

    /// Takes one message.
    pub async fn step(&mut self) -> anyhow::Result<()> {
        let next = timeout(PATIENCE, self.stream.next()).await.context("the stream fell silent")??;
        match next.context("the server closed the stream")? {
            Received::Frame(_) => self.frames += 1,
            Received::Message(ServerMessage::Snapshot { journal_id, seq, whole, views }) => {
                if whole {
                    self.views.clear();
                }
                self.journal = Some(journal_id);
                self.seq = seq;
                self.take(views);
            }
            Received::Message(ServerMessage::Commit { prev, seq, deltas, .. }) => {
                if prev != self.seq {
                    bail!("a gap: the console stands at {}, the commit says {prev}", self.seq);
                }
                self.seq = seq;
                self.take(deltas);
            }
            Received::Message(ServerMessage::Unrecorded { alarm }) => self.unrecorded.push(alarm),
            Received::Message(ServerMessage::Heartbeat { degraded, clock_ahead_ms, .. }) => {
                (self.degraded, self.clock_ahead_ms) = (degraded, clock_ahead_ms);
            }
            Received::Message(_) => {}
        }
        Ok(())
    }

    fn take(&mut self, views: Vec<View>) {
        for view in views {
            if let View::Gone(gone) = &view {
                self.views.retain(|(kind, id), _| *kind != gone.of || *id != gone.id);
            } else {
                self.views.insert((view.kind(), view.id()), view);
            }
        }
    }

    /// Steps until `look` finds something in what the console holds. `what` says for what, when it does not.
    pub async fn until<T>(&mut self, what: &str, look: impl Fn(&Self) -> Option<T>) -> anyhow::Result<T> {
        let waited = timeout(PATIENCE, async {
            loop {
                if let Some(found) = look(self) {
                    return anyhow::Ok(found);
                }
                self.step().await?;
            }
        });
        waited.await.with_context(|| format!("the console waited in vain for {what}"))?
    }

    /// An alarm on screen.
    pub fn alarm(&self, id: AlarmId) -> Option<&AlarmView> {
        match self.views.get(&("alarm", id.to_string()))? {
            View::Alarm(view) => Some(view),
            _ => None,
        }
    }

    /// An incident on screen.
    pub fn incident(&self, id: IncidentId) -> Option<&IncidentView> {
        match self.views.get(&("incident", id.to_string()))? {
            View::Incident(view) => Some(view),
            _ => None,
        }
    }

    /// An order on screen.
    pub fn order(&self, id: OrderId) -> Option<&OrderView> {
        match self.views.get(&("order", id.to_string()))? {
            View::Order(view) => Some(view),
            _ => None,
        }
    }

    /// A unit on screen.
    pub fn unit(&self, id: &UnitId) -> Option<&UnitView> {
        match self.views.get(&("unit", id.to_string()))? {
            View::Unit(view) => Some(view),
            _ => None,
        }
    }

    /// Everything on screen.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        self.views.values()
    }

    /// Alarms shown as not recorded 未入库.
    pub fn unrecorded(&self) -> &[AlarmView] {
        &self.unrecorded
    }

    /// Whether a degraded mode holds.
    pub fn is_degraded(&self, code: &str) -> Option<()> {
        self.degraded.iter().any(|it| it == code).then_some(())
    }

    /// How far the node's machine is ahead of its own time, milliseconds, while that is in doubt.
    pub fn clock_ahead_ms(&self) -> Option<i64> {
        self.clock_ahead_ms
    }

    /// Alarms that ring.
    pub fn ringing(&self) -> Vec<AlarmId> {
        let ringing = |view: &View| match view {
            View::Alarm(view) if view.alarm.state == AlarmState::Ringing => Some(view.alarm.id),
            _ => None,
        };
        self.views().filter_map(ringing).collect()
    }

    /// Whether an order is in a state.
    pub fn order_is(&self, id: OrderId, state: OrderState) -> Option<()> {
        (self.order(id)?.order.state == state).then_some(())
    }
}
