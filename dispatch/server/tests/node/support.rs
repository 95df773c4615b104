//! A node for a test, and waiting for what is to happen with a deadline, never for a time.

use std::future::Future;
use std::time::Duration;

use dispatch_api::client::{Client, Received, StreamClient};
use dispatch_api::stream::{ServerMessage, Subscribe};
use dispatch_core::kernel::kind::Role;
use dispatch_core::view::View;
use dispatch_server::config::Config;
use dispatch_server::running::{Beginning, Running};
use tempfile::TempDir;
use uuid::Uuid;

/// How long anything may take before a test says that it did not happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// A node and its data.
pub struct Bench {
    pub running: Running,
    pub data: TempDir,
}

/// Starts a node of the small region.
pub async fn node() -> Bench {
    node_with(|_| {}).await
}

/// Starts one that is configured otherwise.
pub async fn node_with(change: impl FnOnce(&mut Config)) -> Bench {
    node_from(Beginning::default(), change).await
}

/// Starts one that begins otherwise.
pub async fn node_from(beginning: Beginning, change: impl FnOnce(&mut Config)) -> Bench {
    let data = tempfile::tempdir().unwrap();
    let running = begin(&data, beginning, change).await;
    Bench { running, data }
}

/// Starts a node on data that may be there already.
pub async fn start(data: &TempDir, change: impl FnOnce(&mut Config)) -> Running {
    begin(data, Beginning::default(), change).await
}

async fn begin(data: &TempDir, beginning: Beginning, change: impl FnOnce(&mut Config)) -> Running {
    let mut config =
        Config { data_dir: data.path().to_owned(), region: "valparaiso".into(), ..Config::default() };
    config.listen.set_port(0);
    change(&mut config);
    Running::start(config, beginning).await.unwrap()
}

impl Bench {
    /// A client at no seat.
    pub fn client(&self) -> Client {
        Client::new(&self.running.base()).unwrap()
    }

    /// A client at a dispatcher's seat of the desk that answers for an area.
    pub fn dispatcher(&self, desk: &str) -> Client {
        self.client().with_seat(&self.seat(desk, Role::Dispatcher))
    }

    /// A client at the seat of whoever leads the shift at the topmost desk.
    pub fn lead(&self) -> Client {
        self.client().with_seat(&self.seat("VAP", Role::ShiftLead))
    }

    /// A seat of a desk.
    pub fn seat(&self, desk: &str, role: Role) -> String {
        let state = self.running.node.state();
        let mut seats = state.register().seats.iter();
        let found = seats.find(|(_, seat)| seat.desk.as_str() == desk && seat.role == role);
        found.map(|(id, _)| id.to_string()).expect("the desk has such a seat")
    }

    /// A client at a seat of a topmost desk, which speaks for the whole region.
    pub fn top(&self) -> Client {
        let state = self.running.node.state();
        let register = state.register();
        let is_top = |seat: &dispatch_core::register::Seat| register.desks[&seat.desk].parent.is_none();
        let seat = register.seats.iter().find(|(_, seat)| is_top(seat)).map(|(id, _)| id.to_string());
        self.client().with_seat(&seat.expect("the topmost desk has a seat"))
    }

    /// Any point of the register.
    pub fn point(&self) -> String {
        self.running.node.state().register().points.keys().next().unwrap().to_string()
    }

    /// Any unit on duty.
    pub fn unit(&self) -> String {
        self.running.node.state().units().keys().next().unwrap().to_string()
    }
}

/// A new command id.
pub fn key() -> Uuid {
    Uuid::now_v7()
}

/// What has to happen in the end.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// Opens the stream with an interest; `hello` and the snapshot are read.
pub async fn subscribed(client: &Client, subscribe: Subscribe) -> (StreamClient, u64) {
    let mut stream = client.stream().await.unwrap();
    stream.subscribe(subscribe).await.unwrap();
    let seq = until(&mut stream, "a snapshot", |message| match message {
        ServerMessage::Snapshot { seq, .. } => Some(*seq),
        _ => None,
    });
    let seq = seq.await;
    (stream, seq)
}

/// Reads messages until one is what is looked for.
pub async fn until<T>(
    stream: &mut StreamClient,
    what: &str,
    look: impl Fn(&ServerMessage) -> Option<T>,
) -> T {
    within(what, async {
        loop {
            if let Received::Message(message) = stream.next().await.unwrap().expect("the stream goes on")
                && let Some(found) = look(&message)
            {
                return found;
            }
        }
    })
    .await
}

/// The seq of the commit that shows an alarm.
pub async fn alarm_shown(stream: &mut StreamClient, alarm: dispatch_core::kernel::id::AlarmId) -> u64 {
    until(stream, "the alarm on the stream", |message| match message {
        ServerMessage::Commit { seq, deltas, .. } => {
            let is_it = |view: &View| matches!(view, View::Alarm(view) if view.alarm.id == alarm);
            deltas.iter().any(is_it).then_some(*seq)
        }
        _ => None,
    })
    .await
}
