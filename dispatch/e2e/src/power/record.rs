//! The recording of a node's life: a first start on empty disks, work, a copy by `backup`, `kill -9`, a start that recovers,
//! work, an orderly end. Every client writes down how much was recorded when its answer had come.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dispatch_api::client::Client;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::disk::Disks;
use super::layer::DiskLog;
use super::recording::Recording;
use crate::cast::{Scene, lead};
use crate::node::Node;
use crate::oracle::chain::Stage;
use crate::oracle::chance::Chance;
use crate::oracle::hand::{Hand, Path as To};
use crate::oracle::ledger::{Entry, Key, Ledger};
use crate::oracle::load::Load;

/// Where a node keeps its data, and its mirror and copies: two disks.
pub const DATA: &str = "data";
/// The other disk.
pub const DISK: &str = "disk";
/// The mirror.
pub const MIRROR: &str = "disk/mirror";
/// The copy.
pub const BACKUP: &str = "disk/backup";

/// How long clients work at a time.
const WORK: Duration = Duration::from_millis(600);

/// A recording with what clients wrote down meanwhile.
#[derive(Debug)]
pub struct Recorded {
    /// What was done to the disks.
    pub recording: Recording,
    /// How long the recording was when something of note had happened.
    pub marks: Marks,
    /// What clients wrote down.
    pub entries: Vec<(Key, Entry)>,
    log: Vec<u8>,
    folder: String,
}

/// How long the recording was at some moments.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Marks {
    /// The first start was done.
    pub started: u64,
    /// The copy was acknowledged.
    pub copied: u64,
    /// The node was killed.
    pub killed: u64,
    /// The second start was done.
    pub recovered: u64,
    /// It was asked to end.
    pub stopped: u64,
    /// The number alarms are raised from.
    pub number: String,
}

/// What is kept of a recording beside its log.
#[derive(Serialize, Deserialize)]
struct Kept {
    folder: String,
    marks: Marks,
    entries: Vec<(Key, Entry)>,
}

impl Recorded {
    /// What clients knew when the recording was so long.
    pub fn ledger(&self, length: u64) -> Ledger {
        let known = |entry: &Entry| {
            let known =
                Entry { fate: crate::oracle::ledger::CommandFate::Unknown, recorded: 0, ..entry.clone() };
            if entry.recorded <= length { entry.clone() } else { known }
        };
        Ledger::of(self.entries.iter().map(|(key, entry)| (key.clone(), known(entry))))
    }

    /// Keeps it in a folder.
    pub fn keep(&self, folder: &Path) -> Result<()> {
        let (marks, entries) = (self.marks.clone(), self.entries.clone());
        let kept = Kept { folder: self.folder.clone(), marks, entries };
        fs::create_dir_all(folder)?;
        fs::write(folder.join("disk.log"), &self.log)?;
        fs::write(folder.join("clients.json"), serde_json::to_vec(&kept)?)?;
        Ok(())
    }

    /// Reads one that was kept.
    pub fn read(folder: &Path) -> Result<Self> {
        let log = fs::read(folder.join("disk.log")).context("the recording")?;
        let kept: Kept = serde_json::from_slice(&fs::read(folder.join("clients.json"))?)?;
        Self::of(log, kept)
    }

    fn of(log: Vec<u8>, kept: Kept) -> Result<Self> {
        let recording = Recording::read(log.clone(), &kept.folder)?;
        Ok(Self { recording, marks: kept.marks, entries: kept.entries, log, folder: kept.folder })
    }
}

/// Makes a recording.
pub async fn record(seed: u64) -> Result<Recorded> {
    let (disks, tools) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let folder = disks.path().canonicalize()?;
    for disk in [DATA, DISK] {
        fs::create_dir(folder.join(disk))?;
    }
    let log = DiskLog::new(tools.path(), &folder, &[DATA, DISK])?;
    let mirror = folder.join(MIRROR);
    let args = ["serve", "--region", "xilingol", "--mirror", mirror.to_str().context("UTF-8")?];
    let (mut envs, backups) = (log.envs()?.to_vec(), folder.join(DISK));
    envs.push(("ORTOO_BACKUPS", backups.to_str().context("UTF-8")?));
    let mut node = Node::start_with(&folder.join(DATA), &args, &envs).await?;
    let mut marks = Marks { started: log.length()?, ..Marks::default() };

    let ledger = Arc::new(Ledger::beside(log.path().to_owned()));
    let scene = Scene::find(&node).await?;
    marks.number.clone_from(&scene.number);
    let stage = Arc::new(Stage::new(node.base.clone(), scene, ledger.clone(), seed));
    let mut load = Load::begin(&stage);
    move_units(&node).await?;
    tokio::time::sleep(WORK).await;
    erase(&stage).await?;
    lead(&node).await?.backup(folder.join(BACKUP).to_str().context("UTF-8")?).await?;
    marks.copied = log.length()?;
    tokio::time::sleep(WORK / 4).await;
    load.check()?;

    // Not between what is done and its record.
    let held = log.hold()?;
    node.kill()?;
    marks.killed = log.length()?;
    drop(held);
    is_whole(&log, &folder)?;
    node.start_again().await?;
    marks.recovered = log.length()?;
    move_units(&node).await?;
    tokio::time::sleep(WORK).await;
    erase(&stage).await?;
    load.check()?;
    drop(load);
    marks.stopped = log.length()?;
    ensure!(node.stop().await?.success(), "the node ended in order");
    is_whole(&log, &folder)?;
    let entries = ledger.entries().into_iter().collect();
    let findings = ledger.findings();
    ensure!(findings.is_empty(), "{findings:?}");
    let folder = folder.to_str().context("UTF-8")?.to_owned();
    Recorded::of(fs::read(log.path())?, Kept { folder, marks, entries })
}

/// Some units are seen where they were, and a little farther.
async fn move_units(node: &Node) -> Result<()> {
    let watch = node.client("watch")?;
    let units: Value = watch.get("/units?status=patrolling&limit=5").await?;
    let mut fixes = Vec::new();
    for unit in units["items"].as_array().into_iter().flatten() {
        let id = unit["id"].as_str().context("a unit has an id")?;
        let at = |axis: &str| unit["entry"]["home"][axis].as_f64().map(|whole| whole / 1e7);
        let seen: Value = watch.get(&format!("/units/{id}")).await?;
        let (lon, lat) = at("lon").zip(at("lat")).context("a unit has a home")?;
        let fix_time = &seen["view"]["duty_since"];
        fixes.push(json!({ "unit": id, "lon": lon + 0.01, "lat": lat, "fix_time": fix_time }));
    }
    ensure!(!fixes.is_empty(), "nobody is on patrol");
    node.client("device")?.positions(&fixes).await?;
    Ok(())
}

/// A call with words, which are erased.
async fn erase(stage: &Stage) -> Result<()> {
    let client = Client::new(&stage.base)?.with_seat(&stage.scene.top_seat);
    let mut hand = Hand::new(client, "archivist", &stage.ledger, Chance::new(stage.seed, 7_777));
    let call = json!({ "source": "call", "number": stage.scene.number, "text": "wrong number, sorry" });
    let raised = hand.send(To::Alarm, &call).await.map_err(anyhow::Error::msg)?;
    let alarm = raised.named.alarm.context("a raised alarm has an id")?;
    let seen: Value = hand.ask(&format!("/alarms/{alarm}")).await;
    // Copied by the mirror first, as a rule.
    tokio::time::sleep(WORK / 2).await;
    let body = json!({ "words": seen["words"], "reason": "requested" });
    hand.send(To::Act("words", "", "erase"), &body).await.map(drop).map_err(anyhow::Error::msg)
}

/// Nothing was done to the disks that is not in the recording.
fn is_whole(log: &DiskLog, folder: &Path) -> Result<()> {
    let recording = log.read()?;
    let recorded = Disks::after(&recording, recording.steps.len(), None)?.whole();
    let mut found = Vec::new();
    files_below(folder, &mut found)?;
    for path in &found {
        let name = path.strip_prefix(folder)?.to_str().context("UTF-8")?;
        let content = recorded.get(name).with_context(|| format!("{name} is not in the recording"))?;
        ensure!(*content == fs::read(path)?, "the recording of {name} is not what it holds");
    }
    ensure!(found.len() == recorded.len(), "the recording holds {:?}, the disks {found:?}", recorded.keys());
    Ok(())
}

fn files_below(folder: &Path, found: &mut Vec<std::path::PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, found)?;
        } else if !path.to_string_lossy().ends_with("-shm") {
            found.push(path);
        }
    }
    Ok(())
}
