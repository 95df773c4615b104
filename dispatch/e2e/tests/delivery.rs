//! What leaves the centre is driven from the journal: every order reaches its terminal and the webhook, through
//! failures of the receiver and a `kill -9` of the node, under a key that repeats have in common.

use std::collections::BTreeMap;
use std::path::Path;

use dispatch_e2e::cast::{Crew, Operator, Scene, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::node::{Node, ortoo};
use dispatch_e2e::receiver::{Delivered, Mood, Receiver};
use serde_json::{Value, json};

/// Names of records a sink for orders is told of, as far as these tests make them.
const OF_ORDERS: [&str; 2] = ["order_created", "order_advanced"];

/// Timers that wait for an order.
const ORDER_TIMERS: [&str; 7] =
    ["delivered", "signed", "departed", "arrival", "sign_of_life", "feedback", "notice"];

/// A receiver, and a node that tells it of such events.
async fn served(data: &Path, events: &str) -> anyhow::Result<(Receiver, Node, Scene)> {
    let receiver = Receiver::start().await?;
    let config = receiver.configure(data, &[events])?;
    let config = config.to_str().expect("UTF-8");
    let node = Node::start(data, &["serve", "--region", "xilingol", "--config", config]).await?;
    let scene = Scene::find(&node).await?;
    Ok((receiver, node, scene))
}

/// Raises an alarm and sends the nearest unit of our own: the order's id and its unit.
async fn send(node: &Node, scene: &Scene) -> anyhow::Result<(String, String)> {
    let alarm = raise(node, &json!({ "source": "point", "number": scene.number })).await?;
    let operator = Operator::sit(node, &scene.seat)?;
    operator.answer(alarm).await?;
    let incident = operator.save_type(alarm, &scene.incident_type).await?;
    let watch = node.client("watch")?;
    let seen: Value = watch.get(&format!("/incidents/{incident}")).await?;
    let advice = seen["recommendation"].as_str().expect("an incident is born with a recommendation");
    let advice: dispatch_core::kernel::recommendation::Recommendation =
        watch.get(&format!("/recommendations/{advice}")).await?;
    let own = advice.ranked.iter().find(|ranked| !ranked.needs_support).expect("a unit of our own");
    let unit = own.candidate.unit.to_string();
    let order = operator.dispatch(incident, &unit, Some(advice.id)).await?;
    Ok((order.to_string(), unit))
}

/// Whether an event happens to an order, a timer of it that runs out included.
fn is_of_orders(event: &Value) -> bool {
    let timer = event["data"]["timer"]["kind"].as_str().unwrap_or_default();
    OF_ORDERS.iter().any(|name| event["name"] == *name)
        || (event["name"] == "timer_expired" && ORDER_TIMERS.contains(&timer))
}

/// Rows of the journal that a sink for orders is told of, each with the key its delivery must have.
async fn rows_of_orders(node: &Node) -> anyhow::Result<BTreeMap<u64, String>> {
    let mut rows = BTreeMap::new();
    let mut from = 1;
    loop {
        let page: Value = node.client("watch")?.get(&format!("/journal?from={from}&limit=200")).await?;
        let journal = page["journal_id"].as_str().expect("an id");
        for record in page["items"].as_array().expect("rows") {
            if is_of_orders(&record["event"]) {
                let seq = record["seq"].as_u64().expect("a number");
                rows.insert(seq, format!("{journal}-{seq}-receiver"));
            }
        }
        match page["next"].as_u64() {
            Some(next) => from = next,
            None => return Ok(rows),
        }
    }
}

/// Each row once in the order of the journal, and repeats equal in key.
fn judge(came: &[Delivered], rows: &BTreeMap<u64, String>) {
    let mut last = 0;
    for delivered in came {
        let seq = delivered.seq();
        assert_eq!(
            rows.get(&seq),
            Some(&delivered.key),
            "a row of an order, under its key: {}",
            delivered.body
        );
        assert_eq!(delivered.key, delivered.idempotency);
        assert!(seq >= last, "row {seq} came after row {last}");
        assert!(delivered.signature.starts_with("t=") && delivered.signature.contains(",v1="));
        last = seq;
    }
}

#[tokio::test]
async fn every_order_reaches_terminal_and_webhook_through_failures_and_a_kill() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let (receiver, mut node, scene) = served(data.path(), "orders").await?;

    receiver.plan(&[Mood::Answer(500), Mood::Take, Mood::HangUp, Mood::Stall, Mood::Answer(503)]);
    for _ in 0..3 {
        send(&node, &scene).await?;
    }
    receiver.until_taken(&rows_of_orders(&node).await?.into_keys().collect::<Vec<_>>()).await?;

    // The receiver hears the order and cannot say so any more: the node is gone right after its commit.
    receiver.plan(&[Mood::Stall, Mood::Answer(500)]);
    let (order, unit) = send(&node, &scene).await?;
    node.kill_and_restart().await?;

    // The terminal finds it, and signs.
    let terminal = node.client(&unit)?;
    let orders: Value = terminal.get(&format!("/units/{unit}/orders")).await?;
    assert_eq!(orders["orders"][0]["id"], order.as_str(), "{orders}");
    let id = order.parse().map(dispatch_core::kernel::id::OrderId)?;
    let crew = Crew::board(&node, &unit)?;
    crew.report(id, "signed").await?;
    send(&node, &scene).await?;

    let rows = rows_of_orders(&node).await?;
    assert!(rows.len() >= 6, "five orders and a signature: {rows:?}");
    receiver.until_taken(&rows.keys().copied().collect::<Vec<_>>()).await?;
    let came = receiver.came();
    judge(&came, &rows);
    assert_eq!(receiver.taken(), rows);

    // What a gateway needs, and nobody's name.
    let told = came.iter().find(|it| it.body["orders"][0]["id"] == order.as_str()).expect("it was taken");
    let body = &told.body;
    assert_eq!((&body["event"], &body["mode"]), (&json!("order_created"), &json!("actual")), "{body}");
    assert_eq!(body["orders"][0]["target"]["unit"], unit.as_str());
    let coord = &body["incident"]["place"]["coord"];
    assert_eq!((&coord["lon"], &coord["lat"]), (&json!(scene.at.0), &json!(scene.at.1)));
    for named in ["actor", "seat", "caller", "words", "by\""] {
        assert!(!body.to_string().contains(named), "{named}: {body}");
    }
    node.finish(&["degraded"]).await?;
    let verified = ortoo(&["verify", "--data-dir", data.path().to_str().expect("UTF-8")])?;
    assert!(verified.status.success(), "{verified:?}");
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_named_and_the_next_has_its_turn() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let (receiver, node, scene) = served(data.path(), "orders").await?;
    let mut console = Console::open(&node.client("watch")?).await?;

    receiver.plan(&[Mood::Answer(422); 3]);
    send(&node, &scene).await?;
    console.until("the refusal", |console| console.is_degraded("sink_refused")).await?;
    let refused = *rows_of_orders(&node).await?.keys().next().expect("an order");
    let failed =
        |outcome: &str| format!("ortoo_sink_deliveries_total{{sink=\"receiver\",outcome=\"{outcome}\"}} ");
    let metrics = node.client("watch")?.text("/metrics").await?;
    assert!(metrics.contains(&(failed("refused") + "1")), "{metrics}");

    // The next is confirmed: the mode ends, the one that was refused is not sent again.
    send(&node, &scene).await?;
    let rows: Vec<u64> = rows_of_orders(&node).await?.into_keys().filter(|row| *row != refused).collect();
    assert!(!rows.is_empty());
    receiver.until_taken(&rows).await?;
    console
        .until("the all-clear", |console| console.is_degraded("sink_refused").is_none().then_some(()))
        .await?;
    assert_eq!(receiver.came().iter().filter(|it| it.seq() == refused).count(), 3);

    // A receiver that answers nothing is said to be behind, and catches up by itself.
    receiver.plan(&[Mood::HangUp; 6]);
    send(&node, &scene).await?;
    console.until("the delay", |console| console.is_degraded("sink_behind")).await?;
    console
        .until("the end of it", |console| console.is_degraded("sink_behind").is_none().then_some(()))
        .await?;
    let rows: Vec<u64> = rows_of_orders(&node).await?.into_keys().filter(|row| *row != refused).collect();
    receiver.until_taken(&rows).await?;
    node.finish(&["degraded", "refused for good"]).await
}

/// A receiver that answers slowly, without end or by sending the node elsewhere costs the node nothing but a repeat.
#[tokio::test]
async fn nobody_leads_the_node_elsewhere_or_holds_it() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let (receiver, node, scene) = served(data.path(), "orders").await?;
    receiver.plan(&[Mood::Redirect, Mood::Drip, Mood::Inform, Mood::Pour]);
    for _ in 0..2 {
        send(&node, &scene).await?;
    }
    let rows = rows_of_orders(&node).await?;
    receiver.until_taken(&rows.keys().copied().collect::<Vec<_>>()).await?;
    judge(&receiver.came(), &rows);
    let moods: Vec<Mood> = receiver.came().iter().take(4).map(|it| it.mood).collect();
    assert_eq!(moods, [Mood::Redirect, Mood::Drip, Mood::Inform, Mood::Pour]);
    assert_eq!(receiver.strayed(), 0, "it follows nobody, and reads no body");
    node.finish(&["degraded"]).await
}

#[tokio::test]
async fn a_sink_goes_on_where_it_stood_and_a_new_one_begins_at_the_head() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let receiver = Receiver::start().await?;
    let node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    send(&node, &scene).await?;
    let before = rows_of_orders(&node).await?;
    node.finish(&[]).await?;

    let config = receiver.configure(data.path(), &["orders", "alarms", "incidents"])?;
    let args = ["serve", "--config", config.to_str().expect("UTF-8")];
    let mut node = Node::start(data.path(), &args).await?;
    send(&node, &scene).await?;
    let rows: Vec<u64> =
        rows_of_orders(&node).await?.into_keys().filter(|row| !before.contains_key(row)).collect();
    receiver.until_taken(&rows).await?;
    let events = ["alarm_raised", "alarm_answered", "incident_created"];
    deadline::until("alarms and incidents", || async {
        let came = receiver.came();
        let has = |event: &&str| came.iter().any(|it| it.body["event"] == **event);
        Ok(events.iter().all(has).then_some(()))
    })
    .await?;
    assert!(
        receiver.came().iter().all(|it| !before.contains_key(&it.seq())),
        "what was before is not its business"
    );

    // Nothing is sent again that was confirmed and kept, at most the last few.
    let whole = receiver.came().len();
    node.kill_and_restart().await?;
    let (_, unit) = send(&node, &scene).await?;
    let last = rows_of_orders(&node).await?.into_keys().next_back().expect("an order");
    receiver.until_taken(&[last]).await?;
    let again = receiver.came().split_off(whole);
    assert!(again.iter().filter(|it| it.seq() <= rows[rows.len() - 1]).count() <= 32, "{unit}");
    node.finish(&["degraded"]).await
}

#[tokio::test]
async fn a_sink_hears_of_a_reminder_from_its_setting_to_its_end() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let (receiver, node, scene) = served(data.path(), "reminders").await?;
    let operator = Operator::sit(&node, &scene.seat)?;
    let alarm = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    operator.answer(alarm).await?;
    let incident = operator.save_type(alarm, &scene.incident_type).await?.to_string();

    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let due = u64::try_from(since.as_micros())? + 600_000_000;
    let remind = json!({ "due": due, "text": "call the caller back" });
    let set = operator.act("incidents", &incident, "remind", remind).await?;
    let reminder = set.named.reminder.expect("the answer names it").to_string();
    let done = operator.act("reminders", &reminder, "done", json!({})).await?;

    receiver.until_taken(&[set.seq, done.seq]).await?;
    let told: Vec<_> = receiver.came().into_iter().map(|it| it.body).collect();
    let events: Vec<_> = told.iter().map(|body| body["event"].as_str().unwrap_or_default()).collect();
    assert_eq!(events, ["reminder_set", "reminder_ended"]);
    for body in &told {
        assert_eq!(body["entity"]["kind"], "reminder", "{body}");
        assert_eq!(body["entity"]["id"], reminder.as_str(), "{body}");
        assert_eq!(body["incident"]["id"], incident.as_str(), "{body}");
        assert!(!body.to_string().contains("words") && !body.to_string().contains("seat"), "{body}");
    }
    assert_eq!(told[1]["entity"].get("state"), None, "it has none any more");
    node.finish(&[]).await
}
