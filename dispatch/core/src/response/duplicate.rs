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
//! A wide place says less: the points for distance shrink by 3 km / (3 km + both radii). An incident farther away,
//! nobody knows how far away, or longer ago than the limits is not offered, unless the source is the same. A unit that
//! presses SOS again is always offered the incident it called for.
//!
//! However many incidents go on, an alarm looks at few: at the [`NEAREST_MAX`] nearest, and at those that its source's last
//! [`KIN_MAX`] alarms tell of.
//! The weights are this project's own; nothing was fitted to calls.

use std::collections::BTreeSet;

use crate::kernel::id::IncidentId;
use crate::kernel::kind::IncidentState;
use crate::kernel::time::Time;
use crate::response::alarm::mark::AlarmMark;
use crate::response::alarm::{Alarm, AlarmSource, DuplicateOffer};
use crate::response::incident::Incident;
use crate::response::incident::mark::{Doubt, IncidentMark};
use crate::state::State;

/// Of incidents near enough, so many are looked at, the nearest of each class of doubt.
pub const NEAREST_MAX: usize = 64;
/// Of the alarms of one source, so many are looked at, the last ones.
pub const KIN_MAX: usize = 64;
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
    let of_source = of_source(state, alarm);
    let mut looked_at = near(state, alarm);
    looked_at.extend(&of_source);
    let mut offers: Vec<DuplicateOffer> = looked_at
        .iter()
        .filter_map(|id| state.incidents().get(id))
        .filter(|incident| incident.state == IncidentState::Active && incident.mode == alarm.mode)
        .filter(|incident| !incident.alarms.contains(&alarm.id))
        .filter_map(|incident| offer(state, alarm, incident, of_source.contains(&incident.id)))
        .collect();
    offers.sort_by_key(|offer| (std::cmp::Reverse(offer.score_per_mille), offer.incident));
    offers.truncate(OFFERS_MAX);
    offers
}

/// Incidents that alarms from the same point, unit or device tell of.
fn of_source(state: &State, alarm: &Alarm) -> BTreeSet<IncidentId> {
    let last = |source| state.alarms().bearing(source).rev().take(KIN_MAX);
    let kin = AlarmMark::sources(alarm).flat_map(last);
    kin.filter_map(|known| known.outcome.as_ref()?.incident).collect()
}

/// Active incidents that may lie within the limit of an alarm.
fn near(state: &State, alarm: &Alarm) -> BTreeSet<IncidentId> {
    let Some(coord) = alarm.place.coord else { return BTreeSet::new() };
    let mut near = BTreeSet::new();
    for doubt in Doubt::all() {
        let radii_dm = radii_dm(alarm.place.radius_m, doubt.radius_max_m());
        let band = coord.latitudes_within(DISTANCE_MAX_DM.saturating_add(radii_dm));
        let edge = |lat, lon| IncidentMark::At { doubt, lat, lon };
        let listed = state.incidents().between(edge(*band.start(), i32::MIN), edge(*band.end(), i32::MAX));
        let placed = listed.filter_map(|(mark, id)| Some((mark.coord()?.distance_dm(coord), *id)));
        let mut placed: Vec<_> =
            placed.filter(|(distance_dm, _)| !is_beyond(*distance_dm, radii_dm)).collect();
        if placed.len() > NEAREST_MAX {
            // Of those that are as near as each other the later ones.
            placed.select_nth_unstable_by_key(NEAREST_MAX, |(distance_dm, id)| {
                (*distance_dm, std::cmp::Reverse(*id))
            });
            placed.truncate(NEAREST_MAX);
        }
        near.extend(placed.into_iter().map(|(_, id)| id));
    }
    near
}

/// Both radii of doubt, decimetres.
fn radii_dm(one_m: u32, other_m: u32) -> u32 {
    one_m.saturating_add(other_m).saturating_mul(10)
}

fn is_beyond(distance_dm: u32, radii_dm: u32) -> bool {
    distance_dm.saturating_sub(radii_dm) > DISTANCE_MAX_DM
}

fn offer(state: &State, alarm: &Alarm, incident: &Incident, same_source: bool) -> Option<DuplicateOffer> {
    let radii_dm = radii_dm(alarm.place.radius_m, incident.place.radius_m);
    let places = alarm.place.coord.zip(incident.place.coord);
    let distance_dm = places.map(|(a, b)| a.distance_dm(b));
    let told = incident.alarms.iter().filter_map(|id| state.alarms().get(id));
    let apart_ms = told
        .map(|other| apart_ms(alarm.received_at, other.received_at))
        .min()
        .unwrap_or_else(|| apart_ms(alarm.received_at, incident.received_at));
    let is_near = distance_dm.is_some_and(|distance_dm| !is_beyond(distance_dm, radii_dm));
    if !same_source && (!is_near || apart_ms > APART_MAX_MS) {
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
