use dispatch_api::answer::Receipt;
use dispatch_api::problem::Problem;
use dispatch_api::question::UnitOrders;
use dispatch_core::response::alarm::AlarmSource;
use dispatch_core::view::{AlarmView, IncidentView, OrderView};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::support::{Bench, key, node, within};

async fn button(bench: &Bench) -> Receipt {
    let alarm = json!({"source": "button", "point": bench.point(), "press": key().to_string()});
    bench.client().raise(&alarm, key()).await.unwrap()
}

fn problem(error: dispatch_api::client::ClientError) -> Problem {
    match error {
        dispatch_api::client::ClientError::Problem(problem) => *problem,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_same_key_is_the_same_command() {
    let bench = node().await;
    let (client, id) = (bench.client(), key());
    let first = client.raise(&json!({"source": "call", "text": "fire"}), id).await.unwrap();
    let again = client.raise(&json!({"source": "call", "text": "fire"}), id).await.unwrap();
    assert!(!first.repeated && again.repeated);
    assert_eq!((first.named.alarm, first.seq), (again.named.alarm, again.seq));
    let body = json!({"source": "call", "text": "flood"});
    let other = client.raise(&body, id).await.unwrap();
    assert!(other.named.alarm != first.named.alarm && !other.repeated, "a call for help is never refused");
    assert_eq!(client.raise(&body, id).await.unwrap().named.alarm, other.named.alarm);
    // Another actor may use the same key.
    let elsewhere = bench.client().with_actor("platform").raise(&json!({"source": "app"}), id).await.unwrap();
    assert_ne!(elsewhere.named.alarm, first.named.alarm);
}

#[tokio::test]
async fn a_command_needs_a_key_and_an_alarm_gets_one() {
    let bench = node().await;
    let http = reqwest::Client::new();
    let base = bench.running.base();
    let alarm =
        http.post(format!("{base}/api/v1/alarms")).body("{\"source\":\"call\"}").send().await.unwrap();
    assert_eq!(alarm.status(), 201);
    let receipt: Receipt = serde_json::from_slice(&alarm.bytes().await.unwrap()).unwrap();
    assert!(receipt.flaws.iter().any(|flaw| flaw.starts_with("idempotency-key")));
    let answer = format!("{base}/api/v1/alarms/{}/answer", receipt.named.alarm.unwrap());
    let refused = http.post(&answer).send().await.unwrap();
    assert_eq!(refused.status(), 400);
    let body: Problem = serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
    assert_eq!(body.code, "idempotency_key");
    assert!(body.detail.contains("the header idempotency-key must be a UUIDv7"), "{}", body.detail);
    let v4 = http
        .post(&answer)
        .header("idempotency-key", "5f9c1d1e-93b8-4a0f-9d5a-6d7f0b4c2a11")
        .send()
        .await
        .unwrap();
    assert_eq!(v4.status(), 400);
}

#[tokio::test]
async fn a_stale_version_is_told_who_did_what() {
    let bench = node().await;
    let incident = button(&bench).await.named.incident.unwrap().to_string();
    let seen: IncidentView = bench.client().get(&format!("/incidents/{incident}")).await.unwrap();
    let dispatcher = bench.dispatcher(seen.incident.desk.as_str());
    let version = json!({"expected_version": seen.incident.version});
    dispatcher.act("incidents", &incident, "claim", &version, key()).await.unwrap();
    let body = json!({"expected_version": seen.incident.version, "priority": "p3"});
    let late = dispatcher.with_actor("other").act("incidents", &incident, "classify", &body, key()).await;
    let late = problem(late.unwrap_err());
    assert_eq!((late.status, late.code.as_str()), (409, "stale"));
    assert_eq!(late.params["between"][0]["what"], "incident_claimed");
}

#[tokio::test]
async fn faults_name_the_field_and_change_nothing() {
    let bench = node().await;
    let incident = button(&bench).await.named.incident.unwrap().to_string();
    let client = bench.client();
    let head = bench.running.node.state().seq;
    let act = |id: &str, act: &str, body: Value| {
        let (client, id, act) = (client.clone(), id.to_owned(), act.to_owned());
        async move { problem(client.act("incidents", &id, &act, &body, key()).await.unwrap_err()) }
    };
    let unknown = act("00000000-0000-7000-8000-000000000000", "claim", json!({})).await;
    assert!(unknown.status == 404 || unknown.code == "seat_required", "{unknown}");
    let no_uuid = act("x", "claim", json!({})).await;
    assert_eq!((no_uuid.status, no_uuid.code.as_str()), (404, "unknown"));
    let slip = act(&incident, "claim", json!({"take_ovr": true})).await;
    assert_eq!((slip.status, slip.field.as_deref()), (422, Some("take_ovr")));
    let latitude =
        json!({"place": {"kind": "point", "source": "caller", "coord": {"lon": 0, "lat": 910_000_000}}});
    let latitude = act(&incident, "move", latitude).await;
    assert!(latitude.field.is_some_and(|field| field.starts_with("place.coord")));
    let http = reqwest::Client::new();
    let post = http.post(format!("{}/api/v1/incidents/{incident}/claim", bench.running.base()));
    let post = post.header("idempotency-key", key().to_string());
    let broken = post.try_clone().unwrap().body("{\"take_over\":").send().await.unwrap();
    assert_eq!(broken.status(), 400);
    let large = post.body(vec![b' '; bench.running.node.config.limits.body_bytes + 1]).send().await.unwrap();
    assert_eq!(large.status(), 413);
    let after = bench.running.node.state().seq;
    assert!(after == head, "nothing was written: {head} {after}");
}

#[tokio::test]
async fn a_broken_alarm_is_an_alarm_and_its_words_can_be_read() {
    let bench = node().await;
    let http = reqwest::Client::new();
    let sent = http
        .post(format!("{}/api/v1/alarms", bench.running.base()))
        .header("idempotency-key", key().to_string())
        .body("着火了 快来")
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 201);
    let receipt: Receipt = serde_json::from_slice(&sent.bytes().await.unwrap()).unwrap();
    assert_eq!(receipt.flaws, ["body: is not JSON"]);
    let client = bench.client();
    let alarm: AlarmView = client.get(&format!("/alarms/{}", receipt.named.alarm.unwrap())).await.unwrap();
    assert_eq!(alarm.alarm.flaws, ["body: is not JSON"]);
    let words: dispatch_api::question::WordsText =
        client.get(&format!("/words/{}?reason=test", alarm.alarm.words[0])).await.unwrap();
    assert_eq!(words.text, "着火了 快来");
    assert_eq!(words.alarm, receipt.named.alarm);
    let journal: Value = client.get("/journal?limit=1000").await.unwrap();
    assert!(!journal.to_string().contains("着火"), "words are apart");
}

#[tokio::test]
async fn a_sender_is_told_what_is_odd_about_an_alarm() {
    let bench = node().await;
    let client = bench.client();
    let bare = client.raise(&json!({}), key()).await.unwrap();
    assert_eq!(bare.flaws, ["body: neither a place nor words came"]);
    let id = key();
    let paris = json!({"source": "app", "lon": 2.35, "lat": 48.86, "latt": 1, "text": "fire"});
    let told = client.raise(&paris, id).await.unwrap();
    let expected =
        ["body: 1 field is not known", "latt: is not a field of an alarm", "place: outside the region"];
    assert_eq!(told.flaws, expected);
    let again = client.raise(&paris, id).await.unwrap();
    assert!(again.repeated && again.flaws == told.flaws, "{:?}", again.flaws);
    let alarm: AlarmView = client.get(&format!("/alarms/{}", told.named.alarm.unwrap())).await.unwrap();
    assert_eq!(alarm.alarm.flaws, expected[..1], "the name of a field may be anything and is not journalled");
}

#[tokio::test]
async fn an_alarm_that_breaks_off_is_raised_with_what_came() {
    let bench = node().await;
    let unit = bench.unit();
    let head = "POST /api/v1/alarms HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900\r\n\r\n";
    let body = format!("{{\"source\":\"sos\",\"unit\":\"{unit}\",\"text\":\"help");
    let mut socket = tokio::net::TcpStream::connect(bench.running.node.address).await.unwrap();
    socket.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    drop(socket);
    let alarm = within("the alarm", async {
        loop {
            if let Some(alarm) = bench.running.node.state().alarms().values().next() {
                return alarm.clone();
            }
            tokio::task::yield_now().await;
        }
    });
    let alarm = alarm.await;
    assert_eq!((alarm.source, alarm.unit), (AlarmSource::Sos, Some(unit.as_str().into())));
    assert!(alarm.flaws.contains(&"body: broke off".to_owned()), "{:?}", alarm.flaws);
}

#[tokio::test]
async fn what_the_register_does_not_know_is_flagged_and_can_be_read() {
    let bench = node().await;
    let client = bench.client();
    let call = json!({"source": "app", "unit": "my-neighbour", "incident_type": "wolves", "text": "quick"});
    let receipt = client.raise(&call, key()).await.unwrap();
    assert_eq!(receipt.flaws, ["unit: is not in the register", "incident_type: is not in the register"]);
    let alarm: AlarmView = client.get(&format!("/alarms/{}", receipt.named.alarm.unwrap())).await.unwrap();
    let words: dispatch_api::question::WordsText =
        client.get(&format!("/words/{}?reason=test", alarm.alarm.words[0])).await.unwrap();
    assert_eq!(words.text, "quick\nunit: my-neighbour\nincident_type: wolves");
    assert_eq!(bench.running.node.metrics.counted("ortoo_alarms_flawed_total", &[]), 1);
}

#[tokio::test]
async fn a_number_nobody_registered_is_kept_to_call_back() {
    let bench = node().await;
    let client = bench.client();
    let call = json!({"source": "call", "number": "0479-8812345", "caller": "a herder"});
    let receipt = client.raise(&call, key()).await.unwrap();
    assert_eq!(receipt.flaws, ["number: is no alarm point's"]);
    let alarm: AlarmView = client.get(&format!("/alarms/{}", receipt.named.alarm.unwrap())).await.unwrap();
    assert_eq!(alarm.alarm.flaws, receipt.flaws);
    let caller = alarm.alarm.caller.expect("somebody to call back");
    let words: dispatch_api::question::WordsText =
        client.get(&format!("/words/{caller}?reason=test")).await.unwrap();
    assert_eq!((words.text.as_str(), words.class.as_str()), ("0479-8812345 a herder", "caller"));
    let journal: Value = client.get("/journal?limit=1000").await.unwrap();
    assert!(!journal.to_string().contains("8812345"), "a caller's number is no journal entry");
}

#[tokio::test]
async fn an_order_reaches_its_unit_and_is_signed() {
    let bench = node().await;
    let incident = button(&bench).await.named.incident.unwrap().to_string();
    let client = bench.client();
    let seen: IncidentView = client.get(&format!("/incidents/{incident}")).await.unwrap();
    let fresh: Value = client.get(&format!("/incidents/{incident}/recommendation")).await.unwrap();
    let unit = fresh["ranked"][0]["candidate"]["unit"].as_str().expect("somebody can be sent").to_owned();
    let before: UnitOrders = client.get(&format!("/units/{unit}/orders")).await.unwrap();
    assert!(before.orders.is_empty());
    let waiting = {
        let (client, unit) = (client.clone(), unit.clone());
        let path = format!("/units/{unit}/orders?after={}&wait_s=30", before.seq);
        tokio::spawn(async move { client.get::<UnitOrders>(&path).await })
    };
    let body = json!({"expected_version": seen.incident.version, "targets": [{"unit": unit}], "confirmed": true, "override_reason": "nearer", "text": "he knows the track",
        "recommendation": seen.incident.recommendation});
    let dispatcher = bench.dispatcher(seen.incident.desk.as_str());
    let given = dispatcher.act("incidents", &incident, "dispatch", &body, key()).await.unwrap();
    // Why he was chosen is a code; what was typed beside it is apart from the journal and found by its id.
    let known: OrderView = client.get(&format!("/orders/{}", given.named.orders[0])).await.unwrap();
    assert_eq!(known.order.override_reason, Some(dispatch_core::response::order::OverrideReason::Nearer));
    let words: dispatch_api::question::WordsText =
        client.get(&format!("/words/{}?reason=test", known.order.override_words.unwrap())).await.unwrap();
    assert_eq!((words.text.as_str(), words.incident), ("he knows the track", Some(seen.incident.id)));
    let journal: Value = client.get("/journal?limit=1000").await.unwrap();
    assert!(!journal.to_string().contains("the track"), "words are apart");
    let told = within("the unit to be told", waiting).await.unwrap().unwrap();
    assert_eq!(told.orders[0].order.id, given.named.orders[0]);
    assert_eq!(told.incidents[0].incident.id.to_string(), incident);
    let order = given.named.orders[0].to_string();
    let device = bench.client().with_actor(&format!("unit:{unit}")).with_channel("device");
    for state in ["delivered", "signed", "enroute"] {
        let body = json!({"state": state, "source": "device"});
        device.act("orders", &order, "advance", &body, key()).await.unwrap();
    }
    let after: UnitOrders = client.get(&format!("/units/{unit}/orders")).await.unwrap();
    assert_eq!(after.orders[0].order.state, dispatch_core::kernel::kind::OrderState::Enroute);
}
