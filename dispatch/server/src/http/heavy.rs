//! Work that is too long for a thread that answers: large bodies are read, and
//! snapshots written, on threads of their own, few at a time, and whoever wants it pays for the processor it took. A small body stays where it is: to move it costs more.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::request::Parts;
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::Semaphore;

use super::guard::Payer;
use super::reply::{Refused, internal};

/// Bodies up to here are read where they are.
const SMALL_BYTES: usize = 16 * 1024;

/// Of all processors, half may read large bodies.
static PROCESSORS: LazyLock<Semaphore> = LazyLock::new(|| {
    Semaphore::new(std::thread::available_parallelism().map_or(1, |all| all.get().div_ceil(2)))
});

/// Reads the body of a request.
pub async fn read<T: Send + 'static>(
    request: &Parts,
    bytes: Bytes,
    work: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> Result<T, Refused> {
    if bytes.len() <= SMALL_BYTES {
        return Ok(work(&bytes));
    }
    let (done, took) = apart(move || work(&bytes)).await?;
    if let Some(payer) = request.extensions.get::<Arc<Payer>>() {
        payer.pay(took);
    }
    Ok(done)
}

/// Does something on a thread of its own once there is a processor for it, and says how much of one it took.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<(T, Duration), Refused> {
    let _held = PROCESSORS.acquire().await.map_err(|error| internal(&error))?;
    let timed = move || {
        let began = processor_time();
        let done = work();
        (done, processor_time().saturating_sub(began))
    };
    tokio::task::spawn_blocking(timed).await.map_err(|error| internal(&error))
}

/// What this thread has taken of a processor.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
}
