//! Commands: an operation of the table, its id and body, made into a command and sent to the writer; the reply as
//! an answer.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::Response;
use axum::http::request::Parts;
use axum::response::IntoResponse as _;
use dispatch_api::answer::Receipt;
use dispatch_api::operation::{Operation, Spoken};
use dispatch_api::problem::Problem;
use dispatch_core::command::{Command, GiveFeedback, ReopenIncident, ReviewFeedback, SettleAlarm};
use dispatch_core::kernel::id::{AlarmId, IncidentId, WordsId};
use dispatch_core::state::State;
use dispatch_core::view::IncidentView;
use dispatch_store::{Accepted, Answer, Words, WordsClass, archive, minted};
use dispatch_writer::Reply;
use serde_json::Value;

use super::reply::{Refused, json};
use super::sender::{self, Sender};
use super::{body, heavy, reply};
use crate::gate::Beside;
use crate::node::Node;

/// Seconds after which a command the journal could not take may be sent again.
const NOT_RECORDED_RETRY_S: u32 = 1;

/// Seconds after which a command may be sent again that waits for somebody's word.
const HALTED_RETRY_S: u32 = 5;

/// Does one operation.
pub async fn act(operation: Operation, Shared(node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    match done(operation, &node, request).await {
        Ok(receipt) => json(if operation.makes() { 201 } else { 200 }, &receipt),
        Err(refused) => refused.into_response(),
    }
}

async fn done(operation: Operation, node: &Node, request: Request) -> Result<Receipt, Refused> {
    let (parts, body) = request.into_parts();
    let id = sender::key(&parts.headers)?;
    let sender = Sender::of(&parts.headers, node.state().register())?;
    let bytes = body::whole(body, node.config.limits.body_bytes).await?;
    let value = heavy::read(&parts, bytes.clone(), parse).await??;
    let path_id = operation.route.id.and_then(|_| path_id(parts.uri.path(), &operation));
    let read = operation
        .read(path_id.as_deref(), value, || WordsId(minted(node.now())))
        .map_err(|fault| Problem::body(&fault, operation.route.id))?;
    let fingerprint = fingerprint(node, &parts, &bytes);
    let words = words(node, &read.command, read.spoken)?;
    let beside = Beside { words, adopted: None, archived: archived(node, &read.command).await? };
    let envelope = sender.envelope(id, read.occurred_at, read.command);
    let reply = node.gate.send(fingerprint, envelope, beside).await;
    answer(reply, operation.route.id)
}

/// The incident to be taken up again as the read model keeps it, alive or not: it may be archived before the writer
/// comes to the command.
async fn archived(node: &Node, command: &Command) -> Result<Option<Box<IncidentView>>, Refused> {
    let Some(reopen) = command.get::<ReopenIncident>() else { return Ok(None) };
    let found = archive::incident(&node.store, reopen.incident).await;
    Ok(found.map_err(|error| reply::internal(&error))?.map(Box::new))
}

/// The id in a path: the part before the act.
fn path_id(path: &str, operation: &Operation) -> Option<String> {
    let before = path.strip_suffix(operation.route.act)?.strip_suffix('/')?;
    let (_, id) = before.rsplit_once('/')?;
    Some(decoded(id))
}

/// Percent-decoding; codes of a register may hold any letter.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex =
            after.get(..2).and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        if let (b'%', Some(byte)) = (first, hex) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn parse(bytes: &[u8]) -> Result<Value, Refused> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let problem = Problem::new(400, "malformed", format!("the body is not JSON: {error}"));
        Refused::from(problem.with("line", error.line()).with("column", error.column()))
    })
}

/// Keyed hash of method, path and body (D6).
pub fn fingerprint(node: &Node, parts: &Parts, body: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(&node.fingerprint_key);
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    for part in [method.as_bytes(), path.as_bytes(), body] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    node.secret.wrap(*hasher.finalize().as_bytes())
}

/// Words records of what was said with a command, each under a salt of its own (D12).
pub fn words(node: &Node, command: &Command, spoken: Vec<Spoken>) -> Result<Vec<Words>, Refused> {
    let (alarm, incident) = concerned(&node.state(), command);
    let at = node.now();
    let record = |spoken: Spoken| {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|error| reply::internal(&error))?;
        Ok(Words {
            id: spoken.id,
            incident,
            alarm,
            class: if spoken.caller { WordsClass::Caller } else { class(command) },
            retention_days: node.config.keep.words_days,
            salt,
            text: spoken.text,
            lang: spoken.lang,
            translation: None,
            at,
        })
    };
    spoken.into_iter().map(record).collect()
}

fn class(command: &Command) -> WordsClass {
    if command.row().help || command.on().is_some_and(|on| on.as_alarm().is_some()) {
        WordsClass::Alarm
    } else if command.get::<GiveFeedback>().is_some() || command.get::<ReviewFeedback>().is_some() {
        WordsClass::Feedback
    } else {
        WordsClass::Note
    }
}

/// The alarm and the incident that what is said with a command belongs to; an incident that has left live state, too.
fn concerned(state: &State, command: &Command) -> (Option<AlarmId>, Option<IncidentId>) {
    let Some(on) = command.on() else { return (None, None) };
    match on.as_alarm() {
        Some(alarm) => (Some(alarm), command.get::<SettleAlarm>().and_then(|settle| settle.incident)),
        None => (None, on.as_incident().or_else(|| on.incident(state))),
    }
}

/// A reply of the writer as an answer; `path_field` is the field the path's id filled.
pub fn answer(reply: Reply, path_field: Option<&str>) -> Result<Receipt, Refused> {
    let (answer, repeated) = match reply {
        Reply::Answer(answer) => (answer, false),
        Reply::Repeated(answer) => (answer, true),
        Reply::NotRecorded => {
            let problem = Problem::new(
                503,
                "not_recorded",
                "the journal could not take it; send it again with the same key",
            );
            return Err(problem.with("retry_after_s", NOT_RECORDED_RETRY_S).into());
        }
        Reply::Halted => {
            let problem = Problem::new(
                503,
                "loss_not_accepted",
                "the journal has lost its end: until somebody accepts that, only calls for help are taken",
            );
            return Err(problem.with("retry_after_s", HALTED_RETRY_S).into());
        }
        Reply::Conflict => {
            return Err(Problem::new(422, "other_body", "this key was used with another body").into());
        }
        Reply::Expired => {
            let refusal = dispatch_core::kernel::refusal::Refusal::CommandExpired;
            return Err(Problem::refusal(&refusal, path_field).into());
        }
        Reply::Busy { retry_after_s } => {
            let problem =
                Problem::new(503, "busy", format!("there is no room; try again after {retry_after_s} s"));
            return Err(problem.with("retry_after_s", retry_after_s).into());
        }
    };
    match answer {
        Answer::Accepted(accepted) => Ok(receipt(accepted, repeated)),
        Answer::Refused(refusal) => Err(Problem::refusal(&refusal, path_field).into()),
    }
}

fn receipt(accepted: Accepted, repeated: bool) -> Receipt {
    let Accepted { seq, named, feedback, version } = accepted;
    Receipt { seq, repeated, named, feedback, version, flaws: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_core::command::{ConfirmLife, SignNotice};
    use dispatch_core::event::OrderCreated;
    use dispatch_core::kernel::command_row::TextPolicy;
    use dispatch_core::kernel::id::OrderId;
    use dispatch_core::kernel::kind::Mode;
    use dispatch_core::kernel::place::AreaPath;
    use dispatch_core::kernel::target::Target;
    use dispatch_core::kernel::time::Time;
    use dispatch_core::response::order::StampSource;
    use uuid::Uuid;

    #[test]
    fn ids_are_taken_out_of_paths() {
        let operation = Operation::find("units", "report-back").unwrap();
        assert_eq!(path_id("/api/v1/units/U%2F1/report-back", &operation).as_deref(), Some("U/1"));
        assert_eq!(path_id("/api/v1/units/%E8%92%99H1/report-back", &operation).as_deref(), Some("蒙H1"));
        assert_eq!(decoded("100%"), "100%");
    }

    #[test]
    fn what_is_said_about_an_order_belongs_to_its_incident() {
        let (order, incident) = (OrderId(Uuid::from_u128(1)), IncidentId(Uuid::from_u128(2)));
        let created = OrderCreated {
            order,
            incident,
            mode: Mode::Actual,
            area: AreaPath::default(),
            target: Target::Unit("U1".into()),
            parent: None,
            desk: "desk".into(),
            seat: None,
            recommendation: None,
            rank: None,
            override_reason: None,
            override_words: None,
            diverted_from: None,
            stacked: false,
            eta_ms: 0,
            eta_high_ms: 0,
            silent: false,
        };
        let mut state = State::default();
        state.response_mut().orders().insert(order, created.order(Time(0)));
        let (source, at, voice, words) = (StampSource::Device, None, None, None);
        let signed = Command::from(SignNotice { order, source, at, voice, words });
        let alive = Command::from(ConfirmLife { order, source, at, voice, words });
        assert_eq!(concerned(&state, &signed), (None, Some(incident)));
        assert_eq!(concerned(&state, &alive), (None, Some(incident)));
    }

    #[test]
    fn every_command_that_takes_text_says_what_it_is_about() {
        // What stands for no alarm, incident or order of its own is named, so that a new one is thought about.
        let alone = ["raise_alarm", "shelve_technical", "suppress_source", "set_service", "erase_words"];
        for operation in
            dispatch_api::operation::operations().filter(|operation| operation.row.text != TextPolicy::No)
        {
            let on =
                operation.route.id.is_some_and(|id| ["alarm", "incident", "order", "support"].contains(&id));
            assert!(on || alone.contains(&operation.row.name), "{}", operation.path());
        }
    }
}
