//! A package's register as the core keeps it.
//!
//! Known gaps: a run card that holds at certain hours only is left out, because the core's cards hold all day; timers
//! of an area class are left out, because the core's hold everywhere.

use std::collections::BTreeMap;

use dispatch_core::command::AdoptRegion;
use dispatch_core::id::UnitId;
use dispatch_core::kind::{Priority, Role};
use dispatch_core::place::AreaPath;
use dispatch_core::register::{
    Area, Desk, IncidentType, Kind, Names, Need, Organisation, PointEntry, Register, RunCard, Seat, Timers,
    UnitEntry,
};
use dispatch_core::unit::Duty;
use region::forces::Duty as PackageDuty;
use region::places::PointKind;
use region::staff::SeatRole;
use region::{Package, register::Register as Source};

use super::geography::cm_s;
use super::names;

/// The command that adopts a package.
pub(super) fn of(package: &Package) -> AdoptRegion {
    let source = &package.register;
    let manifest = &package.manifest;
    let register = Register {
        region: manifest.id.clone(),
        version: manifest.version.clone(),
        zone: manifest.zone.clone(),
        language: manifest.default_language.clone(),
        names: manifest.names.0.clone(),
        levels: source.levels.iter().map(|level| level.names.0.clone()).collect(),
        // Positions are labelled and alarms land one level below the top (D15), or at the top where there is one only.
        label_level: u8::from(source.levels.len() > 1),
        areas: source.areas.iter().map(|area| (area.code.as_str().into(), self::area(area))).collect(),
        desks: desks(source),
        seats: seats(source, &manifest.languages),
        organisations: organisations(source),
        kinds: kinds(source),
        types: types(source),
        run_cards: run_cards(source),
        units: units(source),
        points: points(source),
        agencies: BTreeMap::new(),
        movers: source.movers.iter().map(|mover| mover.names.0.clone()).collect(),
        timers: timers(source),
    };
    AdoptRegion { hash: package.hash.to_string(), register: Box::new(register), duties: duties(source) }
}

/// A path as packages write it.
pub(super) fn path(text: &str) -> AreaPath {
    AreaPath(text.split('/').filter(|code| !code.is_empty()).map(Into::into).collect())
}

fn path_of(source: &Source, code: &str) -> AreaPath {
    source.area(code).map(|area| path(&area.path)).unwrap_or_default()
}

fn area(area: &region::places::Area) -> Area {
    Area { path: path(&area.path), names: area.names.0.clone() }
}

fn desks(source: &Source) -> BTreeMap<dispatch_core::id::DeskId, Desk> {
    let desk = |desk: &region::staff::Desk| Desk {
        parent: desk.parent.as_deref().map(Into::into),
        area: path_of(source, &desk.area),
        code: desk.code.clone(),
        names: desk.names.0.clone(),
    };
    source.desks.iter().map(|entry| (entry.code.as_str().into(), desk(entry))).collect()
}

fn seats(source: &Source, languages: &[String]) -> BTreeMap<dispatch_core::id::SeatId, Seat> {
    let mut numbers: BTreeMap<(&str, SeatRole), usize> = BTreeMap::new();
    let mut seats = BTreeMap::new();
    for seat in &source.seats {
        let number = numbers.entry((&seat.desk, seat.role)).or_default();
        *number += 1;
        let names = names::seat(seat.role, *number, languages);
        let entry = Seat { desk: seat.desk.as_str().into(), role: role(seat.role), names };
        seats.insert(seat.code.as_str().into(), entry);
    }
    seats
}

fn role(role: SeatRole) -> Role {
    match role {
        SeatRole::CallTaker => Role::CallTaker,
        SeatRole::Dispatcher => Role::Dispatcher,
        SeatRole::ShiftLead => Role::ShiftLead,
        SeatRole::Commander => Role::Commander,
    }
}

fn organisations(source: &Source) -> BTreeMap<dispatch_core::id::OrganisationId, Organisation> {
    let entry = |entry: &region::staff::Organisation| Organisation {
        parent: entry.parent.as_deref().map(Into::into),
        names: entry.names.0.clone(),
    };
    source.organisations.iter().map(|one| (one.code.as_str().into(), entry(one))).collect()
}

fn kinds(source: &Source) -> Vec<Kind> {
    let kind =
        |code: &str, class, names: &region::Names| Kind { code: code.into(), class, names: names.0.clone() };
    let classes = source.classes.iter().map(|entry| kind(&entry.code, true, &entry.names));
    classes.chain(source.capabilities.iter().map(|entry| kind(&entry.code, false, &entry.names))).collect()
}

fn types(source: &Source) -> BTreeMap<dispatch_core::id::TypeCode, IncidentType> {
    let entry = |entry: &region::response::IncidentType| IncidentType {
        names: entry.names.0.clone(),
        priority: priority(entry.priority),
        weapon: entry.weapon,
        sensitive: entry.sensitive,
    };
    source.types.iter().map(|one| (one.code.as_str().into(), entry(one))).collect()
}

fn priority(number: u8) -> Priority {
    match number {
        1 => Priority::P1,
        2 => Priority::P2,
        _ => Priority::P3,
    }
}

fn run_cards(source: &Source) -> Vec<RunCard> {
    let mut cards = Vec::new();
    for card in source.run_cards.iter().filter(|card| card.hours.is_none()) {
        let types = card.types.iter().map(|code| Some(code.as_str().into()));
        let types: Vec<_> = if card.types.is_empty() { vec![None] } else { types.collect() };
        for incident_type in types {
            for level in &card.levels {
                cards.push(RunCard {
                    incident_type: incident_type.clone(),
                    area: card.area.as_deref().map(|code| path_of(source, code)).unwrap_or_default(),
                    level: level.level,
                    needs: level.needs.iter().map(need).collect(),
                    forbidden: card.forbidden_classes.iter().map(|code| code.as_str().into()).collect(),
                });
            }
        }
    }
    cards
}

fn need(need: &region::response::Need) -> Need {
    Need {
        count: need.count,
        capabilities: need.capabilities.iter().map(|code| code.as_str().into()).collect(),
        classes: need.classes.iter().map(|code| code.as_str().into()).collect(),
    }
}

fn units(source: &Source) -> BTreeMap<UnitId, UnitEntry> {
    let entry = |unit: &region::forces::Unit, slot: u32| {
        let beat = unit.beat.as_deref().and_then(|code| source.beat(code));
        let desk_area = source.desk(&unit.desk).map(|desk| desk.area.as_str()).unwrap_or_default();
        let mover = source.movers.iter().position(|mover| mover.code == unit.mover);
        UnitEntry {
            call_sign: unit.call_sign.clone(),
            plate: unit.plate.clone().unwrap_or_default(),
            phone: unit.phone.clone(),
            crew: unit.crew,
            class: unit.class.as_str().into(),
            capabilities: unit.capabilities.iter().map(|code| code.as_str().into()).collect(),
            organisation: unit.organisation.as_str().into(),
            desk: unit.desk.as_str().into(),
            area: path_of(source, beat.map_or(desk_area, |beat| &beat.area)),
            beat: unit.beat.as_deref().map(Into::into),
            home: coord(unit.home),
            mover: mover.and_then(|index| u8::try_from(index).ok()).unwrap_or(0),
            readiness_ms: unit.readiness_ms,
            speed_max_cm_s: source.mover(&unit.mover).map_or(0, |mover| cm_s(mover.fastest_m_per_h())),
            slot,
            retired: false,
        }
    };
    source
        .units
        .iter()
        .zip(0u32..)
        .map(|(unit, slot)| (unit.code.as_str().into(), entry(unit, slot)))
        .collect()
}

fn points(source: &Source) -> BTreeMap<dispatch_core::id::PointId, PointEntry> {
    let posts: BTreeMap<&str, &region::Names> =
        source.posts.iter().map(|post| (post.code.as_str(), &post.names)).collect();
    let entry = |point: &region::places::Point| {
        let keeper = point.keeper.as_ref();
        let post = keeper.and_then(|keeper| Some((posts.get(keeper.post.as_str())?, keeper.serial)));
        PointEntry {
            number: point.number.clone(),
            names: point.names.0.clone(),
            at: coord(point.place),
            area: path_of(source, &point.area),
            kind: point_kind(point.kind).to_owned(),
            keeper: post.map_or_else(Names::new, |(names, serial)| names::numbered(names, serial)),
            organisation: keeper.map(|keeper| keeper.organisation.as_str().into()),
            neighbours: point.neighbours.iter().map(|code| code.as_str().into()).collect(),
            retired: false,
        }
    };
    source.points.iter().map(|point| (point.code.as_str().into(), entry(point))).collect()
}

fn point_kind(kind: PointKind) -> &'static str {
    match kind {
        PointKind::Phone => "phone",
        PointKind::Button => "button",
        PointKind::Sensor => "sensor",
        PointKind::Camera => "camera",
    }
}

fn coord(at: region::Coord) -> dispatch_core::Coord {
    dispatch_core::Coord { lon: at.lon, lat: at.lat }
}

fn timers(source: &Source) -> Timers {
    let kept = Timers::default();
    let of = |priority: u8| source.timers(priority, None);
    let Some(first) = of(1) else { return kept };
    let each = |take: fn(&region::response::Timers) -> u32| {
        [1, 2, 3].map(|priority| take(of(priority).unwrap_or(first)))
    };
    Timers {
        answer_ms: first.answer_ms,
        claim_ms: each(|timers| timers.claim_ms),
        first_order_ms: each(|timers| timers.first_order_ms),
        delivered_ms: first.delivered_ms,
        signed_ms: first.signed_ms,
        departed_slack_ms: first.departure_margin_ms,
        arrival_per_mille: first.arrival_percent * 10,
        sign_of_life_ms: first.sign_of_life_ms,
        feedback_ms: first.result_feedback_ms,
        climb_ms: source.thresholds.realert_ms,
        support_ms: source.thresholds.support_ms,
        archive_ms: kept.archive_ms,
        skew_ms: kept.skew_ms,
    }
}

/// Duties units begin with, where not on call.
fn duties(source: &Source) -> Vec<(UnitId, Duty)> {
    let duty = |duty: PackageDuty| match duty {
        PackageDuty::Patrolling => Some(Duty::Patrolling),
        PackageDuty::Reserve => Some(Duty::Reserve),
        PackageDuty::OnCall => None,
    };
    source.units.iter().filter_map(|unit| Some((unit.code.as_str().into(), duty(unit.duty)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Region;

    #[test]
    fn every_embedded_region_is_whole() {
        for id in region::embedded::ids() {
            let region = Region::find(id).unwrap();
            let register = region.adoption().register;
            assert!(
                !register.areas.is_empty() && !register.desks.is_empty() && !register.seats.is_empty(),
                "{id}"
            );
            assert!(register.kinds.len() <= dispatch_core::register::KINDS_MAX);
            for (code, unit) in &register.units {
                assert!(register.desks.contains_key(&unit.desk), "{code}");
                assert!(!unit.area.0.is_empty(), "{code}");
                assert!(register.kinds.iter().any(|kind| kind.class && kind.code == unit.class), "{code}");
            }
            for (code, point) in &register.points {
                assert!(!point.area.0.is_empty(), "{code}");
                assert!(point.neighbours.iter().all(|other| register.points.contains_key(other)), "{code}");
            }
            let geography = region.geography();
            assert_eq!(geography.paces.len(), register.movers.len());
            assert!(dispatch_core::field::Field::new(geography).is_ok(), "{id}");
            let again = Region::kept(&region.content()).unwrap();
            assert_eq!(again.hash, region.hash);
        }
    }
}
