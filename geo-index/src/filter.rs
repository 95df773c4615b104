//! What a query demands of a unit's mask.

/// Bits a unit must have, must not have, and of which it must have one.
///
/// What the bits mean (available, on duty, a capability, a class) is the caller's; at most 40 are in use (D16).
/// `require` and `any_of` let whole cells be skipped; `forbid` is tested unit by unit.
///
/// ```
/// use geo_index::Filter;
/// const ON_DUTY: u64 = 1;
/// const BUSY: u64 = 2;
/// let free = Filter { require: ON_DUTY, forbid: BUSY, any_of: 0 };
/// assert!(free.passes(ON_DUTY));
/// assert!(!free.passes(ON_DUTY | BUSY));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Filter {
    /// Every one of these bits must be set.
    pub require: u64,
    /// None of these bits may be set.
    pub forbid: u64,
    /// At least one of these bits must be set; 0 demands nothing.
    pub any_of: u64,
}

impl Filter {
    /// Matches every unit.
    pub const ALL: Self = Self { require: 0, forbid: 0, any_of: 0 };

    /// Demands all of these bits.
    pub const fn require(bits: u64) -> Self {
        Self { require: bits, forbid: 0, any_of: 0 }
    }

    /// Whether a unit with this mask matches.
    #[inline]
    pub const fn passes(self, mask: u64) -> bool {
        self.may(mask) && mask & self.forbid == 0
    }

    /// Whether a group whose masks are OR-ed to `mask` may hold a match. Never wrongly false.
    #[inline]
    pub(crate) const fn may(self, mask: u64) -> bool {
        mask & self.require == self.require && (self.any_of == 0 || mask & self.any_of != 0)
    }
}
