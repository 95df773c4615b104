//! Acts: everything that can be asked over HTTP, one row each. Routing, the `OpenAPI` document and the client read the
//! same table, so that none of them can know an act the others do not.
//!
//! Leaves out `POST /alarms`, whose body is read leniently elsewhere, and commands only the node itself gives.

use dispatch_core::command::Command;
use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::time::Time;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use crate::acts::ACTS;

/// One act.
#[derive(Debug)]
pub struct Act {
    /// First part of the path.
    pub collection: &'static str,
    /// Last part of the path; empty when the collection itself is posted to.
    pub act: &'static str,
    /// Name of the core's command.
    pub command: &'static str,
    /// The command's field that the path's id fills; none where the path has no id.
    pub id: Option<&'static str>,
    /// Fields of the body beside the common ones.
    pub fields: &'static [Field],
    /// Whether `text` is taken: not, if it may be, or if it must be there.
    pub text: Text,
    /// Whether `caller` is taken.
    pub caller: bool,
    /// What it does, in English.
    pub summary: &'static str,
    pub(crate) decode: fn(Value) -> Result<Command, BodyFault>,
}

/// Whether a body may hold `text`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// It may not.
    No,
    /// It may.
    May,
    /// It must.
    Must,
}

/// A field of a body.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The version on screen.
    Version,
    /// An id of something born at run time.
    Uuid,
    /// A list of those.
    Uuids,
    /// A code of the register.
    Code,
    /// Text that is not words of a person: a cause.
    Text,
    /// Microseconds UTC.
    Time,
    /// Milliseconds.
    Millis,
    /// Yes or no.
    Flag,
    /// A schema of the document.
    Named(&'static str),
    /// A list of those.
    List(&'static str),
    /// An entry of the register, as `GET /region` shows it.
    Entry,
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
pub const BODY_RULES: [&str; 6] =
    ["missing", "unknown_field", "wrong_shape", "in_path", "not_an_object", "absolute_path"];

/// Words a body held, taken out of it before the core sees the command (D12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// The id the command refers to them by.
    pub id: WordsId,
    /// The caller's number or name, rather than what was said.
    pub caller: bool,
    /// The text.
    pub text: String,
    /// Its language, if the sender says.
    pub lang: Option<String>,
}

/// A body made into a command.
#[derive(Debug)]
pub struct Read {
    /// The command.
    pub command: Command,
    /// The words it refers to.
    pub spoken: Vec<Spoken>,
    /// When the sender says it happened.
    pub occurred_at: Option<Time>,
}

impl Act {
    /// The act of a path's parts.
    pub fn find(collection: &str, act: &str) -> Option<&'static Self> {
        ACTS.iter().find(|row| row.collection == collection && row.act == act)
    }

    /// Its path under [`crate::BASE`], with `{id}` where the id goes.
    pub fn path(&self) -> String {
        match (self.id, self.act) {
            (None, "") => format!("/{}", self.collection),
            (None, act) => format!("/{}/{act}", self.collection),
            (Some(_), act) => format!("/{}/{{id}}/{act}", self.collection),
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
        let lang = take_text(&mut fields, "lang")?;
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
        if self.text != Text::No && fields.contains_key("words") {
            return Err(BodyFault::unknown("words"));
        }
        let mut spoken = Vec::new();
        for (field, target, taken) in
            [("text", "words", self.text != Text::No), ("caller", "caller", self.caller)]
        {
            if let Some(text) = if taken { take_text(&mut fields, field)? } else { None } {
                let words = mint();
                fields.insert(target.into(), Value::String(words.to_string()));
                spoken.push(Spoken { id: words, caller: field == "caller", text, lang: lang.clone() });
            }
        }
        if self.text == Text::Must && !fields.contains_key("words") {
            return Err(BodyFault::new("text", "missing", "must be there"));
        }
        if let (Some(field), Some(id)) = (self.id, id)
            && fields.insert(field.into(), Value::String(id.into())).is_some()
        {
            return Err(BodyFault::new(field, "in_path", "is in the path"));
        }
        let command = (self.decode)(Value::Object(fields))?;
        Ok(Read { command, spoken, occurred_at })
    }
}

impl BodyFault {
    /// A fault of one field.
    pub fn new(field: &str, rule: &'static str, detail: &str) -> Self {
        Self { field: field.into(), rule, detail: detail.into() }
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

/// Reads one command's fields; a fault names the field.
pub(crate) fn decode<T: DeserializeOwned + Into<Command>>(body: Value) -> Result<Command, BodyFault> {
    serde_path_to_error::deserialize::<_, T>(body).map(Into::into).map_err(|error| {
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
    fn the_table_names_exactly_the_fields_of_every_command() {
        for act in ACTS {
            let fault = (act.decode)(json!({"no such field": 1})).unwrap_err();
            // serde names every field it would have taken: the command's own definition is the oracle.
            let (_, list) = fault.detail.split_once("expected ").unwrap_or(("", ""));
            let mut known: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
            known.retain(|name| Some(*name) != act.id);
            let is_words = |name: &str| match name {
                "words" => act.text != Text::No,
                "caller" => act.caller,
                _ => false,
            };
            known.retain(|name| !is_words(name));
            // How two incidents belong together is `related` from outside.
            known.retain(|name| !(act.command == "link_incidents" && *name == "kind"));
            known.sort_unstable();
            let mut listed: Vec<&str> = act.fields.iter().map(|field| field.name).collect();
            listed.sort_unstable();
            assert_eq!(listed, known, "{}", act.path());
        }
    }

    #[test]
    fn required_fields_are_those_the_command_misses() {
        for act in ACTS {
            let mut body = Map::new();
            if let Some(id) = act.id {
                body.insert(id.into(), json!(Uuid::from_u128(1).to_string()));
            }
            if act.text == Text::Must {
                body.insert("words".into(), json!(Uuid::from_u128(1).to_string()));
            }
            let first_required = act.fields.iter().any(|field| field.required);
            match (act.decode)(Value::Object(body)) {
                Ok(_) => assert!(!first_required, "{} needs a field the command does not", act.path()),
                Err(fault) => {
                    assert_eq!(fault.rule, "missing", "{}", act.path());
                    let field = act.fields.iter().find(|field| field.name == fault.field);
                    assert!(field.is_some_and(|field| field.required), "{}: {}", act.path(), fault.field);
                }
            }
        }
    }

    #[test]
    fn paths_are_distinct_and_name_their_command() {
        for (index, act) in ACTS.iter().enumerate() {
            assert!(ACTS[..index].iter().all(|other| other.path() != act.path()), "{}", act.path());
        }
    }

    #[test]
    fn words_leave_the_body_before_the_core_sees_it() {
        let act = Act::find("incidents", "note").unwrap();
        let id = Uuid::from_u128(9).to_string();
        let read =
            act.read(Some(&id), json!({"text": "羊圈着火", "lang": "zh", "danger": true}), words).unwrap();
        assert_eq!(read.spoken.len(), 1);
        assert_eq!(read.spoken[0].text, "羊圈着火");
        assert!(!serde_json::to_string(&read.command).unwrap().contains("羊"));
        let missing = act.read(Some(&id), json!({"danger": true}), words).unwrap_err();
        assert_eq!(missing.field, "text");
    }

    #[test]
    fn faults_name_the_field() {
        let act = Act::find("incidents", "move").unwrap();
        let id = Uuid::from_u128(9).to_string();
        let at = |lat: i64| json!({"place": {"kind": "point", "source": "caller", "coord": {"lon": 0, "lat": lat}}});
        assert!(act.read(Some(&id), at(450_000_000), words).is_ok());
        let fault = act.read(Some(&id), at(910_000_000), words).unwrap_err();
        assert!(fault.field.starts_with("place.coord"), "{fault}");
        assert!(fault.detail.contains("latitude"), "{fault}");
        assert_eq!(act.read(Some(&id), json!({"plaec": 1}), words).unwrap_err().field, "plaec");
        assert_eq!(act.read(Some("x"), at(0), words).unwrap_err().field, "incident");
        assert_eq!(act.read(Some(&id), json!({"incident": id}), words).unwrap_err().rule, "in_path");
        assert_eq!(act.read(Some(&id), json!([]), words).unwrap_err().field, "");
    }
}
