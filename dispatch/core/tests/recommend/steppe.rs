//! A small steppe: a league of two banners side by side, a sumu in the western one, two movers, two kinds of ground.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::kernel::id::*;
use dispatch_core::kernel::kind::{Duty, OrderState};
use dispatch_core::kernel::place::{AreaPath, Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::recommendation::Need;
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::register::*;
use dispatch_core::response::alarm::{Alarm, AlarmSource};
use dispatch_core::response::incident::Incident;
use dispatch_core::response::order::Order;
use dispatch_core::response::unit::Unit;
use dispatch_core::state::State;
use dispatch_core::{Coord, Geography, LiveMap, PositionVerdict, UnitFix};
use geo_index::cells::{self, Resolution};
use geo_index::geo::{MultiPolygon, Rect, coord};
use geo_index::middle::Middle;
use geo_index::travel::{Pace, Terrain};
use uuid::Uuid;

/// 2026-07-01 00:00 UTC.
pub const NOW: Time = Time(1_782_864_000_000_000);
pub const MINUTE_MS: u32 = 60_000;
/// A minute of the day at which only cards that hold all day hold.
pub const NOON: u16 = 720;

pub fn ago(ms: u32) -> Time {
    Time(NOW.0 - i64::from(ms) * 1_000)
}

/// Degrees.
pub fn at(lon: f64, lat: f64) -> Coord {
    Coord::from_degrees(lon, lat).unwrap()
}

pub fn path(codes: &[&str]) -> AreaPath {
    AreaPath(codes.iter().map(|code| AreaCode::from(*code)).collect())
}

pub fn codes<T: for<'a> From<&'a str> + Ord>(codes: &[&str]) -> BTreeSet<T> {
    codes.iter().map(|code| T::from(code)).collect()
}

pub fn need(count: u8, capabilities: &[&str], classes: &[&str]) -> Need {
    Need { count, capabilities: codes(capabilities), classes: codes(classes) }
}

pub fn card(incident_type: Option<&str>, area: &[&str], needs: Vec<Need>, forbidden: &[&str]) -> RunCard {
    let incident_type = incident_type.map(TypeCode::from);
    RunCard { incident_type, area: path(area), hours: None, level: 1, needs, forbidden: codes(forbidden) }
}

/// Ground 0 is grass, 1 is sand; mover 0 a car, 1 a horse. East of 116.5 and south of 43.5 lies sand.
pub fn geography() -> Geography {
    let banner = |west: f64| {
        let corners = Rect::new(coord! { x: west, y: 43.0 }, coord! { x: west + 1.0, y: 45.0 });
        MultiPolygon::from(corners.to_polygon())
    };
    let resolution = Resolution::Five;
    let sand = (0..10).flat_map(|east| (0..10).map(move |north| (east, north))).map(|(east, north)| {
        let place = at(116.5 + f64::from(east) * 0.05, 43.0 + f64::from(north) * 0.05);
        (cells::cell_of(place, resolution), 1)
    });
    let pace = |speed_cm_s, detour_per_mille| Pace { speed_cm_s, detour_per_mille };
    let areas = vec![(path(&["1525", "152501"]), banner(115.0)), (path(&["1525", "152502"]), banner(116.0))];
    let middle = |(path, outline): &(AreaPath, MultiPolygon<f64>)| {
        (path.0[1].clone(), Middle::of_outline(outline).unwrap())
    };
    // The sumu has no outline: two spots of it are known.
    let sumu = Middle::of_spots(&[at(115.4, 44.4), at(115.5, 44.4)]).unwrap();
    Geography {
        region: "0123abcd".into(),
        middles: areas.iter().map(middle).chain([("152501001".into(), sumu)]).collect(),
        areas,
        terrain: Terrain { resolution, classes: sand.collect(), default: 0 },
        paces: vec![vec![pace(1_700, 1_250), pace(400, 1_600)], vec![pace(350, 1_050), pace(300, 1_100)]],
        ..Geography::default()
    }
}

pub struct Steppe {
    pub state: State,
    pub live_map: LiveMap,
}

impl Steppe {
    pub fn new() -> Self {
        let mut state = State::default();
        let register = state.register_mut().register();
        register.label_level = 1;
        let kind = |code: &str, class| Kind { code: code.into(), class, names: Names::new() };
        register.kinds = ["medic", "4x4", "officer", "boat"].map(|code| kind(code, false)).into();
        register.kinds.extend(["police", "fire", "medic"].map(|code| kind(code, true)));
        let desk = |parent: Option<&str>, area: &[&str]| Desk {
            parent: parent.map(DeskId::from),
            area: path(area),
            code: "D".into(),
            names: Names::new(),
        };
        register.desks = BTreeMap::from([
            ("league".into(), desk(None, &["1525"])),
            ("west".into(), desk(Some("league"), &["1525", "152501"])),
            ("west-sumu".into(), desk(Some("west"), &["1525", "152501", "152501001"])),
            ("east".into(), desk(Some("league"), &["1525", "152502"])),
        ]);
        for codes in
            [&["1525"][..], &["1525", "152501"], &["1525", "152501", "152501001"], &["1525", "152502"]]
        {
            let area = Area { path: path(codes), class: None, names: Names::new() };
            register.areas.insert((*codes.last().unwrap()).into(), area);
        }
        let live_map = LiveMap::new(geography()).unwrap();
        Self { state, live_map }
    }

    /// A police car on patrol at home without a fix, commanded by the western banner; `change` makes it another.
    pub fn unit(&mut self, id: &str, home: Coord, change: impl FnOnce(&mut UnitEntry, &mut Unit)) -> UnitId {
        let slot = u32::try_from(self.state.slots().len()).unwrap();
        let unit_id = UnitId::from(id);
        let mut entry = UnitEntry {
            call_sign: id.to_uppercase(),
            plate: String::new(),
            phone: None,
            crew: 2,
            class: "police".into(),
            capabilities: BTreeSet::new(),
            organisation: "bureau".into(),
            desk: "west".into(),
            area: path(&["1525", "152501"]),
            beat: None,
            home,
            mover: 0,
            readiness_ms: 3 * MINUTE_MS,
            speed_max_cm_s: 3_500,
            slot,
            retired: false,
        };
        let mut unit = Unit {
            id: unit_id.clone(),
            version: 1,
            duty: Duty::Patrolling,
            duty_since: NOW,
            out_of_service: None,
            service_words: None,
            desk: "west".into(),
            active: None,
            divert: None,
            stacked: Vec::new(),
            returning: false,
            sos: false,
        };
        change(&mut entry, &mut unit);
        self.state.register_mut().slots().push(unit_id.clone());
        self.state.register_mut().register().units.insert(unit_id.clone(), entry);
        self.state.response_mut().units().insert(unit_id.clone(), unit);
        self.live_map.sync_unit(&self.state, &unit_id);
        unit_id
    }

    pub fn change(&mut self, id: &UnitId, change: impl FnOnce(&mut Unit)) {
        change(self.state.response_mut().units().get_mut(id).unwrap());
        self.live_map.sync_unit(&self.state, id);
    }

    pub fn fix(&mut self, id: &UnitId, place: Coord, fix_time: Time) -> PositionVerdict {
        self.fixes(&mut [fix(id, place, fix_time)], NOW)[0]
    }

    pub fn fixes(&mut self, fixes: &mut [UnitFix], now: Time) -> Vec<PositionVerdict> {
        let mut verdicts = Vec::new();
        self.live_map.positions(&self.state, fixes, now, |_, verdict| verdicts.push(verdict));
        verdicts
    }

    pub fn incident(&mut self, number: u128, place: &Place) -> IncidentId {
        let id = IncidentId(Uuid::from_u128(number));
        let area = dispatch_core::seek::gather::area_of(&self.state, &self.live_map, place);
        let text = serde_json::json!({
            "id": id, "version": 1, "number": format!("W20260701{number:04}"), "mode": "actual", "state": "active",
            "desk": "west", "area": area, "place": place, "priority": "p2", "alarms": [], "orders": [],
            "received_at": NOW, "created_at": NOW, "acts": [],
        });
        let incident: Incident = serde_json::from_value(text).unwrap();
        self.state.response_mut().incidents().insert(id, incident);
        id
    }

    /// Gives a unit an order for an incident.
    pub fn order(&mut self, number: u128, incident: IncidentId, unit: &UnitId, state: OrderState) -> OrderId {
        let id = OrderId(Uuid::from_u128(number));
        let text = serde_json::json!({
            "id": id, "version": 1, "incident": incident, "mode": "actual", "area": [], "desk": "west",
            "target": Target::Unit(unit.clone()), "state": state, "created_at": NOW, "stamps": [],
        });
        let order: Order = serde_json::from_value(text).unwrap();
        self.state.response_mut().orders().insert(id, order);
        self.change(unit, |unit| unit.active = Some(id));
        id
    }
}

pub fn fix(id: &UnitId, place: Coord, fix_time: Time) -> UnitFix {
    UnitFix {
        unit: id.clone(),
        at: place,
        fix_time,
        device_time: None,
        received_at: NOW,
        speed_cm_s: 0,
        heading_deg: 0,
        accuracy_m: None,
    }
}

/// A coordinate from the register, certain.
pub fn place(coord: Coord) -> Place {
    Place { kind: PlaceKind::Point, coord: Some(coord), ..Place::unknown(PlaceSource::Register) }
}

pub fn alarm(number: u128, source: AlarmSource, place: &Place, area: &AreaPath) -> Alarm {
    let text = serde_json::json!({
        "id": AlarmId(Uuid::from_u128(number)), "version": 1, "number": format!("W20260701{number:04}"),
        "mode": "actual", "source": source, "state": "ringing", "desk": "west", "area": area, "place": place,
        "occurred_at": NOW, "received_at": NOW,
    });
    serde_json::from_value(text).unwrap()
}
