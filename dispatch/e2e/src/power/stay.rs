//! What stayed: a node is started on what a disk may hold after the power went, and has to hold all that was acknowledged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use dispatch_api::client::Client;
use dispatch_core::view::View;
use serde::Deserialize;
use serde_json::json;

use super::disk::Disks;
use super::moment::Moment;
use super::outcome::Outcome;
use super::record::{BACKUP, DATA, DISK, MIRROR, Recorded};
use crate::cast::key;
use crate::console::Console;
use crate::node::{Node, said};
use crate::oracle::Tally;
use crate::oracle::centre_under_test::LocationFlags;
use crate::oracle::chance::Chance;
use crate::oracle::hand::Hand;
use crate::oracle::judge::Judge;
use crate::oracle::ledger::{CommandFate, Entry, Key, Ledger};
use crate::preload::text;

/// Commands sent once more after each cut.
const REPEATS: usize = 6;

/// What the log may say of a disk whose power went.
const EXPECTED: &[&str] = &[
    "the end of the mirror was cut off",
    "the tracks were damaged",
    "the witness of the journal was damaged",
    "degraded",
];

/// Causes of technical alarms that tell of damage beside the journal.
const TOLD: [&str; 2] = ["tracks_damaged", "witness_damaged"];

/// A power cut.
#[derive(Clone, Debug)]
pub struct Cut {
    /// Behind which step of the recording the power goes.
    pub moment: Moment,
    /// Flushes of the file whose name ends so do nothing.
    pub lying: Option<String>,
    /// Where the disks are made.
    pub folder: PathBuf,
}

/// Makes the disks of a cut and looks at what stayed. Whatever is wrong is a finding.
pub async fn stays(recorded: &Recorded, cut: &Cut) -> Outcome {
    let mut outcome = Outcome { cuts: 1, ..Outcome::default() };
    if let Err(error) = look(recorded, cut, &mut outcome).await {
        outcome.findings.push(format!("{error:#}"));
    }
    let Moment { number, part, steps, seed } = cut.moment;
    for finding in &mut outcome.findings {
        *finding = format!("cut {number} ({part:?}, after step {steps}, seed {seed}): {finding}");
    }
    outcome
}

async fn look(recorded: &Recorded, cut: &Cut, outcome: &mut Outcome) -> Result<()> {
    let steps = cut.moment.steps;
    let disks = Disks::after(&recorded.recording, steps, cut.lying.as_deref())?;
    let length = steps.checked_sub(1).map_or(0, |last| recorded.recording.steps[last].0);
    // Once for the node, and once more to look at the other disk alone.
    let (found, alone) = (cut.folder.join("found"), cut.folder.join("alone"));
    for folder in [&found, &alone] {
        for disk in [DATA, DISK] {
            fs::create_dir_all(folder.join(disk))?;
        }
        disks.found(&mut Chance::new(cut.moment.seed, 0), folder)?;
    }
    let ledger = recorded.ledger(length);
    if let Err(error) = serve(recorded, &ledger, &found, cut.moment.seed, outcome).await {
        outcome.findings.push(format!("the node: {error:#}"));
    }
    let location = LocationFlags::of(&found.join(DATA), None)?;
    let (mut judge, mut tally) = (Judge::default(), Tally::default());
    let journal = location.journal(0)?;
    judge.read(&journal, &ledger)?;
    judge.compare(&ledger, &mut tally);
    outcome.findings.extend(ledger.findings());
    tally.rows = location.verify()?;
    outcome.take(&tally);
    let mirrored =
        last_row(fs_below(&found.join(MIRROR))?.iter().map(|(name, text)| (name.as_str(), &text[..])));
    ensure!(mirrored == judge.head(), "the mirror ends at row {mirrored}, the journal at {}", judge.head());

    let safe = last_row(disks.safe_below(MIRROR).iter().map(|(name, text)| (name.as_str(), *text)));
    if safe > 0 {
        comes_back(&alone, &cut.folder.join("anew"), &journal, safe).context("the mirror alone")?;
        outcome.recovered += 1;
        outcome.mirrored += safe;
    }
    let backup = alone.join(BACKUP);
    let is_there = backup.join("journal.sqlite").exists();
    ensure!(is_there || length < recorded.marks.copied, "the copy was acknowledged and is gone");
    if is_there {
        let restored = cut.folder.join("restored");
        said(&["restore", "--data-dir", text(&restored)?, text(&backup)?]).context("the copy")?;
        outcome.restored += 1;
    }
    Ok(())
}

/// The node starts, tells of no loss, answers what it had answered, and takes an alarm.
async fn serve(
    recorded: &Recorded,
    ledger: &Ledger,
    found: &Path,
    seed: u64,
    outcome: &mut Outcome,
) -> Result<()> {
    let mirror = found.join(MIRROR);
    let args = ["serve", "--region", "xilingol", "--mirror", text(&mirror)?];
    let node = Node::start(&found.join(DATA), &args).await?;
    let mut console = Console::open(&node.client("watch")?).await?;
    let lost = console.views().find_map(View::as_loss);
    ensure!(lost.is_none(), "it says that something is lost: {lost:?}");
    let is_told =
        |view: &View| view.as_technical().is_some_and(|view| TOLD.contains(&view.technical.cause.as_str()));
    outcome.told += u64::from(console.views().any(is_told));
    let shared = Arc::new(Ledger::of(ledger.entries()));
    for (key, entry) in sample(&shared, seed) {
        let Some(request) = &entry.request else { continue };
        let hand = Hand::new(Client::new(&node.base)?, key.0.as_str(), &shared, Chance::new(seed, 1));
        let answer = hand.again(request, &key).await;
        let is_as_before = answer.as_ref().is_ok_and(|receipt| receipt.repeated);
        ensure!(is_as_before, "{} {key:?} is answered {answer:?} now", entry.what);
        outcome.repeated += 1;
    }
    outcome.findings.extend(shared.findings());
    let body = json!({ "source": "point", "number": recorded.marks.number });
    let raised = node.client("source")?.raise(&body, key()).await.context("raise an alarm")?;
    let alarm = raised.named.alarm.context("a raised alarm has an id")?;
    console.until("the alarm", |console| console.alarm(alarm).map(|_| ())).await?;
    outcome.raised += 1;
    node.finish(EXPECTED).await
}

/// The commands acknowledged last, and some of those before.
fn sample(ledger: &Ledger, seed: u64) -> Vec<(Key, Entry)> {
    let is_acknowledged = |entry: &Entry| matches!(entry.fate, CommandFate::Acknowledged { .. });
    let mut all: Vec<_> = ledger.entries().into_iter().filter(|(_, entry)| is_acknowledged(entry)).collect();
    all.sort_by_key(|(_, entry)| entry.recorded);
    let mut chance = Chance::new(seed, 2);
    let mut sample = all.split_off(all.len().saturating_sub(REPEATS / 2));
    while sample.len() < REPEATS && !all.is_empty() {
        sample.push(all.swap_remove(usize::try_from(chance.below(all.len() as u64)).unwrap_or_default()));
    }
    sample
}

/// The journal comes back from the mirror, at least as far as it was flushed there, and is the one that was copied.
fn comes_back(alone: &Path, anew: &Path, journal: &str, safe: u64) -> Result<()> {
    said(&["recover", "--data-dir", text(anew)?, text(&alone.join(MIRROR))?])?;
    let location = LocationFlags::of(anew, None)?;
    let back = location.journal(0)?;
    let rows = usize::try_from(safe)?;
    ensure!(back.lines().count() >= rows, "{} rows came back of {safe}", back.lines().count());
    ensure!(back.lines().take(rows).eq(journal.lines().take(rows)), "other rows came back");
    location.verify().map(drop)
}

/// A frame of a mirror, as far as it matters here.
#[derive(Deserialize)]
struct Frame {
    row: Option<Row>,
}

#[derive(Deserialize)]
struct Row {
    seq: u64,
    commit_head: u64,
}

/// The last row that ends a commit, in the newest copy of a mirror that has one.
fn last_row<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> u64 {
    let mut last = BTreeMap::new();
    for (name, content) in files.filter(|(name, _)| name.contains("/rows-")) {
        let copy = name.rsplit_once('/').map_or("", |(copy, _)| copy);
        for line in content.split(|byte| *byte == b'\n').filter(|line| line.len() > 17) {
            let Ok(Frame { row: Some(row) }) = serde_json::from_slice(&line[17..]) else { continue };
            if row.seq == row.commit_head {
                last.insert(copy, row.seq);
            }
        }
    }
    last.into_values().next_back().unwrap_or_default()
}

/// Every file below a folder, by name.
fn fs_below(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(fs_below(&path)?);
        } else {
            found.insert(text(&path)?.to_owned(), fs::read(&path)?);
        }
    }
    Ok(found)
}
