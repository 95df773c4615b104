//! The technical alarms of the node's own: its machine needs somebody, until what they tell of is over. Whatever finds
//! out says so to the gate and goes on; here it is recorded, in the order it was said, however long that takes.
//!
//! **Absent on purpose**: what is wrong, which whoever finds it knows.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use dispatch_core::command::{ClearTechnical, RaiseTechnical};
use dispatch_core::kernel::id::TechnicalId;
use dispatch_core::technical::TechnicalKind;
use dispatch_core::technical::mark::Source;
use tokio::sync::watch;

use crate::gate::{Gate, Told};
use crate::logs;
use crate::truth::Truth;

/// Between two tries to record what was said.
const AGAIN: Duration = Duration::from_secs(10);

/// What of the node is needed to tell of its machine.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What is to be told, and the way of it.
    pub gate: Arc<Gate>,
    /// Which technical alarms stand.
    pub truth: Truth,
}

/// Tells until told to stop.
pub async fn run(parts: Parts, mut stop: watch::Receiver<bool>) {
    loop {
        let has_failed = !tell_all(&parts).await;
        tokio::select! {
            _ = stop.changed() => return,
            () = parts.gate.is_to_tell() => {}
            () = tokio::time::sleep(AGAIN), if has_failed => {}
        }
    }
}

/// Whether all was recorded; what was not is said again.
async fn tell_all(parts: &Parts) -> bool {
    let mut is_told = true;
    for (cause, told) in parts.gate.to_tell() {
        let recorded = match told {
            Told::Holds => raise(&parts.gate, cause).await,
            Told::IsOver => clear(parts, cause).await,
        };
        if let Err(error) = recorded {
            tracing::error!(cause, error = logs::told(&error), "nobody was told yet; it is tried again");
            parts.gate.tell_again(cause, told);
            is_told = false;
        }
    }
    is_told
}

async fn raise(gate: &Gate, cause: &str) -> anyhow::Result<()> {
    let (kind, cause) = (TechnicalKind::Device, cause.to_owned());
    gate.own(RaiseTechnical { kind, cause, point: None, unit: None }.into()).await?;
    Ok(())
}

/// Whoever looks after the machine may have cleared it meanwhile.
async fn clear(parts: &Parts, cause: &str) -> anyhow::Result<()> {
    for technical in standing(&parts.truth, cause) {
        let cleared = parts.gate.own(ClearTechnical { technical }.into()).await;
        if standing(&parts.truth, cause).contains(&technical) {
            cleared.context("that it is over was not recorded")?;
        }
    }
    Ok(())
}

/// The technical alarms of the node's own that tell of a cause.
pub fn standing(truth: &Truth, cause: &str) -> Vec<TechnicalId> {
    let state = truth.state();
    let own = state.technicals().bearing(Source::new(None, None));
    own.filter(|known| known.kind == TechnicalKind::Device && known.cause == cause)
        .map(|known| known.id)
        .collect()
}
