//! Requests with bodies. Whatever comes is answered: what is refused names what is wrong in a bounded answer, a call for
//! help is never refused, and what is accepted is in the journal as it was decided. What a decoder accepted it reads again
//! from what is written of it.

use std::cell::RefCell;

use axum::http::StatusCode;
use dispatch_api::answer::Receipt;
use dispatch_api::operation::{BODY_RULES, Operation};
use dispatch_api::problem::Problem;
use dispatch_core::command::Command;
use dispatch_core::kernel::id::WordsId;
use dispatch_core::seek::live_map::UnitFix;
use dispatch_intake::Fault;
use dispatch_intake::json::{alarm, heartbeats, positions};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::centre::{Answered, Centre, NOW};
use crate::request::Asked;

/// Requests of one input that are asked.
const ASKED_MAX: usize = 8;
/// Longest refusal, bytes: whatever came, it is not told back at length.
const REFUSAL_BYTES_MAX: usize = 96 * 1024;
/// Longest that is said of one fault, bytes.
const SAID_BYTES_MAX: usize = 4_096;
/// Faults that are named of one body.
const FAULTS_MAX: usize = 20;
/// Positions and heartbeats of a body that are read.
const MOST: u64 = 20_000;

thread_local! {
    static CENTRE: RefCell<Centre> = RefCell::new(Centre::new(|_| {}));
}

/// Feeds requests.
pub fn feed(bytes: &[u8]) {
    CENTRE.with_borrow_mut(|centre| {
        let mut has_moved = false;
        for asked in Asked::all(bytes).iter().take(ASKED_MAX) {
            let sent = asked.sent(&centre.node());
            decode(&asked.path, &sent);
            if let Some(answered) = centre.ask(asked) {
                check(asked, &answered);
            }
            has_moved |= asked.path.starts_with("/positions");
        }
        centre.settle();
        centre.judge();
        centre.forget_what_happened();
        if has_moved {
            centre.forget();
        }
    });
}

/// What every answer keeps to.
fn check(asked: &Asked, answered: &Answered) {
    let Answered { status, body } = answered;
    let said = String::from_utf8_lossy(&body[..body.len().min(SAID_BYTES_MAX)]);
    assert!(!status.is_server_error(), "{} is not answered: {status} {said}", asked.path);
    if asked.path == "/alarms" {
        assert_eq!(*status, StatusCode::CREATED, "a call for help is refused: {said}");
        let receipt: Receipt = serde_json::from_slice(body).expect("a receipt");
        assert!(receipt.named.alarm.is_some(), "a call for help has no alarm: {said}");
    }
    if !status.is_client_error() {
        return;
    }
    assert!(body.len() <= REFUSAL_BYTES_MAX, "{} is refused with {} bytes: {said}", asked.path, body.len());
    let Ok(problem) = serde_json::from_slice::<Problem>(body) else { return };
    assert!(!problem.code.is_empty() && !problem.detail.is_empty(), "{said}");
    assert!(problem.detail.len() <= SAID_BYTES_MAX, "{} bytes: {said}", problem.detail.len());
    if problem.code == "invalid" {
        let faults = problem.params.get("faults").and_then(Value::as_array);
        let has_faults = faults.is_some_and(|faults| {
            faults.len() <= FAULTS_MAX
                && faults.iter().all(|fault| fault["rule"] != "" && fault["field"] != "")
        });
        assert!(has_faults || problem.params.contains_key("rule"), "no rule: {said}");
        assert!(problem.field.is_some(), "no field: {said}");
    }
}

/// What decoders keep to, whoever the sender is and whatever the centre makes of it.
fn decode(path: &str, body: &[u8]) {
    match path {
        "/alarms" => call(body),
        "/positions" => fixes(body),
        "/points/heartbeats" => beats(body),
        _ => command(path, body),
    }
}

fn call(body: &[u8]) {
    let call = alarm::read(body, false);
    for flaw in &call.raise.flaws {
        assert!(flaw.contains(": ") && flaw.len() <= SAID_BYTES_MAX, "{flaw}");
    }
    same(&Command::RaiseAlarm(call.raise));
}

/// What is read from what is written of a command is the command.
fn same(command: &Command) {
    let Value::Object(mut fields) = serde_json::to_value(command).expect("a command can be written") else {
        panic!("a command is an object")
    };
    fields.remove("name");
    let read = Command::read(command.name(), Value::Object(fields)).expect("it has its name");
    assert_eq!(read.map_err(|error| error.to_string()).as_ref(), Ok(command));
}

fn command(path: &str, body: &[u8]) {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (operation, id) = match parts[..] {
        [collection] => (Operation::find(collection, ""), None),
        [collection, id, act] => (Operation::find(collection, act), Some(id)),
        [collection, act] => (Operation::find(collection, act), None),
        _ => return,
    };
    let Some(operation) = operation.filter(|operation| operation.route.id.is_some() == id.is_some()) else {
        return;
    };
    let Ok(value) = serde_json::from_slice(body) else { return };
    match operation.read(id, value, || WordsId(Uuid::from_u128(7))) {
        Ok(read) => same(&read.command),
        Err(fault) => {
            assert!(BODY_RULES.contains(&fault.rule), "{fault}");
            bounded(&fault.field, &fault.detail);
        }
    }
}

fn fixes(body: &[u8]) {
    let read = positions::decode(body, MOST, NOW);
    named(&read.faults, read.faulty);
    let written = serde_json::to_vec(&read.fixes.iter().map(written).collect::<Vec<_>>()).expect("JSON");
    if read.fixes.is_empty() {
        return;
    }
    let again = positions::decode(&written, MOST, NOW);
    assert_eq!((again.fixes, again.faulty), (read.fixes, 0));
}

/// A fix as a device writes it.
fn written(fix: &UnitFix) -> Value {
    let UnitFix { unit, at, fix_time, device_time, speed_cm_s, heading_deg, accuracy_m, received_at: _ } =
        fix;
    json!({
        "unit": unit,
        "lon": f64::from(at.lon) / 1e7,
        "lat": f64::from(at.lat) / 1e7,
        "fix_time": fix_time,
        "device_time": device_time,
        "speed_m_s": f64::from(*speed_cm_s) / 100.0,
        "heading_deg": heading_deg,
        "accuracy_m": accuracy_m,
    })
}

fn beats(body: &[u8]) {
    let read = heartbeats::decode(body, MOST);
    named(&read.faults, read.faulty);
    let points: Vec<_> = read.points.iter().map(|(_, point)| point).collect();
    if points.is_empty() {
        return;
    }
    let written: Vec<Value> = points.iter().map(|point| json!({ "point": point })).collect();
    let again = heartbeats::decode(&serde_json::to_vec(&written).expect("JSON"), MOST);
    assert_eq!((again.points.iter().map(|(_, point)| point).collect::<Vec<_>>(), again.faulty), (points, 0));
}

fn named(faults: &[Fault], all: u64) {
    assert!(faults.len() <= FAULTS_MAX && faults.len() as u64 <= all, "{} of {all}", faults.len());
    for Fault { line, field, rule } in faults {
        assert!(*line > 0 && !field.is_empty() && !rule.is_empty(), "line {line}, {field}: {rule}");
        bounded(field, rule);
    }
}

fn bounded(field: &str, rule: &str) {
    let bytes = field.len() + rule.len();
    let said: String = rule.chars().take(200).collect();
    assert!(bytes <= SAID_BYTES_MAX, "{bytes} bytes are said of a fault: {said}");
}
