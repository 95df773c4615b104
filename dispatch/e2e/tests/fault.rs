//! Every place at which a node can fail, struck by an error, a stall and a crash, in a build that can be struck
//! (`cargo xtask planted`). After each: what was acknowledged is there, the journal verifies, and every order has
//! reached its terminal and the webhook.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use dispatch_api::client::ClientError;
use dispatch_core::kernel::id::{AlarmId, OrderId};
use dispatch_core::kernel::recommendation::Recommendation;
use dispatch_e2e::cast::{Scene, key};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::{Node, binary, ortoo};
use dispatch_e2e::receiver::Receiver;
use serde_json::{Value, json};

/// Orders given under each fault.
const ORDERS: usize = 2;

/// Every place at which a node can be struck, and at which passage it is: in the middle of the story. The region is
/// adopted first; then four commands an order: raise, answer, save, dispatch.
const PLACES: [(&str, u32); 7] = [
    ("decide", 5),
    ("append", 5),
    ("commit", 5),
    ("answer", 5),
    ("publish", 5),
    ("deliver", 1),
    ("snapshot", 1),
];

/// What befalls it there.
const STRIKES: [&str; 3] = ["error", "stall", "crash"];

/// A node that may be struck, and is started again without the fault when it died of it.
struct Struck {
    node: Node,
    died: bool,
}

impl Struck {
    /// Asks until there is an answer, as a client does: the same again after no answer or a 503.
    async fn insist<T>(&mut self, call: impl AsyncFn(&Node) -> anyhow::Result<T>) -> anyhow::Result<T> {
        for _ in 0..600 {
            let error = match call(&self.node).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match error.downcast_ref() {
                Some(ClientError::Problem(problem)) if problem.status == 503 => {}
                Some(ClientError::Transport(_)) => {}
                _ => return Err(error),
            }
            if self.node.has_ended()? {
                self.died = true;
                self.node.restart(&[]).await?;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("no answer after a minute of asking")
    }
}

/// What was acknowledged.
struct Given {
    alarm: AlarmId,
    order: OrderId,
    unit: String,
}

async fn give(struck: &mut Struck, scene: &Scene) -> anyhow::Result<Given> {
    let (raising, answering, saving, sending) = (key(), key(), key(), key());
    let body = json!({ "source": "point", "number": scene.number });
    let raised = struck.insist(async |node| Ok(node.client("source")?.raise(&body, raising).await?)).await?;
    let alarm = raised.named.alarm.context("an alarm has an id")?;
    let id = alarm.to_string();
    let seat = &scene.seat;
    struck
        .insist(async |node| {
            let client = node.client(seat)?.with_seat(seat);
            Ok(client.act("alarms", &id, "answer", &json!({}), answering).await?)
        })
        .await?;
    let seen: Value =
        struck.insist(async |node| Ok(node.client(seat)?.get(&format!("/alarms/{id}")).await?)).await?;
    let body = json!({ "incident_type": scene.incident_type, "expected_version": seen["version"] });
    let saved = struck
        .insist(async |node| {
            let client = node.client(seat)?.with_seat(seat);
            Ok(client.act("alarms", &id, "save", &body, saving).await?)
        })
        .await?;
    let incident = saved.named.incident.context("a saved type makes an incident")?.to_string();
    let seen: Value = struck
        .insist(async |node| Ok(node.client(seat)?.get(&format!("/incidents/{incident}")).await?))
        .await?;
    let advice = seen["recommendation"].as_str().context("a recommendation")?;
    let advice: Recommendation = struck
        .insist(async |node| Ok(node.client(seat)?.get(&format!("/recommendations/{advice}")).await?))
        .await?;
    let own = advice.ranked.iter().find(|ranked| !ranked.needs_support).context("a unit of our own")?;
    let unit = own.candidate.unit.to_string();
    let body = json!({
        "expected_version": seen["version"], "targets": [{ "unit": unit }],
        "recommendation": advice.id, "confirmed": true,
    });
    let dispatched = struck
        .insist(async |node| {
            let client = node.client(seat)?.with_seat(seat);
            Ok(client.act("incidents", &incident, "dispatch", &body, sending).await?)
        })
        .await?;
    Ok(Given { alarm, order: *dispatched.named.orders.first().context("a dispatch names its order")?, unit })
}

/// Rows of the journal that make an order.
async fn orders_in_journal(node: &Node) -> anyhow::Result<Vec<u64>> {
    let page: Value = node.client("watch")?.get("/journal?from=1&limit=500").await?;
    let rows = page["items"].as_array().context("rows")?;
    let made = rows.iter().filter(|row| row["event"]["name"] == "order_created");
    Ok(made.filter_map(|row| row["seq"].as_u64()).collect())
}

/// What was acknowledged comes to a console that opens now, is on its terminal, and at the webhook. An answer leaves with its
/// commit and not after every screen: a console that opens in that moment sees it with the next message.
async fn judge(node: &Node, given: &[Given], receiver: &Receiver) -> anyhow::Result<()> {
    let mut console = Console::open(&node.client("watch")?).await?;
    for Given { alarm, order, unit } in given {
        console.until(&format!("alarm {alarm}, acknowledged"), |it| it.alarm(*alarm).map(|_| ())).await?;
        console.until(&format!("order {order}, acknowledged"), |it| it.order(*order).map(|_| ())).await?;
        let held: Value = node.client(unit)?.get(&format!("/units/{unit}/orders")).await?;
        ensure!(held["orders"][0]["id"] == order.to_string(), "order {order} did not reach {unit}: {held}");
    }
    let rows = orders_in_journal(node).await?;
    ensure!(
        rows.len() == given.len(),
        "{} orders were given, {} are in the journal",
        given.len(),
        rows.len()
    );
    receiver.until_taken(&rows).await
}

async fn strike((place, time): (&str, u32), strike: &str) -> anyhow::Result<()> {
    let (is_deadly, is_at_the_end) = (strike == "crash", place == "snapshot");
    let data = tempfile::tempdir()?;
    let receiver = Receiver::start().await?;
    let config = receiver.configure(data.path(), &["orders"])?;
    let args = ["serve", "--region", "xilingol", "--config", config.to_str().context("UTF-8")?];
    let fault = format!("{place}:{strike}:{time}");
    let node = Node::start_with(data.path(), &args, &[("ORTOO_FAULT", &fault)]).await?;
    let scene = Scene::find(&node).await?;
    let mut struck = Struck { node, died: false };
    let mut given = Vec::new();
    for _ in 0..ORDERS {
        given.push(give(&mut struck, &scene).await?);
    }
    let Struck { mut node, mut died } = struck;
    if place == "deliver" && is_deadly && !died {
        // Nothing waits for a delivery: the node may die of it when nobody asks any more.
        node.until_ended().await?;
        died = true;
        node.restart(&[]).await?;
    }
    if is_at_the_end {
        let log = node.stop().await?;
        ensure!(log.success() == (strike == "stall"), "the node ended with {log}");
        died |= log.code().is_none();
        ensure!(node.log().iter().any(|line| line.contains("was asked to fail")), "it was not struck");
        node.restart(&[]).await?;
    }
    ensure!(died == is_deadly, "a process dies of a crash and of nothing else");
    judge(&node, &given, &receiver).await?;
    // By now deliveries have had their turn too.
    if !is_at_the_end && !is_deadly {
        ensure!(node.log().iter().any(|line| line.contains("was asked to fail")), "it was not struck");
    }
    let ended = node.stop().await?;
    ensure!(ended.success(), "the node ended with {ended}");
    let verified = ortoo(&["verify", "--data-dir", data.path().to_str().context("UTF-8")?])?;
    ensure!(verified.status.success(), "{verified:?}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_lost_at_any_point() -> anyhow::Result<()> {
    for place in PLACES {
        for kind in STRIKES {
            strike(place, kind).await.with_context(|| format!("{} struck by {kind}", place.0))?;
        }
    }
    Ok(())
}

#[test]
fn every_place_of_the_node_is_struck_here() {
    let data = tempfile::tempdir().unwrap();
    let args = ["serve", "--region", "xilingol", "--listen", "127.0.0.1:0", "--data-dir"];
    let ended = Command::new(binary().unwrap())
        .args(args)
        .arg(data.path())
        .env("ORTOO_FAULT", "nowhere:error:1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success(), "{said}");
    let list =
        format!("sites: {}; strikes: {}\n", PLACES.map(|(place, _)| place).join(" "), STRIKES.join(" "));
    assert!(said.contains(&list), "{said}");
}
