//! Failures on request at the points of [`dispatch_core::fault_point`], in builds with the feature `planted`:
//! `ORTOO_FAULT=publish:crash:3`. Without the feature, which is never a default, every point is a constant.

#[cfg(not(feature = "planted"))]
use dispatch_core::fault_point::Point;

#[cfg(feature = "planted")]
mod chosen {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use dispatch_core::fault_point::{Point, Strike, choice};

    /// How long a stall takes.
    const STALL: Duration = Duration::from_secs(2);

    static CHOSEN: OnceLock<Option<(Point, Strike, u32)>> = OnceLock::new();
    static PASSED: AtomicU32 = AtomicU32::new(0);

    /// Passes a point; true when what comes next is to fail.
    pub async fn at(point: Point) -> bool {
        let read = || std::env::var("ORTOO_FAULT").ok().and_then(|text| choice(&text));
        let Some((chosen, strike, time)) = *CHOSEN.get_or_init(read) else { return false };
        if chosen != point || PASSED.fetch_add(1, Ordering::Relaxed) + 1 != time {
            return false;
        }
        tracing::warn!(point = point.name(), strike = strike.name(), "struck by a fault that was asked for");
        match strike {
            Strike::Error => true,
            Strike::Stall => {
                tokio::time::sleep(STALL).await;
                false
            }
            Strike::Crash => std::process::abort(),
        }
    }
}

#[cfg(feature = "planted")]
pub use chosen::at;

/// Passes a point: nothing happens there.
#[cfg(not(feature = "planted"))]
pub fn at(_: Point) -> std::future::Ready<bool> {
    std::future::ready(false)
}
