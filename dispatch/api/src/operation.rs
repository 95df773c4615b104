//! Operations: everything that can be asked over HTTP. Routing, the `OpenAPI` document and the client read the rows of
//! the commands, so that none of them can know an operation the others do not.
//!
//! Leaves out `POST /alarms`, whose body is read leniently elsewhere, and commands only the node itself gives.

use dispatch_core::command::Command;
use dispatch_core::kernel::command_row::{CommandRow, Route, TextPolicy};
use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::text::told;
use dispatch_core::kernel::time::Time;
use serde_json::{Map, Value};

use crate::door::DoorRule;

/// One operation: a command that a route leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Everything about the command.
    pub row: CommandRow,
    /// Where it is posted to.
    pub route: Route,
}

/// Every operation but the raising of an alarm.
pub fn operations() -> impl Iterator<Item = Operation> {
    Command::ROWS.iter().filter_map(|row| Some(Operation { row: *row, route: row.route? }))
}

/// What is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct BodyFault {
    /// Path of the field, `place.coord.lat`; empty for the body as a whole.
    pub field: String,
    /// The rule it breaks: one of [`BODY_RULES`].
    pub rule: &'static str,
    /// What is wrong, in English.
    pub detail: String,
}

/// Rules of a body's form, as codes.
pub const BODY_RULES: [&str; 7] = [
    "missing",
    "unknown_field",
    "wrong_shape",
    "in_path",
    "not_an_object",
    "name_in_folder",
    "hidden_character",
];

/// Words a body held, taken out of it before the core sees the command (D12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The id the command refers to them by.
    pub id: WordsId,
    /// The caller's number or name, rather than what was said.
    pub caller: bool,
    /// The text as the sender wrote it.
    pub text: String,
    /// Its language, if the sender says.
    pub lang: Option<String>,
}

/// A body made into a command.
#[derive(Debug)]
pub struct Read {
    /// The command, with ids where the body had words.
    pub command: Command,
    /// The words it refers to.
    pub spoken: Vec<Spoken>,
    /// When the sender says it happened.
    pub occurred_at: Option<Time>,
}

impl Operation {
    /// The operation of a path's parts.
    pub fn find(collection: &str, act: &str) -> Option<Self> {
        operations().find(|known| known.route.collection == collection && known.route.act == act)
    }

    /// Whether it makes what its collection holds: then it is answered with 201.
    pub fn makes(&self) -> bool {
        self.route.act.is_empty()
    }

    /// Its path under [`crate::BASE`], with `{id}` where the id goes.
    pub fn path(&self) -> String {
        let Route { collection, id, act } = self.route;
        match (id, act) {
            (None, "") => format!("/{collection}"),
            (None, act) => format!("/{collection}/{act}"),
            (Some(_), act) => format!("/{collection}/{{id}}/{act}"),
        }
    }

    /// Makes a command of the path's id and a body (an object, or null for none); `mint` gives ids to words.
    pub fn read(
        &self,
        id: Option<&str>,
        body: Value,
        mut mint: impl FnMut() -> WordsId,
    ) -> Result<Read, BodyFault> {
        let mut fields = match body {
            Value::Null => Map::new(),
            Value::Object(fields) => fields,
            _ => return Err(BodyFault::new("", "not_an_object", "must be a JSON object")),
        };
        let takes_text = self.row.text != TextPolicy::No;
        let lang = take_text(&mut fields, "lang")?;
        shows_as_it_is("lang", &lang.clone().map_or(Value::Null, Value::String))?;
        let occurred_at = match fields.remove("occurred_at") {
            None => None,
            Some(Value::Number(at)) if at.is_i64() => at.as_i64().map(Time),
            Some(_) => {
                return Err(BodyFault::new(
                    "occurred_at",
                    "wrong_shape",
                    "must be microseconds since 1970 UTC",
                ));
            }
        };
        if takes_text && fields.contains_key("words") {
            return Err(BodyFault::unknown("words"));
        }
        let mut spoken = Vec::new();
        for (field, target, taken) in [("text", "words", takes_text), ("caller", "caller", self.row.caller)] {
            if let Some(text) = if taken { take_text(&mut fields, field)? } else { None } {
                let words = mint();
                fields.insert(target.into(), Value::String(words.to_string()));
                spoken.push(Spoken { id: words, caller: field == "caller", text, lang: lang.clone() });
            }
        }
        if self.row.text == TextPolicy::Must && !fields.contains_key("words") {
            return Err(BodyFault::new("text", "missing", "must be there"));
        }
        if let (Some(field), Some(id)) = (self.route.id, id)
            && fields.insert(field.into(), Value::String(id.into())).is_some()
        {
            return Err(BodyFault::new(field, "in_path", "is in the path"));
        }
        // What people said has left the body by now: what is left are codes, names and words of ours.
        let body = Value::Object(fields);
        shows_as_it_is("", &body)?;
        let command = decode(self.row.name, body)?;
        Ok(Read { command, spoken, occurred_at })
    }
}

impl BodyFault {
    /// A fault of one field.
    pub fn new(field: &str, rule: &'static str, detail: &str) -> Self {
        Self { field: told(field), rule, detail: told(detail) }
    }

    fn unknown(field: &str) -> Self {
        Self::new(field, "unknown_field", "is not a field of this body")
    }
}

/// Takes a text of its own out of a body; an empty one counts as none.
fn take_text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, BodyFault> {
    match fields.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
        Some(_) => Err(BodyFault::new(name, "wrong_shape", "must be text")),
    }
}

/// No text in a value, nor the name of a field, shows as something else than it is.
fn shows_as_it_is(path: &str, value: &Value) -> Result<(), BodyFault> {
    let seen = |path: &str, text: &str| match DoorRule::broken_by(text) {
        Some(rule) => Err(BodyFault::new(path, "hidden_character", &rule.to_string())),
        None => Ok(()),
    };
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::String(text) => seen(path, text),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(at, item)| shows_as_it_is(&format!("{path}[{at}]"), item))
        }
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            seen(path, name)?;
            shows_as_it_is(&below(name), value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Reads one command's fields; a fault names the field.
fn decode(name: &str, body: Value) -> Result<Command, BodyFault> {
    let read = Command::read(name, body).unwrap_or_else(|| unreachable!("{name} is a command's name"));
    read.map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        let named = |prefix: &str| message.strip_prefix(prefix)?.split('`').next().map(str::to_owned);
        if let Some(field) = named("missing field `") {
            let field = if path == "." { field } else { format!("{path}.{field}") };
            return BodyFault::new(&field, "missing", "must be there");
        }
        if let Some(field) = named("unknown field `") {
            return BodyFault::new(&field, "unknown_field", &message);
        }
        BodyFault::new(if path == "." { "" } else { &path }, "wrong_shape", &message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn words() -> WordsId {
        WordsId(Uuid::from_u128(7))
    }

    #[test]
    fn a_row_names_fields_its_command_has() {
        for operation in operations() {
            let fault = decode(operation.row.name, json!({"no such field": 1})).unwrap_err();
            // serde names every field it would have taken: the command's own definition is the oracle.
            let (_, list) = fault.detail.split_once("expected ").unwrap_or(("", ""));
            let known: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
            let has = |field: &str| known.contains(&field);
            assert!(operation.route.id.is_none_or(has), "{}", operation.path());
            assert!(operation.row.seen.iter().all(|field| has(field)), "{}", operation.path());
            assert_eq!(operation.row.caller, has("caller"), "{}", operation.path());
            let words = operation.row.name != "erase_words" && has("words");
            assert_eq!(operation.row.text != TextPolicy::No, words, "{}", operation.path());
        }
    }

    #[test]
    fn paths_are_distinct_and_name_their_command() {
        let operations: Vec<Operation> = operations().collect();
        assert!(operations.len() > 40);
        for (index, operation) in operations.iter().enumerate() {
            assert!(
                operations[..index].iter().all(|other| other.path() != operation.path()),
                "{}",
                operation.path()
            );
            assert_eq!(
                decode(operation.row.name, json!([])).unwrap_err().rule,
                "wrong_shape",
                "{}",
                operation.path()
            );
        }
    }

    #[test]
    fn words_leave_the_body_before_the_core_sees_it() {
        let operation = Operation::find("incidents", "note").unwrap();
        let id = Uuid::from_u128(9).to_string();
        let read = operation
            .read(Some(&id), json!({"text": "羊圈着火", "lang": "zh", "danger": true}), words)
            .unwrap();
        assert_eq!(read.spoken.len(), 1);
        assert_eq!(read.spoken[0].text, "羊圈着火");
        assert!(!serde_json::to_string(&read.command).unwrap().contains("羊"));
        let missing = operation.read(Some(&id), json!({"danger": true}), words).unwrap_err();
        assert_eq!(missing.field, "text");
    }

    #[test]
    fn what_shows_as_something_else_is_in_no_command_but_in_what_people_said() {
        let operation = Operation::find("incidents", "note").unwrap();
        let id = Uuid::from_u128(9).to_string();
        let turned = "gate\u{202e}4";
        let said = operation.read(Some(&id), json!({"text": turned, "danger": true}), words).unwrap();
        assert_eq!(said.spoken[0].text, turned, "kept as it was said");
        let lang = operation.read(Some(&id), json!({"text": "a", "lang": turned}), words).unwrap_err();
        assert_eq!((lang.field.as_str(), lang.rule), ("lang", "hidden_character"));
        for operation in operations() {
            let body = json!({"a": {"b": [1, "x", turned]}, "text": "said"});
            let fault = operation.read(operation.route.id.map(|_| id.as_str()), body, words).unwrap_err();
            assert_eq!(fault.rule, "hidden_character", "{}", operation.path());
            assert!(fault.field == "a.b[2]" && fault.detail.contains("U+202E"), "{fault}");
            let named = operation.read(
                operation.route.id.map(|_| id.as_str()),
                json!({turned: 1, "text": "said"}),
                words,
            );
            assert_eq!(named.unwrap_err().rule, "hidden_character", "{}", operation.path());
        }
        for operation in operations().filter(|operation| operation.route.id.is_some()) {
            let fault = operation.read(Some(turned), json!({"text": "said"}), words).unwrap_err();
            assert_eq!((Some(fault.field.as_str()), fault.rule), (operation.route.id, "hidden_character"));
        }
    }

    #[test]
    fn faults_name_the_field() {
        let operation = Operation::find("incidents", "move").unwrap();
        let id = Uuid::from_u128(9).to_string();
        let at = |lat: i64| json!({"place": {"kind": "point", "source": "caller", "coord": {"lon": 0, "lat": lat}}});
        assert!(operation.read(Some(&id), at(450_000_000), words).is_ok());
        let fault = operation.read(Some(&id), at(910_000_000), words).unwrap_err();
        assert!(fault.field.starts_with("place.coord"), "{fault}");
        assert!(fault.detail.contains("latitude"), "{fault}");
        assert_eq!(operation.read(Some(&id), json!({"plaec": 1}), words).unwrap_err().field, "plaec");
        assert_eq!(operation.read(Some("x"), at(0), words).unwrap_err().field, "incident");
        assert_eq!(operation.read(Some(&id), json!({"incident": id}), words).unwrap_err().rule, "in_path");
        assert_eq!(operation.read(Some(&id), json!([]), words).unwrap_err().field, "");
    }
}
