//! Clocks as devices write them: microseconds, or RFC 3339.

use dispatch_core::kernel::time::Time;

/// Reads RFC 3339.
pub(crate) fn rfc3339(text: &str) -> Option<Time> {
    text.trim().parse::<jiff::Timestamp>().ok().map(|at| Time(at.as_microsecond()))
}
