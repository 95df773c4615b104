use dispatch_api::client::Client;
use dispatch_api::heartbeat::HeartbeatsReceipt;
use dispatch_api::question::{Page, PointItem};
use dispatch_core::technical::Technical;
use dispatch_server::clock::{Clock, wall};
use dispatch_server::config::Config;
use dispatch_server::running::{Beginning, Running};
use serde_json::json;

use crate::support::{key, node, within};

/// Between two looks: an address may not ask without a pause.
const GLANCE: std::time::Duration = std::time::Duration::from_millis(20);

async fn point(client: &Client, id: &str) -> PointItem {
    client.get(&format!("/points/{id}")).await.unwrap()
}

#[tokio::test]
async fn a_heartbeat_is_a_receipt_and_says_when_its_point_was_heard() {
    let bench = node().await;
    let (client, id) = (bench.client(), bench.point());
    assert_eq!(point(&client, &id).await.heard_at, None);
    let head = bench.running.node.state().seq;
    let beat = json!({ "point": id, "battery": 80 }).to_string();
    let url = format!("{}/api/v1/points/heartbeats", bench.running.base());
    let http = reqwest::Client::new();
    let answer = http.post(&url).body(beat.clone()).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let heard_at = point(&client, &id).await.heard_at.unwrap();
    assert_eq!(bench.running.node.state().seq, head, "nothing is journalled");

    let many = format!("{beat}\n{{\"point\":\"nobody\"}}\n{{\"place\":1}}\n{beat}\n");
    let answer = http.post(&url).body(many).send().await.unwrap();
    let receipt: HeartbeatsReceipt = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!((receipt.received, receipt.heard, receipt.unknown_point, receipt.faulty), (4, 2, 1, 1));
    let faults: Vec<_> = receipt.faults.iter().map(|fault| (fault.line, fault.field.as_str())).collect();
    assert_eq!(faults, [(3, "point"), (2, "point")]);
    assert!(point(&client, &id).await.heard_at.unwrap() >= heard_at);

    let none = http.post(&url).body("{\"point\":\"nobody\"}").send().await.unwrap();
    assert_eq!(none.status(), 422);
    let problem: serde_json::Value = serde_json::from_slice(&none.bytes().await.unwrap()).unwrap();
    assert_eq!((problem["code"].as_str(), problem["field"].as_str()), (Some("invalid"), Some("point")));
    let metrics = client.text("/metrics").await.unwrap();
    for line in ["{verdict=\"heard\"} 3", "{verdict=\"unknown_point\"} 2", "{verdict=\"faulty\"} 1"] {
        assert!(metrics.contains(&format!("ortoo_heartbeats_total{line}")), "{line} in {metrics}");
    }
}

async fn silent(client: &Client) -> Vec<String> {
    let page: Page<Technical> = client.get("/technicals").await.unwrap();
    let silent = page.items.into_iter().filter(|technical| technical.cause == "point_silent");
    silent.filter_map(|technical| technical.point.map(|point| point.to_string())).collect()
}

#[tokio::test]
async fn a_point_that_falls_silent_raises_one_technical_alarm_until_it_is_heard() {
    let data = tempfile::tempdir().unwrap();
    let mut config =
        Config { data_dir: data.path().to_owned(), region: "valparaiso".into(), ..Config::default() };
    config.listen.set_port(0);
    // Ten minutes a second.
    let clock = Some(Clock::scaled(wall(), 600_000));
    let running = Running::start(config, Beginning { clock, ..Beginning::default() }).await.unwrap();
    let client = Client::new(&running.base()).unwrap();
    let id = running.node.state().register().points.keys().nth(1).unwrap().to_string();
    // A press is heard as a heartbeat is.
    client.raise(&json!({"source": "button", "point": id}), key()).await.unwrap();
    within("the alarm of a silent point", async {
        while silent(&client).await != [id.clone()] {
            tokio::time::sleep(GLANCE).await;
        }
    })
    .await;
    within("the alarm cleared", async {
        while !silent(&client).await.is_empty() {
            client.heartbeats(&[json!({ "point": id })]).await.unwrap();
            tokio::time::sleep(GLANCE).await;
        }
    })
    .await;
    running.stop().await.unwrap();
}
