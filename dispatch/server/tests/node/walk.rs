//! Every address of the API, walked by everybody who may come: seats at the top, below and beside, units, points, sources and
//! programs, and those who do not exist. Who may give which command is `dispatch_core`'s table; here is what the doors add.

use std::collections::BTreeMap;

use dispatch_api::BASE;
use dispatch_api::header;
use dispatch_core::kernel::kind::Role;
use dispatch_core::view::{AlarmView, IncidentView};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Bench, key, node};

/// Whoever comes: a name for the test, a seat, an actor, a way.
struct Guest {
    called: &'static str,
    seat: Option<String>,
    actor: String,
    channel: &'static str,
}

fn guest(called: &'static str, seat: Option<String>, actor: &str, channel: &'static str) -> Guest {
    Guest { called, seat, actor: actor.to_owned(), channel }
}

/// Everybody who exists.
fn known(bench: &Bench) -> Vec<Guest> {
    let below: Vec<String> = {
        let state = bench.running.node.state();
        let register = state.register();
        let is_below = |seat: &&dispatch_core::kernel::id::SeatId| {
            let seat = &register.seats[*seat];
            seat.role == Role::Dispatcher && register.desks[&seat.desk].parent.is_some()
        };
        register.seats.keys().filter(is_below).map(ToString::to_string).collect()
    };
    let (first, last) = (below.first().unwrap(), below.last().unwrap());
    assert_ne!(first, last, "desks beside each other");
    vec![
        guest("parent", Some(bench.seat("VAP", Role::ShiftLead)), "anna", "console"),
        guest("child", Some(first.clone()), "boris", "console"),
        guest("sibling", Some(last.clone()), "chen", "console"),
        guest("unit", None, &format!("unit:{}", bench.unit()), "device"),
        guest("unit, spelt as it was", None, &bench.unit(), "device"),
        guest("point", None, &format!("point:{}", bench.point()), "device"),
        guest("source", None, "exchange", "device"),
        guest("program", None, "console", "api"),
    ]
}

/// Nobody of these exists.
fn invented() -> Vec<Guest> {
    vec![
        guest("invented seat", Some("nowhere".into()), "anna", "console"),
        guest("invented unit", None, "unit:U-NOBODY", "device"),
        guest("invented point", None, "point:P-NOBODY", "device"),
    ]
}

/// What every `{id}` of a collection stands for.
async fn ids(bench: &Bench) -> BTreeMap<&'static str, String> {
    let client = bench.client();
    let call = json!({"source": "call", "caller": "5551234", "text": "smoke", "point": bench.point()});
    let raised = client.raise(&call, key()).await.unwrap().named;
    let alarm: AlarmView = client.get(&format!("/alarms/{}", raised.alarm.unwrap())).await.unwrap();
    let press = json!({"source": "button", "point": bench.point(), "press": key().to_string()});
    let incident = client.raise(&press, key()).await.unwrap().named.incident.unwrap();
    let seen: IncidentView = client.get(&format!("/incidents/{incident}")).await.unwrap();
    let recommendation = seen.incident.recommendation.unwrap();
    let fresh: Value = client.get(&format!("/incidents/{incident}/recommendation")).await.unwrap();
    let body = json!({"expected_version": seen.incident.version, "confirmed": true, "override_reason": "nearer",
        "targets": [{"unit": fresh["ranked"][0]["candidate"]["unit"]}], "recommendation": recommendation});
    let dispatcher = bench.dispatcher(seen.incident.desk.as_str());
    let given = dispatcher.act("incidents", &incident.to_string(), "dispatch", &body, key()).await.unwrap();
    BTreeMap::from([
        ("alarms", alarm.alarm.id.to_string()),
        ("incidents", incident.to_string()),
        ("orders", given.named.orders[0].to_string()),
        ("recommendations", recommendation.to_string()),
        ("units", bench.unit()),
        ("points", bench.point()),
        ("seats", bench.seat("VAP", Role::ShiftLead)),
        ("words", alarm.alarm.caller.unwrap().to_string()),
    ])
}

/// What is asked, with every address of the description of the API.
async fn addresses(bench: &Bench, method: &str) -> Vec<String> {
    let document: Value =
        serde_json::from_str(&bench.client().text("/api/openapi.json").await.unwrap()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let found: Vec<String> = paths
        .iter()
        .filter(|(_, methods)| methods.get(method).is_some())
        .map(|(path, _)| path.clone())
        .collect();
    assert!(found.len() > 15, "{found:?}");
    found
}

fn filled(path: &str, ids: &BTreeMap<&str, String>) -> String {
    let collection = path.split('/').nth(1).unwrap_or_default();
    let nothing = key().to_string();
    path.replace("{id}", ids.get(collection).unwrap_or(&nothing))
}

/// Status and code of the answer.
async fn ask(bench: &Bench, guest: &Guest, method: Method, path: &str, body: Option<Value>) -> (u16, String) {
    let http = reqwest::Client::new();
    let mut request = http
        .request(method, format!("{}{BASE}{path}", bench.running.base()))
        .header(header::ACTOR, &guest.actor)
        .header(header::CHANNEL, guest.channel)
        .header(header::KEY, key().to_string());
    if let Some(seat) = &guest.seat {
        request = request.header(header::SEAT, seat);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap_or_default();
    (status, body["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn whoever_does_not_exist_is_refused_everything_but_a_call_for_help() {
    let bench = node().await;
    let ids = ids(&bench).await;
    let head = bench.running.node.state().seq;
    for path in addresses(&bench, "get").await {
        // What the region is, and the stream, which learns of a seat only when it is told of one.
        if path == "/region" || path == "/stream" {
            continue;
        }
        for guest in invented() {
            let answer = ask(&bench, &guest, Method::GET, &filled(&path, &ids), None).await;
            assert_eq!(answer, (422, "unknown".into()), "{} asks {path}", guest.called);
        }
    }
    let unit = json!({"unit": bench.unit(), "lon": -71.6, "lat": -33.0, "fix_time": 0});
    let point = json!({"point": bench.point()});
    for path in addresses(&bench, "post").await.iter().filter(|path| *path != "/alarms") {
        for guest in invented() {
            let body = match path.as_str() {
                "/positions" => unit.clone(),
                "/points/heartbeats" => point.clone(),
                _ => json!({}),
            };
            let (status, code) = ask(&bench, &guest, Method::POST, &filled(path, &ids), Some(body)).await;
            assert!(
                (400..500).contains(&status) && !code.is_empty(),
                "{} posts {path}: {status} {code}",
                guest.called
            );
        }
    }
    assert_eq!(bench.running.node.state().seq, head, "nothing was written");
    for guest in invented() {
        let help = json!({"source": "sos", "text": "help"});
        assert_eq!(ask(&bench, &guest, Method::POST, "/alarms", Some(help)).await.0, 201, "{}", guest.called);
    }
}

#[tokio::test]
async fn everybody_is_answered_and_only_operators_read_who_called() {
    let bench = node().await;
    let ids = ids(&bench).await;
    for path in addresses(&bench, "get").await {
        if path == "/stream" {
            continue;
        }
        for guest in known(&bench) {
            let (status, code) = ask(&bench, &guest, Method::GET, &filled(&path, &ids), None).await;
            let is_thing = guest.actor.contains(':') || guest.actor == bench.unit();
            let expected = if path == "/words/{id}" && is_thing { (403, "not_released") } else { (200, "") };
            assert_eq!((status, code.as_str()), expected, "{} asks {path}", guest.called);
        }
    }
    for path in addresses(&bench, "post").await {
        for guest in known(&bench) {
            let (status, code) =
                ask(&bench, &guest, Method::POST, &filled(&path, &ids), Some(json!({}))).await;
            assert!(
                status < 500 && (status < 300) == code.is_empty(),
                "{} posts {path}: {status} {code}",
                guest.called
            );
        }
    }
    for guest in known(&bench) {
        let help = json!({"source": "sos", "text": "help"});
        assert_eq!(ask(&bench, &guest, Method::POST, "/alarms", Some(help)).await.0, 201, "{}", guest.called);
    }
}

#[tokio::test]
async fn a_unit_and_a_point_tell_of_themselves_alone() {
    let bench = node().await;
    let (units, points): (Vec<String>, Vec<String>) = {
        let state = bench.running.node.state();
        let register = state.register();
        let units = register.units.keys().take(2).map(ToString::to_string).collect();
        (units, register.points.keys().take(2).map(ToString::to_string).collect())
    };
    let now = bench.running.node.now().0;
    let fix = |unit: &str| json!({"unit": unit, "lon": -71.6, "lat": -33.0, "fix_time": now});
    let of_unit = |unit: &str| bench.client().with_actor(&format!("unit:{unit}")).with_channel("device");
    let both = of_unit(&units[0]).positions(&[fix(&units[0]), fix(&units[1])]).await.unwrap();
    assert_eq!((both.received, both.queued, both.faulty), (2, 1, 1));
    assert_eq!((both.faults[0].line, both.faults[0].rule.as_str()), (2, "is not the unit that sends it"));
    assert!(of_unit(&units[0]).positions(&[fix(&units[1])]).await.is_err());
    let gateway = bench.client().with_actor("gateway").with_channel("device");
    assert_eq!(gateway.positions(&[fix(&units[0]), fix(&units[1])]).await.unwrap().queued, 2);

    let beat = |point: &str| json!({"point": point});
    let phone = bench.client().with_actor(&format!("point:{}", points[0])).with_channel("device");
    let both = phone.heartbeats(&[beat(&points[0]), beat(&points[1])]).await.unwrap();
    assert_eq!((both.received, both.heard, both.faulty), (2, 1, 1));
    assert_eq!(
        (both.faults[0].line, both.faults[0].rule.as_str()),
        (2, "is not the alarm point that sends it")
    );
    assert!(phone.heartbeats(&[beat(&points[1])]).await.is_err());
    assert_eq!(gateway.heartbeats(&[beat(&points[0]), beat(&points[1])]).await.unwrap().heard, 2);
}
