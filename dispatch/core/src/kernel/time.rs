//! Time as the core knows it: given from outside, exact, in integers (D5, D7).

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// This time plus a duration in milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: u32) -> Self {
        Self(self.0.saturating_add(i64::from(ms) * 1_000))
    }

    /// This time moved by a number of microseconds, back where it is negative.
    #[must_use]
    pub fn moved(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }

    /// Microseconds from `other` to this time; negative where this one is earlier.
    pub fn apart(self, other: Self) -> i64 {
        self.0.saturating_sub(other.0)
    }

    /// Milliseconds from `earlier` to this time: 0 when it is not earlier, saturated at `u32::MAX`.
    pub fn ms_since(self, earlier: Self) -> u32 {
        u32::try_from((self.0.saturating_sub(earlier.0) / 1_000).max(0)).unwrap_or(u32::MAX)
    }
}

/// A day in the region's own zone, written yyyymmdd; human numbers restart on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct LocalDay(pub u32);

/// What a wall clock in the region shows: the day, and its minute from 0 to 1439. Run cards hold by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalTime {
    /// The calendar day in the region's zone.
    pub day: LocalDay,
    /// Minutes since midnight by the clock, summer time included.
    pub minute: u16,
}

impl LocalTime {
    /// Noon of a day.
    pub const fn noon(day: u32) -> Self {
        Self { day: LocalDay(day), minute: 720 }
    }
}
