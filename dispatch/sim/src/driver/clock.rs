//! The server's clock as heard over the stream, running on between two heartbeats at the rate it is known to have.

use std::time::Instant;

use dispatch_core::kernel::time::Time;

use crate::moment::after;

/// Server time, anchored at the last heartbeat.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    heard: Time,
    at: Instant,
    speed: f64,
    last: Time,
}

impl Clock {
    /// A clock that showed `heard` at `at` and runs `speed` times as fast as ours.
    pub(crate) fn new(heard: Time, at: Instant, speed: f64) -> Self {
        Self { heard, at, speed, last: heard }
    }

    /// Hears the time anew.
    pub(crate) fn set(&mut self, heard: Time, at: Instant) {
        (self.heard, self.at) = (heard, at);
    }

    /// The server's time at an instant; never earlier than it was before.
    pub(crate) fn now(&mut self, at: Instant) -> Time {
        let since = at.saturating_duration_since(self.at).as_secs_f64();
        self.last = self.last.max(after(self.heard, since * self.speed));
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_runs_at_its_rate_and_never_back() {
        let start = Instant::now();
        let mut clock = Clock::new(Time(0), start, 10.0);
        assert_eq!(clock.now(start + Duration::from_secs(2)), Time(20_000_000));
        clock.set(Time(15_000_000), start + Duration::from_secs(2));
        assert_eq!(clock.now(start + Duration::from_secs(2)), Time(20_000_000));
        assert_eq!(clock.now(start + Duration::from_secs(3)), Time(25_000_000));
    }
}
