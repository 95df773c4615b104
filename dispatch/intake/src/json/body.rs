//! A body that holds many of one thing: one object, an array, or NDJSON. Each stands alone: a broken one is named by its
//! line (or its place in the array, from 1) and costs no other. So many are read and so many faults are named; the others
//! are counted, for whoever sends nothing but faults is not to have a processor for it.

use dispatch_core::kernel::text::told;
use serde::de::{self, Deserialize, Deserializer as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The field that is wrong, [`BODY`] for the whole, and the rule it breaks.
pub(super) type Broken = (String, String);

/// What is named where no field is at fault.
const BODY: &str = "body";

/// Faults that are named: to say which field is wrong takes twenty times as long as to see that one is.
pub(super) const FAULTS_NAMED: usize = 20;

/// Whether a fault is to be named; what is said of one that is not is nothing.
pub(super) type Named = bool;

/// How a body is read, element by element.
pub(super) struct Reading<All, One> {
    /// Elements that are read; the rest is counted.
    pub most: u64,
    /// Reads a whole array at once, for speed, and gives nothing when any of it is unreadable.
    pub all: All,
    /// Reads one element.
    pub one: One,
}

/// Reads a body, and returns how many elements were not looked at because there are too many. Never fails as a whole: an
/// unreadable body is one broken element.
pub(super) fn each<T>(
    body: &[u8],
    reading: Reading<
        impl Fn(&[u8]) -> Option<Vec<Result<T, Broken>>>,
        impl Fn(&[u8], Named) -> Result<T, Broken>,
    >,
    mut take: impl FnMut(u64, Result<T, Broken>),
) -> u64 {
    let Reading { most, all, one } = reading;
    let mut faults = 0;
    let mut one = move |text: &[u8]| {
        let read = one(text, faults < FAULTS_NAMED);
        faults += usize::from(read.is_err());
        read
    };
    match body.trim_ascii_start().first() {
        None => take(1, Err((BODY.into(), "is empty".into()))),
        Some(b'[') => match all(body) {
            Some(all) => {
                let over = (all.len() as u64).saturating_sub(most);
                (1..=most).zip(all).for_each(|(line, read)| take(line, read));
                return over;
            }
            // Something in it is wrong: element by element, so that the others are taken and the fault is named.
            None => return array(body, most, one, take),
        },
        Some(_) => return lines(body, most, &mut one, take),
    }
    0
}

fn array<T>(
    body: &[u8],
    most: u64,
    one: impl FnMut(&[u8]) -> Result<T, Broken>,
    mut take: impl FnMut(u64, Result<T, Broken>),
) -> u64 {
    match serde_json::Deserializer::from_slice(body).deserialize_seq(Elements { most, one }) {
        Ok((read, over)) => {
            (1..).zip(read).for_each(|(line, read)| take(line, read));
            over
        }
        Err(error) => {
            take(error.line() as u64, Err((BODY.into(), error.to_string())));
            0
        }
    }
}

/// Reads the elements of an array without holding it as a tree, which is many times its text.
struct Elements<One> {
    most: u64,
    one: One,
}

impl<'de, T, One: FnMut(&[u8]) -> Result<T, Broken>> Visitor<'de> for Elements<One> {
    type Value = (Vec<Result<T, Broken>>, u64);

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<Self::Value, A::Error> {
        let (mut read, mut over) = (Vec::new(), 0);
        while (read.len() as u64) < self.most
            && let Some(element) = elements.next_element::<&RawValue>()?
        {
            read.push((self.one)(element.get().as_bytes()));
        }
        while elements.next_element::<de::IgnoredAny>()?.is_some() {
            over += 1;
        }
        Ok((read, over))
    }
}

fn lines<T>(
    body: &[u8],
    most: u64,
    mut one: impl FnMut(&[u8]) -> Result<T, Broken>,
    mut take: impl FnMut(u64, Result<T, Broken>),
) -> u64 {
    let (mut read, mut over) = (0, 0);
    let mut start = 0;
    for (line, end) in (1..).zip(memchr::memchr_iter(b'\n', body).chain([body.len()])) {
        let text = &body[start..end];
        start = end + 1;
        if text.trim_ascii().is_empty() {
            continue;
        }
        if read == most {
            over += 1;
            continue;
        }
        let element = one(text);
        // One object may be spread over lines; then its first line alone is no JSON.
        if read == 0 && element.is_err() && is_spread(body, text) {
            take(1, one(body));
            return 0;
        }
        read += 1;
        take(line, element);
    }
    over
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
            let (field, rule) =
                match message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
                    Some(field) => (field.to_owned(), "must be there".into()),
                    // A field may have no name.
                    None if matches!(path.as_str(), "" | "." | "?") => (BODY.into(), message),
                    None => (path, message),
                };
            (told(&field), told(&rule))
        }
    }
}
