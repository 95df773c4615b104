//! The time a node goes by (D7): the time since the machine was started, which neither jumps nor stands still, and how
//! far the node's time is ahead of that.
//!
//! The machine's clock only says how far that is. While it stays near the node's time it is followed, too slowly for a
//! timer to be wrong by it. Where it jumps it is in doubt: time goes on without it, until it is near again, until it was
//! steady for long and is not far, or until somebody believes it. The last two are an event, `clock_corrected`.

use dispatch_core::kernel::evidence::ClockDoubt;
use dispatch_core::kernel::time::Time;

use crate::limits::Limits;

/// How far apart the two times may be without a doubt, microseconds. So far the node's time is slewed.
pub const SLEWED_US: i64 = 5_000_000;
/// The node's time is slewed by one part in so many: an hour is wrong by 3.6 s at most.
const SLEW_PARTS: i64 = 1_000;
/// A clock is steady as long as it keeps within this of the time since the start, microseconds.
const STEADY_US: u64 = 1_000_000;
/// The longest a machine may have been off for its clock to be believed when it comes back, microseconds.
const OFF_MAX_US: i64 = 24 * 3_600_000_000;

/// What the clocks of a machine show at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Time since the machine was started, sleep included, microseconds.
    pub since_boot: i64,
    /// What its clock shows, or the scaled clock of a demonstration.
    pub shows: Time,
}

/// The clock of a node.
#[derive(Clone, Debug)]
pub struct NodeClock {
    /// The node's time less the time since the machine was started, microseconds.
    offset: i64,
    last: Time,
    read: Reading,
    /// Time since the start at which the node's time was slewed last.
    slewed_at: i64,
    jumped: Option<Jumped>,
}

/// A time by the node's clock as it went then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    time: Time,
    offset: i64,
}

/// A machine's clock that is too far away.
#[derive(Clone, Copy, Debug)]
struct Jumped {
    /// Its time less the time since the start, when it began to be steady.
    offset: i64,
    /// Time since the start at that moment.
    since: i64,
}

impl NodeClock {
    /// Goes on after `last`, the time of the last record. `counted` is the time the node has come to, where its time
    /// was kept beside the journal and the machine was not started since. After a start of the machine its clock says
    /// how long it was off, up to a day.
    pub fn resume(last: Time, counted: Option<Time>, reading: Reading) -> Self {
        let off = reading.shows.apart(last);
        let by_clock = if (0..=OFF_MAX_US).contains(&off) { reading.shows } else { last };
        let now = counted.unwrap_or(by_clock).max(last);
        Self {
            offset: now.0.saturating_sub(reading.since_boot),
            last: now,
            read: reading,
            slewed_at: reading.since_boot,
            jumped: None,
        }
    }

    /// Takes a reading, and gives the node's time.
    pub fn read(&mut self, reading: Reading) -> Time {
        self.read = reading;
        let ahead = reading.shows.apart(self.raw());
        if ahead.abs() <= SLEWED_US {
            self.jumped = None;
            self.slew(ahead);
        } else {
            let offset = reading.shows.0.saturating_sub(reading.since_boot);
            let steady = self.jumped.filter(|jumped| jumped.offset.abs_diff(offset) <= STEADY_US);
            self.slewed_at = reading.since_boot;
            self.jumped = Some(steady.unwrap_or(Jumped { offset, since: reading.since_boot }));
        }
        self.last = self.last.max(self.raw());
        self.last
    }

    /// The node's time at the last reading.
    pub fn now(&self) -> Time {
        self.last
    }

    /// The node's time at the last reading, to be asked for again later.
    pub fn received(&self) -> Received {
        Received { time: self.last, offset: self.offset }
    }

    /// What a time was, as the clock goes now: another only where it was corrected since, or a correction was lost.
    pub fn at(&self, received: Received) -> Time {
        let moved = self.offset.saturating_sub(received.offset);
        if moved.abs() <= SLEWED_US { received.time } else { received.time.moved(moved) }
    }

    /// The node's time less the time since the machine was started, microseconds: whoever reads the latter knows the
    /// former.
    pub fn offset(&self) -> i64 {
        self.offset
    }

    /// The later of the node's time and what the machine's clock shows: what lies beyond it is of the future for sure.
    pub fn latest(&self) -> Time {
        self.last.max(self.read.shows)
    }

    /// The machine's clock, while it is in doubt.
    pub fn doubt(&self, limits: &Limits) -> Option<ClockDoubt> {
        let steady_us = self.read.since_boot.saturating_sub(self.jumped?.since);
        let ahead_us = self.read.shows.apart(self.last).abs();
        let is_credible = steady_us >= us(limits.clock_steady_ms) && ahead_us <= us(limits.clock_near_ms);
        Some(ClockDoubt { shows: self.read.shows, is_credible })
    }

    /// From now on it is this time.
    pub fn correct(&mut self, to: Time) {
        self.offset = to.0.saturating_sub(self.read.since_boot);
        self.last = to;
        self.slewed_at = self.read.since_boot;
        self.jumped = None;
    }

    /// A correction was lost: it is the time it would be without.
    pub fn undo(&mut self, before: &Self) {
        *self = Self { read: self.read, slewed_at: self.read.since_boot, ..before.clone() };
        self.last = self.last.max(self.raw());
    }

    /// Never before this.
    pub fn not_before(&mut self, time: Time) {
        self.last = self.last.max(time);
    }

    fn raw(&self) -> Time {
        Time(self.read.since_boot.saturating_add(self.offset))
    }

    fn slew(&mut self, ahead: i64) {
        let most = self.read.since_boot.saturating_sub(self.slewed_at) / SLEW_PARTS;
        if most > 0 {
            self.offset = self.offset.saturating_add(ahead.clamp(-most, most));
            self.slewed_at = self.read.since_boot;
        }
    }
}

fn us(ms: u32) -> i64 {
    i64::from(ms) * 1_000
}
