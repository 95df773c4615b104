use std::os::unix::fs::symlink;

use dispatch_api::client::{ClientError, Received};
use dispatch_api::stream::{ServerMessage, Subscribe};
use serde_json::{Value, json};

use crate::support::{key, node, node_with, subscribed, within};

#[tokio::test]
async fn a_region_adopted_while_the_node_runs_changes_layers_zone_and_tiles_at_once() {
    let mut bench = node().await;
    let client = bench.client();
    let before: Value = client.get("/region").await.unwrap();
    let outlines = client.text("/map/outlines").await.unwrap();
    assert!(outlines.contains("PUE") && before["zone"] == "America/Santiago");
    let (mut stream, _) = subscribed(&client, Subscribe::default()).await;
    let receipt = bench.lead().adopt("xilingol").await.unwrap();

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
    let regions = tempfile::tempdir().unwrap();
    let bench = node_with(|config| config.regions = regions.path().to_owned()).await;
    let client = bench.lead();
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
    let folder = regions.path().join("mine");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("region.toml"), "format = 1\n").unwrap();
    for name in ["mine", folder.to_str().unwrap()] {
        let faulty = refused(client.adopt(name).await);
        assert_eq!((faulty.0, faulty.2.as_str()), (422, "package"));
    }
    // Nothing outside of the folder is shown, nor that it is there.
    symlink("/etc", regions.path().join("etc")).unwrap();
    symlink("/etc/hostname", folder.join("SOURCES.md")).unwrap();
    for elsewhere in
        ["/proc", "/etc", "/nowhere", "..", "../mine", "etc", "mine/../../etc", "", ".", "mi\u{200b}ne"]
    {
        let problem = match client.adopt(elsewhere).await {
            Err(ClientError::Problem(problem)) => *problem,
            other => panic!("{elsewhere:?}: {other:?}"),
        };
        assert_eq!(
            (problem.status, &problem.params["rule"]),
            (422, &json!("name_in_folder")),
            "{elsewhere:?}"
        );
        assert_eq!(problem.field.as_deref(), Some("package"));
    }
    let link = refused(client.adopt("mine").await);
    assert_eq!((link.0, link.2.as_str()), (422, "package"), "a file of it leads out");
    assert_eq!(bench.running.node.region().manifest.id, "valparaiso");
}
