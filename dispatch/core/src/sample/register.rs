//! The sample's register.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{at, path};
use crate::kernel::id::{DeskId, SeatId};
use crate::kernel::kind::{Priority, Role};
use crate::kernel::recommendation::Need;
use crate::register::{
    Area, Desk, IncidentType, Kind, Names, Organisation, PointEntry, Register, RunCard, Seat, Timers,
    UnitEntry,
};

pub(super) fn sample() -> Register {
    Register {
        region: "sample".into(),
        version: "1".into(),
        zone: "Asia/Shanghai".into(),
        language: "en".into(),
        names: names("Sample league"),
        levels: vec![names("league"), names("banner"), names("sumu")],
        label_level: 1,
        areas: areas(),
        desks: desks(),
        seats: seats(),
        organisations: [("bureau".into(), Organisation { parent: None, names: names("Bureau") })].into(),
        kinds: kinds(),
        types: types(),
        run_cards: run_cards(),
        units: units(),
        points: points(),
        trunks: [("north".into(), "north".into()), ("south".into(), "south".into())].into(),
        agencies: [("rail".into(), names("Railway"))].into(),
        movers: vec![names("car"), names("truck")],
        timers: Timers::default(),
        area_classes: [("town".into(), names("town")), ("open".into(), names("open country"))].into(),
        class_timers: [("open".into(), open_country())].into(),
    }
}

fn names(text: &str) -> Names {
    [("en".to_owned(), text.to_owned())].into()
}

fn areas() -> BTreeMap<crate::kernel::id::AreaCode, Area> {
    let paths: [&[&str]; 5] =
        [&["15"], &["15", "1501"], &["15", "1502"], &["15", "1501", "150101"], &["15", "1502", "150201"]];
    let area = |codes: &[&str]| {
        let code = codes[codes.len() - 1];
        // The sumu of the north is open country, all else is town.
        let class = if code == "150101" { "open" } else { "town" };
        (code.into(), Area { path: path(codes), class: Some(class.into()), names: names(code) })
    };
    paths.into_iter().map(area).collect()
}

/// Far out, signing takes longer, and nobody hurries a matter of priority 3.
fn open_country() -> Timers {
    Timers {
        signed_ms: [30_000, 45_000, 60_000],
        first_order_ms: [60_000, 120_000, 900_000],
        ..Timers::default()
    }
}

fn desks() -> BTreeMap<DeskId, Desk> {
    let desk = |id: &str, parent: Option<&str>, codes: &[&str], code: &str| {
        let desk =
            Desk { parent: parent.map(DeskId::from), area: path(codes), code: code.into(), names: names(id) };
        (DeskId::from(id), desk)
    };
    [
        desk("league", None, &["15"], "ML"),
        desk("north", Some("league"), &["15", "1501"], "NB"),
        desk("south", Some("league"), &["15", "1502"], "SB"),
        desk("steppe", Some("north"), &["15", "1501", "150101"], "ST"),
    ]
    .into()
}

fn seats() -> BTreeMap<SeatId, Seat> {
    let seat = |desk: &str, what: &str, role: Role| {
        let id = format!("{desk}-{what}");
        (SeatId::from(id.as_str()), Seat { desk: desk.into(), role, names: names(&id) })
    };
    [
        seat("league", "call", Role::CallTaker),
        seat("league", "dispatch", Role::Dispatcher),
        seat("league", "lead", Role::ShiftLead),
        seat("north", "call", Role::CallTaker),
        seat("north", "dispatch", Role::Dispatcher),
        seat("north", "second", Role::Dispatcher),
        seat("north", "lead", Role::ShiftLead),
        seat("south", "dispatch", Role::Dispatcher),
        seat("south", "lead", Role::ShiftLead),
        seat("steppe", "dispatch", Role::Dispatcher),
    ]
    .into()
}

fn kinds() -> Vec<Kind> {
    let kind = |code: &str, class: bool| Kind { code: code.into(), class, names: names(code) };
    vec![
        kind("police", true),
        kind("medical", true),
        kind("fire", true),
        kind("joint", true),
        kind("first_aid", false),
        kind("water", false),
    ]
}

fn types() -> BTreeMap<crate::kernel::id::TypeCode, IncidentType> {
    let kind = |code: &str, priority: Priority, weapon: bool| {
        (
            code.into(),
            IncidentType { names: names(code), priority, weapon, sensitive: weapon, automatic: None },
        )
    };
    [
        kind("theft", Priority::P3, false),
        kind("crash", Priority::P2, false),
        kind("blaze", Priority::P1, false),
        kind("armed", Priority::P1, true),
    ]
    .into()
}

/// One unit of any kind; for a blaze a fire engine and one more, and never joint defence.
fn run_cards() -> Vec<RunCard> {
    let need = |classes: &[&str]| Need {
        count: 1,
        capabilities: BTreeSet::new(),
        classes: classes.iter().map(|class| (*class).into()).collect(),
    };
    let card = |incident_type: Option<&str>, needs: Vec<Need>, forbidden: &[&str]| RunCard {
        incident_type: incident_type.map(Into::into),
        area: path(&[]),
        hours: None,
        level: 1,
        needs,
        forbidden: forbidden.iter().map(|class| (*class).into()).collect(),
    };
    vec![card(None, vec![need(&[])], &[]), card(Some("blaze"), vec![need(&["fire"]), need(&[])], &["joint"])]
}

fn units() -> BTreeMap<crate::kernel::id::UnitId, UnitEntry> {
    let unit = |id: &str, class: &str, desk: &str, codes: &[&str], lon_e7: i32, slot: u32| {
        let entry = UnitEntry {
            call_sign: format!("Call {id}"),
            plate: format!("H-{id}"),
            phone: Some(format!("0479-000-{slot:04}")),
            crew: 2,
            class: class.into(),
            capabilities: if class == "medical" { ["first_aid".into()].into() } else { BTreeSet::new() },
            organisation: "bureau".into(),
            desk: desk.into(),
            area: path(codes),
            beat: None,
            home: at(lon_e7, 440_000_000),
            mover: u8::from(class == "fire"),
            readiness_ms: 120_000,
            speed_max_cm_s: 4_000,
            slot,
            retired: false,
        };
        (id.into(), entry)
    };
    let (north, south, steppe) = (&["15", "1501"][..], &["15", "1502"][..], &["15", "1501", "150101"][..]);
    [
        unit("N1", "police", "north", north, 1_150_000_000, 0),
        unit("N2", "police", "north", north, 1_152_000_000, 1),
        unit("N3", "medical", "north", north, 1_154_000_000, 2),
        unit("N4", "joint", "north", north, 1_156_000_000, 3),
        unit("S1", "police", "south", south, 1_165_000_000, 4),
        unit("S2", "fire", "south", south, 1_170_000_000, 5),
        unit("T1", "joint", "steppe", steppe, 1_135_000_000, 6),
    ]
    .into()
}

fn points() -> BTreeMap<crate::kernel::id::PointId, PointEntry> {
    let point = |id: &str, number: &str, kind: &str, codes: &[&str], lon_e7: i32| {
        let entry = PointEntry {
            number: number.into(),
            names: names(id),
            at: at(lon_e7, 441_000_000),
            area: path(codes),
            kind: kind.into(),
            keeper: names("Post"),
            organisation: Some("bureau".into()),
            neighbours: Vec::new(),
            retired: false,
        };
        (id.into(), entry)
    };
    [
        point("P1", "0479-1001", "phone", &["15", "1501"], 1_151_000_000),
        point("P2", "0479-1002", "button", &["15", "1501"], 1_153_000_000),
        point("P3", "0479-1003", "phone", &["15", "1501", "150101"], 1_134_000_000),
        point("P4", "0479-2001", "button", &["15", "1502"], 1_166_000_000),
    ]
    .into()
}
