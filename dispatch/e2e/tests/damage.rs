//! What is damaged beside the journal stops nobody, and what is written is for its owner alone.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use dispatch_core::loss::LossKind;
use dispatch_core::view::View;
use dispatch_e2e::cast::{Operator, Scene, drive, lead, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::node::{Node, ortoo, said};
use dispatch_e2e::receiver::Receiver;
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _};

/// Bytes of a log with three pages in it: its head, and each page with a head of its own.
const THREE_PAGES: usize = 32 + 3 * (24 + 4_096);

#[tokio::test]
async fn damaged_tracks_are_set_aside_and_told_of() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    ensure!(node.stop().await?.success());
    let is_closed = !data.path().join("journal.sqlite-wal").exists();
    ensure!(
        is_closed,
        "at rest the journal is one file: a log beside it would take its pages back, were it damaged"
    );
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

/// How often somebody was told of a cause.
fn told(console: &Console, cause: &str) -> u32 {
    let technicals = console.views().filter_map(View::as_technical);
    technicals.filter(|view| view.technical.cause == cause).map(|view| view.technical.count).sum()
}

/// Takes away what lies there.
fn take_away(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        fs::remove_dir_all(path)?;
    } else {
        fs::remove_file(path)?;
    }
    Ok(())
}

/// Puts a folder where a file was, which can be neither read nor written as one.
fn folder_at(path: &Path) -> anyhow::Result<()> {
    take_away(path)?;
    Ok(fs::create_dir(path)?)
}

/// What is done to a node's own files, and the cause somebody is told of.
type Damage = (&'static str, fn(&Path) -> anyhow::Result<()>, &'static str);

const STOPPED: [Damage; 10] = [
    ("heads spoilt", |dir| Ok(fs::write(dir.join("audit-head.jsonl"), "spoilt\n")?), "witness_damaged"),
    ("heads gone", |dir| take_away(&dir.join("audit-head.jsonl")), "witness_damaged"),
    ("heads a folder", |dir| folder_at(&dir.join("audit-head.jsonl")), "witness_damaged"),
    ("heads a folder still", |_| Ok(()), "upkeep_failed"),
    (
        "witness spoilt",
        |dir| {
            take_away(&dir.join("audit-head.jsonl"))?;
            Ok(fs::write(dir.join("witness"), "{")?)
        },
        "witness_damaged",
    ),
    ("witness gone", |dir| take_away(&dir.join("witness")), "witness_damaged"),
    ("witness a folder", |dir| folder_at(&dir.join("witness")), "witness_damaged"),
    (
        "key spoilt",
        |dir| {
            take_away(&dir.join("witness"))?;
            Ok(fs::write(dir.join("node-key"), "short")?)
        },
        "node_key_changed",
    ),
    ("key gone", |dir| take_away(&dir.join("node-key")), "node_key_changed"),
    (
        "tracks a folder",
        |dir| {
            for part in ["-wal", "-shm"] {
                let _ = fs::remove_file(dir.join(format!("tracks.sqlite{part}")));
            }
            folder_at(&dir.join("tracks.sqlite"))
        },
        "tracks_damaged",
    ),
];

#[tokio::test]
async fn nothing_that_lies_beside_the_journal_stops_a_start() -> anyhow::Result<()> {
    let (data, disk) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let receiver = Receiver::start().await?;
    let config = receiver.configure(data.path(), &["orders"])?;
    let mirror = disk.path().join("copies");
    let (config, copies) = (config.to_string_lossy(), mirror.to_string_lossy());
    let args = ["serve", "--region", "xilingol", "--config", &config, "--mirror", &copies];
    let mut node = Node::start(data.path(), &args).await?;
    let scene = Scene::find(&node).await?;
    let press = json!({ "source": "point", "number": scene.number });
    raise(&node, &press).await?;
    for (what, damage, cause) in STOPPED {
        let before = told(&Console::open(&node.client("engineer")?).await?, cause);
        let heads = data.path().join("audit-head.jsonl");
        let is_exported = || fs::metadata(&heads).is_ok_and(|heads| heads.len() > 0);
        deadline::until("a head to be exported", || async { Ok(is_exported().then_some(())) }).await?;
        node.kill()?;
        damage(data.path())?;
        node.start_again().await.context(what)?;
        raise(&node, &press).await.context(what)?;
        let mut console = Console::open(&node.client("engineer")?).await?;
        let is_told = |console: &Console| (told(console, cause) > before).then_some(());
        console.until(what, is_told).await?;
    }
    // The mirror's disk, and what of the database's file is no part of the journal.
    node.kill()?;
    fs::remove_dir_all(&mirror)?;
    fs::write(&mirror, "not a folder")?;
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(data.path().join("journal.sqlite"));
    let mut raw = file.connect().await?;
    for sql in ["update content set bytes = x'00'", "update sink set journal = 'nobody knows'"] {
        ensure!(sqlx::query(sql).execute(&mut raw).await?.rows_affected() > 0, "{sql}");
    }
    raw.close().await?;
    node.start_again().await?;
    raise(&node, &press).await?;
    let mut console = Console::open(&node.client("engineer")?).await?;
    for cause in ["mirror_behind", "package_damaged", "sink_lost"] {
        console.until(cause, |console| (told(console, cause) > 0).then_some(())).await?;
    }
    fs::remove_file(&mirror)?;
    let is_over = |console: &Console| console.is_degraded("mirror_behind").is_none().then_some(());
    console.until("the mirror to have all again", is_over).await?;
    node.finish(&["package is damaged", "where a sink stands", "the mirror is behind"]).await
}

#[tokio::test]
async fn what_is_damaged_under_way_is_told_of_and_begun_anew() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    let press = json!({ "source": "point", "number": scene.number });
    let mut console = Console::open(&node.client("engineer")?).await?;
    for (file, cause, times) in [
        ("tracks.sqlite", "tracks_damaged", 1),
        ("witness", "witness_damaged", 1),
        ("audit-head.jsonl", "witness_damaged", 2),
    ] {
        take_away(&data.path().join(file)).context(file)?;
        drive(&node).await?;
        raise(&node, &press).await?;
        console.until(file, |console| (told(console, cause) >= times).then_some(())).await?;
        ensure!(data.path().join(file).is_file(), "{file} is begun anew");
    }
    node.kill_and_restart().await?;
    raise(&node, &press).await?;
    let console = Console::open(&node.client("engineer")?).await?;
    ensure!((told(&console, "tracks_damaged"), told(&console, "witness_damaged")) == (1, 2), "each once");
    node.finish(&[]).await
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
        Operator::sit(&node, &scene.top_seat)?
            .act("losses", &loss.id.to_string(), "accept", json!({}))
            .await?;
        console
            .until("the loss to be over", |console| {
                (console.is_degraded("tail_lost").is_none()
                    && told(console, "tail_lost") == 0
                    && console.views().all(|view| view.as_loss().is_none()))
                .then_some(())
            })
            .await?;
        seat.answer(alarm).await?;
        node.kill_and_restart().await?;
        let console = Console::open(&node.client("engineer")?).await?;
        let is_over =
            told(&console, "tail_lost") == 0 && console.views().all(|view| view.as_loss().is_none());
        ensure!(is_over, "it is not told again");
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
    let (place, copy) = (data.to_str().context("UTF-8")?, copies.to_str().context("UTF-8")?);
    said(&["backup", "--data-dir", place, copy])?;
    lead(&node).await?.backup("asked-for").await?;
    ensure!(data.join("backups/asked-for/journal.sqlite").is_file(), "in the folder of backups");
    for folder in [&data, &copies] {
        ensure!(open_to_others(folder)?.is_empty(), "{:?}", open_to_others(folder)?);
    }
    // As an earlier build left them.
    node.kill()?;
    for entry in fs::read_dir(&data)? {
        let path = entry?.path();
        if path.is_file() {
            fs::set_permissions(path, Permissions::from_mode(0o644))?;
        }
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
