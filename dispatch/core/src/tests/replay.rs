use super::scene::dispatch;
use crate::command::{Command, RaiseAlarm};
use crate::event::{AlarmRepeated, Event, IncidentClosed};
use crate::response::alarm::AlarmSource;
use crate::sample::Centre;
use crate::screen::on_screen;
use crate::upcast::{UpcastError, decode, encode};
use crate::{decide, state_hash};

#[test]
fn a_newer_build_is_told_apart_from_damage() {
    let (name, v, payload) = encode(&Event::IncidentClosed(IncidentClosed {
        incident: crate::kernel::id::IncidentId(uuid::Uuid::nil()),
    }));
    assert_eq!((name, v), ("incident_closed", 1));
    assert_eq!(payload, br#"{"incident":"00000000-0000-0000-0000-000000000000"}"#);
    assert!(matches!(decode("incident_forgotten", 1, &payload), Err(UpcastError::UnknownName { .. })));
    assert!(matches!(decode(name, 2, &payload), Err(UpcastError::NewerVersion { known: 1, .. })));
    assert!(matches!(decode(name, 1, b"{}"), Err(UpcastError::Payload { .. })));
    assert!(matches!(decode(name, 1, br#"{}},"x":{"#), Err(UpcastError::Payload { .. })));
}

#[test]
fn a_field_that_came_later_has_its_default() {
    let old = br#"{"alarm":"00000000-0000-0000-0000-000000000000"}"#;
    let Ok(Event::AlarmRepeated(AlarmRepeated { place, area, fix_age_ms, .. })) =
        decode("alarm_repeated", 1, old)
    else {
        panic!()
    };
    assert_eq!((place, area, fix_age_ms), (None, None, None));
}

#[test]
fn names_on_the_wire_are_snake_case_and_their_own() {
    let names: std::collections::BTreeSet<_> = Event::NAMES.iter().chain(Command::NAMES).collect();
    assert_eq!(names.len(), Event::NAMES.len() + Command::NAMES.len());
    assert!(names.iter().all(|name| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_')));
}

#[test]
fn the_same_command_makes_the_same_events_and_ids() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let button = RaiseAlarm { point: Some("P2".into()), ..RaiseAlarm::of(AlarmSource::Button) };
    let commands: [Command; 2] = [button.into(), dispatch(incident, &["N1", "N2"]).into()];
    for command in commands {
        let envelope = centre.envelope(Some("north-dispatch"), on_screen(&centre.state, command));
        let evidence = centre.evidence(&envelope);
        let once = decide(&centre.state, &evidence, &envelope, centre.now).unwrap();
        let twice = decide(&centre.state, &evidence, &envelope, centre.now).unwrap();
        assert_eq!(once, twice);
        assert!(once.len() > 2);
    }
}

#[test]
fn a_recorded_recommendation_comes_again_from_its_own_evidence() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("blaze");
    let id = centre.the_incident(incident).recommendation.unwrap();
    let recorded = centre.state.recommendations()[&id].recommendation();
    let again = crate::recommend(id, incident, recorded.occasion, &recorded.examination);
    assert_eq!(serde_json::to_vec(&again).unwrap(), serde_json::to_vec(&recorded).unwrap());
}

#[test]
fn the_hash_tells_states_apart() {
    let mut centre = Centre::new();
    let before = state_hash(&centre.state);
    assert_eq!(before, state_hash(&centre.state.clone()));
    centre.call();
    assert_ne!(before, state_hash(&centre.state));
}
