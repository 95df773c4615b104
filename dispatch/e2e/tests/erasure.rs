//! Erased words are gone everywhere: database, write-ahead log, tracks, logs at their most talkative, and a backup.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use dispatch_e2e::cast::{Operator, Scene, key, raise};
use dispatch_e2e::deadline;
use dispatch_e2e::node::{Node, said};
use serde_json::{Value, json};

/// What a caller says; nothing else in the world says it.
const SAID: &str = "Qz4-said-in-confidence-Qz4";
const NUMBER: &str = "Qz5-number-of-the-caller-Qz5";

#[tokio::test]
async fn nothing_said_outlives_its_erasure() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &["serve", "--region", "xilingol", "--log", "trace"]).await?;
    let scene = Scene::find(&node).await?;
    let operator = Operator::sit(&node, &scene.seat)?;

    let (lon, lat) = (f64::from(scene.at.0) / 1e7, f64::from(scene.at.1) / 1e7);
    let call = json!({ "source": "call", "lon": lon, "lat": lat, "text": SAID, "caller": NUMBER });
    let alarm = raise(&node, &call).await?;
    // What is refused is logged too, and must not be quoted there.
    let typo = json!({ "text": SAID, "incident_type": SAID });
    operator.act("alarms", &alarm.to_string(), "save", typo).await.expect_err("no such type");
    let incident = operator.save_type(alarm, &scene.incident_type).await?;
    operator.act("incidents", &incident.to_string(), "note", json!({ "text": SAID })).await?;
    ensure!(!holding(data.path(), SAID)?.is_empty(), "the search finds the words while they are there");

    let words = words_of(&node, &alarm.to_string(), &incident.to_string()).await?;
    ensure!(words.len() == 3, "alarm, caller and note: {words:?}");
    for id in &words {
        node.client("watch")?.get::<Value>(&format!("/words/{id}?reason=test")).await?;
    }
    let erase = json!({ "words": words, "reason": "requested" });
    let posted = reqwest::Client::new()
        .post(format!("{}/api/v1/words/erase", node.base))
        .header("idempotency-key", key().to_string())
        .header("ortoo-seat", &scene.top_seat)
        .json(&erase)
        .send()
        .await?;
    ensure!(posted.status().is_success(), "{}", posted.text().await?);

    deadline::until("the words to leave every file", || async {
        let left = [holding(data.path(), SAID)?, holding(data.path(), NUMBER)?].concat();
        Ok(left.is_empty().then_some(()))
    })
    .await?;
    let gone = node.client("watch")?.get::<Value>(&format!("/words/{}?reason=test", words[0])).await;
    ensure!(
        gone.is_err_and(|error| error.code() == Some("words_erased")),
        "the id says that they were erased"
    );

    let copies = tempfile::tempdir()?;
    let into = copies.path().join("backup");
    let (place, copy) = (data.path().to_str().context("UTF-8")?, into.to_str().context("UTF-8")?);
    said(&["backup", "--data-dir", place, copy])?;
    for secret in [SAID, NUMBER] {
        ensure!(holding(&into, secret)?.is_empty(), "{secret} is in the backup");
        ensure!(node.log().iter().all(|line| !line.contains(secret)), "{secret} is in the log");
    }
    ensure!(node.log().len() > 10, "the log was kept");
    node.finish(&[]).await
}

/// Ids of everything said about an alarm and its incident.
async fn words_of(node: &Node, alarm: &str, incident: &str) -> anyhow::Result<Vec<String>> {
    let watch = node.client("watch")?;
    let alarm: Value = watch.get(&format!("/alarms/{alarm}")).await?;
    let incident: Value = watch.get(&format!("/incidents/{incident}")).await?;
    let lists = [&alarm["words"], &incident["notes"]];
    let ids = lists.into_iter().filter_map(Value::as_array).flatten().chain([&alarm["caller"]]);
    Ok(ids.filter_map(Value::as_str).map(ToOwned::to_owned).collect())
}

/// Files below a folder that hold a text.
fn holding(folder: &Path, text: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(holding(&path, text)?);
        } else if let Ok(bytes) = fs::read(&path)
            && bytes.windows(text.len()).any(|window| window == text.as_bytes())
        {
            found.push(path);
        }
    }
    Ok(found)
}
