//! What is written is what the described files say: every event, row of the journal, view and command of trials
//! validates against the schema that others are given.
#![cfg(feature = "trial")]

use std::collections::{BTreeMap, BTreeSet};

use dispatch_api::described;
use dispatch_core::command::{AcceptLoss, Command, PostponeReminder, RaiseAlarm, SaveAlarm, SetReminder};
use dispatch_core::event::{Event, Record};
use dispatch_core::response::alarm::AlarmSource;
use dispatch_core::sample::Centre;
use dispatch_core::state::State;
use dispatch_sim::trial::samples;
use jsonschema::Validator;
use serde_json::{Value, json};

/// Enough for every kind of event and command.
const SEEDS: std::ops::Range<u64> = 1..120;

fn file(path: &str) -> Value {
    serde_json::from_str(&described::files(|_| String::new())[path]).expect("a described file is JSON")
}

/// A validator of a schema that refers to the components of a document.
fn validator(schema: &Value, components: &Value) -> Validator {
    let mut whole = schema.clone();
    whole["components"] = components.clone();
    jsonschema::validator_for(&whole).expect("a described schema is a schema")
}

fn check(validator: &Validator, value: &Value, what: &str) {
    if let Some(error) = validator.iter_errors(value).next() {
        panic!("{what}: {error} at {}: {value}", error.instance_path());
    }
}

/// A centre whose journal lacks what was witnessed of it, which no trial's does.
fn a_loss() -> (Vec<Record>, Vec<Command>) {
    let mut centre = Centre::new();
    centre.loses();
    let accepts: Vec<Command> =
        centre.state.losses().keys().map(|loss| AcceptLoss { loss: *loss }.into()).collect();
    for accept in &accepts {
        centre.send(None, accept.clone()).expect("it stands");
    }
    (centre.records, accepts)
}

/// A reminder that is put off, which trials come to now and then.
fn a_reminder() -> (Vec<Record>, Vec<Command>) {
    let mut centre = Centre::new();
    let (taker, dispatcher) = (Some("north-call"), Some("north-dispatch"));
    let call = RaiseAlarm { trunk: Some("north".into()), ..RaiseAlarm::of(AlarmSource::Call) };
    centre.send(None, call).expect("an alarm is never refused");
    let alarm = *centre.state.alarms().keys().next().expect("it rings");
    let incident_type = Some("theft".into());
    let (expected_version, priority, place, words, caller) = (None, None, None, None, None);
    let save = SaveAlarm { alarm, expected_version, incident_type, priority, place, words, caller };
    centre.send(taker, save).expect("a type makes an incident");
    let incident = *centre.state.incidents().keys().next().expect("it is there");
    let due = centre.now.plus_ms(60_000);
    let set = SetReminder { incident, due, to: None, words: None };
    centre.send(dispatcher, set.clone()).expect("it is set");
    let reminder = *centre.state.reminders().keys().next().expect("it stands");
    let postpone = PostponeReminder { reminder, due: due.plus_ms(60_000) };
    centre.send(dispatcher, postpone.clone()).expect("it is put off");
    (centre.records, vec![set.into(), postpone.into()])
}

#[test]
fn every_event_view_and_command_is_as_described() {
    let (events, api) = (file("docs/events.json"), file("docs/openapi.json"));
    let of_event: BTreeMap<&str, Validator> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (event["name"].as_str().unwrap(), validator(&event["payload"], &events["components"])))
        .collect();
    let [view, row] = ["View", "JournalRow"]
        .map(|name| validator(&json!({"$ref": format!("#/components/schemas/{name}")}), &api["components"]));
    let commands = Command::schemas();
    let referred: BTreeMap<_, _> = commands.referred.into_iter().collect();
    let components = json!({"schemas": referred});
    let of_command: BTreeMap<&str, Validator> = commands
        .named
        .iter()
        .map(|(name, _, schema)| (*name, validator(&serde_json::to_value(schema).unwrap(), &components)))
        .collect();
    let (mut happened, mut asked) = (BTreeSet::new(), BTreeSet::new());
    for (records, sent) in SEEDS.map(samples).chain([a_loss(), a_reminder()]) {
        let mut state = State::default();
        for record in &records {
            let name = record.event.name();
            let data = serde_json::to_value(&record.event).unwrap()["data"].take();
            check(&of_event[name], &data, name);
            check(&row, &serde_json::to_value(record).unwrap(), name);
            happened.insert(name);
            dispatch_core::apply(&mut state, record);
            for changed in dispatch_core::changed_views(&state, std::slice::from_ref(record)) {
                check(&view, &serde_json::to_value(&changed).unwrap(), changed.kind());
            }
        }
        for command in sent {
            let mut value = serde_json::to_value(&command).unwrap();
            value.as_object_mut().unwrap().remove("name");
            check(&of_command[command.name()], &value, command.name());
            asked.insert(command.name());
        }
    }
    let never: Vec<_> = Event::NAMES.iter().filter(|name| !happened.contains(*name)).collect();
    assert!(never.is_empty(), "no sample of {never:?}");
    // The region is adopted and time passes without anybody asking.
    let unasked: Vec<_> = Command::NAMES
        .iter()
        .filter(|name| !asked.contains(*name) && !["adopt_region", "tick"].contains(name))
        .collect();
    assert!(unasked.is_empty(), "no sample of {unasked:?}");
}
