//! Where an alarm or an incident is: what a message says of its place, made as good as register and fixes allow.
//!
//! 1. A registered point knows its own place: by point or by the number that rings, retired or not.
//! 2. A coordinate that was sent, unless it is none or 0,0. Its area is that of the polygon around it.
//! 3. A unit's SOS without a usable coordinate, or with a clock that cannot be right: its last good fix with its age
//!    (D8), else its home base. A patrol that names no place is where it was seen last.
//! 4. Anything else that is known: an area, a road post, or at least who sent it.

use geo_index::{Coord, stale};

use crate::command::RaiseAlarm;
use crate::kernel::evidence::Located;
use crate::kernel::id::{PointId, UnitId};
use crate::kernel::place::{AreaPath, Place, PlaceKind, PlaceSource};
use crate::kernel::time::Time;
use crate::register::PointEntry;
use crate::response::alarm::raise::is_clock_wrong;
use crate::response::alarm::{Alarm, AlarmSource};
use crate::seek::live_map::{LiveMap, usable};
use crate::state::State;

/// Codes from the top down of the area a place lies in: the polygon around its coordinate, or the area it names where
/// that lies within the polygon or there is none.
pub fn area_of(state: &State, live_map: &LiveMap, place: &Place) -> AreaPath {
    let around =
        place.coord.filter(|at| usable(*at).is_ok()).map(|at| live_map.locate(at)).unwrap_or_default();
    let named = place.area.as_ref().and_then(|code| state.register().areas.get(code)).map(|area| &area.path);
    let of_point =
        place.point.as_ref().and_then(|point| state.register().points.get(point)).map(|point| &point.area);
    let known = named.into_iter().chain(of_point).find(|path| path.is_within(&around));
    known.cloned().unwrap_or(around)
}

/// A place as somebody gave it, with what cannot be used taken off and its area found.
pub(crate) fn resolve(state: &State, live_map: &LiveMap, place: &Place) -> Located {
    let entry = place.point.as_ref().and_then(|point| state.register().points.get_key_value(point));
    if let Some((point, entry)) =
        entry.filter(|_| place.kind == PlaceKind::AlarmPoint || place.coord.is_none())
    {
        let known = of_point(point, entry);
        return Located { place: Place { confirmed_by: place.confirmed_by.clone(), ..known.place }, ..known };
    }
    let mut place = place.clone();
    if place.coord.is_some_and(|at| usable(at).is_err()) {
        (place.coord, place.radius_m) = (None, 0);
    }
    if place.coord.is_none() && place.kind == PlaceKind::Point {
        place.kind = if place.area.is_some() { PlaceKind::Area } else { PlaceKind::Unknown };
    }
    Located { area: area_of(state, live_map, &place), place, fix_age_ms: None }
}

/// An alarm's place as it is known already.
pub(crate) fn again(alarm: &Alarm) -> Located {
    Located { place: alarm.place.clone(), area: alarm.area.clone(), fix_age_ms: alarm.fix_age_ms }
}

/// The place of an alarm that comes.
pub(crate) fn of_alarm(
    state: &State,
    live_map: &LiveMap,
    raise: &RaiseAlarm,
    occurred_at: Option<Time>,
    now: Time,
) -> Located {
    if let Some((point, entry)) = point_of(state, raise) {
        return of_point(point, entry);
    }
    let sent = raise
        .place
        .as_ref()
        .map(|place| resolve(state, live_map, place))
        .filter(|sent| is_useful(&sent.place));
    let is_sos = raise.source == AlarmSource::Sos;
    let distrusted = is_sos && occurred_at.is_some_and(|at| is_clock_wrong(at, now));
    let own = || of_unit(state, live_map, raise.unit.as_ref()?, now);
    match sent {
        // A place sent with a wrong clock is better than a home base, and worse than a fix whose age is known.
        Some(sent) if distrusted => own().filter(|own| own.fix_age_ms.is_some()).unwrap_or(sent),
        Some(sent) if is_sos && sent.place.coord.is_none() => own().unwrap_or(sent),
        Some(sent) => with_unit_area(state, raise.unit.as_ref(), sent),
        None => own().unwrap_or_else(|| {
            let place = crate::seek::gather::unknown_place(raise.source);
            Located { place, area: AreaPath::default(), fix_age_ms: None }
        }),
    }
}

/// The place of a point or unit that something technical is about.
pub(crate) fn of_source(
    state: &State,
    live_map: &LiveMap,
    point: Option<&PointId>,
    unit: Option<&UnitId>,
    now: Time,
) -> Option<Located> {
    let point = point.and_then(|point| state.register().points.get_key_value(point));
    point.map(|(point, entry)| of_point(point, entry)).or_else(|| of_unit(state, live_map, unit?, now))
}

fn is_useful(place: &Place) -> bool {
    place.is_known() || place.road.is_some()
}

/// The registered point an alarm comes from; among points of one number, one that is not retired.
fn point_of<'a>(state: &'a State, raise: &RaiseAlarm) -> Option<(&'a PointId, &'a PointEntry)> {
    let points = &state.register().points;
    let by_id = raise.point.as_ref().and_then(|point| points.get_key_value(point));
    by_id.or_else(|| {
        let number = raise.number.as_deref().filter(|number| !number.is_empty())?;
        points.iter().filter(|(_, entry)| entry.number == number).min_by_key(|(_, entry)| entry.retired)
    })
}

fn of_point(point: &PointId, entry: &PointEntry) -> Located {
    let place = Place {
        kind: PlaceKind::AlarmPoint,
        coord: Some(entry.at),
        radius_m: 0,
        source: PlaceSource::Register,
        point: Some(point.clone()),
        road: None,
        area: None,
        confirmed_by: None,
    };
    Located { place, area: entry.area.clone(), fix_age_ms: None }
}

/// A unit's last good fix with its age and the radius that age allows, else its home base.
fn of_unit(state: &State, live_map: &LiveMap, unit: &UnitId, now: Time) -> Option<Located> {
    let entry = state.register().units.get(unit)?;
    let at = |coord: Coord, radius_m, source| Place {
        kind: PlaceKind::Point,
        coord: Some(coord),
        radius_m,
        source,
        point: None,
        road: None,
        area: None,
        confirmed_by: None,
    };
    let Some((coord, fix_time)) = live_map.last_good(entry.slot) else {
        let place = at(entry.home, 0, PlaceSource::HomeBase);
        return Some(Located { place, area: entry.area.clone(), fix_age_ms: None });
    };
    let age_ms = now.ms_since(fix_time);
    let radius_m = stale::radius_dm(age_ms, entry.speed_max_cm_s).div_ceil(10);
    let place = at(coord, radius_m, PlaceSource::LastFix);
    let found = Located { area: live_map.locate(coord), place, fix_age_ms: Some(age_ms) };
    Some(with_unit_area(state, Some(unit), found))
}

/// A place outside of every polygon belongs to its unit's own area: somebody must answer for it.
fn with_unit_area(state: &State, unit: Option<&UnitId>, found: Located) -> Located {
    let home = unit.and_then(|unit| state.register().units.get(unit)).map(|entry| &entry.area);
    match home {
        Some(home) if found.area.0.is_empty() => Located { area: home.clone(), ..found },
        _ => found,
    }
}
