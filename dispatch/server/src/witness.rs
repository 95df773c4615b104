//! Keeps the witness of the journal (`dispatch_store::witness`): after every commit before anything leaves, and every
//! second, so that a start knows how far the journal had come and what time it was.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use dispatch_core::kernel::time::Time;
use dispatch_store::lock::make_private;
use dispatch_store::{AnyStore, AuditHead, Opening, StoreError, Witness, WitnessFile, audit};
use dispatch_writer::NodeClock;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::degraded::Degraded;
use crate::truth::Truth;

/// Between two flushes: what a machine that dies may take with it.
const FLUSH: Duration = Duration::from_secs(1);

/// Code of the degraded mode, and cause of the technical alarm: the journal lacks what was witnessed.
pub const TAIL_LOST: &str = "tail_lost";

/// Cause of the technical alarm: a witness was damaged, so that nobody can say whether the journal lacks anything.
pub const WITNESS_DAMAGED: &str = "witness_damaged";

/// The node's clock as it goes on where the journal ended: by the witness, or by what the machine shows.
pub fn resume(kept: Option<Witness>, clock: &Clock, store: &AnyStore, opening: &Opening) -> NodeClock {
    let reading = clock.reading();
    let kept = kept.filter(|kept| Some(kept.journal) == opening.state.journal);
    // Where another machine wrote meanwhile, its clock may have been corrected.
    let is_ours = matches!(store, AnyStore::Sqlite(_));
    let kept = kept.filter(|kept| is_ours || kept.head == opening.head);
    let counted = kept.and_then(|kept| kept.counted(&clock.boot()?, reading.since_boot));
    let mut resumed = NodeClock::resume(opening.state.now, counted, reading);
    resumed.read(reading);
    clock.go_by(resumed.offset());
    resumed
}

/// Witnesses what a server that stands by has followed, should it have to lead a database that was set back.
#[derive(Debug)]
pub struct Followed {
    dir: PathBuf,
    /// Opened with the first row: an empty one says nothing.
    file: Option<WitnessFile>,
    kept: Option<Witness>,
    flushed: Instant,
}

impl Followed {
    /// In a data directory.
    pub fn new(dir: &Path) -> anyhow::Result<Self> {
        make_private(dir).context("make the data directory")?;
        // One that cannot be read says nothing, which is told by whoever leads.
        let kept = Witness::read(dir).ok().flatten();
        Ok(Self { dir: dir.into(), file: None, kept, flushed: Instant::now() })
    }

    /// The journal was followed so far. One that falls short of what was followed takes nothing back.
    pub fn reached(&mut self, head: AuditHead, time: Time) -> Result<(), StoreError> {
        let AuditHead { journal: Some(journal), seq, hash, .. } = head else { return Ok(()) };
        if self.kept.as_ref().is_some_and(|kept| kept.journal == journal && kept.head >= seq) {
            return Ok(());
        }
        let witness = Witness { journal, head: seq, audit: hash, boot: String::new(), since_boot: 0, time };
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(WitnessFile::open(&self.dir)?),
        };
        file.write(&witness)?;
        self.kept = Some(witness);
        if self.flushed.elapsed() >= FLUSH {
            self.flushed = Instant::now();
            file.flush()?;
        }
        Ok(())
    }
}

/// The witness of a running node.
#[derive(Debug)]
pub struct WitnessKeeper {
    file: WitnessFile,
    boot: String,
    /// How far the journal has come, and the hash of that row; held while they are written, so that nothing older is
    /// written after them.
    reached: Mutex<(u64, [u8; 32])>,
    truth: Truth,
    degraded: Arc<Degraded>,
}

impl WitnessKeeper {
    /// Of a data directory, for a journal that has come so far.
    pub fn new(
        dir: &Path,
        reached: (u64, [u8; 32]),
        truth: Truth,
        degraded: Arc<Degraded>,
    ) -> anyhow::Result<Self> {
        let file = WitnessFile::open(dir).context("keep a witness of the journal")?;
        let boot = truth.clock().boot().unwrap_or_default();
        let keeper = Self { file, boot, reached: Mutex::new(reached), truth, degraded };
        // A head that is exported says that there must be a witness: one survives the machine before that.
        keeper.told(&keeper.write(reached).and_then(|()| keeper.file.flush()));
        Ok(keeper)
    }

    /// The journal has come to `head`, whose hash is `audit`: written before anybody is told.
    pub fn committed(&self, head: u64, audit: [u8; 32]) {
        let mut reached = self.reached();
        *reached = (head, audit);
        self.told(&self.write(*reached));
    }

    /// What was written survives the machine, the time of this moment with it. It may wait for the disk; commits do not
    /// wait for it.
    fn flush(&self) {
        let written = self.write(*self.reached());
        self.told(&written.and_then(|()| self.file.flush()));
    }

    fn reached(&self) -> MutexGuard<'_, (u64, [u8; 32])> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, (head, audit): (u64, [u8; 32])) -> Result<(), StoreError> {
        let Some(journal) = self.truth.state().journal else { return Ok(()) };
        let since_boot = self.truth.clock().reading().since_boot;
        let time = self.truth.clock().at(since_boot);
        let (audit, boot) = (audit::hex(&audit), self.boot.clone());
        self.file.write(&Witness { journal, head, audit, boot, since_boot, time })
    }

    fn told(&self, written: &Result<(), StoreError>) {
        if self.degraded.set("not_witnessed", written.is_err())
            && let Err(error) = written
        {
            tracing::error!(%error, "the journal's witness cannot be kept; nothing waits for it");
        }
    }

    /// Keeps the time, and makes what was written survive the machine, until told to stop.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut ticks = interval(FLUSH);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = stop.changed() => return,
                _ = ticks.tick() => {}
            }
            let keeper = self.clone();
            let _ = tokio::task::spawn_blocking(move || keeper.flush()).await;
        }
    }
}
