//! Keeps the witness of the journal (`dispatch_store::witness`): after every commit before anything leaves, and every
//! second, so that a start knows how far the journal had come and what time it was.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use dispatch_store::{AnyStore, Opening, StoreError, Witness, WitnessFile};
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

/// What the witness of a data directory says of the journal that was opened there: whether it lost its end.
pub fn proves(dir: &Path, opening: &Opening) -> (Option<Witness>, Result<(), StoreError>) {
    match Witness::read(dir) {
        Ok(None) => (None, Ok(())),
        Ok(Some(kept)) => {
            let proved = kept.proves(opening.state.journal, opening.head);
            (Some(kept), proved)
        }
        // Nobody knows, which is told as well.
        Err(error) => (None, Err(error)),
    }
}

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

/// The witness of a running node.
#[derive(Debug)]
pub struct WitnessKeeper {
    file: WitnessFile,
    boot: String,
    /// How far the journal has come; held while that is written, so that nothing older is written after it.
    head: Mutex<u64>,
    truth: Truth,
    degraded: Arc<Degraded>,
}

impl WitnessKeeper {
    /// Of a data directory, for a journal that has come to `head`.
    pub fn new(dir: &Path, head: u64, truth: Truth, degraded: Arc<Degraded>) -> anyhow::Result<Self> {
        let file = WitnessFile::open(dir).context("keep a witness of the journal")?;
        let boot = truth.clock().boot().unwrap_or_default();
        Ok(Self { file, boot, head: Mutex::new(head), truth, degraded })
    }

    /// The journal has come to `head`: written before anybody is told.
    pub fn committed(&self, head: u64) {
        let mut reached = self.reached();
        *reached = head;
        self.told(&self.write(head));
    }

    /// What was written survives the machine, the time of this moment with it. It may wait for the disk; commits do not
    /// wait for it.
    fn flush(&self) {
        let written = self.write(*self.reached());
        self.told(&written.and_then(|()| self.file.flush()));
    }

    fn reached(&self) -> MutexGuard<'_, u64> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, head: u64) -> Result<(), StoreError> {
        let Some(journal) = self.truth.state().journal else { return Ok(()) };
        let since_boot = self.truth.clock().reading().since_boot;
        let time = self.truth.clock().at(since_boot);
        self.file.write(&Witness { journal, head, boot: self.boot.clone(), since_boot, time })
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
