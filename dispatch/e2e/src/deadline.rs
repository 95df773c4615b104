//! Waiting for a condition, with a generous deadline; never for a time.

use std::time::{Duration, Instant};

use anyhow::bail;

/// How long anything may take before a test says that it did not happen.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// How often a condition is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Waits until `look` finds something. `what` says for what, when it does not.
pub async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    let start = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if start.elapsed() > PATIENCE {
            bail!("waited {} s in vain for {what}", PATIENCE.as_secs());
        }
        tokio::time::sleep(GLANCE).await;
    }
}
