//! The fields of an object whose text breaks off or is wrong further on.
//!
//! **Absent on purpose**: guessing. Reading ends at the first thing that is not `"name": value` followed by a comma or
//! the end of the object: a number cut in the middle is another number.

use serde_json::{Deserializer, Map, Value};

/// The fields up to where the text ends or stops being JSON; none where it is no object.
pub fn fields(body: &[u8]) -> Map<String, Value> {
    let mut fields = Map::new();
    let Some(mut rest) = body.trim_ascii_start().strip_prefix(b"{") else { return fields };
    while let Some((name, after)) = value(rest) {
        let Some(after) = after.trim_ascii_start().strip_prefix(b":") else { return fields };
        let (Value::String(name), Some((held, after))) = (name, value(after)) else { return fields };
        let after = after.trim_ascii_start();
        let ended = matches!(after.first(), Some(b',' | b'}'));
        // Text, lists and objects end by themselves.
        if ended || matches!(held, Value::String(_) | Value::Array(_) | Value::Object(_)) {
            fields.insert(name, held);
        }
        match after.strip_prefix(b",") {
            Some(after) => rest = after,
            None => return fields,
        }
    }
    fields
}

/// The value at the beginning of a text, and what is behind it.
fn value(text: &[u8]) -> Option<(Value, &[u8])> {
    let mut values = Deserializer::from_slice(text).into_iter::<Value>();
    let found = values.next()?.ok()?;
    Some((found, &text[values.byte_offset()..]))
}
