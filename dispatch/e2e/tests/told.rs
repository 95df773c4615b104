//! What is said when something is wrong, to whoever starts a node or looks after one.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

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
    let early = tempfile::tempdir()?;
    let copied = said(&["backup", "--data-dir", text(data.path()), text(&early.path().join("early"))])?;
    ensure!(copied.contains("and so has the copy: it ends at row"), "{copied}");
    let witness = fs::read(data.path().join("witness"))?;
    node.start_again().await?;
    raise(&node, &press).await?;
    // Whoever dies before the witness is written again leaves the one that knew of more; the loss is on record all the same.
    node.kill()?;
    fs::write(data.path().join("witness"), witness)?;
    ensure!(said(&verify)?.contains("a loss stands"), "the loss is on record");
    node.start_again().await?;
    raise(&node, &press).await?;
    let standing = said(&verify)?;
    ensure!(standing.matches("a loss stands").count() == 1, "{standing}");
    let line =
        standing.lines().find(|line| line.starts_with("a loss stands")).context("a loss that stands")?;
    for part in ["it ends at row", "rows are gone", "UTC", "--accept-loss", "ortoo recover MIRROR"] {
        ensure!(line.contains(part), "{part}: {line}");
    }
    let (status, answer) = ready(&node).await?;
    ensure!(status == 200 && answer["missing"] == json!([]) && names(&answer, "tail_lost"), "{answer}");
    // A copy of it lacks the same.
    let beside = tempfile::tempdir()?;
    let copied = said(&["backup", "--data-dir", text(data.path()), text(&beside.path().join("late"))])?;
    ensure!(
        copied.contains("a loss stands that nobody has accepted, in the copy as well: it ends"),
        "{copied}"
    );
    let losses = lead(&node).await?.backup("asked-for").await?;
    ensure!(losses.len() == 1, "{losses:?}");
    let console = Console::open(&node.client("engineer")?).await?;
    let loss = console.views().find_map(View::as_loss).context("the loss is shown")?.id;
    lead(&node).await?.act("losses", &loss.to_string(), "accept", &json!({}), key()).await?;
    deadline::until("the loss to be over", || async {
        Ok((!names(&ready(&node).await?.1, "tail_lost")).then_some(()))
    })
    .await?;
    ensure!(!said(&verify)?.contains("a loss stands"), "it was accepted");
    ensure!(lead(&node).await?.backup("afterwards").await?.is_empty(), "nothing stands in that");
    node.finish(&["the journal has lost its end", "a loss stands that nobody has accepted"]).await
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
        ensure!(!complaint.contains("stop the node"), "nobody is in the way: {what}: {complaint}");
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
        let others: [&[&str]; 5] = [
            &["verify", "--data-dir", place],
            &["import", "--data-dir", place, "valparaiso"],
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
    for beside in ["journal.sqlite-wal", "journal.sqlite-shm"] {
        let folder = whole.path().join(beside);
        fs::create_dir(&folder)?;
        let refused = Node::start(whole.path(), &SERVE).await.err().context("it was served")?.to_string();
        let looked = complaint(&["verify", "--data-dir", text(whole.path())])?;
        for refused in [refused, looked] {
            let is_named = refused.contains(&format!("{}: it is a folder", folder.display()));
            ensure!(is_named && refused.contains("move it away"), "{refused}");
            ensure!(!refused.contains("ortoo recover"), "{refused}");
        }
        fs::remove_dir(&folder)?;
    }
    Node::start(whole.path(), &SERVE).await?.finish(&[]).await
}

fn pipe(at: &Path) -> anyhow::Result<()> {
    ensure!(Command::new("mkfifo").arg(at).status()?.success(), "mkfifo {}", at.display());
    Ok(())
}

/// What waits for the other end of a pipe waits for ever.
#[tokio::test]
async fn a_pipe_where_a_file_has_to_be_is_named() -> anyhow::Result<()> {
    let data = lived().await?;
    let file = data.path().join("journal.sqlite");
    let away = data.path().join("away");
    fs::rename(&file, &away)?;
    pipe(&file)?;
    let refused = Node::start(data.path(), &SERVE).await.err().context("it was served")?.to_string();
    let looked = complaint(&["verify", "--data-dir", text(data.path())])?;
    for refused in [refused, looked] {
        ensure!(refused.contains(&format!("{}: it is a pipe", file.display())), "{refused}");
    }
    let restored = tempfile::tempdir()?;
    let into = restored.path().join("anew");
    let refused = complaint(&["restore", "--data-dir", text(&into), text(data.path())])?;
    ensure!(refused.contains(&format!("{}: it is a pipe", file.display())) && !into.exists(), "{refused}");
    fs::remove_file(&file)?;
    fs::rename(&away, &file)?;

    let package = tempfile::tempdir()?;
    pipe(&package.path().join("units.csv"))?;
    let refused = complaint(&["import", "--check", text(package.path())])?;
    ensure!(refused.contains("units.csv is no file"), "{refused}");

    // What is beside the journal keeps nobody from taking calls.
    for beside in ["lock", "node-key", "witness", "audit-head.jsonl", "tracks.sqlite"] {
        let path = data.path().join(beside);
        fs::remove_file(&path)?;
        pipe(&path)?;
        let node = Node::start(data.path(), &SERVE).await.with_context(|| beside.to_owned())?;
        raise(&node, &json!({ "source": "call", "text": "smoke on the ridge" })).await?;
        let log = node.log().join("\n");
        ensure!(log.contains("it is a pipe"), "{beside}: {log}");
        node.finish(&["it is a pipe", "another key", "the tracks were damaged", "the witness"]).await?;
        let _ = fs::remove_file(&path);
    }
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
    // Where it leads nowhere the folder is locked all the same.
    fs::remove_dir(&lock)?;
    symlink(data.path().join("gone/lock"), &lock)?;
    let node = Node::start(data.path(), &SERVE).await?;
    // And where somebody takes it away.
    fs::remove_file(&lock)?;
    let beside = Node::start(data.path(), &SERVE).await.err().context("two processes serve it")?.to_string();
    ensure!(beside.contains("is in use by another process"), "{beside}");
    raise(&node, &json!({ "source": "call", "text": "smoke on the ridge" })).await?;
    node.finish(&["who holds the lock cannot be written into it"]).await
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

/// What lies in a folder.
fn names_in(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[tokio::test]
async fn whoever_only_looks_makes_nothing() -> anyhow::Result<()> {
    let (folder, disk) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let (data, absent) = (folder.path().join("data"), folder.path().join("absent"));
    let mirror = text(disk.path());
    let node = Node::start(&data, &["serve", "--region", "xilingol", "--mirror", mirror]).await?;
    raise(&node, &json!({ "source": "call", "text": "smoke on the ridge" })).await?;
    node.finish(&[]).await?;
    let before = names_in(&data)?;
    for args in [&["verify"][..], &["journal"], &["verify", "--mirror", mirror], &["config", "check"]] {
        said(&[args, &["--data-dir", text(&data)]].concat())?;
        ensure!(names_in(&data)? == before, "{args:?}: {:?}", names_in(&data)?);
    }
    let copy = folder.path().join("copy");
    said(&["backup", "--data-dir", text(&data), text(&copy)])?;
    ensure!(names_in(&data)? == before, "backup: {:?}", names_in(&data)?);
    for args in [&["verify"][..], &["journal"], &["backup", text(&copy)], &["restore", "nowhere"]] {
        complaint(&[args, &["--data-dir", text(&absent)]].concat())?;
        ensure!(!absent.exists(), "{args:?}");
    }
    for args in
        [&["verify", "--mirror", mirror][..], &["config", "check"], &["import", "--check", "xilingol"]]
    {
        said(&[args, &["--data-dir", text(&absent)]].concat())?;
        ensure!(!absent.exists(), "{args:?}");
    }
    Ok(())
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
    let key =
        format!("the node's secret is in no backup and not at {}", anew.path().join("node-key").display());
    ensure!(restored.contains(&key), "{restored}");

    let file = whole.join("journal.sqlite");
    let mut bytes = fs::read(&file)?;
    let page = bytes.len() / 4_096 / 2 * 4_096;
    bytes[page..page + 16].fill(0xff);
    for damaged in [bytes, vec![7; 50_000]] {
        fs::write(&file, damaged)?;
        let anew = tempfile::tempdir()?;
        let none = anew.path().join("not/there");
        for into in [anew.path(), &none] {
            let refused = complaint(&["restore", "--data-dir", text(into), text(&whole)])?;
            ensure!(refused.starts_with("the backup is damaged, restore another: "), "{refused}");
            ensure!(refused.contains(text(&file)), "{refused}");
            ensure!(names_in(anew.path())?.is_empty(), "nothing is left of it");
        }
    }

    let from = |row: &str| complaint(&["verify", "--data-dir", text(data.path()), "--from", row]);
    let (beyond, without) = (from("999999")?, from("2")?);
    ensure!(beyond.contains("there is no row 999999: the journal ends at row"), "{beyond}");
    ensure!(without.contains("no snapshot of row 2 is kept: begin with that of row"), "{without}");
    Ok(())
}
