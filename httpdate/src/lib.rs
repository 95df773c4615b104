//! The date of an HTTP answer, as RFC 9110, 5.6.7 has it. It takes the place of the crate of that name (`[patch]` in the
//! workspace's manifest), which hyper asks for the date at every turn of a connection, and which panics where the
//! machine's clock shows a time before 1970 or after 9999: a call for help is taken whatever the clock says (D7).
//!
//! **Absent on purpose**: reading dates, and whatever else hyper does not ask for.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// A date, to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpDate(Timestamp);

impl From<SystemTime> for HttpDate {
    /// The nearest date that can be said: none lies before 1970, or after 9999.
    fn from(time: SystemTime) -> Self {
        let passed = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let known = i64::try_from(passed).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        // Two hours and a day before the year 10000: a time of day in any zone.
        Self(known.unwrap_or(Timestamp::MAX))
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime("%a, %d %b %Y %H:%M:%S GMT").fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn whatever_the_clock_shows_there_is_a_date() {
        let since = |seconds| HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds)).to_string();
        assert_eq!(since(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(since(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        let before = HttpDate::from(UNIX_EPOCH - Duration::from_hours(613_608)).to_string();
        assert_eq!(before, since(0), "1900");
        for beyond in [253_402_300_799, 253_402_300_800, 7_827_000_000_000] {
            assert_eq!(since(beyond), "Thu, 30 Dec 9999 22:00:00 GMT", "{beyond}");
        }
    }
}
