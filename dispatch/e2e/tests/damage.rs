//! What is damaged beside the journal stops nobody, and what is written is for its owner alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use dispatch_core::loss::LossKind;
use dispatch_core::view::View;
use dispatch_e2e::cast::{Operator, Scene, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::{Node, ortoo};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _};

/// Bytes of a log with three pages in it: its head, and each page with a head of its own.
const THREE_PAGES: usize = 32 + 3 * (24 + 4_096);

#[tokio::test]
async fn damaged_tracks_are_set_aside_and_told_of() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    ensure!(node.stop().await?.success());
    fs::write(data.path().join("tracks.sqlite"), vec![7; 20_000])?;
    node.start_again().await?;
    let mut console = Console::open(&node.client("engineer")?).await?;
    let is_told = |console: &Console| {
        let mut technicals = console.views().filter_map(View::as_technical);
        technicals.any(|view| view.technical.cause == "tracks_damaged").then_some(())
    };
    console.until("the damage to be told", is_told).await?;
    let kept = fs::read(data.path().join("tracks.sqlite.damaged-1"))?;
    ensure!(kept.iter().all(|byte| *byte == 7), "as it was found");
    let scene = Scene::find(&node).await?;
    raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    node.finish(&["the tracks were damaged"]).await
}

#[tokio::test]
async fn a_journal_that_lost_its_end_is_told_of() -> anyhow::Result<()> {
    // What is left of the log: nothing; three pages of it; all of it with one bit turned, which ends it there.
    let damages: [fn(Vec<u8>) -> Vec<u8>; 3] = [
        |_| Vec::new(),
        |log| log[..THREE_PAGES].to_vec(),
        |mut log| {
            log[THREE_PAGES + 100] ^= 1;
            log
        },
    ];
    for (count, damage) in damages.into_iter().enumerate() {
        let data = tempfile::tempdir()?;
        let mut node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
        let scene = Scene::find(&node).await?;
        let press = json!({ "source": "point", "number": scene.number });
        let before = Console::open(&node.client("watch")?).await?;
        for _ in 0..40 {
            raise(&node, &press).await?;
        }
        node.kill()?;
        let log = data.path().join("journal.sqlite-wal");
        fs::write(&log, damage(fs::read(&log)?))?;
        fs::remove_file(data.path().join("journal.sqlite-shm"))?;
        let place = data.path().to_str().unwrap_or_default();
        let proved = ortoo(&["verify", "--data-dir", place])?;
        let complaint = String::from_utf8_lossy(&proved.stderr).into_owned();
        ensure!(!proved.status.success() && complaint.contains("rows are gone"), "{count}: {complaint}");
        node.start_again().await?;
        let mut console = Console::open(&node.client("engineer")?).await?;
        console.until("the loss to be said", |console| console.is_degraded("tail_lost")).await?;
        let is_told = |console: &Console| {
            let mut technicals = console.views().filter_map(View::as_technical);
            technicals.any(|view| view.technical.cause == "tail_lost").then_some(())
        };
        console.until("the loss to be told", is_told).await?;
        ensure!(console.journal != before.journal, "nobody takes a row for the one that had its number");
        let loss = console.views().find_map(View::as_loss).context("the loss is shown")?.clone();
        ensure!(loss.kind == LossKind::Shorter && Some(loss.journal) == before.journal, "{loss:?}");
        ensure!(loss.witnessed > loss.found && loss.found_at <= loss.witnessed_at, "{loss:?}");
        // A call is taken at once; nothing else is, over a restart too, until somebody says so.
        let alarm = raise(&node, &press).await?;
        node.kill_and_restart().await?;
        let mut console = Console::open(&node.client("engineer")?).await?;
        ensure!(console.views().filter_map(View::as_loss).eq([&loss]), "it stands");
        console.until("the loss to be said again", |console| console.is_degraded("tail_lost")).await?;
        let seat = Operator::sit(&node, &scene.seat)?;
        let early = seat.answer(alarm).await.expect_err("nobody has accepted it");
        ensure!(early.code() == Some("loss_not_accepted"), "{early}");
        seat.act("losses", &loss.id.to_string(), "accept", json!({})).await?;
        console
            .until("the loss to be over", |console| {
                (console.is_degraded("tail_lost").is_none()
                    && console.views().all(|view| view.as_loss().is_none()))
                .then_some(())
            })
            .await?;
        seat.answer(alarm).await?;
        node.kill_and_restart().await?;
        let console = Console::open(&node.client("engineer")?).await?;
        ensure!(console.views().all(|view| view.as_loss().is_none()), "it is not told again");
        node.finish(&["the journal has lost its end"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_damaged_text_is_given_to_nobody_and_found_while_the_node_serves() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let every_second = [("ORTOO_KEEP_PROVE_EVERY_S", "1")];
    let mut node = Node::start_with(data.path(), &["serve", "--region", "xilingol"], &every_second).await?;
    let place = data.path().to_str().unwrap_or_default();
    let call = json!({ "source": "call", "text": "the gate is open", "caller": "110" });
    raise(&node, &call).await?;
    let proved = ortoo(&["verify", "--data-dir", place])?;
    let told = String::from_utf8_lossy(&proved.stdout).into_owned();
    let is_told = |text: &str, line: &str| text.lines().any(|it| it.starts_with(line));
    ensure!(is_told(&told, "words 2 rows proved") && is_told(&told, "packages 1 rows proved"), "{told}");
    ensure!(told.contains("serves it meanwhile"), "{told}");

    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(data.path().join("journal.sqlite"));
    let mut raw = file.connect().await?;
    let sql = "update words set text = '119' where class = 'caller' returning id";
    let id: String = sqlx::query_scalar(sql).fetch_one(&mut raw).await?;
    raw.close().await?;
    let read = node.client("watch")?.get::<Value>(&format!("/words/{id}?reason=test")).await;
    ensure!(read.as_ref().is_err_and(|error| error.code() == Some("words_damaged")), "{read:?}");
    let found = ortoo(&["verify", "--data-dir", place])?;
    let complaint = String::from_utf8_lossy(&found.stderr).into_owned();
    ensure!(!found.status.success() && complaint.contains(&id), "{complaint}");
    // The node finds it by itself.
    let mut console = Console::open(&node.client("engineer")?).await?;
    let is_told = |console: &Console| {
        let mut technicals = console.views().filter_map(View::as_technical);
        technicals.any(|view| view.technical.cause == "store_damaged").then_some(())
    };
    console.until("the damage to be told", is_told).await?;
    ensure!(node.stop().await?.success());
    let journal = ortoo(&["journal", "--data-dir", place])?;
    ensure!(journal.status.success() && !journal.stdout.is_empty(), "{journal:?}");
    Ok(())
}

#[tokio::test]
async fn nobody_else_reads_what_is_written() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, copies) = (folder.path().join("data"), folder.path().join("copies"));
    let mut node = Node::start(&data, &["serve", "--region", "xilingol"]).await?;
    let backup = json!({ "into": copies });
    let taken = reqwest::Client::new().post(format!("{}/api/node/backup", node.base)).json(&backup).send();
    ensure!(taken.await?.status().is_success(), "a backup");
    for folder in [&data, &copies] {
        ensure!(open_to_others(folder)?.is_empty(), "{:?}", open_to_others(folder)?);
    }
    // As an earlier build left them.
    node.kill()?;
    for entry in fs::read_dir(&data)? {
        fs::set_permissions(entry?.path(), Permissions::from_mode(0o644))?;
    }
    fs::set_permissions(&data, Permissions::from_mode(0o755))?;
    ensure!(open_to_others(&data)?.len() > 4, "the search finds what is open");
    node.start_again().await?;
    ensure!(open_to_others(&data)?.is_empty(), "{:?}", open_to_others(&data)?);
    node.finish(&[]).await
}

/// What somebody else may look into, from a folder down.
fn open_to_others(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let is_open = |path: &Path| anyhow::Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0);
    if is_open(folder)? {
        found.push(folder.to_owned());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(open_to_others(&path)?);
        } else if is_open(&path)? {
            found.push(path);
        }
    }
    Ok(found)
}
