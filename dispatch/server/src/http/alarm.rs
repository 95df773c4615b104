//! Raising an alarm: never refused for its form, never rated, in a lane of its own.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::Response;
use axum::response::IntoResponse as _;
use dispatch_api::act::Spoken;
use dispatch_api::problem::Problem;
use dispatch_core::command::Command;
use dispatch_core::id::{AlarmId, CommandId, Minter, WordsId};
use dispatch_intake::json::alarm::{self as decoder, Call};
use dispatch_writer::Reply;
use uuid::Uuid;

use super::body::End;
use super::reply::{Refused, internal, json};
use super::sender::{self, Sender};
use super::{body, command};
use crate::node::Node;

/// An alarm is raised with what has come of it when its body takes longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes whatever came as a call for help.
pub async fn raise(Shared(node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    // In a task of its own: a caller whose connection ends before the answer has called all the same.
    match tokio::spawn(async move { taken(&node, request).await }).await {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => refused.into_response(),
        Err(error) => internal(&error).into_response(),
    }
}

async fn taken(node: &Node, request: Request) -> Result<Response<Body>, Refused> {
    let (parts, body) = request.into_parts();
    // A body that breaks off in the middle, or stalls there, is still somebody who tried to call.
    let (bytes, end) = body::up_to(body, node.config.limits.alarm_bytes, PATIENCE).await;
    let mut call = decoder::read(&bytes, end == End::Cut);
    let flaws = &mut call.raise.flaws;
    match end {
        End::Whole | End::Cut => {}
        End::Broken(_) => flaws.push("body: broke off".to_owned()),
        End::Late => flaws.push("body: was not complete in time".to_owned()),
    }
    let id = sender::key(&parts.headers).unwrap_or_else(|_| {
        flaws.push("idempotency-key: was missing or not a UUIDv7, one was minted".to_owned());
        CommandId(Uuid::now_v7())
    });
    let sender = Sender::lenient(&parts.headers, flaws);
    keep_number(node, &mut call);
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
    let reply = node.gate.send(fingerprint, envelope, words, None).await;
    if let Reply::Busy { retry_after_s } = reply {
        // Its own code, so that nobody takes a full lane of alarms for a busy console.
        let problem = Problem::new(503, "alarms_full", format!("the lane of alarms is full; try again after {retry_after_s} s"));
        return Err(problem.with("retry_after_s", retry_after_s).into());
    }
    let mut receipt = command::answer(reply, None)?;
    receipt.flaws = flaws;
    Ok(json(201, &receipt))
}

/// A number that rings and is no alarm point's is the caller's: kept as words, so that somebody can call back (D12).
fn keep_number(node: &Node, call: &mut Call) {
    let Some(number) = call.raise.number.as_ref().filter(|number| !number.is_empty()) else { return };
    if node.state().register.points.values().any(|point| point.number == *number) {
        return;
    }
    call.caller = Some(match call.caller.take() {
        Some(caller) if caller.contains(number.as_str()) => caller,
        Some(caller) => format!("{number} {caller}"),
        None => number.clone(),
    });
}
