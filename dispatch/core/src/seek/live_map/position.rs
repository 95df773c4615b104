//! A fix at the door: whether it moves the live position, goes to history only, or is not taken.
//!
//! A device whose clock runs ahead would have its true fixes taken for late once the clock is put right. So what it claims is
//! never later than now: all that came of it at once is taken back by as much as its latest lies ahead
//! ([`positions`](LiveMap::positions)), and the order and the distances in time between them stay. That is the time a fix
//! has from then on, in its track too.
//!
//! Then, in this order:
//! 1. a unit that is not in the register, or retired: [`UnknownUnit`](PositionVerdict::UnknownUnit);
//! 2. a unit off duty, or a fix measured before it came on duty: [`OffDuty`](PositionVerdict::OffDuty) (D8, D13);
//! 3. a coordinate that is none, or 0,0, or a fix that claims to be from further ahead than a clock may run (the region's
//!    [`FixRules`]): [`Impossible`](PositionVerdict::Impossible);
//! 4. the live fix once more, or the last that was taken back: [`Repeated`](PositionVerdict::Repeated); not newer than it:
//!    [`Late`](PositionVerdict::Late). Neither moves the live position;
//! 5. a move of more than 200 m + the fix's own accuracy at more than 250 km/h (the region's
//!    [`FixRules`]): [`Jump`](PositionVerdict::Jump). It is held, and believed when a later fix lies within reach of
//!    it by the same rule; a later fix within reach of the live position discards it. So one wild fix never moves a
//!    unit, and a unit whose live fix was the wild one is found again by its second true fix;
//! 6. otherwise [`Applied`](PositionVerdict::Applied).

use std::collections::BTreeMap;

use geo_index::{Coord, Fix};
use serde::{Deserialize, Serialize};

use crate::kernel::id::UnitId;
use crate::kernel::kind::Duty;
use crate::kernel::time::Time;
use crate::seek::live_map::{FixRules, LiveMap, NO_FIX};
use crate::state::State;

/// Coordinates this near to 0,0 (11 m) are what receivers say without a fix, units of 1e-7 degree.
const NULL_ISLAND: u32 = 1_000;
/// More accuracy radius than this excuses no further jump, metres.
const ACCURACY_MAX_M: u16 = 5_000;

/// One position of a unit as a device reports it: three clocks, SI units, WGS84.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitFix {
    /// The unit whose position it is.
    pub unit: UnitId,
    /// Where the unit was, WGS84.
    pub at: Coord,
    /// When the receiver had it.
    pub fix_time: Time,
    /// What the device's own clock said when it sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_time: Option<Time>,
    /// When it reached the centre.
    pub received_at: Time,
    /// Speed over ground, centimetres per second.
    pub speed_cm_s: u16,
    /// Heading, degrees clockwise from north.
    pub heading_deg: u16,
    /// Radius of doubt the receiver gives, metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<u16>,
}

/// What became of a fix. Each is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "code", content = "rule", rename_all = "snake_case")]
pub enum PositionVerdict {
    /// It is the live position now.
    Applied,
    /// Not newer than the live position: history only.
    Late,
    /// The live fix once more: nothing to do.
    Repeated,
    /// Too fast to be believed alone: held until a second agrees.
    Jump,
    /// Off duty, or measured off duty: dropped.
    OffDuty,
    /// No such unit: dropped.
    UnknownUnit,
    /// It breaks a rule: dropped.
    Impossible(ImpossibleFix),
}

/// Which rule a fix breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImpossibleFix {
    /// Longitude beyond ±180 degrees or latitude beyond ±90.
    Coordinate,
    /// 0,0: what a receiver says when it has none.
    NullIsland,
    /// Measured later than now, by more than a clock may run ahead.
    Future,
}

impl PositionVerdict {
    /// Whether the fix belongs into the unit's track.
    pub fn is_history(self) -> bool {
        matches!(self, Self::Applied | Self::Late)
    }

    /// The word under which it is counted.
    pub fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Late => "late",
            Self::Repeated => "repeated",
            Self::Jump => "jump",
            Self::OffDuty => "off_duty",
            Self::UnknownUnit => "unknown_unit",
            Self::Impossible(ImpossibleFix::Coordinate) => "coordinate",
            Self::Impossible(ImpossibleFix::NullIsland) => "null_island",
            Self::Impossible(ImpossibleFix::Future) => "future",
        }
    }
}

/// Whether a coordinate can be a place at all: in range, and not 0,0.
pub(crate) fn usable(at: Coord) -> Result<(), ImpossibleFix> {
    if Coord::new(at.lon, at.lat).is_err() {
        return Err(ImpossibleFix::Coordinate);
    }
    if at.lon.unsigned_abs() <= NULL_ISLAND && at.lat.unsigned_abs() <= NULL_ISLAND {
        return Err(ImpossibleFix::NullIsland);
    }
    Ok(())
}

impl LiveMap {
    /// Takes fixes that came together, each, or says why not: see the module for the rules. Those that claim to be from the
    /// future have the time that is believed of them from then on.
    pub fn positions(
        &mut self,
        state: &State,
        fixes: &mut [UnitFix],
        now: Time,
        mut told: impl FnMut(&UnitFix, PositionVerdict),
    ) {
        let ahead = ahead(fixes, now, self.rules);
        for fix in fixes {
            let claimed = fix.fix_time;
            if let Some(by) = ahead.get(&fix.unit).filter(|_| !is_beyond(claimed, now, self.rules)) {
                fix.fix_time = Time(claimed.0.saturating_sub(*by));
            }
            let verdict = self.position(state, fix, claimed, now);
            told(fix, verdict);
        }
    }

    /// Takes one fix, which claimed to be of another time if its device's clock runs ahead.
    fn position(&mut self, state: &State, fix: &UnitFix, claimed: Time, now: Time) -> PositionVerdict {
        let entry = state.register().units.get(&fix.unit).filter(|entry| !entry.retired);
        let (Some(entry), Some(unit)) = (entry, state.units().get(&fix.unit)) else {
            return PositionVerdict::UnknownUnit;
        };
        let rules = self.rules;
        let held = self.held_mut(entry.slot);
        if unit.duty == Duty::Off || held.since.is_some_and(|since| fix.fix_time < since) {
            return PositionVerdict::OffDuty;
        }
        if let Err(rule) = believable(fix, now, rules) {
            return PositionVerdict::Impossible(rule);
        }
        let taken_back = Some((fix.at, claimed)).filter(|_| claimed > now);
        if taken_back.is_some() && held.taken_back == taken_back {
            return PositionVerdict::Repeated;
        }
        let pending = held.pending;
        let live = self.live.get(entry.slot).filter(|live| live.fix_time != NO_FIX);
        let verdict = judge(live.map(|live| (live.at, Time(live.fix_time))), pending, fix, rules);
        let held = self.held_mut(entry.slot);
        match verdict {
            PositionVerdict::Applied => {
                held.pending = None;
                held.taken_back = taken_back.or(held.taken_back);
                held.last_good = Some((fix.at, fix.fix_time));
                let UnitFix { at, fix_time: Time(fix_time), speed_cm_s, heading_deg, .. } = *fix;
                let heading_deg = heading_deg % 360;
                self.live.update(entry.slot, Fix { at, fix_time, speed_cm_s, heading_deg });
            }
            // A fix older than the held one says nothing new; a newer one is the better guess.
            PositionVerdict::Jump if pending.is_none_or(|(_, time)| time < fix.fix_time) => {
                held.pending = Some((fix.at, fix.fix_time));
            }
            _ => {}
        }
        verdict
    }
}

fn believable(fix: &UnitFix, now: Time, rules: FixRules) -> Result<(), ImpossibleFix> {
    usable(fix.at)?;
    // The smallest time of all stands for "no fix".
    if is_beyond(fix.fix_time, now, rules) || fix.fix_time.0 == NO_FIX {
        return Err(ImpossibleFix::Future);
    }
    Ok(())
}

/// Whether a time lies further ahead than a clock may run.
fn is_beyond(time: Time, now: Time, rules: FixRules) -> bool {
    time > now.plus_ms(rules.future_ms)
}

/// By how much the clocks of devices run ahead, microseconds: of each unit, its latest fix that may be believed. Those whose
/// clocks do not are left out.
fn ahead(fixes: &[UnitFix], now: Time, rules: FixRules) -> BTreeMap<UnitId, i64> {
    let mut ahead = BTreeMap::new();
    for fix in fixes.iter().filter(|fix| fix.fix_time > now && !is_beyond(fix.fix_time, now, rules)) {
        let by = ahead.entry(fix.unit.clone()).or_default();
        *by = fix.fix_time.0.saturating_sub(now.0).max(*by);
    }
    ahead
}

/// Rules 4 to 6 of the module.
fn judge(
    live: Option<(Coord, Time)>,
    pending: Option<(Coord, Time)>,
    fix: &UnitFix,
    rules: FixRules,
) -> PositionVerdict {
    let Some(live) = live else { return PositionVerdict::Applied };
    if live == (fix.at, fix.fix_time) {
        return PositionVerdict::Repeated;
    }
    if fix.fix_time <= live.1 {
        return PositionVerdict::Late;
    }
    // Strictly later: the held fix, sent twice, does not confirm itself.
    let confirms = pending.is_some_and(|held| fix.fix_time > held.1 && within_reach(held, fix, rules));
    if confirms || within_reach(live, fix, rules) { PositionVerdict::Applied } else { PositionVerdict::Jump }
}

/// Whether a fix can be reached from an earlier one at the greatest believed speed, allowing for slack and accuracy.
fn within_reach((at, time): (Coord, Time), fix: &UnitFix, rules: FixRules) -> bool {
    const MICROS_PER_HOUR: u128 = 3_600_000_000;
    let accuracy_dm = u128::from(fix.accuracy_m.unwrap_or(0).min(ACCURACY_MAX_M)) * 10;
    let far_dm = u128::from(at.distance_dm(fix.at));
    let excused_dm = u128::from(rules.jump_slack_dm) + accuracy_dm;
    let passed = u128::from(fix.fix_time.0.saturating_sub(time.0).unsigned_abs());
    far_dm.saturating_sub(excused_dm) * MICROS_PER_HOUR <= u128::from(rules.jump_m_per_h) * 10 * passed
}
