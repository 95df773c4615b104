//! A node that keeps a second copy comes back from it, whatever became of its own disk.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use dispatch_core::kernel::id::AlarmId;
use dispatch_core::view::View;
use dispatch_e2e::cast::{Operator, Scene, key, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::{Node, ortoo, said};
use serde_json::{Value, json};

/// The copy is at most a second behind.
const A_SECOND: Duration = Duration::from_secs(1);

/// Calls with words, each by a caller of its own.
async fn calls(node: &Node, count: u32) -> anyhow::Result<Vec<AlarmId>> {
    let mut alarms = Vec::new();
    for number in 0..count {
        let text = format!("smoke behind camp {number}");
        let caller = json!({ "number": format!("13900{number:06}") });
        alarms.push(raise(node, &json!({ "source": "call", "text": text, "caller": caller })).await?);
    }
    Ok(alarms)
}

/// What was said with an alarm.
async fn text_of(node: &Node, alarm: AlarmId) -> anyhow::Result<String> {
    let client = node.client("reader")?;
    let seen: Value = client.get(&format!("/alarms/{alarm}")).await?;
    let id = seen["words"][0].as_str().context("it has words")?;
    let read: Value = client.get(&format!("/words/{id}?reason=test")).await?;
    Ok(read.to_string())
}

fn recover(data: &Path, mirror: &Path) -> anyhow::Result<String> {
    said(&["recover", "--data-dir", &data.to_string_lossy(), &mirror.to_string_lossy()])
}

async fn losses(node: &Node) -> anyhow::Result<usize> {
    let console = Console::open(&node.client("watch")?).await?;
    Ok(console.views().filter(|view| view.as_loss().is_some()).count())
}

#[tokio::test]
async fn a_lost_end_and_a_lost_node_come_back() -> anyhow::Result<()> {
    let (data, disk, anew) = (tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?);
    let mirror = disk.path().to_string_lossy().into_owned();
    let args = ["serve", "--region", "xilingol", "--mirror", mirror.as_str()];
    let mut node = Node::start(data.path(), &args).await?;
    let scene = Scene::find(&node).await?;
    let alarms = calls(&node, 20).await?;
    let (press, once) = (json!({ "source": "point", "number": scene.number }), key());
    let first = node.client("button")?.raise(&press, once).await?.named.alarm;
    let operator = Operator::sit(&node, &scene.seat)?;
    let pressed = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    operator.answer(pressed).await?;
    let journal = Console::open(&node.client("watch")?).await?.journal;
    tokio::time::sleep(A_SECOND).await;
    node.kill()?;

    // The log is gone, and with it all that was not yet copied out of it.
    fs::write(data.path().join("journal.sqlite-wal"), [])?;
    node.start_again().await?;
    ensure!(losses(&node).await? == 1, "the loss is told");
    ensure!(node.stop().await?.success());
    let back = recover(data.path(), disk.path())?;
    ensure!(back.contains("nothing that was witnessed is missing"), "{back}");
    node.start_again().await?;
    ensure!(losses(&node).await? == 0, "nothing is lost any more");
    let console = Console::open(&node.client("watch")?).await?;
    ensure!(console.journal == journal, "it is the journal it was");
    ensure!(alarms.iter().all(|alarm| console.alarm(*alarm).is_some()), "every call is there");
    ensure!(text_of(&node, alarms[7]).await?.contains("camp 7"), "and what was said");
    ensure!(node.stop().await?.success());

    // The whole data directory is gone.
    let whole = recover(anew.path(), disk.path())?;
    ensure!(whole.contains("brought back"), "{whole}");
    said(&["verify", "--data-dir", &anew.path().to_string_lossy()])?;
    // The secret is in no copy: who keeps one of it knows a repeat.
    fs::copy(data.path().join("node-key"), anew.path().join("node-key"))?;
    let node = Node::start(anew.path(), &["serve"]).await?;
    let console = Console::open(&node.client("watch")?).await?;
    ensure!(alarms.iter().all(|alarm| console.alarm(*alarm).is_some()), "every call is there again");
    ensure!(text_of(&node, alarms[7]).await?.contains("camp 7"), "and what was said");
    let again = node.client("button")?.raise(&press, once).await?;
    ensure!(
        again.repeated && again.named.alarm == first,
        "a repeat is one, whatever the journal is called since"
    );
    node.finish(&[]).await
}

#[tokio::test]
async fn a_mirror_that_is_taken_away_is_told_of_and_stops_nothing() -> anyhow::Result<()> {
    let (data, disk) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let copies = disk.path().join("copies");
    let mirror = copies.to_string_lossy().into_owned();
    let away = disk.path().join("away");
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol", "--mirror", &mirror]).await?;
    calls(&node, 3).await?;
    tokio::time::sleep(A_SECOND).await;
    let is_over = |console: &Console| {
        (console.is_degraded("mirror_behind").is_none() && is_told(console, "mirror_behind").is_none())
            .then_some(())
    };
    for time in ["once", "again"] {
        fs::rename(&copies, &away)?;
        calls(&node, 3).await?;
        let mut console = Console::open(&node.client("engineer")?).await?;
        console.until("it to be said", |console| console.is_degraded("mirror_behind")).await.context(time)?;
        console.until("it to be told", |console| is_told(console, "mirror_behind")).await.context(time)?;
        fs::rename(&away, &copies)?;
        console.until("it to be over", is_over).await.context(time)?;
    }
    // It comes back while nobody serves; and the last time none is kept any more.
    for args in [&["serve", "--mirror", &mirror][..], &["serve"]] {
        fs::rename(&copies, &away)?;
        calls(&node, 3).await?;
        let mut console = Console::open(&node.client("engineer")?).await?;
        console.until("it to be told", |console| is_told(console, "mirror_behind")).await?;
        node.finish(&["the mirror is behind", "the mirror does not have the last of it"]).await?;
        fs::rename(&away, &copies)?;
        node = Node::start(data.path(), args).await?;
        let mut console = Console::open(&node.client("engineer")?).await?;
        console.until("it to be over", is_over).await?;
    }
    node.finish(&[]).await?;
    let inside = ortoo(&["serve", "--data-dir", &mirror, "--mirror", &format!("{mirror}/mirror")])?;
    ensure!(String::from_utf8_lossy(&inside.stderr).contains("on another disk"), "{inside:?}");
    Ok(())
}

#[tokio::test]
async fn a_mirror_brings_back_what_was_set_back_or_begun_anew() -> anyhow::Result<()> {
    let (data, disk, early) = (tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?);
    let mirror = disk.path().to_string_lossy().into_owned();
    let args = ["serve", "--region", "xilingol", "--mirror", mirror.as_str()];
    let mut node = Node::start(data.path(), &args).await?;
    let first = calls(&node, 3).await?;
    ensure!(node.stop().await?.success());
    copy(data.path(), early.path())?;
    node.start_again().await?;
    let second = calls(&node, 3).await?;
    ensure!(node.stop().await?.success());

    // The whole folder is set back, its witness too: only the mirror knows.
    let back = recover(early.path(), disk.path())?;
    ensure!(back.contains("nothing that was witnessed is missing"), "{back}");
    let again = ortoo(&["recover", "--data-dir", &early.path().to_string_lossy(), &mirror])?;
    ensure!(String::from_utf8_lossy(&again.stderr).contains("nothing is to be brought back"), "{again:?}");
    let set_back = Node::start(early.path(), &["serve"]).await?;
    let console = Console::open(&set_back.client("watch")?).await?;
    ensure!(first.iter().chain(&second).all(|alarm| console.alarm(*alarm).is_some()), "every call is there");
    set_back.finish(&[]).await?;

    // The disk is gone, and a new centre is begun before anybody looks.
    let anew = tempfile::tempdir()?;
    let node = Node::start(anew.path(), &args).await?;
    let mut console = Console::open(&node.client("watch")?).await?;
    console.until("it to be told", |console| is_told(console, "mirror_of_more")).await?;
    let (older, away) = (disk.path().join("copy-1"), disk.path().join("away"));
    fs::rename(&older, &away)?;
    let is_over = |console: &Console| is_told(console, "mirror_of_more").is_none().then_some(());
    console.until("it to be over with the copy", is_over).await?;
    fs::rename(&away, &older)?;
    node.finish(&["the mirror holds rows that the journal does not"]).await?;
    let empty = tempfile::tempdir()?;
    let newest = recover(empty.path(), disk.path())?;
    ensure!(newest.contains(&format!("another copy as well: {}", older.display())), "{newest}");
    let whole = tempfile::tempdir()?;
    recover(whole.path(), &older)?;
    let node = Node::start(whole.path(), &["serve"]).await?;
    let console = Console::open(&node.client("watch")?).await?;
    ensure!(
        first.iter().chain(&second).all(|alarm| console.alarm(*alarm).is_some()),
        "and by its name it comes back"
    );
    node.finish(&["kept under another key"]).await
}

/// Whether somebody is told of a cause.
fn is_told(console: &Console, cause: &str) -> Option<()> {
    let mut technicals = console.views().filter_map(View::as_technical);
    technicals.any(|view| view.technical.cause == cause).then_some(())
}

#[tokio::test]
async fn a_mirror_that_is_damaged_at_rest_is_told_of_until_another_is_begun() -> anyhow::Result<()> {
    let (data, disk) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let mirror = disk.path().to_string_lossy().into_owned();
    let args = ["serve", "--region", "xilingol", "--mirror", mirror.as_str()];
    let mut node = Node::start_with(data.path(), &args, &[("ORTOO_KEEP_PROVE_EVERY_S", "1")]).await?;
    calls(&node, 3).await?;
    tokio::time::sleep(A_SECOND).await;
    let mut console = Console::open(&node.client("engineer")?).await?;
    ensure!(is_told(&console, "mirror_damaged").is_none(), "a whole one is not told of");
    // A bit of the first row: neither a start nor whoever writes at the end looks there.
    let copy = disk.path().join("copy-1");
    let rows = File::options().read(true).write(true).open(copy.join(format!("rows-{:020}", 1)))?;
    let mut byte = [0];
    rows.read_exact_at(&mut byte, 40)?;
    rows.write_all_at(&[byte[0] ^ 1], 40)?;
    console.until("the damage to be told", |console| is_told(console, "mirror_damaged")).await?;
    calls(&node, 1).await?;
    let log = node.log().join("\n");
    ensure!(
        log.contains("copy-1") && log.contains("at byte 0") && log.contains("move its folder away"),
        "{log}"
    );

    fs::rename(&copy, disk.path().join("damaged"))?;
    let is_over = |console: &Console| is_told(console, "mirror_damaged").is_none().then_some(());
    console.until("the mirror to be whole again", is_over).await?;
    ensure!(copy.is_dir(), "another copy was begun");
    ensure!(node.stop().await?.success());
    said(&["verify", "--data-dir", &data.path().to_string_lossy(), "--mirror", &mirror])?;
    Ok(())
}

#[tokio::test]
async fn a_copy_comes_back_without_what_is_damaged_and_without_the_secret() -> anyhow::Result<()> {
    let (data, disk, anew) = (tempfile::tempdir()?, tempfile::tempdir()?, tempfile::tempdir()?);
    let mirror = disk.path().to_string_lossy().into_owned();
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol", "--mirror", &mirror]).await?;
    let alarms = calls(&node, 3).await?;
    let (call, once) = (json!({ "source": "call", "text": "wolves at the well" }), key());
    let first = node.client("herder")?.raise(&call, once).await?.named.alarm;
    ensure!(node.stop().await?.success());
    let copy = disk.path().join("copy-1");
    for entry in fs::read_dir(&copy)? {
        let path = entry?.path();
        let mut bytes = fs::read(&path)?;
        match path.file_name().context("a file has a name")?.to_string_lossy().split('-').next() {
            Some("words") => {
                let place = bytes.windows(6).position(|text| text == b"camp 1").context("it is there")?;
                bytes[place] ^= 1;
            }
            Some("content") => bytes.truncate(500),
            _ => {}
        }
        fs::write(&path, bytes)?;
    }
    let into = anew.path().to_string_lossy().into_owned();
    let back = said(&["recover", "--data-dir", &into, "--region", "valparaiso", &mirror])?;
    ensure!(back.contains("1 text (") && back.contains("and 1 region package ("), "{back}");
    ensure!(back.contains("the node's secret is in no mirror and not at"), "{back}");
    let node = Node::start(anew.path(), &["serve", "--region", "valparaiso"]).await?;
    let mut console = Console::open(&node.client("engineer")?).await?;
    for cause in ["package_damaged", "node_key_changed"] {
        console.until(cause, |console| is_told(console, cause)).await?;
    }
    ensure!(alarms.iter().all(|alarm| console.alarm(*alarm).is_some()), "every call is there");
    ensure!(text_of(&node, alarms[2]).await?.contains("camp 2"), "and what was said");
    let gone = text_of(&node, alarms[1]).await.map_err(|error| error.to_string());
    ensure!(
        gone.as_ref().is_err_and(|why| why.contains("words_erased")),
        "but for what is damaged: {gone:?}"
    );
    let rung = node.client("herder")?.raise(&call, once).await?;
    ensure!(!rung.repeated && rung.named.alarm != first, "a repeat rings");
    let id = rung.named.alarm.context("an alarm")?;
    let shown: Value = node.client("reader")?.get(&format!("/alarms/{id}")).await?;
    ensure!(shown["flaws"].to_string().contains("nobody can tell with which body"), "{shown}");
    node.finish(&["package is damaged", "kept under another key"]).await?;

    // Where the package is known the copy lacks only the text, and can be proved.
    let whole = tempfile::tempdir()?;
    let back = recover(whole.path(), disk.path())?;
    ensure!(back.contains("left out") && !back.contains("region package"), "{back}");
    said(&["verify", "--data-dir", &whole.path().to_string_lossy()])?;
    Ok(())
}

/// Copies a folder of files.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
