//! What is known of one unit for one place: how long it takes, and how far that can be trusted.

use geo_index::travel::Leg;
use geo_index::{Coord, Filter, Fix, Slot, stale};

use crate::kernel::id::UnitId;
use crate::kernel::kind::Duty;
use crate::kernel::recommendation::{Candidate, CandidatePlace};
use crate::kernel::time::Time;
use crate::register::UnitEntry;
use crate::response::status::status_of;
use crate::response::unit::Unit;
use crate::seek::live_map::{LiveMap, NO_FIX};
use crate::seek::mask::is_available;
use crate::state::State;

/// Below this distance the pace of a leg says little of the pace around the unit, decimetres.
const LEG_MIN_DM: u32 = 1_000;

/// A place that units are looked for, and what is needed to judge them.
pub(crate) struct Scene<'a> {
    pub state: &'a State,
    pub live_map: &'a LiveMap,
    pub at: Coord,
    /// How far from there it may be, decimetres.
    pub reach_dm: u32,
    pub now: Time,
    /// The unit that calls for help itself.
    pub caller: Option<&'a UnitId>,
    /// What each need line demands of a mask; `None` for a line nobody can fill.
    pub lines: Vec<Option<Filter>>,
}

/// A unit as register, state and live map know it.
pub(crate) struct Seen<'a> {
    pub id: &'a UnitId,
    pub entry: &'a UnitEntry,
    pub unit: &'a Unit,
    pub fix: &'a Fix,
}

impl<'a> Scene<'a> {
    pub(crate) fn see(&self, slot: Slot) -> Option<Seen<'a>> {
        let (state, live_map): (&'a State, &'a LiveMap) = (self.state, self.live_map);
        let id = state.slots().get(slot as usize)?;
        let entry = state.register().units.get(id).filter(|entry| entry.slot == slot)?;
        Some(Seen { id, entry, unit: state.units().get(id)?, fix: live_map.live.get(slot)? })
    }

    /// A unit that can take an order now, by state and not by its mask; `None` for any other.
    pub(crate) fn see_available(&self, slot: Slot) -> Option<Seen<'a>> {
        self.see(slot).filter(|seen| is_available(seen.entry, seen.unit) && !self.is_caller(seen))
    }

    /// It cannot come sooner than this: readiness and the least that the way can take.
    pub(crate) fn eta_min_ms(&self, seen: &Seen) -> u32 {
        seen.readiness_ms().saturating_add(self.live_map.travel().lower_bound_ms(&self.leg(seen)))
    }

    /// How long it is on its way; [`u32::MAX`] where there is none.
    pub(crate) fn travel_ms(&self, seen: &Seen) -> u32 {
        self.live_map.travel().exact_ms(&self.leg(seen))
    }

    fn leg(&self, seen: &Seen) -> Leg {
        Leg { from: seen.fix.at, to: self.at, mover: seen.entry.mover }
    }

    /// What is known of it, for the way it has to go.
    pub(crate) fn candidate(&self, seen: &Seen, distance_dm: u32, travel_ms: u32) -> Candidate {
        let has_fix = seen.fix.fix_time != NO_FIX;
        let fix_time = has_fix.then_some(Time(seen.fix.fix_time));
        // Without a fix it is at home, as far as anybody knows: in doubt since its duty began, but never without end.
        let unseen_ms = fix_time.map_or_else(
            || self.now.ms_since(seen.unit.duty_since).min(HOME_DOUBT_MS_MAX),
            |time| self.now.ms_since(time),
        );
        Candidate {
            unit: seen.id.clone(),
            from: if has_fix { CandidatePlace::Fix } else { CandidatePlace::HomeBase },
            fix_time,
            fix_age_ms: fix_time.map(|time| self.now.ms_since(time)),
            distance_dm,
            readiness_ms: seen.readiness_ms(),
            travel_ms,
            doubt_ms: doubt_ms(
                self.doubt_dm(seen, unseen_ms),
                seen.entry.speed_max_cm_s,
                distance_dm,
                travel_ms,
            ),
            status: status_of(self.state, seen.unit),
            desk: seen.unit.desk.clone(),
            fills: self.fills(seen.entry.slot),
        }
    }

    pub(crate) fn is_caller(&self, seen: &Seen) -> bool {
        self.caller == Some(seen.id)
    }

    /// How far the unit may be from its fix and the place from where it was sought, together.
    fn doubt_dm(&self, seen: &Seen, unseen_ms: u32) -> u64 {
        u64::from(stale::radius_dm(unseen_ms, seen.entry.speed_max_cm_s)) + u64::from(self.reach_dm)
    }

    /// The need lines that this unit's kinds fit, whether or not it is free.
    fn fills(&self, slot: Slot) -> Vec<u8> {
        let mask = self.live_map.live.mask(slot) | crate::seek::mask::AVAILABLE;
        let fits = |line: &Option<Filter>| line.is_some_and(|filter| filter.passes(mask));
        (0u8..=u8::MAX).zip(&self.lines).filter(|(_, line)| fits(line)).map(|(index, _)| index).collect()
    }
}

/// A unit without a fix is doubted as one whose fix is at most this old: 5 min.
const HOME_DOUBT_MS_MAX: u32 = 300_000;

impl Seen<'_> {
    /// Milliseconds before it rolls: none on the road, the register's when on call, twice that when it is a reserve or
    /// has to be called in.
    pub(crate) fn readiness_ms(&self) -> u32 {
        if self.unit.active.is_some() || self.unit.returning {
            return 0;
        }
        match self.unit.duty {
            Duty::Patrolling => 0,
            Duty::OnCall => self.entry.readiness_ms,
            Duty::Reserve | Duty::Off => self.entry.readiness_ms.saturating_mul(2),
        }
    }
}

/// How much sooner or later it may be because nobody knows where it went since, or where in its area the place is: that
/// radius at the pace of the leg, or at its greatest speed where the leg is too short to have a pace.
fn doubt_ms(radius_dm: u64, speed_max_cm_s: u32, distance_dm: u32, travel_ms: u32) -> u32 {
    let doubt = if distance_dm >= LEG_MIN_DM && travel_ms != u32::MAX {
        radius_dm * u64::from(travel_ms) / u64::from(distance_dm)
    } else {
        // dm * 10 cm / (cm/s) * 1000 ms.
        radius_dm.saturating_mul(10_000) / u64::from(speed_max_cm_s.max(1))
    };
    u32::try_from(doubt).unwrap_or(u32::MAX)
}
