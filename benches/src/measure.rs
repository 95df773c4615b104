//! Latencies into the two figures a table shows, and what was run twice into one.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// More than this apart, two runs of the same are marked.
pub const STEADY: f64 = 0.15;

/// A whole number as a real one.
#[expect(clippy::cast_precision_loss, reason = "counts and times of a run are far below 2^53")]
pub fn real(number: u64) -> f64 {
    number as f64
}

/// Nanoseconds of a duration.
pub fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// An empty histogram of nanoseconds up to ten minutes, three digits.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 600_000_000_000, 3)
        .expect("the bounds are in order and three digits are allowed")
}

/// What a series of latencies comes to.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spread {
    /// How many.
    pub count: u64,
    /// Median, microseconds.
    pub p50_us: f64,
    /// 99th percentile, microseconds.
    pub p99_us: f64,
    /// Longest, microseconds.
    pub max_us: f64,
}

impl Spread {
    /// Of nanoseconds.
    pub fn of(times: &Histogram<u64>) -> Self {
        let at = |quantile| real(times.value_at_quantile(quantile)) / 1e3;
        Self { count: times.len(), p50_us: at(0.5), p99_us: at(0.99), max_us: real(times.max()) / 1e3 }
    }

    /// `p50 / p99` in microseconds.
    pub fn cell(&self) -> String {
        format!("{:.0} / {:.0}", self.p50_us, self.p99_us)
    }
}

/// The same figure measured before and after its peer.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Twice {
    /// Before.
    pub before: f64,
    /// After.
    pub after: f64,
    /// Whether the two agree within 15 %.
    pub steady: bool,
}

impl Twice {
    /// Of two figures.
    pub fn new(before: f64, after: f64) -> Self {
        let steady = (before - after).abs() <= STEADY * before.min(after);
        Self { before, after, steady }
    }

    /// Their mean.
    pub fn mean(&self) -> f64 {
        f64::midpoint(self.before, self.after)
    }

    /// What a goal's line says when they do not agree.
    pub fn mark(&self) -> &'static str {
        if self.steady { "" } else { " [before and after differ > 15 %]" }
    }
}
