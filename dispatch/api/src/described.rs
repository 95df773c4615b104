//! Files that say to others what the code says here: the `OpenAPI` document, every event with its version, the table of
//! commands, the codes that screens translate. They are kept in the repository and made by `cargo xtask schema`; a file
//! that differs from what the code says fails the proof.

use std::collections::BTreeMap;

use dispatch_core::command::Command;
use dispatch_core::event::Event;
use dispatch_core::kernel::command_row::{Permission, TextPolicy};
use dispatch_core::kernel::refusal::{Refusal, Rule};
use dispatch_core::kernel::schema::Schemas;
use dispatch_core::kernel::text::HIDDEN;
use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use crate::openapi;
use crate::operation::{BODY_RULES, Operation, operations};

/// Where a page holds a table that is made.
const MARK: (&str, &str) = ("<!-- made by cargo xtask schema: commands -->\n", "<!-- end -->");

/// The files by their paths from the root of the repository. `page` reads one that holds prose around what is made.
pub fn files(page: impl Fn(&str) -> String) -> BTreeMap<&'static str, String> {
    let pretty = |value: &Value| serde_json::to_string_pretty(value).expect("plain JSON") + "\n";
    let api = "docs/api.md";
    BTreeMap::from([
        ("docs/openapi.json", pretty(&openapi::document(env!("CARGO_PKG_VERSION")))),
        ("docs/events.json", pretty(&events())),
        ("map-ui/src/wire/codes.json", pretty(&codes())),
        (api, within(&page(api), &commands())),
    ])
}

/// A page with its table made anew.
fn within(page: &str, table: &str) -> String {
    let (begin, end) = MARK;
    let Some((before, rest)) = page.split_once(begin) else { return page.to_owned() };
    let after = rest.split_once(end).map_or("", |(_, after)| after);
    format!("{before}{begin}{table}{end}{after}")
}

/// Every event: its name, its version, what its payload holds, and the types that refers to.
fn events() -> Value {
    let Schemas { named, referred, .. } = Event::schemas();
    let value = |schema| serde_json::to_value(schema).expect("schemas are plain JSON");
    let events =
        named.into_iter().map(|(name, v, schema)| json!({"name": name, "v": v, "payload": value(schema)}));
    let types: BTreeMap<String, Value> =
        referred.into_iter().map(|(name, schema)| (name, value(schema))).collect();
    let mut described = json!({"events": events.collect::<Vec<_>>(), "components": {"schemas": types}});
    openapi::polish(&mut described);
    described
}

/// Codes that screens have a sentence for.
fn codes() -> Value {
    let value = |schema| serde_json::to_value(schema).expect("schemas are plain JSON");
    let document = openapi::document(env!("CARGO_PKG_VERSION"));
    let commands: BTreeMap<&str, &str> = Command::ROWS.iter().map(|row| (row.name, row.summary)).collect();
    json!({
        "refusal": tagged(&value(Refusal::schema()), "code"),
        "rule": Rule::CODES,
        "body_rule": BODY_RULES,
        "event": Event::NAMES,
        "command": commands.keys().collect::<Vec<_>>(),
        "hidden": HIDDEN,
        "words": words(&document["components"]["schemas"]),
    })
}

/// Closed vocabularies by the names of their types: plain words, and the tags of sums.
fn words(schemas: &Value) -> BTreeMap<String, Vec<Value>> {
    let mut words = BTreeMap::new();
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        let plain = schema["enum"].as_array().cloned();
        let sum = ["kind", "code"].iter().map(|tag| tagged(schema, tag)).find(|tags| !tags.is_empty());
        if let Some(codes) = plain.or(sum) {
            words.insert(name.clone(), codes);
        }
    }
    words
}

/// The values that the tag of a sum has, variant by variant.
fn tagged(schema: &Value, tag: &str) -> Vec<Value> {
    let variants = schema["oneOf"].as_array().into_iter().flatten();
    variants.flat_map(|variant| constants(variant, tag)).collect()
}

/// The values that a tag may have in one variant of a sum, wherever in it the tag stands.
fn constants(schema: &Value, tag: &str) -> Vec<Value> {
    match schema {
        Value::Object(fields) => {
            let own = fields.get("properties").and_then(|properties| properties.get(tag));
            let own = own.and_then(|own| own["enum"].as_array().cloned()).unwrap_or_default();
            let inner = fields.get("allOf").and_then(Value::as_array).into_iter().flatten();
            own.into_iter().chain(inner.flat_map(|inner| constants(inner, tag))).collect()
        }
        _ => Vec::new(),
    }
}

/// The table of commands.
fn commands() -> String {
    let bodies: BTreeMap<&str, Value> = Command::schemas()
        .named
        .into_iter()
        .map(|(name, _, schema)| (name, serde_json::to_value(schema).expect("schemas are plain JSON")))
        .collect();
    let mut table = String::from(
        "| route | command | body | whose permission | over what | what it does |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for operation in operations() {
        let Operation { row, .. } = operation;
        let cells = [
            format!("`POST {}`{}", operation.path(), if operation.makes() { " (201)" } else { "" }),
            row.name.to_owned(),
            body(&operation, &bodies[row.name]),
            permission(row.permission).to_owned(),
            row.over.iter().map(|over| over.said()).collect::<Vec<_>>().join("; and "),
            row.summary.to_owned(),
        ];
        table.extend(["| ", &cells.join(" | "), " |\n"]);
    }
    table
}

fn permission(permission: Permission) -> &'static str {
    match permission {
        Permission::Source => "source",
        Permission::Patrol => "patrol",
        Permission::CallTaker => "call-taker",
        Permission::Dispatcher => "dispatcher",
        Permission::ShiftLead => "shift lead",
        Permission::Administrator => "administrator",
        Permission::Node => "the node itself",
    }
}

/// The fields of a body, `?` behind those that may be absent, with the type where it has a name.
fn body(operation: &Operation, schema: &Value) -> String {
    let none = Map::new();
    let fields = schema["properties"].as_object().unwrap_or(&none);
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let words = operation.row.text != TextPolicy::No;
    let mut cells: Vec<String> = fields
        .iter()
        .filter(|(name, _)| {
            Some(name.as_str()) != operation.route.id && !(words && *name == "words") && *name != "caller"
        })
        .map(|(name, field)| {
            let name = name.as_str();
            let mark = if required.contains(&name) || operation.row.seen.contains(&name) { "" } else { "?" };
            match shape(field) {
                Some(shape) => format!("`{name}{mark}` {shape}"),
                None => format!("`{name}{mark}`"),
            }
        })
        .collect();
    match operation.row.text {
        TextPolicy::No => {}
        TextPolicy::May => cells.push("`text?`".to_owned()),
        TextPolicy::Must => cells.push("`text`".to_owned()),
    }
    if operation.row.caller {
        cells.push("`caller?`".to_owned());
    }
    if cells.is_empty() { "–".to_owned() } else { cells.join(", ") }
}

/// The name of the type a field refers to, itself or each of its items.
fn shape(field: &Value) -> Option<String> {
    let name = |field: &Value| Some(field["$ref"].as_str()?.rsplit('/').next()?.to_owned());
    let options = || field["oneOf"].as_array().into_iter().flatten().find_map(name);
    name(field).or_else(options).or_else(|| Some(format!("list of {}", name(&field["items"])?)))
}
