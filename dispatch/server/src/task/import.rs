//! Checks a region package and adopts it.

use std::sync::Arc;

use dispatch_store::StoreError;

use crate::config::Config;
use crate::region::Region;
use crate::running::{Beginning, Running};
use crate::terminal::{say, step};

/// What to do where another process has the data open.
const BUSY: &str = "stop the node that runs here first, or have it adopt the package from its folder of \
                    regions: POST /api/node/region";

/// `ortoo import`.
pub(crate) async fn import(mut config: Config, package: &str, check: bool) -> anyhow::Result<()> {
    let reading = step("checking the package");
    let region = Arc::new(Region::find(package)?);
    reading.finish_and_clear();
    let manifest = &region.manifest;
    say(&format!("{} {}: no fault, content {}", manifest.id, manifest.version, region.hash))?;
    if check {
        return Ok(());
    }
    let adopting = step("adopting it");
    package.clone_into(&mut config.region);
    // Nobody is to reach a node that runs for this only.
    config.listen.set_port(0);
    let running = Running::start(config, Beginning::default()).await.map_err(busy)?;
    let in_force = running.node.state().region().clone();
    if in_force != region.hash {
        running.node.gate.adopt(&region).await?;
    }
    running.stop().await?;
    adopting.finish_and_clear();
    say("adopted")?;
    Ok(())
}

/// Only who is in the way is to be stopped: of everything else the error says what to do.
fn busy(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<StoreError>() {
        Some(StoreError::InUse { .. }) => error.context(BUSY),
        _ => error,
    }
}
