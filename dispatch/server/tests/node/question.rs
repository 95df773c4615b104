use dispatch_api::question::Page;
use dispatch_core::kernel::kind::IncidentState;
use dispatch_core::response::incident::LinkKind;
use dispatch_core::view::{AlarmView, IncidentView};
use serde_json::{Value, json};

use crate::support::{key, node, within};

#[tokio::test]
async fn the_region_is_whole_and_asked_for_once() {
    let bench = node().await;
    let client = bench.client();
    let region: Value = client.get("/region").await.unwrap();
    assert_eq!(region["region"], "valparaiso");
    assert!(region["units"].as_object().is_some_and(|units| !units.is_empty()));
    for layer in region["layers"].as_array().unwrap() {
        let layer: Value =
            serde_json::from_str(&client.text(&format!("/map/{}", layer.as_str().unwrap())).await.unwrap())
                .unwrap();
        assert!(layer["type"] == "FeatureCollection" || layer["columns"].is_u64());
    }
    let url = format!("{}/api/v1/region", bench.running.base());
    let http = reqwest::Client::new();
    let tag = http.get(&url).send().await.unwrap().headers()["etag"].clone();
    assert_eq!(http.get(&url).header("if-none-match", tag).send().await.unwrap().status(), 304);
}

#[tokio::test]
async fn lists_go_on_where_they_stopped() {
    let bench = node().await;
    let client = bench.client();
    for _ in 0..5 {
        client.raise(&json!({"source": "call"}), key()).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut path = "/alarms?limit=2".to_owned();
    loop {
        let page: Page<AlarmView> = client.get(&path).await.unwrap();
        seen.extend(page.items.iter().map(|view| view.alarm.id));
        let Some(next) = page.next else { break };
        path = format!("/alarms?limit=2&after={next}");
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first, none twice");
    let points: Page<Value> = client.get("/points?limit=3").await.unwrap();
    let rest: Page<Value> =
        client.get(&format!("/points?limit=3&after={}", points.next.unwrap())).await.unwrap();
    assert!(points.items.iter().all(|point| !rest.items.contains(point)));
}

#[tokio::test]
async fn the_archive_answers_what_truth_has_let_go() {
    let bench = node().await;
    let client = bench.client();
    let alarm = json!({"source": "button", "point": bench.point()});
    let incident = client.raise(&alarm, key()).await.unwrap().named.incident.unwrap().to_string();
    let seen: IncidentView = client.get(&format!("/incidents/{incident}")).await.unwrap();
    let dispatcher = bench.dispatcher(seen.incident.desk.as_str());
    let cancel = json!({"reason": "false_alarm", "expected_version": seen.incident.version});
    dispatcher.act("incidents", &incident, "cancel", &cancel, key()).await.unwrap();
    let active: Page<IncidentView> = client.get("/incidents").await.unwrap();
    assert!(active.items.iter().all(|view| view.incident.id != seen.incident.id));
    let ended: Page<IncidentView> = client.get("/incidents?state=ended").await.unwrap();
    assert!(ended.items.iter().any(|view| view.incident.id == seen.incident.id));
    let timeline: Value = client.get(&format!("/incidents/{incident}/timeline")).await.unwrap();
    let names: Vec<&str> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["event"]["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"incident_created") && names.contains(&"incident_cancelled"), "{names:?}");
}

#[tokio::test]
async fn what_was_archived_is_taken_up_again_by_a_new_incident() {
    let bench = node().await;
    let client = bench.client();
    let region: Value = client.get("/region").await.unwrap();
    let mut timers = region["timers"].clone();
    timers["archive_ms"] = json!(1_000);
    let alarm = json!({"source": "button", "point": bench.point()});
    let old = client.raise(&alarm, key()).await.unwrap().named.incident.unwrap();
    let seen: IncidentView = client.get(&format!("/incidents/{old}")).await.unwrap();
    let dispatcher = bench.dispatcher(seen.incident.desk.as_str());
    bench.top().act("register", "", "timers", &json!({"timers": timers}), key()).await.unwrap();
    let cancel = json!({"reason": "false_alarm", "expected_version": seen.incident.version});
    dispatcher.act("incidents", &old.to_string(), "cancel", &cancel, key()).await.unwrap();
    within("the archive", async {
        while bench.running.node.state().incidents().contains_key(&old) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let again = json!({"text": "they called again"});
    let made = dispatcher.act("incidents", &old.to_string(), "reopen", &again, key()).await.unwrap();
    let new = made.named.incident.unwrap();
    let born: IncidentView = client.get(&format!("/incidents/{new}")).await.unwrap();
    assert_eq!((born.incident.links[0].kind, born.incident.links[0].incident), (LinkKind::Replacing, old));
    assert_eq!((&born.incident.place, born.incident.reopened), (&seen.incident.place, true));
    assert_eq!(born.incident.notes.len(), 1);
    let was: IncidentView = client.get(&format!("/incidents/{old}")).await.unwrap();
    assert_eq!((was.incident.state, was.incident.links[0].incident), (IncidentState::Replaced, new));
    let active: Page<IncidentView> = client.get("/incidents").await.unwrap();
    assert!(active.items.iter().any(|view| view.incident.id == new));
    assert!(active.items.iter().all(|view| view.incident.id != old));
    let twice = dispatcher.act("incidents", &old.to_string(), "reopen", &again, key()).await.unwrap_err();
    assert!(twice.to_string().contains(&new.to_string()), "{twice}");
}
