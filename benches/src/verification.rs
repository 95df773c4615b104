//! What a verification costs as a journal grows: rows a second, and the most memory its process held. A small centre lives
//! the same day again and again, so that live state stays as it is and only the past grows.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use dispatch_core::command::{CancelIncident, NoteIncident, Tick};
use dispatch_core::response::incident::CancelReason;
use dispatch_store::conformance::damage::proving;
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre, envelope};
use dispatch_store::{
    Answers as _, Custody as _, Genesis, Journal as _, Reading, SqliteOptions, SqliteStore, WordsRecords as _,
};

/// Incidents in one commit.
const AT_ONCE: usize = 20;
/// Between two of them: some hundred are alive, for a day after their end.
const APART_MS: u32 = 10 * 60_000;
const A_WEEK_US: i64 = 7 * 86_400_000_000;

/// How long the journals are, and where.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Rows of each journal.
    #[arg(long, value_delimiter = ',', default_value = "20000,200000")]
    pub rows: Vec<u64>,
    /// Folder for the journals; those that are there already are verified as they are.
    #[arg(long, default_value = "target/bench-data")]
    pub disk: PathBuf,
    /// Verifies the journal of this folder, as a process of its own.
    #[arg(long, hide = true)]
    pub at: Option<PathBuf>,
}

/// Makes the journals and verifies each in a process of its own.
pub fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    if let Some(at) = &options.at {
        return runtime.block_on(verify(at));
    }
    for rows in &options.rows {
        let dir = options.disk.join(format!("verification-{rows}"));
        if !dir.exists() {
            runtime.block_on(live(&dir, *rows))?;
        }
        let done =
            Command::new(std::env::current_exe()?).args(["verification", "--at"]).arg(&dir).status()?;
        ensure!(done.success(), "the verification of {} ended with {done}", dir.display());
    }
    Ok(())
}

fn options(dir: &Path) -> SqliteOptions {
    SqliteOptions::new(dir, Genesis::new("wall", DAWN))
}

async fn live(dir: &Path, rows: u64) -> Result<()> {
    let store = SqliteStore::connect(options(dir)).await?;
    let mut centre = SmallCentre::from(store.open().await?.state);
    centre.adopt();
    let mut snapshot = 0;
    while centre.state.seq < rows {
        for _ in 0..AT_ONCE {
            let (_, incident) = centre.press("p1");
            let words = centre.say("the gate is open", 30);
            let refused = |refusal| anyhow::anyhow!("{refusal:?}");
            let note = NoteIncident { incident, words, danger: false, caller_withdrew: false };
            centre.send(note).map_err(refused)?;
            let reason = CancelReason::NothingFound;
            centre.send(CancelIncident { incident, expected_version: None, reason }).map_err(refused)?;
            centre.now = centre.now.plus_ms(APART_MS);
            let tick = envelope(centre.mint(), "system", None, Tick {});
            centre.send_as(tick).map_err(refused)?;
        }
        let batch = centre.take();
        let said: Vec<_> = batch.words.iter().map(|words| words.id).collect();
        store.append(&batch).await.committed()?;
        let reading = Reading { actor: "a".into(), seat: None, purpose: "panel".into(), at: centre.now };
        store.words(&said, &reading).await?;
        if centre.state.seq >= snapshot + 10_000 {
            snapshot = centre.state.seq;
            store.snapshot(&centre.state).await?;
            store.purge_answers(centre.now.moved(-A_WEEK_US)).await?;
        }
    }
    store.close().await?;
    Ok(())
}

async fn verify(dir: &Path) -> Result<()> {
    let store = SqliteStore::beside(options(dir)).await?;
    let before = most_memory_kib()?;
    let began = Instant::now();
    let verified = store.prove(&proving()).await?;
    let seconds = began.elapsed().as_secs_f64();
    let most = most_memory_kib()?;
    let tables: Vec<String> = verified.tables.iter().map(ToString::to_string).collect();
    let line = format!(
        "{} rows in {seconds:.1} s; at most {:.1} MiB, {:.1} before; {}",
        verified.rows,
        kib_as_mib(most),
        kib_as_mib(before),
        tables.join("; ")
    );
    std::io::Write::write_all(&mut std::io::stdout(), format!("{line}\n").as_bytes())?;
    Ok(())
}

/// The most memory this process has held, KiB.
fn most_memory_kib() -> Result<u32> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let held = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let held = held.and_then(|held| held.trim().strip_suffix("kB")).context("the kernel says it")?;
    Ok(held.trim().parse()?)
}

fn kib_as_mib(kib: u32) -> f64 {
    f64::from(kib) / 1_024.0
}
