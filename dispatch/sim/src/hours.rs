//! When people call: the shape of a day, in local hours.

use dispatch_core::kernel::time::Time;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::number::size;

/// Calls by local hour beside one another: quiet before dawn, most after work.
const BY_HOUR: [f64; 24] = [
    0.60, 0.50, 0.45, 0.40, 0.40, 0.50, 0.65, 0.85, 1.00, 1.05, 1.10, 1.15, 1.10, 1.05, 1.10, 1.15, 1.20,
    1.30, 1.40, 1.50, 1.50, 1.35, 1.05, 0.80,
];

/// How much busier the hour of `at` is than the mean of the day.
pub fn share(at: Time, zone: &TimeZone) -> f64 {
    BY_HOUR[hour(at, zone)] * size(BY_HOUR.len()) / BY_HOUR.iter().sum::<f64>()
}

/// The same for the busiest hour: the bound for thinning.
pub fn peak() -> f64 {
    BY_HOUR.iter().copied().fold(0.0, f64::max) * size(BY_HOUR.len()) / BY_HOUR.iter().sum::<f64>()
}

fn hour(at: Time, zone: &TimeZone) -> usize {
    let local = Timestamp::from_microsecond(at.0).map(|stamp| stamp.to_zoned(zone.clone()).hour());
    usize::from(local.unwrap_or(0).unsigned_abs()) % BY_HOUR.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_local_and_shares_average_to_one() {
        let zone = TimeZone::fixed(jiff::tz::offset(8));
        let at = |hour: i64| Time(hour * 3_600_000_000);
        assert_eq!(hour(at(0), &zone), 8);
        assert_eq!(hour(at(20), &zone), 4);
        let mean = (0..24).map(|hour| share(at(hour), &zone)).sum::<f64>() / 24.0;
        assert!((mean - 1.0).abs() < 1e-9);
        assert!((0..24).all(|hour| share(at(hour), &zone) <= peak()));
    }
}
