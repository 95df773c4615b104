//! A body that holds many of one thing: one object, an array, or NDJSON. Each stands alone: a broken one is named by its
//! line (or its place in the array, from 1) and costs no other.

use serde::de::{self, Deserialize};
use serde_json::Value;

/// The field that is wrong, [`BODY`] for the whole, and the rule it breaks.
pub(super) type Broken = (String, String);

/// What is named where no field is at fault.
const BODY: &str = "body";

/// Reads a body element by element. `all` reads a whole array at once, for speed, and gives nothing when any of it is
/// unreadable; `one` reads one element. Never fails as a whole: an unreadable body is one broken element.
pub(super) fn each<T>(
    body: &[u8],
    all: impl Fn(&[u8]) -> Option<Vec<Result<T, Broken>>>,
    one: impl Fn(&[u8]) -> Result<T, Broken>,
    mut take: impl FnMut(u64, Result<T, Broken>),
) {
    match body.trim_ascii_start().first() {
        None => take(1, Err((BODY.into(), "is empty".into()))),
        Some(b'[') => array(body, all, one, take),
        Some(_) => lines(body, one, take),
    }
}

fn array<T>(
    body: &[u8],
    all: impl Fn(&[u8]) -> Option<Vec<Result<T, Broken>>>,
    one: impl Fn(&[u8]) -> Result<T, Broken>,
    mut take: impl FnMut(u64, Result<T, Broken>),
) {
    if let Some(all) = all(body) {
        (1..).zip(all).for_each(|(line, read)| take(line, read));
        return;
    }
    // Something in it is wrong: element by element, so that the others are taken and the fault is named.
    match serde_json::from_slice::<Vec<Value>>(body) {
        Ok(all) => (1..).zip(all).for_each(|(line, value)| take(line, one(value.to_string().as_bytes()))),
        Err(error) => take(error.line() as u64, Err((BODY.into(), error.to_string()))),
    }
}

fn lines<T>(
    body: &[u8],
    one: impl Fn(&[u8]) -> Result<T, Broken>,
    mut take: impl FnMut(u64, Result<T, Broken>),
) {
    let mut is_first = true;
    let mut start = 0;
    for (line, end) in (1..).zip(memchr::memchr_iter(b'\n', body).chain([body.len()])) {
        let text = &body[start..end];
        start = end + 1;
        if text.trim_ascii().is_empty() {
            continue;
        }
        let read = one(text);
        // One object may be spread over lines; then its first line alone is no JSON.
        if std::mem::take(&mut is_first) && read.is_err() && is_spread(body, text) {
            take(1, one(body));
            return;
        }
        take(line, read);
    }
}

fn is_spread(body: &[u8], line: &[u8]) -> bool {
    serde_json::from_slice::<de::IgnoredAny>(line).is_err()
        && serde_json::from_slice::<de::IgnoredAny>(body).is_ok()
}

/// Reads an element that could not be read once more, slowly, to name the field.
pub(super) fn why<'de, R: Deserialize<'de>>(text: &'de [u8]) -> Broken {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    match serde_path_to_error::deserialize::<_, R>(&mut deserializer) {
        // What was read is sound, so the fault is behind it.
        Ok(_) => (BODY.into(), "there is more than one object on the line".into()),
        Err(error) => {
            let path = error.path().to_string();
            let message = error.into_inner().to_string();
            match message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
                Some(field) => (field.to_owned(), "must be there".into()),
                None if path == "." || path == "?" => (BODY.into(), message),
                None => (path, message),
            }
        }
    }
}
