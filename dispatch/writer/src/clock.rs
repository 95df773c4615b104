//! Time that never runs back (D7): the later of the last time and the clock. A clock that is behind by more than the
//! limit is a degraded mode people can see.

use dispatch_core::kernel::time::Time;

/// The last time that was used.
#[derive(Clone, Copy, Debug)]
pub struct Monotone {
    last: Time,
    behind: bool,
}

impl Monotone {
    /// Begins at the time of the last record.
    pub fn new(last: Time) -> Self {
        Self { last, behind: false }
    }

    /// The time to use for what comes now, and whether the degraded mode began or ended with it.
    pub fn tick(&mut self, clock: Time, behind_ms_max: u32) -> (Time, Option<bool>) {
        let behind = self.last.ms_since(clock) > behind_ms_max;
        let changed = (behind != self.behind).then_some(behind);
        self.behind = behind;
        self.last = self.last.max(clock);
        (self.last, changed)
    }

    /// Never before this.
    pub fn not_before(&mut self, time: Time) {
        self.last = self.last.max(time);
    }

    /// Whether the clock is behind.
    pub fn is_behind(&self) -> bool {
        self.behind
    }
}
