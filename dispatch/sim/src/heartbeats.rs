//! The heartbeats of alarm points: every point says once a period that it lives, each at its own moment of it, and
//! a few are mute for an hour. Pure: the same seed and times give the same heartbeats, in however many steps they are
//! asked for.
//!
//! Leaves out: how they are sent. They are no messages of the world, because nothing in it answers to them.

use dispatch_core::kernel::time::Time;

use crate::chance::Chance;

/// The stream of chance of point 0; that of a point and an hour is drawn from it.
const STREAM: u64 = 500_000_000;
const HOUR_US: i64 = 3_600_000_000;

/// When each point says that it lives.
#[derive(Debug)]
pub(crate) struct PointHeartbeats {
    points: usize,
    period_us: i64,
    mute: f64,
    seed: u64,
    /// Said until here.
    until: Time,
}

impl PointHeartbeats {
    /// Heartbeats of a number of points, each every `every_s` seconds; `mute` is the share that says nothing in
    /// an hour.
    pub(crate) fn new(points: usize, every_s: f64, mute: f64, seed: u64, start: Time) -> Self {
        let period_us = i64::from(crate::number::natural(every_s * 1e6).max(1));
        Self { points, period_us, mute, seed, until: start }
    }

    /// The points that are heard from where it was said last until `now`, each once however long that was.
    pub(crate) fn until(&mut self, now: Time) -> Vec<usize> {
        let (from, to) = (self.until.0, now.0);
        if to <= from {
            return Vec::new();
        }
        self.until = now;
        let count = i64::try_from(self.points).unwrap_or(i64::MAX).max(1);
        let is_heard = |point: &usize| {
            let moment = i64::try_from(*point).unwrap_or(0) * (self.period_us / count);
            // So many heartbeats until a time, counted from the point's own moment.
            let said = |at: i64| (at - moment).div_euclid(self.period_us);
            said(to) > said(from) && !self.is_mute(*point, to.div_euclid(HOUR_US))
        };
        (0..self.points).filter(is_heard).collect()
    }

    fn is_mute(&self, point: usize, hour: i64) -> bool {
        let stream = STREAM + u64::try_from(point).unwrap_or(0);
        let seed = self.seed ^ u64::from_ne_bytes(hour.to_ne_bytes()).rotate_left(32);
        Chance::new(seed, stream).happens(self.mute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        Time(second * 1_000_000)
    }

    #[test]
    fn every_point_is_heard_once_a_period_at_its_own_moment() {
        let mut heartbeats = PointHeartbeats::new(600, 60.0, 0.0, 7, at(1_000));
        let mut said = vec![0; 600];
        for second in 1_001..=1_120 {
            let now = heartbeats.until(at(second));
            assert_eq!(now.len(), 10, "spread evenly");
            for point in now {
                said[point] += 1;
            }
        }
        assert!(said.iter().all(|count| *count == 2));
        assert!(heartbeats.until(at(1_120)).is_empty());
    }

    #[test]
    fn a_few_are_mute_for_an_hour_and_the_same_whatever_the_steps() {
        let hour = |step: i64| {
            let mut heartbeats = PointHeartbeats::new(2_000, 60.0, 0.01, 7, at(0));
            let mut said = std::collections::BTreeSet::new();
            for minute in (step..=59).step_by(usize::try_from(step).unwrap()) {
                said.extend(heartbeats.until(at(minute * 60)));
            }
            said
        };
        let (one, three) = (hour(1), hour(3));
        assert!((1_950..2_000).contains(&one.len()), "{}", one.len());
        assert_eq!(one, three);
    }
}
