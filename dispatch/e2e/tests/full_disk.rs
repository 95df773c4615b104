//! A disk that is full: the centre says so, acknowledges nothing it cannot keep, shows alarms all the same, and goes on
//! by itself when there is room again.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use dispatch_core::kernel::id::AlarmId;
use dispatch_core::response::alarm::AlarmState;
use dispatch_e2e::cast::{Operator, Scene, key, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::node::{Node, binary};
use dispatch_store::conformance::cluster::Cluster;
use serde_json::json;

/// What the log may say about a disk that is full.
const FULL: &[&str] = &[
    "was not committed",
    "whether a batch was committed",
    "the journal cannot be opened",
    "degraded",
    "tracks cannot be written",
    "checkpoint failed",
    "upkeep failed",
    "a snapshot was not kept",
    "cannot be reached",
];

/// Alarms that may still be taken once the disk is full: the journal's log writes over what it has copied already.
const ROOM_LEFT: usize = 20_000;

/// The disk of the node, bytes.
const DISK: u64 = 192 << 20;

/// A program that becomes the built binary on a small disk of its own: a mount only its process sees.
fn on_small_disk(folder: &Path, data: &Path) -> anyhow::Result<PathBuf> {
    let program = folder.join("ortoo-on-a-small-disk");
    let own = if is_root()? { "" } else { "--map-root-user" };
    let script = format!(
        "#!/bin/sh\nexec unshare --mount {own} sh -c 'mount -t tmpfs -o size={DISK} tmpfs {} && exec {} \"$@\"' ortoo \"$@\"\n",
        data.display(),
        binary()?.display()
    );
    fs::write(&program, script)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    Ok(program)
}

fn is_root() -> anyhow::Result<bool> {
    let id = std::process::Command::new("id").arg("-u").output()?;
    Ok(id.stdout.trim_ascii() == b"0")
}

/// Takes all the room there is; how much that was.
fn fill(ballast: &Path) -> anyhow::Result<u64> {
    let mut file = fs::File::create(ballast)?;
    let block = [0_u8; 4_096];
    let mut taken = 0;
    while file.write_all(&block).is_ok() {
        taken += 4_096;
    }
    Ok(taken)
}

/// The alarm comes while nothing can be kept: shown, not acknowledged, and nothing else is either. Its id.
async fn goes_on_without(
    node: &Node,
    console: &mut Console,
    scene: &Scene,
    known: AlarmId,
) -> anyhow::Result<AlarmId> {
    let source = node.client("source")?;
    let mut unsure = None;
    for _ in 0..ROOM_LEFT {
        match source.raise(&json!({ "source": "point", "number": scene.number }), key()).await {
            Ok(_) => {}
            Err(error) => {
                unsure = Some(error);
                break;
            }
        }
    }
    assert_eq!(unsure.and_then(|error| error.code().map(str::to_owned)).as_deref(), Some("not_recorded"));
    console.until("the named mode", |console| console.is_degraded("not_recording")).await?;
    let shown = console.until("未入库", |console| console.unrecorded().first().cloned()).await?;
    let operator = Operator::sit(node, &scene.seat)?;
    let refused = operator.answer(known).await.expect_err("nothing is acknowledged that is not committed");
    assert_eq!(refused.code(), Some("not_recorded"));
    let named = |line: &String| line.contains("disk is full") && line.contains("make room");
    let said = async || Ok(node.log().iter().any(named).then_some(()));
    deadline::until("the log to say what is wrong and what to do", said).await?;
    Ok(shown.alarm.id)
}

/// There is room again: the alarm is in the journal, commands are taken.
async fn goes_on_with(
    node: &Node,
    console: &mut Console,
    scene: &Scene,
    known: AlarmId,
    shown: AlarmId,
) -> anyhow::Result<()> {
    let kept = console
        .until("the alarm in the journal", |console| {
            console.alarm(shown).filter(|view| !view.alarm.number.is_empty()).cloned()
        })
        .await?;
    assert_eq!(kept.alarm.state, AlarmState::Ringing);
    console
        .until("the all-clear", |console| console.is_degraded("not_recording").is_none().then_some(()))
        .await?;
    Operator::sit(node, &scene.seat)?.answer(known).await?;
    console.until("the answer", |console| console.alarm(known)?.alarm.answered.clone()).await?;
    Ok(())
}

#[tokio::test]
async fn files_on_a_full_disk() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    fs::create_dir(&data)?;
    let program = on_small_disk(folder.path(), &data)?;
    let node = Node::start_as(program, &data, &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    let mut console = Console::open(&node.client("watch")?).await?;
    let known = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    console.until("the alarm before", |console| console.alarm(known).cloned()).await?;

    let seen = PathBuf::from(format!("/proc/{}/root{}", node.pid(), data.display()));
    let ballast = seen.join("ballast");
    assert!(fill(&ballast)? > 1 << 20, "the disk had room");
    let shown = goes_on_without(&node, &mut console, &scene, known).await?;

    fs::remove_file(&ballast).context("make room")?;
    goes_on_with(&node, &mut console, &scene, known, shown).await?;
    node.finish(FULL).await
}

#[tokio::test]
async fn a_database_on_a_full_disk() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let cluster = Cluster::start();
    let address = cluster.database();
    let node = Node::start(folder.path(), &["serve", "--region", "xilingol", "--store", &address]).await?;
    let scene = Scene::find(&node).await?;
    let mut console = Console::open(&node.client("watch")?).await?;
    let known = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    console.until("the alarm before", |console| console.alarm(known).cloned()).await?;

    // What the server says when a file cannot grow; its disk is the machine's and stays as it is.
    let database = address.split('?').next().and_then(|it| it.rsplit('/').next()).context("its name")?;
    cluster.psql(
        database,
        "create function ortoo.full() returns trigger language plpgsql as
           $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
         create trigger no_room before insert on ortoo.journal execute function ortoo.full()",
    );
    let shown = goes_on_without(&node, &mut console, &scene, known).await?;

    cluster.psql(database, "drop trigger no_room on ortoo.journal");
    goes_on_with(&node, &mut console, &scene, known, shown).await?;
    node.finish(FULL).await
}
