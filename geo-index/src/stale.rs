//! How far a unit may be from its last fix.
//!
//! A silent unit stays where it was heard last (hold-last). The table is the 80th percentile of the distance
//! between that place and the truth, for taxis seen again after 60 to 600 s (about 42,000 pairs of fixes):
//! the measured 50th and 90th percentiles, 0.25/0.49/0.71/1.09/1.69 and 0.62/1.13/1.62/2.58/4.67 km,
//! interpolated as a log-normal distribution. Beyond the table the last slope goes on. Nothing goes
//! farther than its greatest speed allows, which is the hard bound.
//! Units of a region with quieter traffic wander less: the table is cautious there.

/// (age in ms, radius in dm), straight lines between.
const HOLD_LAST_P80: [(u64, u64); 6] =
    [(0, 0), (60_000, 4_539), (120_000, 8_482), (180_000, 12_205), (300_000, 19_194), (600_000, 32_945)];

/// Radius around the last fix that holds the unit four times in five, never more than it can have driven.
///
/// ```
/// use geo_index::stale::radius_dm;
/// assert_eq!(radius_dm(120_000, 3_000), 8_482);
/// assert_eq!(radius_dm(120_000, 100), 1_200); // on foot, 1 m/s: 120 m in two minutes
/// ```
pub fn radius_dm(age_ms: u32, speed_max_cm_s: u32) -> u32 {
    let age = u64::from(age_ms);
    let last_pair = [HOLD_LAST_P80[4], HOLD_LAST_P80[5]];
    let pair = HOLD_LAST_P80.windows(2).find(|pair| age <= pair[1].0).unwrap_or(&last_pair);
    let ((from_age, from), (to_age, to)) = (pair[0], pair[1]);
    let usual = from + (to - from) * (age - from_age) / (to_age - from_age);
    // cm/s * ms / 1000 is cm; ten of those are a decimetre.
    let driven = u64::from(speed_max_cm_s) * age / 10_000;
    crate::number::saturate(usual.min(driven))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_grows_with_age_and_never_beyond_the_greatest_speed(
            age in 0u32..100_000_000, more in 0u32..100_000_000, speed in 0u32..10_000
        ) {
            let radius = radius_dm(age, speed);
            prop_assert!(radius <= radius_dm(age + more, speed));
            prop_assert!(u64::from(radius) * 10_000 <= u64::from(speed) * u64::from(age));
        }
    }

    #[test]
    fn the_table_is_met_at_its_knots() {
        for (age, radius) in HOLD_LAST_P80 {
            assert_eq!(u64::from(radius_dm(u32::try_from(age).unwrap(), 100_000)), radius);
        }
        assert_eq!(radius_dm(900_000, 100_000), 32_945 + 13_751);
        assert_eq!(radius_dm(u32::MAX, 0), 0);
    }
}
