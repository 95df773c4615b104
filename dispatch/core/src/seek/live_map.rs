//! Where things are: live units, areas and the travel model, as the writer keeps them beside state.
//!
//! **Absent on purpose**: decisions. Nothing here is journalled (D8); what a decision rests on is copied from here into
//! its evidence. Everything can be rebuilt from the region package, state and the next fixes.

mod geography;
mod position;

use std::collections::BTreeMap;

use geo_index::areas::Areas;
use geo_index::middle::Middle;
use geo_index::travel::{Detour, PaceError, TravelTime};
use geo_index::{Coord, Fix, LiveUnits, Slot};

use crate::kernel::id::{AreaCode, UnitId};
use crate::kernel::kind::Duty;
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;
pub use crate::seek::live_map::geography::{FixRules, Geography};
pub(crate) use crate::seek::live_map::position::usable;
pub use crate::seek::live_map::position::{ImpossibleFix, PositionVerdict, UnitFix};
use crate::seek::mask::mask;
use crate::state::State;

/// The fix time of a unit without any fix, which stands at its home base.
pub const NO_FIX: i64 = i64::MIN;

/// The name of the travel model, written into every examination.
pub const MODEL: &str = "detour-1";

/// Where things are.
pub struct LiveMap {
    /// Every unit of the register that is not retired, by slot: at its last fix, or with [`NO_FIX`] at its home base.
    pub live: LiveUnits,
    held: Vec<Held>,
    areas: Areas,
    paths: Vec<AreaPath>,
    middles: BTreeMap<AreaCode, Middle>,
    travel: Box<dyn TravelTime + Send + Sync>,
    region: String,
    rules: FixRules,
}

/// What is kept of a unit's fixes beside the live one.
#[derive(Clone, Debug, Default)]
struct Held {
    /// The last believed fix, kept when the unit goes off duty: an SOS may have nothing better.
    last_good: Option<(Coord, Time)>,
    /// The last fix that was believed and claimed to be from the future, as it claimed.
    taken_back: Option<(Coord, Time)>,
    /// A fix that came too fast to be believed alone.
    pending: Option<(Coord, Time)>,
    /// Off duty when last looked at.
    off: bool,
    /// When it last came on duty, if that was seen: what was measured before was measured off duty.
    since: Option<Time>,
}

impl LiveMap {
    /// An empty live map over a region. Fails when a mover has no pace for a terrain class in use.
    pub fn new(geography: Geography) -> Result<Self, PaceError> {
        let (travel, areas, paths) = survey(&geography)?;
        let Geography { region, middles, rules, .. } = geography;
        Ok(Self { live: LiveUnits::new(), held: Vec::new(), areas, paths, middles, travel, region, rules })
    }

    /// Takes another region. Live units stay where they are; their masks are those of the old register until
    /// [`sync_all`](Self::sync_all).
    pub fn adopt(&mut self, geography: Geography) -> Result<(), PaceError> {
        let (travel, areas, paths) = survey(&geography)?;
        let Geography { region, middles, rules, .. } = geography;
        (self.travel, self.areas, self.paths, self.middles) = (travel, areas, paths, middles);
        (self.region, self.rules) = (region, rules);
        Ok(())
    }

    /// Brings one unit's mask, and its place if it has no fix, in line with state. Must be called for every unit
    /// that a commit changed, and for all of them after state was rebuilt.
    pub fn sync_unit(&mut self, state: &State, id: &UnitId) {
        let Some(entry) = state.register().units.get(id) else { return };
        let Some(unit) = state.units().get(id).filter(|_| !entry.retired) else {
            self.live.remove(entry.slot);
            *self.held_mut(entry.slot) = Held::default();
            return;
        };
        let off = unit.duty == Duty::Off;
        let held = self.held_mut(entry.slot);
        if held.off && !off {
            held.since = Some(unit.duty_since);
        }
        held.off = off;
        if off {
            held.pending = None;
        }
        // A unit off duty is not followed (D13): where it was seen last says nothing of where it is.
        if off || self.live.get(entry.slot).is_none_or(|fix| fix.fix_time == NO_FIX) {
            let home = Fix { at: entry.home, fix_time: NO_FIX, speed_cm_s: 0, heading_deg: 0 };
            self.live.update(entry.slot, home);
        }
        self.live.set_mask(entry.slot, mask(state, id));
    }

    /// [`sync_unit`](Self::sync_unit) for every unit of the register; what is not in it any more leaves the live map.
    pub fn sync_all(&mut self, state: &State) {
        let entry = |slot: Slot| state.register().units.get(state.slots().get(index(slot))?);
        let slots = self.live.iter().map(|(slot, _)| slot);
        let strays =
            slots.filter(|slot| entry(*slot).is_none_or(|entry| entry.slot != *slot)).collect::<Vec<_>>();
        for slot in strays {
            self.live.remove(slot);
            *self.held_mut(slot) = Held::default();
        }
        for id in state.register().units.keys() {
            self.sync_unit(state, id);
        }
    }

    /// Puts units back where their tracks end, after a start: to be called once, before any fix comes. A unit on duty
    /// stands at its fix, with the age that has; one whose fix is of an earlier shift stands at home, as it would have,
    /// and the fix is kept for an SOS that has nothing better.
    pub fn resume(&mut self, state: &State, fixes: impl IntoIterator<Item = (UnitId, Fix)>) {
        for (id, entry) in &state.register().units {
            let Some(unit) = state.units().get(id).filter(|unit| unit.duty != Duty::Off) else { continue };
            self.held_mut(entry.slot).since = Some(unit.duty_since);
        }
        for (id, fix) in fixes {
            let Some(entry) = state.register().units.get(&id).filter(|entry| !entry.retired) else {
                continue;
            };
            let held = self.held_mut(entry.slot);
            held.last_good = Some((fix.at, Time(fix.fix_time)));
            if held.since.is_some_and(|since| since <= Time(fix.fix_time)) {
                self.live.update(entry.slot, fix);
            }
        }
    }

    /// Codes from the top down of the lowest area that holds a place; empty outside of all.
    pub fn locate(&self, at: Coord) -> AreaPath {
        let found = self.areas.containing(at).first().and_then(|id| self.paths.get(index(*id)));
        found.cloned().unwrap_or_default()
    }

    /// The lowest area of a path whose location is known, and a spot inside it.
    pub fn middle(&self, area: &AreaPath) -> Option<(&AreaCode, Middle)> {
        let mut known = area.0.iter().rev().filter_map(|code| self.middles.get_key_value(code));
        known.next().map(|(code, middle)| (code, *middle))
    }

    /// The last believed fix of a unit, on duty or not, and when it was measured.
    pub fn last_good(&self, slot: Slot) -> Option<(Coord, Time)> {
        self.held.get(index(slot))?.last_good
    }

    /// How long a leg takes.
    pub fn travel(&self) -> &(dyn TravelTime + Send + Sync) {
        &*self.travel
    }

    /// Content hash of the region package in use.
    pub fn region(&self) -> &str {
        &self.region
    }

    fn held_mut(&mut self, slot: Slot) -> &mut Held {
        let at = index(slot);
        if self.held.len() <= at {
            self.held.resize_with(at + 1, Held::default);
        }
        &mut self.held[at]
    }
}

type Survey = (Box<dyn TravelTime + Send + Sync>, Areas, Vec<AreaPath>);

/// The travel model and the area index of a region; the lowest areas come first.
fn survey(geography: &Geography) -> Result<Survey, PaceError> {
    let travel = Detour::new(MODEL.into(), geography.passable(), geography.terrain.clone())?;
    let paths: Vec<AreaPath> = geography.areas.iter().map(|(path, _)| path.clone()).collect();
    let ids = 0u32..;
    let ranked = ids.zip(&geography.areas).map(|(id, (path, polygons))| {
        let depth = u32::try_from(path.0.len()).unwrap_or(u32::MAX);
        (id, u32::MAX - depth, polygons.clone())
    });
    Ok((Box::new(travel), Areas::ranked(ranked.collect()), paths))
}

/// A 32-bit number as an index: every supported target has at least 32-bit addresses.
fn index(number: u32) -> usize {
    number as usize
}
