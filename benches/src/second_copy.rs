//! What a witness and a mirror cost: commits of a small centre on one disk, bare, with a witness written after each, and
//! with a mirror that follows. Each in turn, and in the other order, in one run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre};
use dispatch_store::mirror::{Mirror, Mirrored};
use dispatch_store::{
    AnyStore, AppendOutcome, Batch, Genesis, Journal as _, SqliteOptions, SqliteStore, Witness, WitnessFile,
    audit,
};
use tokio::sync::watch;

/// Between two looks of a mirror, as a node takes them.
const LOOK: Duration = Duration::from_millis(200);

/// How many commits, and where.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Commits of each run; each is an alarm with its incident and what was said.
    #[arg(long, default_value_t = 2_000)]
    pub commits: u32,
    /// Folder for the journals.
    #[arg(long, default_value = "target/bench-data")]
    pub disk: PathBuf,
    /// Folder for the mirrors; another disk's, where there is one.
    #[arg(long, default_value = "target/bench-data")]
    pub mirror: PathBuf,
}

/// What is done beside the commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Nothing,
    Witness,
    Mirror,
}

/// Time of a run, and of the witness in it.
#[derive(Clone, Copy, Debug, Default)]
struct Took {
    commits: Duration,
    witness: Duration,
    /// Longest that the mirror was behind after the last commit.
    behind: Duration,
    cpu: Duration,
}

/// Runs each in turn and prints what it took.
pub fn run(options: &Options) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let order = [Beside::Nothing, Beside::Witness, Beside::Mirror];
    let mut lines = Vec::new();
    for beside in order.into_iter().chain(order.into_iter().rev()) {
        let took = runtime.block_on(once(options, beside))?;
        let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(options.commits);
        lines.push(format!(
            "{beside:?}: {:.1} us a commit, {:.1} us of processor; witness {:.2} us a commit; mirror complete after {:.0} ms",
            each(took.commits),
            each(took.cpu),
            each(took.witness),
            took.behind.as_secs_f64() * 1e3
        ));
    }
    std::io::Write::write_all(&mut std::io::stdout(), (lines.join("\n") + "\n").as_bytes())?;
    Ok(())
}

async fn once(options: &Options, beside: Beside) -> Result<Took> {
    std::fs::create_dir_all(&options.disk)?;
    std::fs::create_dir_all(&options.mirror)?;
    let (disk, copies) = (tempfile::tempdir_in(&options.disk)?, tempfile::tempdir_in(&options.mirror)?);
    let genesis = Genesis::new("wall", DAWN);
    let store = SqliteStore::connect(SqliteOptions::new(disk.path(), genesis)).await?;
    let batches = batches(&store, options.commits).await?;
    let (stop, stopping) = watch::channel(false);
    let following = (beside == Beside::Mirror)
        .then(|| tokio::spawn(follow(store.clone(), copies.path().into(), stopping)));
    let witness = (beside == Beside::Witness).then(|| WitnessFile::open(disk.path())).transpose()?;
    let mut took = Took::default();
    let (began, cpu) = (Instant::now(), cpu()?);
    for batch in &batches {
        let AppendOutcome::Committed { head, audit } = store.append(batch).await else {
            anyhow::bail!("an append failed");
        };
        if let Some(file) = &witness {
            let before = Instant::now();
            file.write(&said(head, &audit))?;
            took.witness += before.elapsed();
        }
    }
    took.commits = began.elapsed();
    let last = Instant::now();
    stop.send_replace(true);
    if let Some(following) = following {
        following.await??;
        took.behind = last.elapsed();
    }
    took.cpu = self::cpu()?.saturating_sub(cpu);
    store.close().await?;
    Ok(took)
}

async fn batches(store: &SqliteStore, commits: u32) -> Result<Vec<Batch>> {
    let mut centre = SmallCentre::from(store.open().await?.state);
    centre.adopt();
    ensure!(store.append(&centre.take()).await.committed().is_ok(), "the region is adopted");
    let mut batches = Vec::new();
    for count in 0..commits {
        centre.press(if count % 2 == 0 { "p1" } else { "p2" });
        batches.push(centre.take());
    }
    Ok(batches)
}

fn said(head: u64, audit: &[u8; 32]) -> Witness {
    let journal = dispatch_core::kernel::id::JournalId(uuid::Uuid::nil());
    let boot = "00000000-0000-0000-0000-000000000000".to_owned();
    Witness { journal, head, audit: audit::hex(audit), boot, since_boot: 1_000_000_000, time: DAWN }
}

/// Follows until everything is copied after it was told to stop.
async fn follow(store: SqliteStore, dir: PathBuf, stopping: watch::Receiver<bool>) -> Result<()> {
    let (mut mirror, store) = (Mirror::at(dir), AnyStore::Sqlite(store));
    loop {
        let Mirrored { seq, head, .. } = mirror.round(&store).await?;
        if seq < head {
            continue;
        }
        if *stopping.borrow() {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Processor time of this process.
fn cpu() -> Result<Duration> {
    let stat = std::fs::read_to_string(Path::new("/proc/self/stat"))?;
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let fields: Vec<i64> = after.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // State is no number; then user and system time are the 11th and 12th after it, in hundredths of a second.
    let ticks = fields.get(10).copied().unwrap_or(0) + fields.get(11).copied().unwrap_or(0);
    Ok(Duration::from_millis(u64::try_from(ticks).unwrap_or(0) * 10))
}
