//! The exact search for who can come: for every line of the run card the soonest available units by travel time, and
//! the nearer ones that were not offered with the reason. What it finds is written into the event that rests on it.
//!
//! **Exact**: the index hands out units by growing distance and stops when no unit farther out can be sooner, because
//! the travel model gives a true lower bound for every distance. The age of a fix never excludes a unit; it widens its
//! estimate (D8). Borders are ignored (D14).
//!
//! **A place known as an area only** is sought from a spot inside it; how far the area reaches widens every estimate, as
//! the age of a fix does. Where nothing is known there is nobody to look for.
//!
//! **Absent on purpose**: choosing. That is [`recommend`](crate::kernel::recommend), a pure function of what is found here.

mod candidate;
mod passed;

use std::collections::{BTreeMap, BTreeSet};

use geo_index::{Filter, Slot};

use crate::kernel::id::{DeskId, TypeCode, UnitId};
use crate::kernel::kind::Priority;
use crate::kernel::place::{AreaPath, Place};
use crate::kernel::recommendation::{Around, Candidate, Examination};
use crate::kernel::target::Target;
use crate::kernel::time::Time;
use crate::register::run_card::run_card;
use crate::response::incident::Incident;
use crate::seek::examine::candidate::Scene;
use crate::seek::live_map::LiveMap;
use crate::seek::mask::need_filter;
use crate::state::State;

/// The least number of units looked for on each need line, if there are that many. A card that needs more in all
/// gets that many: only then is the proposal the best of all units and not just of those listed.
pub const SOONEST_MIN: usize = 5;
/// The most units listed as passed over.
pub const PASSED_MAX: usize = 8;

/// What is asked: for which place, type and priority, and who asks.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Where units are needed.
    pub place: &'a Place,
    /// The area it lies in, as far as known; the run card may depend on it.
    pub area: &'a AreaPath,
    /// What happened, once known.
    pub incident_type: Option<&'a TypeCode>,
    /// How long it takes precedence.
    pub priority: Priority,
    /// Response level, from 1.
    pub level: u8,
    /// The responsible desk, once known.
    pub desk: Option<&'a DeskId>,
    /// The unit that calls for help itself and is not sent to itself.
    pub caller: Option<&'a UnitId>,
    /// Targets the operator has named; units among them are looked at even if they are not near or not free.
    pub named: &'a [Target],
    /// The moment units are sought for, microseconds UTC.
    pub now: Time,
    /// The minute of the day in the region's zone then: run cards hold by it.
    pub minute: u16,
}

impl<'a> Question<'a> {
    /// What an incident needs as it stands. A unit that raised its SOS is not sent to itself.
    pub fn of_incident(state: &'a State, incident: &'a Incident, now: Time, minute: u16) -> Self {
        let alarms = incident.alarms.iter().filter_map(|alarm| state.alarms().get(alarm));
        let mut callers = alarms.filter(|alarm| alarm.source == crate::response::alarm::AlarmSource::Sos);
        Self {
            place: &incident.place,
            area: &incident.area,
            incident_type: incident.incident_type.as_ref(),
            priority: incident.priority,
            level: 1,
            desk: Some(&incident.desk),
            caller: callers.find_map(|alarm| alarm.unit.as_ref()),
            named: &[],
            now,
            minute,
        }
    }

    /// Looks for units.
    pub fn examine(&self, state: &State, live_map: &LiveMap) -> Examination {
        let card = run_card(state.register(), self.incident_type, self.area, self.minute, self.level);
        let mut found = Examination {
            place: self.place.clone(),
            around: self.around(live_map),
            incident_type: self.incident_type.cloned(),
            priority: self.priority,
            needs: card.needs,
            forbidden: card.forbidden,
            at: self.now,
            model: live_map.travel().version().to_owned(),
            region: live_map.region().to_owned(),
            desk: None,
            available: Vec::new(),
            passed: Vec::new(),
        };
        let from = found.around.as_ref().map(|around| (around.at, around.reach_dm));
        if let Some((at, reach_dm)) = self.place.coord.map(|at| (at, 0)).or(from) {
            let lines = found.needs.iter().map(|need| need_filter(state.register(), need, &found.forbidden));
            let lines: Vec<Option<Filter>> = lines.collect();
            let scene = Scene { state, live_map, at, reach_dm, now: self.now, caller: self.caller, lines };
            found.available = soonest(&scene, found.needs.iter().map(|need| usize::from(need.count)).sum());
            found.passed = passed::over(&scene, &found, self.named);
        }
        match self.desk {
            Some(desk) => found.for_desk(desk),
            None => found,
        }
    }

    /// The spot units are sought from for a place without a coordinate.
    fn around(&self, live_map: &LiveMap) -> Option<Around> {
        let known = self.place.coord.is_none().then(|| live_map.middle(self.area)).flatten();
        known.map(|(area, middle)| Around { area: area.clone(), at: middle.at, reach_dm: middle.reach_dm })
    }
}

/// Looks for units for a place, without an incident: what a console asks before anything is decided.
pub fn examine(
    state: &State,
    live_map: &LiveMap,
    place: &Place,
    incident_type: Option<&TypeCode>,
    priority: Priority,
    now: Time,
    minute: u16,
) -> Examination {
    let area = crate::seek::gather::area_of(state, live_map, place);
    let question = Question {
        place,
        area: &area,
        incident_type,
        priority,
        level: 1,
        desk: None,
        caller: None,
        named: &[],
        now,
        minute,
    };
    question.examine(state, live_map)
}

impl Examination {
    /// The same examination for the desk that is responsible: the units of others need a support request.
    #[must_use]
    pub fn for_desk(mut self, desk: &DeskId) -> Self {
        self.desk = Some(desk.clone());
        self
    }
}

/// The soonest units of every need line together, by ETA, then slot.
fn soonest(scene: &Scene, needed: usize) -> Vec<Candidate> {
    let k = needed.max(SOONEST_MIN);
    // One unit may be met by several lines: its travel time is worked out once.
    let mut travels: BTreeMap<Slot, u32> = BTreeMap::new();
    let mut chosen: BTreeSet<(u32, Slot)> = BTreeSet::new();
    let mut distances: BTreeMap<Slot, u32> = BTreeMap::new();
    for filter in scene.lines.iter().flatten() {
        let floor = |distance_dm| scene.live_map.travel().floor_ms(distance_dm);
        let ranked = scene.live_map.live.nearest_by(scene.at, k, *filter, floor, |unit| {
            let seen = scene.see_available(unit.slot)?;
            let known = travels.get(&unit.slot).copied();
            if known.is_none() && unit.cost_max.is_some_and(|cost_max| scene.eta_min_ms(&seen) > cost_max) {
                return None;
            }
            let travel_ms = known.unwrap_or_else(|| scene.travel_ms(&seen));
            travels.insert(unit.slot, travel_ms);
            (travel_ms != u32::MAX).then(|| seen.readiness_ms().saturating_add(travel_ms))
        });
        chosen.extend(ranked.iter().map(|unit| (unit.cost, unit.slot)));
        distances.extend(ranked.iter().map(|unit| (unit.slot, unit.distance_dm)));
    }
    let of = |(_, slot): (u32, Slot)| {
        Some(scene.candidate(&scene.see(slot)?, *distances.get(&slot)?, *travels.get(&slot)?))
    };
    chosen.into_iter().filter_map(of).collect()
}
