//! What is said when something is wrong, to whoever starts a node or looks after one.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context as _, ensure};
use dispatch_core::view::View;
use dispatch_e2e::cast::{Scene, key, lead, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::node::{Node, ONE_DISK, ortoo, said};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

const SERVE: [&str; 3] = ["serve", "--region", "xilingol"];

fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

/// Status and body of `/readyz`.
async fn ready(node: &Node) -> anyhow::Result<(u16, Value)> {
    let answer = reqwest::get(format!("{}/readyz", node.base)).await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

fn names(answer: &Value, code: &str) -> bool {
    answer["degraded"].as_array().is_some_and(|codes| codes.iter().any(|it| it == code))
}

/// A complaint of `ortoo <args>`, which has to be one line.
fn complaint(args: &[&str]) -> anyhow::Result<String> {
    let done = ortoo(args)?;
    let errors = String::from_utf8(done.stderr)?;
    let (before, complaint) = errors.split_once("ortoo: ").with_context(|| format!("{args:?}: {errors}"))?;
    ensure!(!done.status.success() && before.lines().all(|line| line.contains("WARN")), "{args:?}: {errors}");
    ensure!(complaint.trim_end().lines().count() == 1, "{args:?}: {errors}");
    Ok(complaint.trim_end().to_owned())
}

/// A data directory in which a node has lived and stopped.
async fn lived() -> anyhow::Result<TempDir> {
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &SERVE).await?;
    let call = json!({ "source": "call", "text": "smoke on the ridge", "caller": "110" });
    for _ in 0..20 {
        raise(&node, &call).await?;
    }
    node.finish(&[]).await?;
    Ok(data)
}

#[tokio::test]
async fn a_loss_that_stands_is_said_and_calls_are_taken() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut node = Node::start(data.path(), &SERVE).await?;
    let scene = Scene::find(&node).await?;
    let press = json!({ "source": "point", "number": scene.number });
    for _ in 0..10 {
        raise(&node, &press).await?;
    }
    node.kill()?;
    fs::write(data.path().join("journal.sqlite-wal"), "")?;
    fs::remove_file(data.path().join("journal.sqlite-shm"))?;
    let verify = ["verify", "--data-dir", text(data.path())];
    let before = complaint(&verify)?;
    ensure!(before.contains("rows are gone") && before.contains("ortoo recover MIRROR"), "{before}");
    node.start_again().await?;
    raise(&node, &press).await?;
    let standing = said(&verify)?;
    let line =
        standing.lines().find(|line| line.starts_with("a loss stands")).context("a loss that stands")?;
    for part in ["it ends at row", "rows are gone", "UTC", "--accept-loss", "ortoo recover MIRROR"] {
        ensure!(line.contains(part), "{part}: {line}");
    }
    let (status, answer) = ready(&node).await?;
    ensure!(status == 200 && answer["missing"] == json!([]) && names(&answer, "tail_lost"), "{answer}");
    let console = Console::open(&node.client("engineer")?).await?;
    let loss = console.views().find_map(View::as_loss).context("the loss is shown")?.id;
    lead(&node).await?.act("losses", &loss.to_string(), "accept", &json!({}), key()).await?;
    deadline::until("the loss to be over", || async {
        Ok((!names(&ready(&node).await?.1, "tail_lost")).then_some(()))
    })
    .await?;
    ensure!(!said(&verify)?.contains("a loss stands"), "it was accepted");
    node.finish(&["the journal has lost its end"]).await
}

/// What a journal's file may turn into; whatever opens it has to say so.
type Turned = (&'static str, fn(&Path) -> anyhow::Result<()>);

const UNREADABLE: [Turned; 3] = [
    ("garbage", |file| Ok(fs::write(file, vec![7; 50_000])?)),
    ("zeroed", |file| Ok(fs::write(file, vec![0; 50_000])?)),
    ("a folder", |file| {
        fs::remove_file(file)?;
        Ok(fs::create_dir(file)?)
    }),
];

async fn is_refused(what: &str, data: &Path, subcommands: &[&[&str]]) -> anyhow::Result<()> {
    let refused = Node::start(data, &SERVE).await.err().with_context(|| format!("{what}: it was served"))?;
    let mut complaints = vec![refused.to_string()];
    for args in subcommands {
        complaints.push(complaint(args).with_context(|| what.to_owned())?);
    }
    for complaint in complaints {
        for remedy in ["`ortoo recover MIRROR`", "`ortoo restore BACKUP`"] {
            ensure!(complaint.contains(remedy), "{what}: {complaint}");
        }
        ensure!(complaint.contains(text(data)), "{what}: {complaint}");
    }
    Ok(())
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_is_said_to_come_back_from_elsewhere() -> anyhow::Result<()> {
    let (whole, copies) = (lived().await?, tempfile::tempdir()?);
    let journal = fs::read(whole.path().join("journal.sqlite"))?;
    for (what, turn) in UNREADABLE {
        let data = tempfile::tempdir()?;
        let file = data.path().join("journal.sqlite");
        fs::write(&file, &journal)?;
        turn(&file)?;
        let (place, into) = (text(data.path()), text(copies.path()));
        let nowhere = "postgres://nobody@127.0.0.1:9/nowhere";
        let others: [&[&str]; 4] = [
            &["verify", "--data-dir", place],
            &["journal", "--data-dir", place],
            &["backup", "--data-dir", place, into],
            &["store", "copy", "--from", place, "--to", nowhere],
        ];
        is_refused(what, data.path(), &others).await?;
    }
    let data = tempfile::tempdir()?;
    fs::write(data.path().join("journal.sqlite"), &journal[..journal.len() / 2])?;
    is_refused("cut", data.path(), &[&["verify", "--data-dir", text(data.path())]]).await?;
    // Of a log that cannot be opened nobody is to bring a whole journal back.
    fs::create_dir(whole.path().join("journal.sqlite-wal"))?;
    let refused = Node::start(whole.path(), &SERVE).await.err().context("it was served")?.to_string();
    ensure!(
        refused.contains("or nothing written beside it") && !refused.contains("ortoo recover"),
        "{refused}"
    );
    Ok(())
}

#[tokio::test]
async fn the_database_of_another_program_is_left_as_it_is() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(data.path().join("journal.sqlite"));
    let mut foreign = file.clone().create_if_missing(true).connect().await?;
    sqlx::query("create table photo (name text)").execute(&mut foreign).await?;
    foreign.close().await?;
    let verify = ["verify", "--data-dir", text(data.path())];
    is_refused("another program's", data.path(), &[&verify]).await?;
    ensure!(complaint(&verify)?.contains("the database of another program"), "{}", complaint(&verify)?);
    let mut foreign = file.connect().await?;
    let tables: Vec<String> =
        sqlx::query_scalar("select name from sqlite_schema").fetch_all(&mut foreign).await?;
    foreign.close().await?;
    ensure!(tables == ["photo"], "{tables:?}");
    Ok(())
}

#[tokio::test]
async fn a_lock_that_cannot_be_written_locks_all_the_same() -> anyhow::Result<()> {
    let data = lived().await?;
    let lock = data.path().join("lock");
    fs::remove_file(&lock)?;
    fs::create_dir(&lock)?;
    let node = Node::start(data.path(), &SERVE).await?;
    let beside = Node::start(data.path(), &SERVE).await.err().context("two processes serve it")?.to_string();
    ensure!(beside.contains("is in use by another process"), "{beside}");
    let verified = said(&["verify", "--data-dir", text(data.path())])?;
    ensure!(verified.contains("another process serves it meanwhile"), "{verified}");
    node.finish(&["who holds the lock cannot be written into it"]).await?;
    // Nobody knows who holds what it led to.
    fs::remove_dir(&lock)?;
    symlink(data.path().join("gone/lock"), &lock)?;
    let refused = Node::start(data.path(), &SERVE).await.err().context("it was served")?.to_string();
    ensure!(refused.contains(text(&lock)) && refused.contains("remove it"), "{refused}");
    fs::remove_file(&lock)?;
    let node = Node::start(data.path(), &SERVE).await?;
    raise(&node, &json!({ "source": "call", "text": "smoke on the ridge" })).await?;
    node.finish(&[]).await
}

#[tokio::test]
async fn a_mirror_on_the_same_disk_is_told_of_once() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, copies) = (folder.path().join("data"), folder.path().join("copies"));
    for inside in [data.clone(), data.join("copies"), folder.path().join("copies/../data/copies")] {
        let refused = complaint(&["serve", "--data-dir", text(&data), "--mirror", text(&inside)])?;
        ensure!(refused.contains("mirror: is neither the data directory, nor in it"), "{refused}");
    }
    let mirrored = [&SERVE[..], &["--mirror", text(&copies)]].concat();
    let node = Node::start(&data, &mirrored).await?;
    deadline::until("the disk to be named", || async {
        let (status, answer) = ready(&node).await?;
        ensure!(status == 200, "{answer}");
        Ok(names(&answer, "mirror_on_same_disk").then_some(()))
    })
    .await?;
    let metrics = reqwest::get(format!("{}/metrics", node.base)).await?.text().await?;
    ensure!(metrics.contains("ortoo_degraded{code=\"mirror_on_same_disk\"} 1"), "{metrics}");
    let mut console = Console::open(&node.client("engineer")?).await?;
    console.step().await?;
    ensure!(console.is_degraded("mirror_on_same_disk").is_none(), "no console has to hear of it for ever");
    deadline::until("the log to say so", || async {
        Ok(node.log().iter().any(|line| line.contains(ONE_DISK)).then_some(()))
    })
    .await?;
    ensure!(node.log().iter().filter(|line| line.contains(ONE_DISK)).count() == 1, "{:?}", node.log());
    node.finish(&[]).await
}

#[tokio::test]
async fn a_backup_says_of_when_it_is_and_what_is_wrong_with_it() -> anyhow::Result<()> {
    let (data, copies) = (lived().await?, tempfile::tempdir()?);
    let whole = copies.path().join("whole");
    said(&["backup", "--data-dir", text(data.path()), text(&whole)])?;
    let anew = tempfile::tempdir()?;
    let restored = said(&["restore", "--data-dir", text(anew.path()), text(&whole)])?;
    let line =
        restored.lines().find(|line| line.starts_with("the backup is of 2")).context(restored.clone())?;
    ensure!(line.contains("UTC: words that were erased on request since then"), "{line}");

    let file = whole.join("journal.sqlite");
    let mut bytes = fs::read(&file)?;
    let page = bytes.len() / 4_096 / 2 * 4_096;
    bytes[page..page + 16].fill(0xff);
    for damaged in [bytes, vec![7; 50_000]] {
        fs::write(&file, damaged)?;
        let anew = tempfile::tempdir()?;
        let refused = complaint(&["restore", "--data-dir", text(anew.path()), text(&whole)])?;
        ensure!(refused.starts_with("the backup is damaged, restore another: "), "{refused}");
        ensure!(refused.contains(text(&file)), "{refused}");
        ensure!(!anew.path().join("journal.sqlite.partial").exists(), "nothing is left of it");
    }

    let from = |row: &str| complaint(&["verify", "--data-dir", text(data.path()), "--from", row]);
    let (beyond, without) = (from("999999")?, from("2")?);
    ensure!(beyond.contains("there is no row 999999: the journal ends at row"), "{beyond}");
    ensure!(without.contains("no snapshot of row 2 is kept: begin with that of row"), "{without}");
    Ok(())
}
