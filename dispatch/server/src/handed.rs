//! Alarms this node could not record and has to leave to the next leader (D3), and those another left to it. Whoever
//! sent them was told that they are not recorded and may send them again: under the same id they are the same alarm.

use dispatch_core::command::Envelope;
use dispatch_core::kernel::time::Time;
use dispatch_store::{AnyStore, Handed, Words};
use dispatch_writer::{Reply, Request};
use serde::{Deserialize, Serialize};

use crate::gate::{Beside, Gate};

/// An alarm as it is handed on.
#[derive(Debug, Serialize, Deserialize)]
struct Call {
    fingerprint: [u8; 32],
    envelope: Envelope,
    words: Vec<Words>,
}

/// An alarm to be handed on. It happened no later than it came here, whenever the next leader decides it.
pub fn of(request: &Request, received_at: Time) -> serde_json::Result<Handed> {
    let mut envelope = request.envelope.clone();
    envelope.occurred_at.get_or_insert(received_at);
    let key = format!("{} {}", envelope.actor, envelope.id);
    let call = Call { fingerprint: request.fingerprint, envelope, words: request.words.clone() };
    Ok(Handed { key, request: serde_json::to_string(&call)? })
}

/// Takes in what another leader left. What cannot be recorded now is left where it is, for the next heartbeat.
pub async fn take_in(store: &AnyStore, gate: &Gate) -> anyhow::Result<()> {
    let mut taken = Vec::new();
    for handed in store.handed().await? {
        let call: Call = match serde_json::from_str(&handed.request) {
            Ok(call) => call,
            Err(error) => {
                tracing::error!(%error, key = handed.key, "an alarm that was handed on cannot be read; it stays in handed_alarm");
                continue;
            }
        };
        let beside = Beside { words: call.words, ..Beside::default() };
        match gate.send(call.fingerprint, call.envelope, beside).await {
            Reply::Answer(_) | Reply::Repeated(_) => taken.push(handed.key),
            other => tracing::warn!(?other, key = handed.key, "an alarm that was handed on waits"),
        }
    }
    if !taken.is_empty() {
        store.taken_in(&taken).await?;
        tracing::info!(alarms = taken.len(), "alarms of the leader before were taken in");
    }
    Ok(())
}
