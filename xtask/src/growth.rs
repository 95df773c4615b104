//! What was released of the events only grows: a journal written by any release is read for ever. The description of the
//! events as the last release wrote it is kept beside today's, and whatever it says has to stand there still.
//!
//! An event, a variant, a word of a vocabulary and a field may come; a field that comes has a default, so it is not
//! required. An event of a higher version may have another payload: an upcaster reads the older one.
//!
//! **Absent on purpose**: descriptions, which may be written better at any time.

use std::path::Path;

use serde_json::{Map, Value};

const TODAY: &str = "docs/events.json";

/// Copied from [`TODAY`] by each release; there is none before the first.
const RELEASED: &str = "docs/released/events.json";

/// Faults, one sentence each.
pub fn faults(root: &Path) -> Vec<String> {
    if !root.join(RELEASED).exists() {
        return Vec::new();
    }
    let read = |path: &str| -> Result<Value, String> {
        let text = std::fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
        serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))
    };
    match (read(RELEASED), read(TODAY)) {
        (Ok(released), Ok(today)) => shrunk(&released, &today),
        (Err(fault), _) | (_, Err(fault)) => vec![fault],
    }
}

/// What stood in a description and does not stand in a later one.
fn shrunk(released: &Value, today: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for event in released["events"].as_array().into_iter().flatten() {
        let name = event["name"].as_str().unwrap_or_default();
        let now =
            today["events"].as_array().into_iter().flatten().find(|known| known["name"] == event["name"]);
        match now {
            None => faults.push(format!("{TODAY}: `{name}` was released and is gone")),
            Some(now) if now["v"].as_u64() > event["v"].as_u64() => {}
            Some(now) if now["v"] != event["v"] => {
                faults.push(format!("{TODAY}: `{name}` has a lower version than was released"));
            }
            Some(now) => schema(&event["payload"], &now["payload"], name, &mut faults),
        }
    }
    let schemas = |of: &Value| of["components"]["schemas"].as_object().cloned().unwrap_or_default();
    properties(&schemas(released), &schemas(today), "types", &mut faults);
    faults
}

/// Holds a schema to the one that was released.
fn schema(released: &Value, today: &Value, at: &str, faults: &mut Vec<String>) {
    let (Some(was), Some(is)) = (released.as_object(), today.as_object()) else {
        if released != today {
            faults.push(format!("{TODAY}: `{at}` was released as {released}"));
        }
        return;
    };
    for (key, value) in was {
        let now = is.get(key).unwrap_or(&Value::Null);
        match (key.as_str(), value, now) {
            ("description", ..) => {}
            ("properties", Value::Object(was), Value::Object(is)) => properties(was, is, at, faults),
            ("enum", Value::Array(was), Value::Array(is)) => {
                let gone = was.iter().filter(|word| !is.contains(word));
                faults
                    .extend(gone.map(|word| format!("{TODAY}: `{at}` could be {word} when it was released")));
            }
            ("oneOf", Value::Array(was), Value::Array(is)) => {
                let stands = |variant: &&Value| is.iter().any(|now| holds(variant, now));
                let gone = was.iter().filter(|variant| !stands(variant));
                faults.extend(
                    gone.map(|variant| format!("{TODAY}: `{at}` could be {variant} when it was released")),
                );
            }
            ("required", was, is) if sorted(was) == sorted(is) => {}
            (_, Value::Object(_), Value::Object(_)) => schema(value, now, &format!("{at}.{key}"), faults),
            (_, was, is) if was == is => {}
            _ => faults.push(format!("{TODAY}: `{key}` of `{at}` was {value} when it was released")),
        }
    }
    if !was.contains_key("required") && is.contains_key("required") {
        faults.push(format!("{TODAY}: a field of `{at}` is required, which no released row holds"));
    }
}

fn properties(was: &Map<String, Value>, is: &Map<String, Value>, at: &str, faults: &mut Vec<String>) {
    for (name, value) in was {
        let at = format!("{at}.{name}");
        match is.get(name) {
            Some(now) => schema(value, now, &at, faults),
            None => faults.push(format!("{TODAY}: `{at}` was released and is gone")),
        }
    }
}

/// Whether all that a schema says stands in another.
fn holds(released: &Value, today: &Value) -> bool {
    let mut faults = Vec::new();
    schema(released, today, "", &mut faults);
    faults.is_empty()
}

fn sorted(names: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = names.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::shrunk;
    use serde_json::{Value, json};

    fn described() -> Value {
        json!({
            "events": [{ "name": "noted", "v": 1, "payload": {
                "type": "object",
                "description": "A note.",
                "properties": { "at": { "type": "integer" }, "why": { "$ref": "#/components/schemas/Why" } },
                "required": ["at"],
            } }],
            "components": { "schemas": {
                "Why": { "enum": ["fog", "ice"], "type": "string" },
                "Key": { "oneOf": [
                    { "properties": { "kind": { "enum": ["alarm"] }, "id": { "type": "string" } } },
                ] },
            } },
        })
    }

    /// What is said of a description in which something was changed.
    fn after(path: &str, value: Value) -> Vec<String> {
        let mut today = described();
        let (of, name) = path.rsplit_once('/').unwrap();
        let of = today.pointer_mut(of).unwrap();
        match of {
            Value::Object(fields) if value.is_null() => drop(fields.remove(name)),
            Value::Object(fields) => drop(fields.insert(name.to_owned(), value)),
            Value::Array(items) => items.push(value),
            _ => panic!("{path}"),
        }
        shrunk(&described(), &today)
    }

    const PAYLOAD: &str = "/events/0/payload";

    #[test]
    fn what_grows_passes() {
        assert_eq!(shrunk(&described(), &described()), Vec::<String>::new());
        for (path, value) in [
            ("/events/-", json!({ "name": "new", "v": 1, "payload": {} })),
            (&format!("{PAYLOAD}/properties/by"), json!({ "type": "string" })),
            (&format!("{PAYLOAD}/description"), json!("Something was noted.")),
            ("/components/schemas/Why/enum/-", json!("snow")),
            ("/components/schemas/Key/oneOf/-", json!({ "properties": { "kind": { "enum": ["order"] } } })),
            ("/components/schemas/New", json!({ "type": "string" })),
            ("/events/0/v", json!(2)),
        ] {
            assert_eq!(after(path, value), Vec::<String>::new(), "{path}");
        }
    }

    #[test]
    fn what_changes_or_goes_does_not() {
        for (path, value) in [
            ("/events/0/name", json!("marked")),
            ("/events/0/v", json!(0)),
            (&format!("{PAYLOAD}/properties/at"), Value::Null),
            (&format!("{PAYLOAD}/properties/at"), json!({ "type": "string" })),
            (&format!("{PAYLOAD}/required"), json!(["at", "why"])),
            (&format!("{PAYLOAD}/required"), json!([])),
            (&format!("{PAYLOAD}/required"), Value::Null),
            ("/components/schemas/Why", Value::Null),
            ("/components/schemas/Why/enum", json!(["fog"])),
            ("/components/schemas/Why/type", json!("integer")),
            ("/components/schemas/Key/oneOf", json!([])),
            ("/components/schemas/Why/required", json!(["fog"])),
        ] {
            assert_eq!(after(path, value.clone()).len(), 1, "{path} {value}");
        }
    }
}
