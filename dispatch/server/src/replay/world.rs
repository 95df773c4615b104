//! The centre a call log implies: its units, classes, types and one desk. A unit stands where its last call was; before
//! its first call it stands in the middle of all its calls, which is said in the report.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::Coord;
use dispatch_core::kernel::id::{AreaCode, DeskId, KindCode, OrganisationId, SeatId, TypeCode, UnitId};
use dispatch_core::kernel::kind::{Priority, Role};
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::recommendation::Need;
use dispatch_core::register::{
    Area, Desk, IncidentType, Kind, Names, Organisation, Register, RunCard, Seat, Timers, UnitEntry,
};

use super::log::Log;

/// The only seat: every act of the log's own operators is done from it.
pub fn seat() -> SeatId {
    SeatId::from("log-1")
}

/// The register of the log.
pub fn register(log: &Log) -> Register {
    let id = log.mapping.id.as_str();
    let desk = DeskId::from(id);
    let path = AreaPath(vec![AreaCode::from(id)]);
    let named = |text: &str| Names::from([(log.mapping.language.clone(), text.to_owned())]);
    let classes: BTreeSet<&str> = orders(log).map(|(_, class, _)| class).collect();
    let seat_entry = Seat { desk: desk.clone(), role: Role::Dispatcher, names: named("log") };
    let desk_entry = Desk { parent: None, area: path.clone(), code: id.to_uppercase(), names: named(id) };
    Register {
        region: id.to_owned(),
        version: "log".to_owned(),
        zone: log.mapping.zone.clone(),
        language: log.mapping.language.clone(),
        names: named(id),
        levels: vec![named("city")],
        label_level: 0,
        areas: BTreeMap::from([(
            AreaCode::from(id),
            Area { path: path.clone(), class: None, names: named(id) },
        )]),
        desks: BTreeMap::from([(desk.clone(), desk_entry)]),
        seats: BTreeMap::from([(seat(), seat_entry)]),
        organisations: BTreeMap::from([(
            OrganisationId::from(id),
            Organisation { parent: None, names: named(id) },
        )]),
        kinds: classes
            .iter()
            .map(|class| Kind { code: KindCode::from(*class), class: true, names: named(class) })
            .collect(),
        types: types(log).keys().map(|code| (type_code(code), incident_type(named(code)))).collect(),
        run_cards: types(log).iter().map(|(code, classes)| run_card(code, classes)).collect(),
        units: units(log, &desk, &path),
        points: BTreeMap::new(),
        agencies: BTreeMap::new(),
        movers: vec![named("vehicle")],
        timers: unhurried(),
        ..Register::default()
    }
}

/// The code of a type of the log.
pub fn type_code(call_type: &str) -> TypeCode {
    TypeCode::from(call_type)
}

fn incident_type(names: Names) -> IncidentType {
    IncidentType { names, priority: Priority::P2, weapon: false, sensitive: false, automatic: None }
}

fn orders(log: &Log) -> impl Iterator<Item = (&str, &str, Coord)> {
    log.calls
        .iter()
        .flat_map(|call| call.orders.iter().map(|order| (order.unit.as_str(), order.class.as_str(), call.at)))
}

/// Each type with the classes that were ever sent first to it: one line of its run card for each.
fn types(log: &Log) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut types: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for call in &log.calls {
        let classes = types.entry(&call.kind).or_default();
        classes.extend(call.orders.first().map(|order| order.class.as_str()));
    }
    types
}

fn run_card(code: &str, classes: &BTreeSet<&str>) -> RunCard {
    let need = |class: &&str| Need {
        count: 1,
        capabilities: BTreeSet::new(),
        classes: BTreeSet::from([KindCode::from(*class)]),
    };
    RunCard {
        incident_type: Some(type_code(code)),
        area: AreaPath::default(),
        hours: None,
        level: 1,
        needs: classes.iter().map(need).collect(),
        forbidden: BTreeSet::new(),
    }
}

fn units(log: &Log, desk: &DeskId, path: &AreaPath) -> BTreeMap<UnitId, UnitEntry> {
    let mut seen: BTreeMap<&str, (&str, i64, i64, i64)> = BTreeMap::new();
    for (unit, class, at) in orders(log) {
        let (_, lon, lat, count) = seen.entry(unit).or_insert((class, 0, 0, 0));
        *lon += i64::from(at.lon);
        *lat += i64::from(at.lat);
        *count += 1;
    }
    let travel = log.mapping.travel;
    let middle = |sum: i64, count: i64| i32::try_from(sum / count).unwrap_or_default();
    seen.into_iter()
        .zip(0..)
        .map(|((unit, (class, lon, lat, count)), slot)| {
            let entry = UnitEntry {
                call_sign: unit.to_owned(),
                plate: String::new(),
                phone: None,
                crew: 0,
                class: KindCode::from(class),
                capabilities: BTreeSet::new(),
                organisation: OrganisationId::from(path.0[0].as_str()),
                desk: desk.clone(),
                area: path.clone(),
                beat: None,
                home: Coord { lon: middle(lon, count), lat: middle(lat, count) },
                mover: 0,
                readiness_ms: travel.turnout_ms,
                speed_max_cm_s: travel.speed_cm_s.saturating_mul(3),
                slot,
                retired: false,
            };
            (UnitId::from(unit), entry)
        })
        .collect()
}

/// Nobody of this centre can be told to hurry: a log has no operator who could act on a timer. So none runs out within
/// the day in which a closed incident leaves state.
fn unhurried() -> Timers {
    const DAY_MS: u32 = 86_400_000;
    // An arrival is bound to its estimate; this is as late as it can be due.
    const ARRIVAL_MAX_PER_MILLE: u32 = 10_000;
    Timers {
        answer_ms: [DAY_MS; 3],
        claim_ms: [DAY_MS; 3],
        first_order_ms: [DAY_MS; 3],
        delivered_ms: [DAY_MS; 3],
        signed_ms: [DAY_MS; 3],
        departed_slack_ms: [DAY_MS; 3],
        arrival_per_mille: [ARRIVAL_MAX_PER_MILLE; 3],
        sign_of_life_ms: [DAY_MS; 3],
        feedback_ms: [DAY_MS; 3],
        ..Timers::default()
    }
}
