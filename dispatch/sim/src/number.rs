//! Conversions between the exact integers of messages and the floating point of moving bodies.
//!
//! The world may reckon in floating point because nothing of it is state or event; what leaves it is rounded here.

/// A count as a float; exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts and microseconds of our century stay below 2^53")]
pub(crate) fn float(count: i64) -> f64 {
    count as f64
}

/// A length or index as a float.
pub(crate) fn size(count: usize) -> f64 {
    float(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The nearest whole number, saturated.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float to integer cast saturates and the fraction was rounded"
)]
pub(crate) fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// The nearest whole number of 0 to `u32::MAX`.
pub(crate) fn natural(value: f64) -> u32 {
    u32::try_from(whole(value).max(0)).unwrap_or(u32::MAX)
}

/// The whole part as an index below `len`, which must not be 0.
pub(crate) fn index(value: f64, len: usize) -> usize {
    usize::try_from(whole(value.floor()).max(0)).unwrap_or(0).min(len - 1)
}

/// A heading in whole degrees, 0 to 359, clockwise from north.
pub(crate) fn degrees(heading: f64) -> u16 {
    u16::try_from(whole(heading).rem_euclid(360)).unwrap_or(0)
}
