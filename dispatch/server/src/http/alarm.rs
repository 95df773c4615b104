//! Raising an alarm: never refused for its form, never rated, in a lane of its own.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::Response;
use axum::response::IntoResponse as _;
use dispatch_api::act::Spoken;
use dispatch_core::command::Command;
use dispatch_core::id::{AlarmId, CommandId, Minter, WordsId};
use dispatch_intake::json::alarm as decoder;
use uuid::Uuid;

use super::reply::{Refused, json};
use super::sender::{self, Sender};
use super::{body, command};
use crate::driver::Beside;
use crate::node::Node;

/// Takes whatever came as a call for help.
pub async fn raise(Shared(node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    match taken(&node, request).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

async fn taken(node: &Node, request: Request) -> Result<Response<Body>, Refused> {
    let (parts, body) = request.into_parts();
    // A body that breaks off in the middle is still somebody who tried to call.
    let (bytes, cut) = body::up_to(body, node.config.limits.alarm_bytes).await.unwrap_or_default();
    let mut call = decoder::read(&bytes, cut);
    let flaws = &mut call.raise.flaws;
    let id = sender::key(&parts.headers).unwrap_or_else(|_| {
        flaws.push("idempotency-key: was missing or not a UUIDv7, one was minted".to_owned());
        CommandId(Uuid::now_v7())
    });
    let sender = Sender::lenient(&parts.headers, flaws);
    let flaws = call.raise.flaws.clone();
    if !flaws.is_empty() {
        node.metrics.count("ortoo_alarms_flawed_total", &[]);
    }
    let mut spoken = Vec::new();
    let mut keep = |text: Option<String>, caller: bool| {
        let text = text?;
        let id = WordsId(Uuid::now_v7());
        spoken.push(Spoken { id, caller, text, lang: call.lang.clone() });
        Some(id)
    };
    call.raise.words = keep(call.text, false);
    call.raise.caller = keep(call.caller, true);
    let raise = Command::RaiseAlarm(call.raise);
    let mut words = command::words(node, &raise, spoken)?;
    let alarm = AlarmId(Minter::new(&sender.actor, id).mint());
    for record in &mut words {
        record.alarm = Some(alarm);
    }
    let fingerprint = command::fingerprint(node, parts.method.as_str(), parts.uri.path(), &bytes);
    let envelope = sender.envelope(id, call.occurred_at, raise);
    let reply = node.gate.send(fingerprint, envelope, Beside { words, ..Beside::default() }).await;
    let mut receipt = command::answer(reply, None)?;
    receipt.flaws = flaws;
    Ok(json(201, &receipt))
}
