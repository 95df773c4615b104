//! The link between a terminal and the centre: a receiver with noise, and coverage that comes and goes. What is said
//! without coverage is kept by the device and sent when it is back, some of it twice and out of order.

use dispatch_core::Coord;
use dispatch_core::kernel::time::Time;

use crate::chance::Chance;
use crate::ground::scattered;
use crate::message::{Body, Fix};
use crate::moment::after;

/// Fixes a terminal keeps; older ones are overwritten.
const KEPT_MAX: usize = 360;
/// Noise of a good fix and of a bad one, m, and how often a fix is bad.
const NOISE_M: f64 = 4.0;
const BAD_NOISE_M: f64 = 40.0;
const BAD_SHARE: f64 = 0.003;

/// How links behave.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// Mean time between two losses of a moving unit, s.
    pub between_losses_s: f64,
    /// Median length of a loss, s.
    pub loss_s: f64,
    /// Share of fixes that are sent twice.
    pub repeated: f64,
    /// Share of fixes that are overtaken by the next.
    pub overtaken: f64,
}

impl Default for Coverage {
    fn default() -> Self {
        Self { between_losses_s: 9_000.0, loss_s: 170.0, repeated: 0.005, overtaken: 0.005 }
    }
}

/// One terminal's link.
#[derive(Debug, Clone, Default)]
pub struct Signal {
    lost_until: Option<Time>,
    kept: Vec<Body>,
    overtaken: Option<Fix>,
    reading: Option<(Coord, Coord)>,
}

impl Signal {
    /// Whether nothing gets through now.
    pub fn is_lost(&self) -> bool {
        self.lost_until.is_some()
    }

    /// When coverage comes back, if it is lost.
    pub fn back_at(&self) -> Option<Time> {
        self.lost_until
    }

    /// Loses coverage until a time; a loss under way is made longer, never shorter.
    pub fn lose_until(&mut self, until: Time) {
        self.lost_until = Some(self.lost_until.map_or(until, |before| before.max(until)));
    }

    /// Perhaps loses coverage, `seconds` after the last time it was asked.
    pub fn wander(&mut self, now: Time, seconds: f64, coverage: &Coverage, chance: &mut Chance) {
        if !self.is_lost() && chance.happens(seconds / coverage.between_losses_s) {
            self.lose_until(after(now, chance.log_normal(coverage.loss_s, 0.9).clamp(20.0, 1_500.0)));
        }
    }

    /// Where a receiver at `at` says it is: a receiver that has not moved says the same within a metre or two.
    pub fn read(&mut self, at: Coord, chance: &mut Chance) -> Coord {
        if let Some((place, reading)) = self.reading
            && place == at
        {
            return scattered(reading, 0.5, chance);
        }
        let noise = if chance.happens(BAD_SHARE) { BAD_NOISE_M } else { NOISE_M };
        let reading = scattered(at, noise, chance);
        self.reading = Some((at, reading));
        reading
    }

    /// Says something, at once or when coverage is back.
    pub fn say(&mut self, body: Body, coverage: &Coverage, chance: &mut Chance, out: &mut Vec<Body>) {
        if self.is_lost() {
            if self.kept.len() >= KEPT_MAX
                && let Some(oldest) = self.kept.iter().position(|body| matches!(body, Body::Fix(_)))
            {
                self.kept.remove(oldest);
            }
            self.kept.push(body);
            return;
        }
        let Body::Fix(fix) = body else {
            out.push(body);
            return;
        };
        if self.overtaken.is_none() && chance.happens(coverage.overtaken) {
            self.overtaken = Some(fix);
            return;
        }
        if chance.happens(coverage.repeated) {
            out.push(Body::Fix(fix.clone()));
        }
        out.push(Body::Fix(fix));
        out.extend(self.overtaken.take().map(Body::Fix));
    }

    /// When coverage is back, all that was kept leaves: intents in the order they were made, fixes after them in
    /// bursts, some repeated and some in the wrong order.
    pub fn refresh(&mut self, now: Time, chance: &mut Chance, out: &mut Vec<Body>) {
        if self.lost_until.is_none_or(|until| until > now) {
            return;
        }
        self.lost_until = None;
        let (mut fixes, intents): (Vec<Body>, Vec<Body>) =
            self.kept.drain(..).partition(|body| matches!(body, Body::Fix(_)));
        for at in 1..fixes.len() {
            if chance.happens(0.1) {
                fixes.swap(at - 1, at);
            }
        }
        out.extend(intents);
        for fix in fixes {
            if chance.happens(0.05) {
                out.push(fix.clone());
            }
            out.push(fix);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_core::kernel::id::UnitId;

    fn fix(second: i64) -> Body {
        let at = Coord::from_degrees(116.0, 44.0).unwrap();
        let unit = UnitId::from("u1");
        Body::Fix(Fix { unit, at, speed_cm_s: 0, heading_deg: 0, fix_time: Time(second * 1_000_000) })
    }

    #[test]
    fn what_is_said_in_the_dark_arrives_later_and_some_of_it_twice() {
        let (coverage, mut chance) = (Coverage::default(), Chance::new(5, 0));
        let (mut signal, mut out) = (Signal::default(), Vec::new());
        signal.lose_until(Time(1_000_000_000));
        for second in 0..300 {
            signal.say(fix(second), &coverage, &mut chance, &mut out);
        }
        signal.refresh(Time(999_999_999), &mut chance, &mut out);
        assert!(out.is_empty(), "still dark");
        signal.refresh(Time(1_000_000_000), &mut chance, &mut out);
        let times: Vec<i64> = out
            .iter()
            .filter_map(|body| match body {
                Body::Fix(fix) => Some(fix.fix_time.0),
                Body::Intent(_) => None,
            })
            .collect();
        let mut distinct = times.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 300, "nothing is lost");
        assert!(times.len() > 300, "some are repeated");
        assert!(times.windows(2).any(|pair| pair[1] < pair[0]), "some are out of order");
    }

    #[test]
    fn a_terminal_forgets_the_oldest_fix() {
        let (coverage, mut chance) = (Coverage::default(), Chance::new(5, 0));
        let (mut signal, mut out) = (Signal::default(), Vec::new());
        signal.lose_until(Time(1));
        for second in 0..1_000 {
            signal.say(fix(second), &coverage, &mut chance, &mut out);
        }
        assert_eq!(signal.kept.len(), KEPT_MAX);
        assert_eq!(signal.kept[0], fix(1_000 - 360));
    }
}
