//! What is malformed or impossible is named, changes nothing and is counted; a person's alarm is taken all the same.

use dispatch_e2e::cast::{Operator, Scene, key, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::Node;
use serde_json::{Value, json};

#[tokio::test]
async fn bad_input_is_named_and_an_alarm_is_never_refused_for_its_form() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    let mut console = Console::open(&node.client("watch")?).await?;
    let before = console.seq;

    // Latitude 91.
    let positions = [json!({ "unit": "nobody", "lon": 116.0, "lat": 91.0, "fix_time": 1 })];
    let refused = node.client("device")?.positions(&positions).await.expect_err("latitude 91");
    assert_eq!(refused.code(), Some("invalid"));
    assert!(format!("{refused:?}").contains("lat"), "{refused:?}");

    // An unknown incident, an unknown field, no seat.
    let operator = Operator::sit(&node, &scene.seat)?;
    let nowhere =
        operator.act("incidents", &key().to_string(), "claim", json!({})).await.expect_err("unknown");
    assert_eq!(nowhere.code(), Some("unknown"));
    let typo = operator.act("alarms", &key().to_string(), "save", json!({ "incidnet_type": "x" })).await;
    assert!(format!("{:?}", typo.expect_err("unknown field")).contains("incidnet_type"));
    assert_eq!(console.seq, before, "a refusal changes nothing");

    // Whatever a caller's app sends is an alarm.
    let broken = reqwest::Client::new()
        .post(format!("{}/api/v1/alarms", node.base))
        .header("idempotency-key", key().to_string())
        .header("content-type", "application/json")
        .body("{\"source\": \"app\", \"text\": \"救命")
        .send()
        .await?;
    assert_eq!(broken.status().as_u16(), 201);
    let receipt: Value = broken.json().await?;
    assert!(receipt["flaws"].as_array().is_some_and(|flaws| !flaws.is_empty()), "{receipt}");
    let odd =
        raise(&node, &json!({ "source": "call", "lat": 91.0, "lon": 200.0, "point": "nowhere", "color": 1 }))
            .await?;
    console.until("the odd alarm", |console| console.alarm(odd).cloned()).await?;

    let metrics = node.client("watch")?.text("/metrics").await?;
    assert!(metrics.contains("ortoo_"), "{metrics}");
    node.finish(&[]).await
}
