//! The node's one clock (D7): the wall's, or a scaled one for demonstrations and replays, which begins at an origin and
//! runs at a rate. The only place in the server where the time of events comes from.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use dispatch_core::kernel::time::{LocalDay, LocalTime, Time};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A running clock.
#[derive(Clone, Debug)]
pub struct Clock {
    rate: Rate,
}

#[derive(Clone, Debug)]
enum Rate {
    Wall,
    Scaled { origin: Time, per_mille: u32, since: Instant },
}

impl Clock {
    /// The machine's own clock.
    pub fn wall() -> Self {
        Self { rate: Rate::Wall }
    }

    /// One that stands at `origin` now and runs `per_mille` thousandths as fast as the wall's.
    pub fn scaled(origin: Time, per_mille: u32) -> Self {
        Self { rate: Rate::Scaled { origin, per_mille, since: Instant::now() } }
    }

    /// The clock a journal names (`wall`, `scaled:<origin>:<per mille>`), going on from `last` where it is scaled.
    pub fn of_journal(name: &str, last: Time) -> Option<Self> {
        if name == "wall" {
            return Some(Self::wall());
        }
        let (origin, per_mille) = name.strip_prefix("scaled:")?.split_once(':')?;
        let origin = Time(origin.parse().ok()?);
        Some(Self::scaled(origin.max(last), per_mille.parse().ok()?))
    }

    /// As the first row of the journal names it.
    pub fn name(&self) -> String {
        match &self.rate {
            Rate::Wall => "wall".to_owned(),
            Rate::Scaled { origin, per_mille, .. } => format!("scaled:{}:{per_mille}", origin.0),
        }
    }

    /// Seconds it shows for each real one.
    pub fn rate(&self) -> f64 {
        match &self.rate {
            Rate::Wall => 1.0,
            Rate::Scaled { per_mille, .. } => f64::from(*per_mille) / 1_000.0,
        }
    }

    /// What the clock shows, microseconds UTC since 1970.
    pub fn now(&self) -> Time {
        match &self.rate {
            Rate::Wall => wall(),
            Rate::Scaled { origin, per_mille, since } => {
                let passed = since.elapsed().as_micros().saturating_mul(u128::from(*per_mille)) / 1_000;
                Time(origin.0.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX)))
            }
        }
    }

    /// How long to wait, in real time, until the clock shows `then`; nothing when it is past.
    pub fn until(&self, then: Time) -> std::time::Duration {
        let apart = u64::try_from(then.0.saturating_sub(self.now().0)).unwrap_or(0);
        match &self.rate {
            Rate::Wall => std::time::Duration::from_micros(apart),
            Rate::Scaled { per_mille, .. } => {
                std::time::Duration::from_micros(apart.saturating_mul(1_000) / u64::from((*per_mille).max(1)))
            }
        }
    }
}

/// Microseconds since 1970 by the machine's clock; 0 before that.
pub fn wall() -> Time {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(passed.as_micros()).unwrap_or(i64::MAX))
}

/// The clock on the wall of a region.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    /// Of an IANA zone; UTC where there is none of the name (a package's zone was checked when it was read).
    pub fn of(zone: &str) -> Self {
        Self { zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC) }
    }

    /// What it shows at a time: the day, yyyymmdd, and the minute of it.
    pub fn local(&self, at: Time) -> LocalTime {
        let shown = Timestamp::from_microsecond(at.0).unwrap_or_default().to_zoned(self.zone.clone());
        let date = shown.date();
        let minute = i16::from(shown.hour()) * 60 + i16::from(shown.minute());
        let number = i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day());
        LocalTime {
            day: LocalDay(u32::try_from(number).unwrap_or(0)),
            minute: u16::try_from(minute).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scaled_clock_is_named_and_goes_on_where_it_stopped() {
        let clock = Clock::scaled(Time(1_000), 60_000);
        assert_eq!(clock.name(), "scaled:1000:60000");
        let again = Clock::of_journal(&clock.name(), Time(9_000_000)).unwrap();
        assert!(again.now() >= Time(9_000_000));
        assert!(Clock::of_journal("sundial", Time(0)).is_none());
        assert!(clock.until(Time(i64::MAX)) > clock.until(Time(0)));
    }

    #[test]
    fn days_begin_in_the_region() {
        // 2026-01-07 16:30 UTC is half past midnight in Shanghai.
        let at = Time(1_767_803_400_000_000);
        let shown = |zone: &str| Calendar::of(zone).local(at);
        assert_eq!(shown("Asia/Shanghai"), LocalTime { day: LocalDay(20_260_108), minute: 30 });
        assert_eq!(shown("America/Santiago"), LocalTime { day: LocalDay(20_260_107), minute: 13 * 60 + 30 });
    }
}
