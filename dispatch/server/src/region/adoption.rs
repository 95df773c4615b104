//! A package's register as the core keeps it.

use std::collections::BTreeMap;

use dispatch_core::command::AdoptRegion;
use dispatch_core::kernel::id::{AreaClassCode, DeskId, TrunkCode, UnitId};
use dispatch_core::kernel::kind::{Duty, Priority, Role};
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::recommendation::Need;
use dispatch_core::register::{
    Area, ByPriority, Desk, Hours, IncidentType, Kind, Names, Organisation, PointEntry, Register, RunCard,
    Seat, Timers, UnitEntry,
};
use region::Package;
use region::forces::Duty as PackageDuty;
use region::places::PointKind;
use region::register::Register as Source;
use region::staff::SeatRole;

use super::geography::cm_s;
use super::names;
use crate::area_path::area_path;

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
        area_classes: source
            .area_classes
            .iter()
            .map(|it| (it.code.as_str().into(), it.names.0.clone()))
            .collect(),
        areas: source
            .areas
            .iter()
            .map(|area| (area.code.as_str().into(), self::area(source, area)))
            .collect(),
        desks: desks(source),
        seats: seats(source, &manifest.languages),
        organisations: organisations(source),
        kinds: kinds(source),
        types: types(source),
        run_cards: run_cards(source),
        units: units(source),
        points: points(source),
        trunks: trunks(source),
        agencies: source.agencies.iter().map(|it| (it.code.as_str().into(), it.names.0.clone())).collect(),
        movers: source.movers.iter().map(|mover| mover.names.0.clone()).collect(),
        timers: timers(source, None),
        class_timers: class_timers(source),
    };
    AdoptRegion { hash: package.hash.to_string(), register: Box::new(register), duties: duties(source) }
}

fn path_of(source: &Source, code: &str) -> AreaPath {
    source.area(code).map(|area| area_path(&area.path)).unwrap_or_default()
}

fn area(source: &Source, area: &region::places::Area) -> Area {
    let class = source.area_class(&area.code).map(Into::into);
    Area { path: area_path(&area.path), class, names: area.names.0.clone() }
}

fn desks(source: &Source) -> BTreeMap<DeskId, Desk> {
    let desk = |desk: &region::staff::Desk| Desk {
        parent: desk.parent.as_deref().map(Into::into),
        area: path_of(source, &desk.area),
        code: desk.code.clone(),
        names: desk.names.0.clone(),
    };
    source.desks.iter().map(|entry| (entry.code.as_str().into(), desk(entry))).collect()
}

fn trunks(source: &Source) -> BTreeMap<TrunkCode, DeskId> {
    let of = |desk: &region::staff::Desk| {
        let id = DeskId::from(desk.code.as_str());
        desk.trunks.iter().map(move |trunk| (trunk.as_str().into(), id.clone())).collect::<Vec<_>>()
    };
    source.desks.iter().flat_map(of).collect()
}

fn seats(source: &Source, languages: &[String]) -> BTreeMap<dispatch_core::kernel::id::SeatId, Seat> {
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

fn organisations(source: &Source) -> BTreeMap<dispatch_core::kernel::id::OrganisationId, Organisation> {
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

fn types(source: &Source) -> BTreeMap<dispatch_core::kernel::id::TypeCode, IncidentType> {
    let entry = |entry: &region::response::IncidentType| IncidentType {
        names: entry.names.0.clone(),
        priority: priority(entry.priority),
        weapon: entry.weapon,
        sensitive: entry.sensitive,
        automatic: None,
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
    for card in &source.run_cards {
        let types = card.types.iter().map(|code| Some(code.as_str().into()));
        let types: Vec<_> = if card.types.is_empty() { vec![None] } else { types.collect() };
        for incident_type in types {
            for level in &card.levels {
                cards.push(RunCard {
                    incident_type: incident_type.clone(),
                    area: card.area.as_deref().map(|code| path_of(source, code)).unwrap_or_default(),
                    hours: card.hours.map(|(from, until)| Hours { from, until }),
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

fn points(source: &Source) -> BTreeMap<dispatch_core::kernel::id::PointId, PointEntry> {
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

/// Timers everywhere, or in areas of a class.
fn timers(source: &Source, class: Option<&str>) -> Timers {
    let kept = Timers::default();
    let each = |take: fn(&region::response::Timers) -> u32, kept: ByPriority| {
        let of = |priority: u8, kept: u32| source.timers(priority, class).map_or(kept, take);
        [of(1, kept[0]), of(2, kept[1]), of(3, kept[2])]
    };
    Timers {
        answer_ms: each(|timers| timers.answer_ms, kept.answer_ms),
        claim_ms: each(|timers| timers.claim_ms, kept.claim_ms),
        first_order_ms: each(|timers| timers.first_order_ms, kept.first_order_ms),
        delivered_ms: each(|timers| timers.delivered_ms, kept.delivered_ms),
        signed_ms: each(|timers| timers.signed_ms, kept.signed_ms),
        departed_slack_ms: each(|timers| timers.departure_margin_ms, kept.departed_slack_ms),
        arrival_per_mille: each(|timers| timers.arrival_percent * 10, kept.arrival_per_mille),
        sign_of_life_ms: each(|timers| timers.sign_of_life_ms, kept.sign_of_life_ms),
        feedback_ms: each(|timers| timers.result_feedback_ms, kept.feedback_ms),
        escalation_ms: source.thresholds.realert_ms,
        support_ms: source.thresholds.support_ms,
        archive_ms: kept.archive_ms,
        skew_ms: kept.skew_ms,
    }
}

/// Timers of the classes that rules name.
fn class_timers(source: &Source) -> BTreeMap<AreaClassCode, Timers> {
    let named = source.timers.iter().filter_map(|rule| rule.area_class.as_deref());
    named.map(|class| (class.into(), timers(source, Some(class)))).collect()
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
            assert!(!register.trunks.is_empty() && !register.agencies.is_empty(), "{id}");
            assert!(register.areas.values().all(|area| {
                area.class.as_ref().is_none_or(|class| register.area_classes.contains_key(class))
            }));
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
            assert!(dispatch_core::seek::live_map::LiveMap::new(geography).is_ok(), "{id}");
            dispatch_core::decide(
                &dispatch_core::state::State::default(),
                &dispatch_core::kernel::evidence::Evidence::default(),
                &adopting(&region),
                dispatch_core::kernel::time::Time(0),
            )
            .unwrap_or_else(|refusal| panic!("{id}: {refusal}"));
            let again = Region::kept(&region.content()).unwrap();
            assert_eq!(again.hash, region.hash);
        }
    }

    fn adopting(region: &Region) -> dispatch_core::command::Envelope {
        dispatch_core::command::Envelope {
            id: dispatch_core::kernel::id::CommandId(uuid::Uuid::nil()),
            actor: "system".into(),
            on_behalf_of: None,
            seat: None,
            channel: dispatch_core::kernel::kind::Channel::System,
            occurred_at: None,
            command: region.adoption().into(),
        }
    }

    #[test]
    fn the_league_keeps_its_hours_classes_and_trunks() {
        let register = Region::find("xilingol").unwrap().adoption().register;
        let theft = "livestock-theft".into();
        let area = register.areas[&"152502200".into()].path.clone();
        let needs = |minute| {
            dispatch_core::register::run_card::run_card(&register, Some(&theft), &area, minute, 1).needs.len()
        };
        assert_eq!((needs(720), needs(1_300), needs(0)), (1, 2, 2), "two lines of a card at night");
        let timers = |code: &str| register.timers_in(&register.areas[&code.into()].path);
        assert_eq!(timers("152502200200").signed_ms, [30_000, 30_000, 60_000]);
        assert_eq!(timers("152502001").signed_ms, [30_000; 3]);
        assert_eq!(register.trunks[&"110".into()], "1525".into());
        assert_eq!(register.trunks[&"110-152502".into()], "152502".into());
    }
}
