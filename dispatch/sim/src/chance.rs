//! Seeded chance. Every unit, the callers and the operators draw from a stream of their own, so that one more draw of
//! one does not change the day of another: two runs that differ in a policy stay comparable, event by event.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::number::{index, size};

/// A stream of draws.
#[derive(Debug, Clone)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// Stream `stream` of the day `seed`.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(stream);
        Self(source)
    }

    /// Uniform in [0, 1), from the upper 53 bits of a word.
    pub fn unit(&mut self) -> f64 {
        let bits = i64::try_from(self.0.next_u64() >> 11).expect("53 bits fit an i64");
        crate::number::float(bits) / crate::number::float(1 << 53)
    }

    /// True with probability `p`.
    pub fn happens(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform in [`low`, `high`).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Log-normal with this median and this standard deviation of the logarithm.
    pub fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// One of `len` places, uniformly; `len` must not be 0.
    pub fn below(&mut self, len: usize) -> usize {
        index(self.unit() * size(len), len)
    }

    /// One of these; `None` of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { Some(&of[self.below(of.len())]) }
    }

    /// An index drawn by running totals of weights, which must not be empty.
    pub fn weighted(&mut self, totals: &[f64]) -> usize {
        let drawn = self.unit() * totals.last().copied().unwrap_or(0.0);
        totals.partition_point(|&total| total <= drawn).min(totals.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |stream| {
            let mut chance = Chance::new(7, stream);
            (0..32).map(|_| chance.unit().to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn moments_are_those_named() {
        let mut chance = Chance::new(1, 1);
        let n = 20_000;
        let mean = (0..n).map(|_| chance.exponential(3.0)).sum::<f64>() / f64::from(n);
        assert!((mean - 3.0).abs() < 0.1, "{mean}");
        let square = (0..n).map(|_| chance.normal().powi(2)).sum::<f64>() / f64::from(n);
        assert!((square - 1.0).abs() < 0.05, "{square}");
        let mut counts = [0; 3];
        for _ in 0..n {
            counts[chance.weighted(&[1.0, 1.0, 4.0])] += 1;
        }
        assert_eq!(counts[1], 0, "a weight of nothing is never drawn");
        assert!((4_700..5_300).contains(&counts[0]), "{counts:?}");
    }
}
