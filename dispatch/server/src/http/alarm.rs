//! Raising an alarm: never refused for its form, never rated, in a lane of its own.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::Response;
use axum::response::IntoResponse as _;
use dispatch_api::operation::Spoken;
use dispatch_api::problem::Problem;
use dispatch_core::command::Command;
use dispatch_core::kernel::id::{AlarmId, CommandId, Minter, PointId, TrunkCode, TypeCode, UnitId, WordsId};
use dispatch_intake::json::alarm::{self as decoder, Call};
use dispatch_store::minted;
use dispatch_writer::Reply;

use super::body::End;
use super::reply::{Refused, internal, json};
use super::sender::{self, Sender};
use super::{body, command};
use crate::gate::Beside;
use crate::node::Node;

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
    let (bytes, end) = body::up_to(body, node.config.limits.alarm_bytes, body::PATIENCE).await;
    let mut call = decoder::read(&bytes, end == End::Cut);
    let flaws = &mut call.raise.flaws;
    match end {
        End::Whole | End::Cut => {}
        End::Broken(_) | End::NoRoom => flaws.push("body: broke off".to_owned()),
        End::Late => flaws.push("body: was not complete in time".to_owned()),
    }
    let id = sender::key(&parts.headers).unwrap_or_else(|_| {
        flaws.push("idempotency-key: was missing or not a UUIDv7, one was minted".to_owned());
        CommandId(minted(node.now()))
    });
    let sender = Sender::lenient(&parts.headers, node.state().register(), flaws);
    let told = for_the_sender(&call);
    keep_number(node, &mut call);
    keep_unknown(node, &mut call);
    let flaws = call.raise.flaws.iter().cloned().chain(told).collect();
    let mut spoken = Vec::new();
    let mut keep = |text: Option<String>, caller: bool| {
        let text = text?;
        let id = WordsId(minted(node.now()));
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
    let fingerprint = command::fingerprint(node, &parts, &bytes);
    let envelope = sender.envelope(id, call.occurred_at, raise);
    let reply = node.gate.send(fingerprint, envelope, Beside { words, ..Beside::default() }).await;
    if let Reply::Busy { retry_after_s } = reply {
        // Its own code, so that nobody takes a full lane of alarms for a busy console.
        let problem = Problem::new(
            503,
            "alarms_full",
            format!("the lane of alarms is full; try again after {retry_after_s} s"),
        );
        return Err(problem.with("retry_after_s", retry_after_s).into());
    }
    let mut receipt = command::answer(reply, None)?;
    receipt.flaws = all_flaws(node, receipt.named.alarm, flaws);
    if !receipt.flaws.is_empty() && !receipt.repeated {
        node.metrics.count("ortoo_alarms_flawed_total", &[]);
    }
    Ok(json(201, &receipt))
}

/// What is worth telling whoever sent it and is not journalled: names of fields may be anything (D12), and operators see
/// for themselves that a call says nothing.
fn for_the_sender(call: &Call) -> Vec<String> {
    let bare = call.is_bare().then(|| "body: neither a place nor words came".to_owned());
    let unknown = call.unknown.iter().map(|name| format!("{name}: is not a field of an alarm"));
    bare.into_iter().chain(unknown).collect()
}

/// What the message itself lacked and what the centre found in it: the alarm says both, and is committed by now. That
/// it is from elsewhere is said here: to the centre that is a place like others, of no area.
fn all_flaws(node: &Node, alarm: Option<AlarmId>, flaws: Vec<String>) -> Vec<String> {
    let state = node.state();
    let alarm = alarm.and_then(|alarm| state.alarms().get(&alarm));
    let found = alarm.map_or(&[][..], |alarm| &alarm.flaws);
    let found: Vec<String> = found.iter().filter(|flaw| !flaws.contains(flaw)).cloned().collect();
    let elsewhere = alarm.is_some_and(|alarm| alarm.place.coord.is_some() && alarm.area.0.is_empty());
    let elsewhere = elsewhere.then(|| "place: outside the region".to_owned());
    flaws.into_iter().chain(found).chain(elsewhere).collect()
}

/// Names the register does not know go where an operator reads them: the alarm's flaws say only that there was one.
fn keep_unknown(node: &Node, call: &mut Call) {
    let (state, raise) = (node.state(), &call.raise);
    let register = &state.register();
    let unit = raise.unit.as_ref().filter(|unit| !register.units.contains_key(unit));
    let point = raise.point.as_ref().filter(|point| !register.points.contains_key(point));
    let kind = raise.incident_type.as_ref().filter(|kind| !register.types.contains_key(kind));
    let trunk = raise.trunk.as_ref().filter(|trunk| !register.trunks.contains_key(trunk));
    let named = [
        ("unit", unit.map(UnitId::as_str)),
        ("point", point.map(PointId::as_str)),
        ("incident_type", kind.map(TypeCode::as_str)),
        ("trunk", trunk.map(TrunkCode::as_str)),
    ];
    let lines = named.into_iter().filter_map(|(field, name)| Some(format!("{field}: {}", name?)));
    let text: Vec<String> = call.text.take().into_iter().chain(lines).collect();
    call.text = (!text.is_empty()).then(|| text.join("\n"));
}

/// A number that rings and is no alarm point's is the caller's: kept as words, so that somebody can call back (D12).
fn keep_number(node: &Node, call: &mut Call) {
    let Some(number) = call.raise.number.as_ref().filter(|number| !number.is_empty()) else { return };
    if node.state().register().points.values().any(|point| point.number == *number) {
        return;
    }
    call.caller = Some(match call.caller.take() {
        Some(caller) if caller.contains(number.as_str()) => caller,
        Some(caller) => format!("{number} {caller}"),
        None => number.clone(),
    });
}
