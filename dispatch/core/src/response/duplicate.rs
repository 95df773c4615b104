//! Incidents that an alarm may tell of already, scored and offered; never merged unseen.
//!
//! | weight | for | full when | nothing when |
//! |---|---|---|---|
//! | 400 | distance between the places, less both radii of doubt | 0 | 3 km |
//! | 250 | time from the nearest alarm of the incident | 0 | 1 h |
//! | 200 | source | same point, unit or device | – |
//! | 100 | type | same, both known | – |
//! | 50 | area | one place's area holds the other's | – |
//!
//! A wide place says less: the points for distance shrink by 3 km / (3 km + both radii). An incident farther away or
//! longer ago than the limits is not offered, unless the source is the same. A unit that presses SOS again is always
//! offered the incident it called for.
//! The weights are this project's own; nothing was fitted to calls.

use std::collections::BTreeSet;

use crate::kernel::id::AlarmId;
use crate::kernel::kind::IncidentState;
use crate::kernel::time::Time;
use crate::response::alarm::{Alarm, AlarmSource, DuplicateOffer};
use crate::response::incident::Incident;
use crate::state::State;

/// The most offers to one alarm.
pub const OFFERS_MAX: usize = 5;
/// Less alike than this is not offered, per mille.
pub const SCORE_MIN: u16 = 400;
/// Farther apart than this, both radii taken off, is another incident: 3 km.
pub const DISTANCE_MAX_DM: u32 = 30_000;
/// Longer apart than this is another incident: 1 h.
pub const APART_MAX_MS: u32 = 3_600_000;

const FOR_DISTANCE: u32 = 400;
const FOR_TIME: u32 = 250;
const FOR_SOURCE: u32 = 200;
const FOR_TYPE: u32 = 100;
const FOR_AREA: u32 = 50;

/// The active incidents of the same mode that an alarm may tell of: most alike first, equal ones by id, at most
/// [`OFFERS_MAX`]. The incident the alarm already belongs to is not among them.
pub fn offers(state: &State, alarm: &Alarm) -> Vec<DuplicateOffer> {
    let kin = state.alarms().kin(alarm);
    let mut offers: Vec<DuplicateOffer> = state
        .incidents()
        .values()
        .filter(|incident| incident.state == IncidentState::Active && incident.mode == alarm.mode)
        .filter(|incident| !incident.alarms.contains(&alarm.id))
        .filter_map(|incident| offer(state, alarm, incident, &kin))
        .collect();
    offers.sort_by_key(|offer| (std::cmp::Reverse(offer.score_per_mille), offer.incident));
    offers.truncate(OFFERS_MAX);
    offers
}

fn offer(
    state: &State,
    alarm: &Alarm,
    incident: &Incident,
    kin: &BTreeSet<AlarmId>,
) -> Option<DuplicateOffer> {
    let same_source = !kin.is_empty() && incident.alarms.iter().any(|told| kin.contains(told));
    let radii_dm = alarm.place.radius_m.saturating_add(incident.place.radius_m).saturating_mul(10);
    let beyond = |distance_dm: u32| distance_dm.saturating_sub(radii_dm) > DISTANCE_MAX_DM;
    let places = alarm.place.coord.zip(incident.place.coord);
    // Most are far away, and that is seen without working out how far.
    if !same_source && places.is_some_and(|(a, b)| beyond(a.distance_min_dm(b))) {
        return None;
    }
    let distance_dm = places.map(|(a, b)| a.distance_dm(b));
    let told = incident.alarms.iter().filter_map(|id| state.alarms().get(id));
    let apart_ms = told
        .map(|other| apart_ms(alarm.received_at, other.received_at))
        .min()
        .unwrap_or_else(|| apart_ms(alarm.received_at, incident.received_at));
    if !same_source && (distance_dm.is_some_and(beyond) || apart_ms > APART_MAX_MS) {
        return None;
    }
    let gap_dm = distance_dm.map(|distance_dm| distance_dm.saturating_sub(radii_dm));
    let same_type = alarm.incident_type.is_some() && alarm.incident_type == incident.incident_type;
    let known_areas = !alarm.area.0.is_empty() && !incident.area.0.is_empty();
    let same_area =
        known_areas && (alarm.area.is_within(&incident.area) || incident.area.is_within(&alarm.area));
    let score = gap_dm.map_or(0, |gap_dm| for_distance(gap_dm, radii_dm))
        + share(FOR_TIME, APART_MAX_MS.saturating_sub(apart_ms), APART_MAX_MS)
        + if same_source { FOR_SOURCE } else { 0 }
        + if same_type { FOR_TYPE } else { 0 }
        + if same_area { FOR_AREA } else { 0 };
    let score_per_mille = u16::try_from(score).unwrap_or(u16::MAX);
    let pressed_again = same_source && alarm.source == AlarmSource::Sos;
    (score_per_mille >= SCORE_MIN || pressed_again).then_some(DuplicateOffer {
        incident: incident.id,
        score_per_mille,
        distance_dm,
        apart_ms,
        same_source,
        same_type,
    })
}

fn for_distance(gap_dm: u32, radii_dm: u32) -> u32 {
    let near = share(FOR_DISTANCE, DISTANCE_MAX_DM.saturating_sub(gap_dm), DISTANCE_MAX_DM);
    share(near, DISTANCE_MAX_DM, DISTANCE_MAX_DM.saturating_add(radii_dm))
}

/// `weight * part / whole`, where part is at most whole: rounded down, never above the weight.
fn share(weight: u32, part: u32, whole: u32) -> u32 {
    u32::try_from(u64::from(weight) * u64::from(part) / u64::from(whole.max(1))).unwrap_or(weight)
}

fn apart_ms(a: Time, b: Time) -> u32 {
    a.ms_since(b).max(b.ms_since(a))
}
