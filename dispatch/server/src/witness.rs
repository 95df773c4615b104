//! Keeps the witness of the journal (`dispatch_store::witness`): after every commit before anything leaves, and every
//! second, so that a start knows how far the journal had come and what time it was.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use dispatch_core::kernel::time::Time;
use dispatch_store::audit::AUDIT_FILE;
use dispatch_store::lock::make_private;
use dispatch_store::{AnyStore, AuditHead, Opening, StoreError, Witness, WitnessFile, audit};
use dispatch_writer::NodeClock;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::degraded::Degraded;
use crate::gate::Gate;
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
        audit::begin(dir)?;
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
    dir: PathBuf,
    boot: String,
    /// Held while it is written, so that nothing older is written after it.
    kept: Mutex<Kept>,
    truth: Truth,
    degraded: Arc<Degraded>,
    gate: Arc<Gate>,
}

#[derive(Debug)]
struct Kept {
    /// How far the journal has come, and the hash of that row.
    reached: (u64, [u8; 32]),
    /// None while it cannot be written.
    file: Option<Arc<WitnessFile>>,
}

impl WitnessKeeper {
    /// Of a data directory, for a journal that has come so far.
    pub fn new(
        dir: &Path,
        reached: (u64, [u8; 32]),
        truth: Truth,
        degraded: Arc<Degraded>,
        gate: Arc<Gate>,
    ) -> Self {
        let boot = truth.clock().boot().unwrap_or_default();
        let kept = Mutex::new(Kept { reached, file: None });
        let keeper = Self { dir: dir.into(), boot, kept, truth, degraded, gate };
        // The file of heads is there before the first witness: one that is missing later was taken away. A head that is
        // exported says that there must be a witness: one survives the machine before that.
        match audit::begin(dir) {
            Ok(()) => keeper.flush(),
            Err(error) => keeper.told(&Err(error)),
        }
        keeper
    }

    /// The journal has come to `head`, whose hash is `audit`: written before anybody is told.
    pub fn committed(&self, head: u64, audit: [u8; 32]) {
        let mut kept = self.kept();
        kept.reached = (head, audit);
        self.told(&self.write(&mut kept));
    }

    /// What was written survives the machine, the time of this moment with it. It may wait for the disk; commits do not
    /// wait for it.
    fn flush(&self) {
        let (written, file) = {
            let mut kept = self.kept();
            let is_gone = kept.file.take_if(|file| !file.is_there()).is_some();
            if is_gone || !self.dir.join(AUDIT_FILE).exists() && audit::begin(&self.dir).is_ok() {
                tracing::error!(
                    "the journal's witness, or its file of heads, was taken away; it is begun anew"
                );
                self.gate.tell_beside(WITNESS_DAMAGED);
            }
            (self.write(&mut kept), kept.file.clone())
        };
        self.told(&written.and_then(|()| file.map_or(Ok(()), |file| file.flush())));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, kept: &mut Kept) -> Result<(), StoreError> {
        let Some(journal) = self.truth.state().journal else { return Ok(()) };
        let since_boot = self.truth.clock().reading().since_boot;
        let time = self.truth.clock().at(since_boot);
        let ((head, audit), boot) = (kept.reached, self.boot.clone());
        let file = match kept.file.take() {
            Some(file) => file,
            None => Arc::new(WitnessFile::open(&self.dir)?),
        };
        file.write(&Witness { journal, head, audit: audit::hex(&audit), boot, since_boot, time })?;
        kept.file = Some(file);
        Ok(())
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
