//! Points in simulated time and the way from one to the next. Time is the centre's own ([`Time`], µs UTC); nothing
//! here reads a clock.

use dispatch_core::kernel::time::Time;

use crate::number::{float, whole};

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;

/// `seconds` after `time`.
pub fn after(time: Time, seconds: f64) -> Time {
    Time(time.0.saturating_add(whole(seconds * float(SECOND))))
}

/// Seconds from `earlier` to `later`, negative when it is the other way round.
pub fn seconds_between(earlier: Time, later: Time) -> f64 {
    float(later.0 - earlier.0) / float(SECOND)
}
