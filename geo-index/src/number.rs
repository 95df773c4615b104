//! Conversions between number types, each with the reason why it loses nothing that matters.
//!
//! They exist so that no bare `as` stands in the rest of the crate.

/// Index into an array from a 32-bit number. Every supported target has at least 32-bit addresses.
pub(crate) const fn index(value: u32) -> usize {
    value as usize
}

/// A 32-bit number from an index that the caller keeps below 2^32; saturates instead of wrapping.
#[expect(clippy::cast_possible_truncation, reason = "compared with the limit first")]
pub(crate) const fn short(value: usize) -> u32 {
    if value > u32::MAX as usize { u32::MAX } else { value as u32 }
}

/// Low 32 bits of a number the caller has already reduced below 2^32.
#[expect(clippy::cast_possible_truncation, reason = "callers shift or clamp below 2^32 first")]
pub(crate) const fn low(value: u64) -> u32 {
    value as u32
}

/// Nearest 32-bit integer, halves away from zero; saturates, and NaN gives 0.
#[expect(clippy::cast_possible_truncation, reason = "`as` from float saturates by definition")]
pub(crate) fn nearest_i32(value: f64) -> i32 {
    value.round() as i32
}

/// Nearest unsigned 32-bit integer; saturates, negative and NaN give 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` from float saturates")]
pub(crate) fn nearest_u32(value: f64) -> u32 {
    value.round() as u32
}

/// Largest unsigned 32-bit integer not above the value; saturates, negative and NaN give 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` from float saturates")]
pub(crate) fn floor_u32(value: f64) -> u32 {
    value as u32
}

/// A count as a float; exact below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) const fn float(value: usize) -> f64 {
    value as f64
}

/// A 64-bit duration or cost as 32 bits; saturates.
pub(crate) fn saturate(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
