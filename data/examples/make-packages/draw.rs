//! Seeded draws: the same seed gives the same package on every machine.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng as _, SeedableRng as _},
};

/// A source of draws.
pub struct Draw(ChaCha8Rng);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A number below `limit` (the bias of the remainder does not matter for samples).
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.0.next_u64() % limit.max(1) as u64).expect("below a usize")
    }

    /// Whether one in a hundred chances of `percent` comes out.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `items`.
    pub fn one<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }

    /// An even draw from -`reach` to `reach`, in thousandths of it.
    pub fn around(&mut self, reach: f64) -> f64 {
        let step = i32::try_from(self.below(2001)).expect("below 2001") - 1000;
        f64::from(step) / 1000.0 * reach
    }
}
