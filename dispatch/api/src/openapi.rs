//! The `OpenAPI` 3.1 document, made from the table of operations, the table of questions and the schemas of the types.

use dispatch_core as core;
use dispatch_core::command::Command;
use dispatch_core::event::Event;
use dispatch_core::kernel::command_row::TextPolicy;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{ComponentsBuilder, RefOr};

use crate::operation::{Operation, operations};
use crate::{answer, header, heartbeat, position, problem, question, stream};

/// A question: path, answer's schema or none for a plain object, query parameters, summary.
type Question = (&'static str, Answer, &'static [(&'static str, &'static str)], &'static str);

/// What a question is answered with.
#[derive(Clone, Copy)]
enum Answer {
    One(&'static str),
    Page(&'static str),
    /// A list in one piece.
    Whole(&'static str),
    Plain,
}
use Answer::{One, Page, Plain, Whole};

const LIST: [(&str, &str); 2] = [("after", "Cursor: `next` of the page before."), ("limit", "At most 1000.")];

const QUESTIONS: &[Question] = &[
    (
        "/alarms",
        Page("AlarmView"),
        &[
            ("state", "ringing, answered, settled or open."),
            ("area", "Path prefix."),
            ("mode", "Mode."),
            LIST[0],
            LIST[1],
        ],
        "Alarms, newest first.",
    ),
    ("/alarms/{id}", One("AlarmView"), &[], "One alarm."),
    (
        "/incidents",
        Page("IncidentView"),
        &[
            ("state", "active, ended or all."),
            ("area", "Path prefix."),
            ("mode", "Mode."),
            ("desk", "Responsible desk."),
            ("type", "Type code."),
            ("priority", "p1, p2 or p3."),
            LIST[0],
            LIST[1],
        ],
        "Incidents, newest first.",
    ),
    ("/incidents/{id}", One("IncidentView"), &[], "One incident, archived ones too."),
    (
        "/incidents/{id}/timeline",
        Whole("JournalRow"),
        &[],
        "Every journal row about it, its alarms and its orders.",
    ),
    ("/incidents/{id}/recommendation", One("Recommendation"), &[], "A fresh recommendation, not recorded."),
    ("/recommendations/{id}", One("RecommendationView"), &[], "A recorded recommendation."),
    ("/orders/{id}", One("OrderView"), &[], "One order."),
    ("/technicals", Page("TechnicalView"), &LIST, "Technical alarms alive."),
    ("/suppressions", Page("Suppression"), &LIST, "Sources of technical alarms that are suppressed."),
    ("/handovers", Page("ShiftHandover"), &LIST, "Shifts offered and not signed for."),
    ("/supports", Page("Support"), &LIST, "Support requests alive."),
    ("/losses", Page("Loss"), &LIST, "What the journal has lost and nobody has accepted."),
    ("/reminders", Page("Reminder"), &LIST, "Reminders that are neither done nor cleared."),
    (
        "/units",
        Page("UnitItem"),
        &[("area", "Path prefix."), ("status", "Unit status."), LIST[0], LIST[1]],
        "Units by id.",
    ),
    ("/units/{id}", One("UnitItem"), &[], "One unit."),
    (
        "/units/{id}/orders",
        One("UnitOrders"),
        &[("after", "Seq to wait beyond."), ("wait_s", "How long to wait, at most 30.")],
        "Open orders of a unit; waits when asked to.",
    ),
    (
        "/units/{id}/track",
        One("Track"),
        &[("from", "Microseconds."), ("to", "Microseconds.")],
        "Where it went, at most 24 hours.",
    ),
    ("/points", Page("PointItem"), &[("area", "Path prefix."), LIST[0], LIST[1]], "Alarm points by id."),
    ("/points/{id}", One("PointItem"), &[], "One alarm point."),
    ("/region", One("Region"), &[], "The register in force."),
    (
        "/words/{id}",
        One("WordsText"),
        &[("reason", "Why it is read; kept in the audit.")],
        "What a person said; the reading is audited.",
    ),
    ("/journal", One("JournalPage"), &[("from", "First seq."), LIST[1]], "Rows of the journal."),
    ("/stream", Plain, &[], "WebSocket, subprotocol ortoo.v1; see docs/stream.md."),
];

/// The document; `version` is the server's.
pub fn document(version: &str) -> Value {
    let mut paths = Map::new();
    let bodies = bodies();
    for operation in operations() {
        insert(&mut paths, &operation.path(), "post", described(&operation, &bodies[operation.row.name]));
    }
    insert(&mut paths, "/alarms", "post", raise());
    insert(&mut paths, "/positions", "post", positions());
    insert(&mut paths, "/points/heartbeats", "post", heartbeats());
    for question in QUESTIONS {
        insert(&mut paths, question.0, "get", asked(question));
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ortoo",
            "version": version,
            "description": "Dispatch and command-centre server. Times are microseconds UTC, durations milliseconds, \
                            distances decimetres, coordinates 1e-7 degrees. Commands carry an Idempotency-Key and are \
                            answered once they are committed.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": crate::BASE}],
        "paths": paths,
        "components": components(),
    });
    polish(&mut document);
    document
}

/// Says what the derived schemas do not: an optional field that is absent is left out and never `null`, and a map of
/// names by language has a name of its own.
pub(crate) fn polish(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(polish),
        Value::Object(fields) => {
            if let Some(Value::String(to)) = fields.get_mut("$ref")
                && to == "#/components/schemas/BTreeMap"
            {
                "#/components/schemas/Names".clone_into(to);
            }
            if let Some(names) = fields.remove("BTreeMap") {
                fields.insert("Names".to_owned(), names);
            }
            let required = fields.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
            if let Some(Value::Object(properties)) = fields.get_mut("properties") {
                let optional =
                    properties.iter_mut().filter(|(name, _)| !required.iter().any(|it| it == *name));
                optional.for_each(|(_, property)| never_null(property));
            }
            fields.values_mut().for_each(polish);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn never_null(property: &mut Value) {
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [one] = types.as_slice() {
            property["type"] = one.clone();
        }
    }
    if let Some(Value::Array(options)) = property.get_mut("oneOf") {
        options.retain(|option| option["type"] != "null");
        if let [one] = options.as_slice() {
            let (mut one, about) = (one.clone(), property.get("description").cloned());
            if let (Some(about), Some(fields)) = (about, one.as_object_mut()) {
                fields.insert("description".to_owned(), about);
            }
            *property = one;
        }
    }
}

fn insert(paths: &mut Map<String, Value>, path: &str, method: &str, operation: Value) {
    let item = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
    item[method] = operation;
}

/// A type and every type it refers to.
fn collect<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into(), T::schema()));
    T::schemas(schemas);
}

fn components() -> Value {
    let mut schemas = Command::schemas().referred;
    // Payloads of the journal's rows.
    let events = Event::schemas();
    schemas.extend(events.types.into_iter().chain(events.referred));
    collect::<core::response::alarm::AlarmSource>(&mut schemas);
    collect::<core::view::View>(&mut schemas);
    collect::<answer::Receipt>(&mut schemas);
    collect::<problem::Problem>(&mut schemas);
    collect::<position::Position>(&mut schemas);
    collect::<position::PositionsReceipt>(&mut schemas);
    collect::<heartbeat::Heartbeat>(&mut schemas);
    collect::<heartbeat::HeartbeatsReceipt>(&mut schemas);
    collect::<question::Fix>(&mut schemas);
    collect::<question::UnitItem>(&mut schemas);
    collect::<question::UnitOrders>(&mut schemas);
    collect::<question::Track>(&mut schemas);
    collect::<question::PointItem>(&mut schemas);
    collect::<question::Region>(&mut schemas);
    collect::<question::WordsText>(&mut schemas);
    collect::<question::JournalPage>(&mut schemas);
    collect::<stream::ServerMessage>(&mut schemas);
    collect::<stream::ClientMessage>(&mut schemas);
    collect::<stream::Hello>(&mut schemas);
    collect::<stream::Subscribe>(&mut schemas);
    collect::<stream::Resume>(&mut schemas);
    let components = ComponentsBuilder::new().schemas_from_iter(schemas).build();
    serde_json::to_value(components).expect("schemas are plain JSON")
}

fn named(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn described(operation: &Operation, fields: &Value) -> Value {
    let mut parameters = headers();
    if let Some(field) = operation.route.id {
        parameters.push(path_id(&format!("The {field}.")));
    }
    json!({
        "tags": [operation.route.collection],
        "operationId": operation.row.name,
        "summary": operation.row.summary,
        "parameters": parameters,
        "requestBody": {"content": {"application/json": {"schema": body(operation, fields)}}},
        "responses": answers(if operation.makes() { "201" } else { "200" }, &named("Receipt")),
    })
}

/// What each command holds, by its name.
fn bodies() -> Map<String, Value> {
    let named = Command::schemas().named;
    let value = |schema| serde_json::to_value(schema).expect("schemas are plain JSON");
    named.into_iter().map(|(name, _, schema)| (name.to_owned(), value(schema))).collect()
}

/// The body of an operation: what its command holds, without what the path says and with text in the place of words.
fn body(operation: &Operation, fields: &Value) -> Value {
    let mut properties = fields["properties"].as_object().cloned().unwrap_or_default();
    let required = fields["required"].as_array().cloned().unwrap_or_default();
    let mut required: Vec<Value> =
        required.into_iter().filter(|name| name.as_str() != operation.route.id && name != "words").collect();
    if let Some(id) = operation.route.id {
        properties.remove(id);
    }
    if operation.row.text != TextPolicy::No {
        properties.remove("words");
        properties.insert("text".into(), json!({"type": "string"}));
        properties.insert("lang".into(), json!({"type": "string"}));
    } else if fields["properties"]["words"].is_object() {
        required.push("words".into());
    }
    if operation.row.text == TextPolicy::Must {
        required.push("text".into());
    }
    // Optional in the command, so that one left out is refused by its own rule and not by its form.
    for &field in operation.row.seen {
        required.push(field.into());
        never_null(&mut properties[field]);
    }
    if operation.row.caller {
        properties.insert("caller".into(), json!({"type": "string"}));
    }
    properties.insert("occurred_at".into(), json!({"type": "integer", "format": "int64"}));
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn raise() -> Value {
    json!({
        "tags": ["alarms"],
        "operationId": "raise_alarm",
        "summary": "Raises an alarm. Never refused for its form: what cannot be used is listed in `flaws`.",
        "parameters": headers(),
        "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {
            "source": named("AlarmSource"), "mode": named("Mode"), "number": {"type": "string"},
            "point": {"type": "string"}, "unit": {"type": "string"}, "device": {"type": "string"},
            "press": {"type": "string"}, "place": named("Place"), "lon": {"type": "number"},
            "lat": {"type": "number"}, "radius_m": {"type": "integer"}, "incident_type": {"type": "string"},
            "priority": named("Priority"), "caller": {"type": "string"}, "text": {"type": "string"},
            "lang": {"type": "string"}, "silent": {"type": "boolean"}, "trunk": {"type": "string"},
            "occurred_at": {"type": ["integer", "string"]},
        }}}}},
        "responses": answers("201", &named("Receipt")),
    })
}

/// A body of one, of an array, or of one a line.
fn many(schema: &str) -> Value {
    json!({
        "application/json": {"schema": {"anyOf": [named(schema), {"type": "array", "items": named(schema)}]}},
        "application/x-ndjson": {"schema": named(schema)},
    })
}

fn heartbeats() -> Value {
    json!({
        "tags": ["points"],
        "operationId": "heartbeats",
        "summary": "Takes heartbeats of alarm points: one, an array, or one a line. 202 is a receipt.",
        "requestBody": {"content": many("Heartbeat")},
        "responses": answers("202", &named("HeartbeatsReceipt")),
    })
}

fn positions() -> Value {
    json!({
        "tags": ["positions"],
        "operationId": "positions",
        "summary": "Takes fixes: one, an array, or one a line. 202 is a receipt.",
        "parameters": [{"name": "wait", "in": "query", "schema": {"type": "boolean"}}],
        "requestBody": {"content": many("Position")},
        "responses": answers("202", &named("PositionsReceipt")),
    })
}

fn asked((path, answer, query, summary): &Question) -> Value {
    let mut parameters: Vec<Value> = query
        .iter()
        .map(|(name, about)| json!({"name": name, "in": "query", "description": about, "schema": {"type": "string"}}))
        .collect();
    if path.contains("{id}") {
        parameters.push(path_id("Its id."));
    }
    let schema = match answer {
        One(schema) => named(schema),
        Page(schema) => json!({"type": "object", "properties": {
            "seq": {"type": "integer"}, "items": {"type": "array", "items": named(schema)}, "next": {"type": "string"},
        }, "required": ["seq", "items"]}),
        Whole(schema) => json!({"type": "object", "properties": {
            "items": {"type": "array", "items": named(schema)},
        }, "required": ["items"]}),
        Plain => json!({"type": "object"}),
    };
    json!({
        "tags": [path.split('/').nth(1).unwrap_or_default()],
        "summary": summary,
        "parameters": parameters,
        "responses": answers("200", &schema),
    })
}

fn answers(status: &str, schema: &Value) -> Value {
    json!({
        status: {"description": "Done.", "content": {"application/json": {"schema": schema}}},
        "default": {
            "description": "Refused.",
            "content": {"application/problem+json": {"schema": named("Problem")}},
        },
    })
}

fn headers() -> Vec<Value> {
    [
        (header::KEY, true, "UUIDv7 made by the client, kept through retries."),
        (header::ACTOR, false, "Who acts; `console` when absent."),
        (header::SEAT, false, "The operator's seat."),
        (header::CHANNEL, false, "console, command_line, api, device or voice."),
        (header::ON_BEHALF_OF, false, "Whose words are passed on."),
    ]
    .into_iter()
    .map(|(name, required, about)| {
        json!({"name": name, "in": "header", "required": required, "description": about, "schema": {"type": "string"}})
    })
    .collect()
}

fn path_id(about: &str) -> Value {
    json!({"name": "id", "in": "path", "required": true, "description": about, "schema": {"type": "string"}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    match (name.as_str(), inner) {
                        ("$ref", Value::String(to)) => found.push(to.clone()),
                        _ => references(inner, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_resolves_and_every_act_is_there() {
        let document = document("0.0.0");
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100);
        for to in found {
            let pointer = to.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{to} leads nowhere");
        }
        for operation in operations() {
            assert!(document["paths"][operation.path()]["post"].is_object(), "{}", operation.path());
        }
        let view = &document["components"]["schemas"]["IncidentView"];
        assert!(view.is_object(), "views are described");
    }
}
