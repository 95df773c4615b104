//! What is kept of a body is known by a secret that no copy holds: nobody guesses a caller back, and without the secret a
//! known id gets its stored answer, while a call for help rings.

use std::fs;

use anyhow::{Context as _, ensure};
use dispatch_core::view::View;
use dispatch_e2e::cast::{Scene, key};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::{Node, said};
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use uuid::Uuid;

/// What a body was known by before there was a secret: whoever has the database has its key.
fn known_by_the_journal(journal: Uuid, path: &str, body: &[u8]) -> String {
    let key = blake3::derive_key("ortoo command fingerprint 1", journal.as_bytes());
    let mut hasher = blake3::Hasher::new_keyed(&key);
    for part in [b"POST".as_slice(), path.as_bytes(), body] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex().to_string()
}

#[tokio::test]
async fn nobody_guesses_a_caller_back_and_a_lost_key_loses_no_call() -> anyhow::Result<()> {
    let (data, copies) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    let source = node.client("source")?;
    let (call, once) = (json!({ "source": "call", "caller": { "number": "13900001234" } }), key());
    source.raise(&call, once).await?;
    let press = json!({ "source": "point", "number": scene.number });
    let alarm = source.raise(&press, key()).await?.named.alarm.context("an alarm")?;
    let (operator, answered) = (node.client(&scene.seat)?.with_seat(&scene.seat), key());
    operator.act("alarms", &alarm.to_string(), "answer", &json!({}), answered).await?;
    ensure!(node.stop().await?.success());

    let place = data.path().to_string_lossy().into_owned();
    said(&["backup", "--data-dir", &place, &copies.path().join("copy").to_string_lossy()])?;
    ensure!(data.path().join("node-key").is_file() && !copies.path().join("copy/node-key").exists());
    let file = SqliteConnectOptions::new().filename(data.path().join("journal.sqlite")).read_only(true);
    let mut database = file.connect().await?;
    let opened: Vec<u8> = sqlx::query("select payload from journal where seq = 1")
        .fetch_one(&mut database)
        .await?
        .try_get(0)?;
    let journal: Uuid = serde_json::from_slice::<serde_json::Value>(&opened)?["journal"]
        .as_str()
        .context("an id")?
        .parse()?;
    let kept = sqlx::query("select fingerprint from answer").fetch_all(&mut database).await?;
    let kept: Vec<String> = kept.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    database.close().await?;
    let guess = known_by_the_journal(journal, "/api/v1/alarms", call.to_string().as_bytes());
    ensure!(kept.len() > 2 && !kept.contains(&guess), "whoever has the database guesses the caller");

    // The secret is gone, as after a restore: the sender of a command cannot be told from another.
    fs::remove_file(data.path().join("node-key"))?;
    node.start_again().await?;
    let mut console = Console::open(&node.client("engineer")?).await?;
    let is_told = |console: &Console| {
        let mut technicals = console.views().filter_map(View::as_technical);
        technicals.any(|view| view.technical.cause == "node_key_changed").then_some(())
    };
    console.until("another key to be told", is_told).await?;
    let operator = node.client(&scene.seat)?.with_seat(&scene.seat);
    let other = json!({ "occurred_at": 5 });
    let again = operator.act("alarms", &alarm.to_string(), "answer", &other, answered).await?;
    ensure!(again.repeated, "a known id gets its stored answer");
    let source = node.client("source")?;
    let rung = source.raise(&json!({ "source": "call", "text": "another" }), once).await?;
    ensure!(!rung.repeated && rung.named.alarm != Some(alarm), "a call for help rings");
    // With a secret again, another body is told from the first.
    let fresh = key();
    source.raise(&press, fresh).await?;
    ensure!(source.raise(&press, fresh).await?.repeated, "the same body is a repeat");
    node.finish(&["kept under another key"]).await
}
