//! Lanes over which intents leave: one at a time in each, so that what one sender says arrives in the order it was
//! said. An intent is tried under the same command id until the server has decided.

use std::time::Duration;

use dispatch_api::answer::Receipt;
use dispatch_api::client::{Client, ClientError};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::kernel::refusal::Refusal;
use dispatch_core::kernel::time::Time;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tracing::warn;
use uuid::{NoContext, Timestamp, Uuid};

use super::wire::{Post, post};
use super::{BACKOFF, BACKOFF_MAX};
use crate::message::{Body, Intent, Message, Reply};

/// Lanes for devices and operators, and lanes for calls, which nothing else may hold up.
const SENDER_LANES: usize = 8;
const CALL_LANES: usize = 6;
/// Requests waiting in one lane.
const QUEUE: usize = 512;

/// An intent that came to its end.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub serial: u64,
    /// Name of the command.
    pub name: &'static str,
    pub reply: Reply,
    /// Code of the problem, if there was one.
    pub code: Option<String>,
    /// How often it was sent again.
    pub retries: u32,
}

/// All lanes. Dropping them ends them.
#[derive(Debug)]
pub(crate) struct Lanes {
    lanes: Vec<mpsc::Sender<Message>>,
    _tasks: JoinSet<()>,
}

impl Lanes {
    /// Opens the lanes.
    pub(crate) fn spawn(client: &Client, answers: &mpsc::UnboundedSender<Answered>) -> Self {
        let mut tasks = JoinSet::new();
        let open = |_| {
            let (sender, queue) = mpsc::channel(QUEUE);
            tasks.spawn(carry(client.clone(), queue, answers.clone()));
            sender
        };
        let lanes = (0..SENDER_LANES + CALL_LANES).map(open).collect();
        Self { lanes, _tasks: tasks }
    }

    /// Gives an intent to its lane, or back when the lane is full.
    pub(crate) fn send(&self, message: Message) -> Result<(), Message> {
        let lane = lane_of(&message);
        self.lanes[lane].try_send(message).map_err(|error| match error {
            mpsc::error::TrySendError::Full(message) | mpsc::error::TrySendError::Closed(message) => message,
        })
    }
}

fn lane_of(message: &Message) -> usize {
    let of = |number: u64, lanes: usize| usize::try_from(number % (lanes as u64)).unwrap_or(0);
    let Body::Intent(intent) = &message.body else {
        return 0;
    };
    if intent.command.row().help {
        return SENDER_LANES + of(message.serial, CALL_LANES);
    }
    let sum =
        intent.actor.as_str().bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    of(sum, SENDER_LANES)
}

async fn carry(client: Client, mut queue: mpsc::Receiver<Message>, answers: mpsc::UnboundedSender<Answered>) {
    while let Some(message) = queue.recv().await {
        let Body::Intent(intent) = message.body else {
            continue;
        };
        let answered = deliver(&client, message.serial, message.at, &intent).await;
        if answers.send(answered).is_err() {
            return;
        }
    }
}

/// Sends one intent until it is decided.
async fn deliver(client: &Client, serial: u64, at: Time, intent: &Intent) -> Answered {
    let mut answered =
        Answered { serial, name: intent.command.name(), reply: Reply::Failed, code: None, retries: 0 };
    let Some(post) = post(intent) else {
        answered.code = Some("no_act".to_owned());
        return answered;
    };
    let client = dressed(client.clone(), intent);
    let key = key(at);
    let mut wait = BACKOFF;
    loop {
        match send(&client, &post, key).await {
            Ok(receipt) => {
                answered.reply =
                    Reply::Accepted { alarm: receipt.named.alarm, technical: receipt.named.technical };
                return answered;
            }
            Err(error) if is_passing(&error) => {
                answered.retries += 1;
                tokio::time::sleep(asked_to_wait(&error).unwrap_or(wait).min(BACKOFF_MAX)).await;
                wait = (wait * 2).min(BACKOFF_MAX);
            }
            Err(error) => {
                answered.code = Some(error.code().unwrap_or("unreadable").to_owned());
                if let Some(refusal) = refusal(&error) {
                    answered.reply = Reply::Refused(Box::new(refusal));
                } else {
                    warn!(command = answered.name, %error, "an intent of the simulator was not understood");
                }
                return answered;
            }
        }
    }
}

async fn send(client: &Client, post: &Post, key: Uuid) -> Result<Receipt, ClientError> {
    match post {
        Post::Alarm(body) => client.raise(body, key).await,
        Post::Act { collection, id, act, body } => client.act(collection, id, act, body, key).await,
    }
}

fn dressed(client: Client, intent: &Intent) -> Client {
    let channel = match intent.channel {
        Channel::Console => "console",
        Channel::CommandLine => "command_line",
        Channel::Api | Channel::System => "api",
        Channel::Device => "device",
        Channel::Voice => "voice",
    };
    let client = client.with_actor(intent.actor.as_str()).with_channel(channel);
    match &intent.seat {
        Some(seat) => client.with_seat(seat.as_str()),
        None => client,
    }
}

/// A `UUIDv7` of the moment it was said, by the server's clock.
fn key(at: Time) -> Uuid {
    let seconds = u64::try_from(at.0.max(0) / 1_000_000).unwrap_or(0);
    let nanos = u32::try_from(at.0.max(0) % 1_000_000).unwrap_or(0) * 1_000;
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, nanos))
}

/// Whether the same intent may be sent again: nothing was decided.
pub(crate) fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Transport(error) => !error.is_builder(),
        ClientError::Problem(problem) => {
            matches!(problem.code.as_str(), "busy" | "not_recorded" | "opening" | "rate")
        }
        ClientError::Unreadable { status, .. } => *status >= 500,
        ClientError::Stream(_) | ClientError::NoOperation(_) => false,
    }
}

fn asked_to_wait(error: &ClientError) -> Option<Duration> {
    match error {
        ClientError::Problem(problem) => problem.retry_after_s().map(Duration::from_secs),
        _ => None,
    }
}

/// The refusal behind a problem: its code and parameters are the core's own.
fn refusal(error: &ClientError) -> Option<Refusal> {
    let ClientError::Problem(problem) = error else {
        return None;
    };
    let mut fields = problem.params.clone();
    fields.insert("code".to_owned(), Value::String(problem.code.clone()));
    serde_json::from_value(Value::Object(fields)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_api::problem::Problem;
    use dispatch_core::kernel::id::{IncidentId, OrderId, UnitId};

    #[test]
    fn a_refusal_comes_back_as_it_was_given() {
        let busy = Refusal::UnitBusy {
            unit: UnitId::from("u1"),
            order: OrderId(Uuid::from_u128(1)),
            incident: IncidentId(Uuid::from_u128(2)),
        };
        let error = ClientError::Problem(Box::new(Problem::refusal(&busy, None)));
        assert_eq!(refusal(&error), Some(busy));
        assert!(!is_passing(&error));
        let stale = Refusal::Stale {
            field: "expected_version".to_owned(),
            expected: 1,
            actual: 2,
            between: Vec::new(),
        };
        assert_eq!(refusal(&ClientError::Problem(Box::new(Problem::refusal(&stale, None)))), Some(stale));
    }

    #[test]
    fn a_key_carries_the_servers_time() {
        let key = key(Time(1_767_751_234_567_000));
        assert_eq!(key.get_version_num(), 7);
        assert_eq!(key.get_timestamp().map(|stamp| stamp.to_unix().0), Some(1_767_751_234));
    }
}
