//! What the auditor knows of time (D7): how much of it passed, whatever the clocks of the machine show. A timer is told
//! within its time and [`TOLD_MS`] of that, and nothing that cannot be undone is done while the clock is in doubt.

use std::collections::BTreeMap;

use dispatch_core::event::{AlarmArchived, ClockCorrected, Event, IncidentArchived, Record};
use dispatch_core::kernel::id::TimerKey;
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;

/// How far a clock may be away without a doubt, microseconds.
const NEAR_US: i64 = 5_000_000;
/// One part in so many of the time that passed may be slewed.
const SLEW_PARTS: i64 = 1_000;
/// Between a reading and what is decided by it, microseconds.
const MOMENT_US: i64 = 20_000;
/// Something due is told so long after it at the latest, milliseconds of time that passed.
const TOLD_MS: u32 = 5_000;
/// And so long after the last thing that failed.
const DISTURBED_MS: u32 = 15_000;

type Found = Result<(), String>;

/// What the machine and its process showed at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// What really passed.
    pub passed: Time,
    /// The time the process goes by.
    pub node: Time,
    /// What the machine's clock shows.
    pub machine: Time,
    /// Whether that was steady for long enough to be believed.
    pub steady: bool,
}

impl Shown {
    /// Whether the machine's clock is too far away.
    pub(super) fn is_doubtful(&self) -> bool {
        self.ahead().abs() > NEAR_US
    }

    fn ahead(&self) -> i64 {
        self.machine.apart(self.node)
    }
}

/// What is known of time.
#[derive(Debug, Default)]
pub(super) struct Hours {
    last: Option<Shown>,
    /// The node's time when the doubt that holds began.
    doubted: Option<Time>,
    disturbed: Time,
    /// What is due: by which due time, and when that is in time that passed.
    due: BTreeMap<TimerKey, (Time, Time)>,
}

impl Hours {
    /// A process begins or ends: what passes until it is at work is its own.
    pub(super) fn begin(&mut self) {
        (self.last, self.doubted) = (None, None);
        self.due.clear();
    }

    pub(super) fn disturb(&mut self, passed: Time) {
        self.disturbed = passed;
    }

    /// The process was told a time: its own goes on with what passed. None while a correction of its is under way: nobody
    /// is told before that is committed.
    pub(super) fn told(&mut self, shown: Option<Shown>) -> Found {
        let Some(shown) = shown else {
            (self.last, self.doubted) = (None, None);
            return Ok(());
        };
        self.doubted = shown.is_doubtful().then(|| self.doubted.unwrap_or(shown.node));
        let before = self.last.replace(shown);
        let Some(before) = before else { return Ok(()) };
        let (passed, counted) = (shown.passed.apart(before.passed), shown.node.apart(before.node));
        // What is slewed may have waited for a while to be a millionth of a second.
        if (counted - passed).abs() > passed / SLEW_PARTS + 1_000 {
            return Err(format!("D7: {passed} us passed, the node counts {counted}"));
        }
        Ok(())
    }

    /// The process has said what it had to say: a clock that is far away shows, one that is not does not.
    pub(super) fn is_said(&self, doubted: bool) -> Found {
        let Some(shown) = self.last else { return Ok(()) };
        if doubted == shown.is_doubtful() {
            return Ok(());
        }
        let says = if doubted { "say that it is in doubt" } else { "do not say so" };
        Err(format!("D7: the machine's clock is {} us ahead, and consoles {says}", shown.ahead()))
    }

    /// Rows were decided.
    pub(super) fn decided(&mut self, records: &[Record]) -> Found {
        let Some(shown) = self.last else { return Ok(()) };
        for record in records {
            match &record.event {
                Event::ClockCorrected(corrected) => {
                    let whole = record.recorded_at == corrected.to
                        && (corrected.from.apart(shown.node)).abs() <= MOMENT_US
                        && (corrected.to.apart(shown.machine)).abs() <= MOMENT_US;
                    if !whole || !shown.is_doubtful() {
                        return Err(format!("D7: {corrected:?} at {shown:?}"));
                    }
                    if record.actor.as_str() == "system" && !shown.steady {
                        return Err(format!(
                            "D7: a clock is believed that was not steady: {corrected:?} {shown:?}"
                        ));
                    }
                    (self.last, self.doubted) = (None, None);
                }
                Event::IncidentArchived(IncidentArchived { .. })
                | Event::AlarmArchived(AlarmArchived { .. })
                    if self.doubted.is_some_and(|since| since < record.recorded_at) =>
                {
                    return Err(format!(
                        "D7: row {} cannot be undone, and the clock is in doubt",
                        record.seq
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Rows are shown: what is due moved with the clock.
    pub(super) fn published(&mut self, records: &[Record]) {
        let us = moves(records);
        self.due.values_mut().for_each(|(due, _)| *due = due.moved(us));
    }

    /// Whatever is due is told, by the time that passed.
    pub(super) fn is_told(&mut self, truth: &State) -> Found {
        let Some(shown) = self.last else { return Ok(()) };
        let mut due = BTreeMap::new();
        for row in truth.timers().rows() {
            // An archive waits, and what is automatic as long as nobody has accepted what is lost.
            let waits = match row.key {
                TimerKey::Archive(_) | TimerKey::AlarmArchive(_) => true,
                TimerKey::Automatic(_) => truth.is_halted(),
                _ => false,
            };
            let Some(at) = row.due.filter(|_| !waits) else { continue };
            let known = self.due.get(&row.key).filter(|(known, _)| *known == at);
            let passed =
                known.map_or_else(|| shown.passed.moved(at.apart(shown.node).max(0)), |(_, passed)| *passed);
            let latest = passed.plus_ms(TOLD_MS).max(self.disturbed.plus_ms(DISTURBED_MS));
            if latest < shown.passed {
                return Err(format!("D7: {:?} was due {} us ago", row.key, shown.passed.apart(passed)));
            }
            due.insert(row.key, (at, passed));
        }
        self.due = due;
        Ok(())
    }
}

/// How far rows move the clock.
pub(super) fn moves(records: &[Record]) -> i64 {
    records.iter().filter_map(|record| record.event.get::<ClockCorrected>()).map(ClockCorrected::moves).sum()
}
