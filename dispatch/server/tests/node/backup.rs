use std::os::unix::fs::{PermissionsExt as _, symlink};

use dispatch_api::client::{Client, ClientError};
use dispatch_api::problem::Problem;
use dispatch_core::kernel::kind::Role;
use serde_json::{Value, json};

use crate::support::{Bench, key, node, node_with};

async fn refused(client: &Client, into: &str) -> Problem {
    match client.backup(into).await {
        Err(ClientError::Problem(problem)) => *problem,
        other => panic!("{into:?}: {other:?}"),
    }
}

#[tokio::test]
async fn a_copy_is_made_in_the_folder_of_copies_and_nowhere_else() {
    let all = tempfile::tempdir().unwrap();
    let backups = all.path().join("copies");
    let bench = node_with(|config| config.backups.clone_from(&backups)).await;
    let lead = bench.lead();
    lead.backup("first").await.unwrap();
    lead.backup(backups.join("second").to_str().unwrap()).await.unwrap();
    for copy in ["first/journal.sqlite", "second/journal.sqlite"] {
        assert!(backups.join(copy).is_file(), "{copy}");
    }
    assert_eq!(backups.metadata().unwrap().permissions().mode() & 0o077, 0, "for its owner");
    let again = refused(&lead, "first").await;
    assert_eq!((again.status, again.code.as_str()), (409, "backup"));
    std::fs::write(backups.join("file"), "").unwrap();
    assert_eq!(refused(&lead, "file").await.status, 409);
    symlink(all.path(), backups.join("out")).unwrap();
    symlink(all.path().join("nowhere"), backups.join("dangling")).unwrap();
    let beside = all.path().join("beside");
    for elsewhere in [
        beside.to_str().unwrap(),
        "out",
        "out/x",
        "dangling",
        "..",
        "../beside",
        "a/b",
        ".x",
        "",
        "/proc/x",
        "x\u{202e}y",
        "x\u{0}",
    ] {
        let problem = refused(&lead, elsewhere).await;
        assert_eq!(
            (problem.status, &problem.params["rule"]),
            (422, &json!("name_in_folder")),
            "{elsewhere:?}"
        );
        assert_eq!(problem.field.as_deref(), Some("into"));
    }
    let left = std::fs::read_dir(all.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["copies"], "nothing is beside it");
}

#[tokio::test]
async fn where_no_folder_is_named_copies_lie_in_the_data_directory_but_apart() {
    let bench = node().await;
    bench.lead().backup("journal.sqlite").await.unwrap();
    let copy = bench.data.path().join("backups/journal.sqlite/journal.sqlite");
    assert!(copy.is_file());
    assert_eq!(refused(&bench.lead(), bench.data.path().to_str().unwrap()).await.status, 422);
}

#[tokio::test]
async fn a_copy_and_a_region_are_asked_for_by_whoever_leads_at_the_top() {
    let bench = node().await;
    let seat = |desk, role| bench.client().with_seat(&bench.seat(desk, role));
    let (commander, dispatcher) = (seat("VAP", Role::Commander), seat("VAP", Role::Dispatcher));
    for (client, status, code) in [
        (bench.client(), 422, "seat_required"),
        (bench.client().with_seat("nobody"), 422, "unknown"),
        (dispatcher, 403, "not_permitted"),
        (seat("VAP", Role::CallTaker), 403, "not_permitted"),
        (seat("PUE", Role::Dispatcher), 403, "not_permitted"),
    ] {
        let backup = refused(&client, "copy").await;
        assert_eq!(
            (backup.status, backup.code.as_str(), backup.field.as_deref()),
            (status, code, Some("seat"))
        );
        let Err(ClientError::Problem(region)) = client.adopt("xilingol").await else { panic!("adopted") };
        assert_eq!((region.status, region.code.as_str()), (status, code));
    }
    assert!(!bench.data.path().join("backups").exists(), "nothing was made");
    commander.backup("copy").await.unwrap();
    commander.adopt("xilingol").await.unwrap();
}

#[tokio::test]
async fn a_request_that_is_wrong_names_field_and_rule() {
    let bench = node().await;
    for (path, field) in [("backup", "into"), ("region", "package")] {
        for (body, status, rule, at) in [
            ("", 400, None, ""),
            ("{", 400, None, ""),
            ("[]", 422, Some("not_an_object"), ""),
            ("{}", 422, Some("missing"), field),
            (r#"{"into": 1, "package": 1}"#, 422, Some("wrong_shape"), field),
            (r#"{"into": "a", "package": "valparaiso", "x": 1}"#, 422, Some("unknown_field"), ""),
        ] {
            let sent = reqwest::Client::new().post(format!("{}/api/node/{path}", bench.running.base()));
            let sent = sent
                .header("ortoo-seat", bench.seat("VAP", Role::ShiftLead))
                .body(body)
                .send()
                .await
                .unwrap();
            let problem: Problem = serde_json::from_slice(&sent.bytes().await.unwrap()).unwrap();
            assert_eq!(
                (problem.status, problem.params.get("rule").and_then(Value::as_str)),
                (status, rule),
                "{path} {body}"
            );
            assert!(at.is_empty() || problem.field.as_deref() == Some(at), "{path} {body}");
        }
    }
}

#[tokio::test]
async fn words_nobody_said_are_not_erased() {
    let bench = node().await;
    let said = json!({"source": "call", "text": "smoke behind the harbour"});
    let alarm = bench.client().raise(&said, key()).await.unwrap().named.alarm.unwrap();
    let words = bench.running.node.state().alarms()[&alarm].words[0].to_string();
    let lead = bench.lead();
    let erase = async |words: Value, key| {
        lead.act("words", "", "erase", &json!({"words": words, "reason": "requested"}), key).await
    };
    let seq = bench.running.node.state().seq;
    for unknown in [json!([key()]), json!([words, key()]), json!([key(), words])] {
        let Err(ClientError::Problem(problem)) = erase(unknown.clone(), key()).await else {
            panic!("{unknown}")
        };
        assert_eq!(
            (problem.status, problem.code.as_str(), problem.field.as_deref()),
            (422, "unknown", Some("words"))
        );
    }
    assert_eq!(bench.running.node.state().seq, seq, "none of them is erased, and nothing is recorded");
    let once = key();
    let erased = erase(json!([words]), once).await.unwrap();
    let again = erase(json!([words]), once).await.unwrap();
    assert_eq!((erased.seq, again.repeated), (again.seq, true));
    let Err(ClientError::Problem(empty)) = erase(json!([]), key()).await else { panic!("erased nothing") };
    assert_eq!(empty.code, "invalid");
}

/// What shows as something else is in no command, and a call for help that holds it rings all the same.
#[tokio::test]
async fn hidden_characters_are_refused_but_in_what_callers_say() {
    let bench = node().await;
    let turned = "gate \u{202e}4\u{0}\u{85}, north";
    let said = json!({"source": "call", "text": turned});
    let alarm = bench.client().raise(&said, key()).await.unwrap().named.alarm.unwrap();
    let words = bench.running.node.state().alarms()[&alarm].words[0];
    let kept: Value = bench.client().get(&format!("/words/{words}")).await.unwrap();
    assert_eq!(kept["text"], turned, "kept as it was said");
    let Bench { running, .. } = &bench;
    let desk = running.node.state().alarms()[&alarm].desk.to_string();
    let dispatcher = bench.dispatcher(&desk);
    let save = json!({"incident_type": "a\u{200b}b"});
    let answer = dispatcher.act("alarms", &alarm.to_string(), "save", &save, key()).await;
    let Err(ClientError::Problem(problem)) = answer else { panic!("{answer:?}") };
    assert_eq!((problem.status, problem.params["rule"].as_str()), (422, Some("hidden_character")));
    assert_eq!(problem.field.as_deref(), Some("incident_type"));
    let masked = bench.client().with_actor("cons\u{200b}ole");
    let answer = masked.act("alarms", &alarm.to_string(), "answer", &json!({}), key()).await;
    let Err(ClientError::Problem(problem)) = answer else { panic!("{answer:?}") };
    assert_eq!((problem.status, problem.params["rule"].as_str()), (400, Some("hidden_character")));
    assert!(masked.raise(&json!({"source": "call"}), key()).await.is_ok());
}
