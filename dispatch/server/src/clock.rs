//! The node's one clock (D7): the wall's, or a scaled one for demonstrations and replays, which begins at an origin and
//! runs at a rate. The only place in the server where the time of events comes from. What the machine shows is read
//! here; how it becomes the node's time is the writer's rule ([`dispatch_writer::NodeClock`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use dispatch_core::kernel::time::{LocalDay, LocalTime, Time};
use dispatch_writer::Reading;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A running clock. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Clock {
    rate: Rate,
    /// The node's time less the time since the machine was started, microseconds.
    offset: Arc<AtomicI64>,
}

#[derive(Clone, Debug)]
enum Rate {
    Wall,
    Scaled { origin: Time, per_mille: u32, since: Instant },
}

impl Clock {
    /// The machine's own clock.
    pub fn wall() -> Self {
        Self::of(Rate::Wall)
    }

    /// One that stands at `origin` now and runs `per_mille` thousandths as fast as the wall's.
    pub fn scaled(origin: Time, per_mille: u32) -> Self {
        Self::of(Rate::Scaled { origin, per_mille, since: Instant::now() })
    }

    /// One that goes by what it shows.
    fn of(rate: Rate) -> Self {
        let clock = Self { rate, offset: Arc::default() };
        let Reading { since_boot, shows } = clock.reading();
        clock.go_by(shows.0.saturating_sub(since_boot));
        clock
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

    /// What the machine shows. A scaled clock is never in doubt: it was started with the process.
    pub fn reading(&self) -> Reading {
        match &self.rate {
            Rate::Wall => Reading { since_boot: since_boot(), shows: wall() },
            Rate::Scaled { origin, per_mille, since } => {
                let passed = since.elapsed().as_micros().saturating_mul(u128::from(*per_mille)) / 1_000;
                let passed = i64::try_from(passed).unwrap_or(i64::MAX);
                Reading { since_boot: passed, shows: origin.moved(passed) }
            }
        }
    }

    /// The node's time, microseconds UTC since 1970.
    pub fn now(&self) -> Time {
        self.at(self.reading().since_boot)
    }

    /// The node's time at a time since the machine was started.
    pub fn at(&self, since_boot: i64) -> Time {
        Time(since_boot.saturating_add(self.offset.load(Ordering::Acquire)))
    }

    /// Which start of the machine this is, as Linux names it; none where nobody says so, or where the clock was started
    /// with the process.
    pub fn boot(&self) -> Option<String> {
        let Rate::Wall = self.rate else { return None };
        let name = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }

    /// Goes by another offset from the time since the machine was started. Only the driver says so, and the start.
    pub fn go_by(&self, offset: i64) {
        self.offset.store(offset, Ordering::Release);
    }

    /// Time since the machine was started, microseconds, for what only counts how long: it never jumps.
    pub fn elapsed(&self) -> Time {
        Time(self.reading().since_boot)
    }

    /// How far the machine's clock is ahead of the node's time, milliseconds; negative where it is behind.
    pub fn ahead_ms(&self) -> i64 {
        self.reading().shows.apart(self.now()) / 1_000
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

/// Microseconds since the machine was started, sleep included.
fn since_boot() -> i64 {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    let passed = rustix::time::clock_gettime(clock);
    passed.tv_sec.saturating_mul(1_000_000).saturating_add(passed.tv_nsec / 1_000)
}

/// After so many years the days of the Gregorian calendar, and of the week, come again.
const ERA_YEARS: i64 = 400;
const ERA_US: i64 = 146_097 * 86_400_000_000;

/// From here on, the year 9170, days are counted by eras.
const ERAS_FROM: i64 = 18 * ERA_US;

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
        // The calendar library ends with the year 9999, a machine's clock does not: days come again after 400 years.
        let eras = at.0.saturating_sub(ERAS_FROM).max(0) / ERA_US;
        let within = Timestamp::from_microsecond(at.0 - eras * ERA_US).unwrap_or_default();
        let shown = within.to_zoned(self.zone.clone());
        let date = shown.date();
        let minute = i16::from(shown.hour()) * 60 + i16::from(shown.minute());
        let year = i64::from(date.year()) + eras * ERA_YEARS;
        let number = year * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day());
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

    #[test]
    fn a_day_has_its_year_whatever_the_clock_shows() {
        let day = |seconds: i64| Calendar::of("Asia/Shanghai").local(Time(seconds * 1_000_000)).day;
        for (seconds, shown) in [
            (-2_208_988_800, 19_000_101),
            (253_402_214_400, 99_991_231),
            (253_402_300_800, 100_000_101),
            (253_407_398_400, 100_000_229),
            (7_827_070_780_800, 2_500_000_101),
        ] {
            assert_eq!(day(seconds), LocalDay(shown), "{seconds}");
        }
        let days = (0..200_000).map(|day_of| day(250_000_000_000 + day_of * 86_400).0).collect::<Vec<_>>();
        assert!(days.is_sorted_by(|day, next| day < next), "each is later than the one before");
    }
}
