//! Numbers as devices write them, made into the integers of the core (D5).

/// Rounds `value * per` to an integer between 0 and `max`; none when it lies outside or is not a number.
pub(crate) fn unsigned(value: f64, per: f64, max: u16) -> Option<u16> {
    let scaled = (value * per).round();
    if !(0.0..=f64::from(max)).contains(&scaled) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to lie within 0 and max"
    )]
    let whole = scaled as u16;
    Some(whole)
}
