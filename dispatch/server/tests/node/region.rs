use dispatch_api::client::{ClientError, Received};
use dispatch_api::stream::{ServerMessage, Subscribe};
use serde_json::{Value, json};

use crate::support::{key, node, subscribed, within};

#[tokio::test]
async fn a_region_adopted_while_the_node_runs_changes_layers_zone_and_tiles_at_once() {
    let mut bench = node().await;
    let client = bench.client();
    let before: Value = client.get("/region").await.unwrap();
    let outlines = client.text("/map/outlines").await.unwrap();
    assert!(outlines.contains("PUE") && before["zone"] == "America/Santiago");
    let (mut stream, _) = subscribed(&client, Subscribe::default()).await;
    let receipt = client.adopt("xilingol").await.unwrap();

    let (mut zone, mut told) = (String::new(), false);
    within("a new hello and a commit of the register", async {
        while zone.is_empty() || !told {
            match stream.next().await.unwrap().unwrap() {
                Received::Message(ServerMessage::Hello(hello)) => zone = hello.zone,
                Received::Message(ServerMessage::Commit { seq, register, .. }) => {
                    told |= register && seq == receipt.seq;
                }
                _ => {}
            }
        }
    })
    .await;
    assert_eq!(zone, "Asia/Shanghai");
    let after: Value = client.get("/region").await.unwrap();
    assert_ne!(after["hash"], before["hash"]);
    assert_eq!((after["region"].as_str(), after["tile_resolution"].as_u64()), (Some("xilingol"), Some(3)));
    let outlines = client.text("/map/outlines").await.unwrap();
    assert!(outlines.contains("152502") && !outlines.contains("PUE"));
    // Numbers of the day are those of the new zone's desks, and places are found on the new ground.
    let raised = client.raise(&json!({"source": "sos", "lon": 116.086, "lat": 43.933}), key()).await.unwrap();
    let alarm: Value = client.get(&format!("/alarms/{}", raised.named.alarm.unwrap())).await.unwrap();
    assert_eq!(alarm["area"][1], "152502");

    // The next start finds what is in force.
    bench.running.stop().await.unwrap();
    bench.running = crate::support::start(&bench.data, |_| {}).await;
    assert_eq!(bench.running.node.region().manifest.id, "xilingol");
}

#[tokio::test]
async fn a_region_that_cannot_be_adopted_changes_nothing_and_says_why() {
    let bench = node().await;
    let client = bench.client();
    let refused = |answer: Result<_, ClientError>| match answer {
        Err(ClientError::Problem(problem)) => {
            let problem = *problem;
            (problem.status, problem.code, problem.field.unwrap_or_default())
        }
        other => panic!("{other:?}"),
    };
    let unknown = refused(client.adopt("nowhere").await);
    assert_eq!(unknown, (422, "invalid".to_owned(), "package".to_owned()));
    assert_eq!(refused(client.adopt("valparaiso").await).1, "no_change");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("region.toml"), "format = 1\n").unwrap();
    let faulty = refused(client.adopt(folder.path().to_str().unwrap()).await);
    assert_eq!((faulty.0, faulty.2.as_str()), (422, "package"));
    assert_eq!(bench.running.node.region().manifest.id, "valparaiso");
}
