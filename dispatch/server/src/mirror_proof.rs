//! The node proves its mirror as it proves its journal, so that somebody hears that it is damaged before they come back
//! from it. The disk of a mirror may be slow, or gone: it is read by a thread of its own that nobody waits for, and nothing
//! of the mirror is held meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use dispatch_store::StoreError;
use dispatch_store::mirror::{AtRest, Mirror, Standing};
use tokio::sync::{Mutex, oneshot, watch};

use crate::gate::Gate;
use crate::metrics::Metrics;
use crate::proof::{FIRST, RESTS};

/// A proof that has not ended after so long is given up.
const LONGEST: Duration = Duration::from_hours(12);

/// Cause of the technical alarm.
pub const MIRROR_DAMAGED: &str = "mirror_damaged";

/// What of the node the proof works on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The way of raising a technical alarm.
    pub gate: Arc<Gate>,
    /// What came of it is counted here.
    pub metrics: Arc<Metrics>,
    /// From one proof to the next; none is made where it is zero.
    pub every: Duration,
}

/// A thread that reads the mirror.
struct Reader {
    proved: oneshot::Receiver<Result<Vec<AtRest>, StoreError>>,
    is_given_up: Arc<AtomicBool>,
}

impl Reader {
    fn begin(standing: Standing) -> anyhow::Result<Self> {
        let (tell, proved) = oneshot::channel();
        let is_given_up = Arc::new(AtomicBool::new(false));
        let asked = is_given_up.clone();
        let read = move || {
            let mut since = Instant::now();
            let go_on = || {
                std::thread::park_timeout(since.elapsed() * RESTS);
                since = Instant::now();
                !asked.load(Ordering::Acquire)
            };
            // Nobody may listen any more.
            let _ = tell.send(standing.prove(go_on));
        };
        std::thread::Builder::new().name("mirror-proof".to_owned()).spawn(read).context("begin a thread")?;
        Ok(Self { proved, is_given_up })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.is_given_up.store(true, Ordering::Release);
    }
}

/// Proves until told to stop.
pub async fn run(parts: Parts, mirror: Arc<Mutex<Mirror>>, mut stop: watch::Receiver<bool>) {
    if parts.every.is_zero() {
        return;
    }
    let mut wait = FIRST.min(parts.every);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = parts.every;
        let proved = tokio::select! {
            _ = stop.changed() => return,
            proved = prove(&mirror) => proved,
        };
        told(&parts, &proved);
    }
}

async fn prove(mirror: &Mutex<Mirror>) -> anyhow::Result<Vec<AtRest>> {
    let standing = mirror.lock().await.standing().context("it is not written")?;
    let mut reader = Reader::begin(standing)?;
    let proved = tokio::time::timeout(LONGEST, &mut reader.proved).await.context("its disk is too slow")?;
    Ok(proved.context("the thread ended")??)
}

/// Damage is everybody's to know, until a proof finds none; a mirror that is not there has told of itself.
fn told(parts: &Parts, proved: &anyhow::Result<Vec<AtRest>>) {
    let outcome = match proved {
        Ok(copies) if copies.iter().all(|copy| copy.damage.is_none()) => {
            let rows: u64 = copies.iter().map(|copy| copy.rows).sum();
            tracing::info!(copies = copies.len(), rows, "the mirror was proved");
            parts.gate.is_over(MIRROR_DAMAGED);
            "proved"
        }
        Ok(copies) => {
            for AtRest { copy, damage, .. } in copies {
                let Some(damage) = damage else { continue };
                tracing::error!(
                    copy = %copy.display(),
                    damage,
                    "a copy of the mirror is damaged: move its folder away, and where it was the one that is written the \
                     node begins another at once"
                );
            }
            parts.gate.tell_beside(MIRROR_DAMAGED);
            "damaged"
        }
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "the mirror could not be proved; it is tried again");
            "failed"
        }
    };
    parts.metrics.count("ortoo_mirror_proofs_total", &[("outcome", outcome)]);
}
