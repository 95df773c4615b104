//! What is gathered for each command that needs it.

use dispatch_core::command::*;
use dispatch_core::gather;
use dispatch_core::kernel::evidence::Evidence;
use dispatch_core::kernel::id::{CommandId, DeskId, TimerKey, UnitId};
use dispatch_core::kernel::kind::{Channel, Duty, OrderState, Priority};
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::recommendation::PassedReason;
use dispatch_core::kernel::time::{LocalTime, Time};
use dispatch_core::kernel::timer::Escalation;
use dispatch_core::register::landing::landing_desk;
use dispatch_core::register::{IncidentType, Names, PointEntry};
use dispatch_core::response::alarm::{AlarmSource, CallBackResult};
use dispatch_core::response::order::{EndReason, StampSource};
use geo_index::Coord;
use uuid::Uuid;

use crate::steppe::{MINUTE_MS, NOW, Steppe, ago, alarm, at, path, place};

const DAY: LocalTime = LocalTime::noon(20_260_701);

fn asked(steppe: &Steppe, command: impl Into<Command>, occurred_at: Option<Time>) -> Evidence {
    let envelope = Envelope {
        id: CommandId(Uuid::from_u128(1)),
        actor: "test".into(),
        on_behalf_of: None,
        seat: None,
        channel: Channel::Api,
        occurred_at,
        command: command.into(),
    };
    let evidence = gather(&steppe.state, &steppe.live_map, &envelope, NOW, DAY);
    assert_eq!(evidence.local, DAY);
    evidence
}

fn raise(source: AlarmSource) -> RaiseAlarm {
    let text = serde_json::json!({ "source": source });
    serde_json::from_value(text).unwrap()
}

fn sos(unit: &UnitId, place: Option<Place>) -> RaiseAlarm {
    RaiseAlarm { unit: Some(unit.clone()), place, ..raise(AlarmSource::Sos) }
}

fn sent(coord: Coord) -> Place {
    Place { kind: PlaceKind::Point, coord: Some(coord), ..Place::unknown(PlaceSource::Fix) }
}

/// A car out on patrol, last seen 4 minutes ago in the eastern banner, and a helper near there.
fn patrol() -> (Steppe, UnitId) {
    let mut steppe = Steppe::new();
    let id = steppe.unit("patrol", at(115.2, 44.2), |_, _| ());
    steppe.fix(&id, at(116.4, 44.0), ago(4 * MINUTE_MS));
    steppe.unit("helper", at(116.3, 44.0), |_, unit| unit.desk = "east".into());
    (steppe, id)
}

#[test]
fn an_sos_at_null_island_is_at_its_last_good_fix() {
    let (steppe, id) = patrol();
    for unusable in
        [Some(sent(Coord { lon: 0, lat: 0 })), Some(sent(Coord { lon: 7, lat: 910_000_000 })), None]
    {
        let evidence = asked(&steppe, sos(&id, unusable), Some(NOW));
        let found = evidence.located.unwrap();
        assert_eq!(found.place.coord, Some(at(116.4, 44.0)));
        assert_eq!((found.place.source, found.fix_age_ms), (PlaceSource::LastFix, Some(4 * MINUTE_MS)));
        let radius_dm = geo_index::stale::radius_dm(4 * MINUTE_MS, 3_500);
        assert!((12_000..20_000).contains(&radius_dm) && found.place.radius_m == radius_dm.div_ceil(10));
        assert_eq!(found.area, path(&["1525", "152502"]));
        let examination = evidence.examination.unwrap();
        assert_eq!(examination.available[0].unit, "helper".into(), "it is not sent to itself");
        assert_eq!(examination.passed[0].because, PassedReason::CallsForHelp);
        assert_eq!(examination.desk, Some("east".into()));
    }
}

#[test]
fn an_sos_that_knows_its_place_is_there() {
    let (steppe, id) = patrol();
    let found =
        asked(&steppe, sos(&id, Some(sent(at(115.5, 44.5)))), Some(ago(12 * MINUTE_MS))).located.unwrap();
    assert_eq!((found.place.coord, found.place.source), (Some(at(115.5, 44.5)), PlaceSource::Fix));
    assert_eq!((found.area, found.fix_age_ms), (path(&["1525", "152501"]), None));
    // Over the border there is no polygon: the unit's own area answers for it.
    let abroad = asked(&steppe, sos(&id, Some(sent(at(110.0, 47.0)))), None).located.unwrap();
    assert_eq!((abroad.place.coord, abroad.area), (Some(at(110.0, 47.0)), path(&["1525", "152501"])));
}

#[test]
fn an_sos_with_a_wrong_clock_is_at_its_last_good_fix() {
    let (mut steppe, id) = patrol();
    for wrong in [Time(0), NOW.plus_ms(2 * MINUTE_MS)] {
        let found = asked(&steppe, sos(&id, Some(sent(at(115.5, 44.5)))), Some(wrong)).located.unwrap();
        assert_eq!((found.place.source, found.fix_age_ms), (PlaceSource::LastFix, Some(4 * MINUTE_MS)));
    }
    // Without any fix the place it sent is better than its home.
    let other = steppe.unit("other", at(115.2, 44.2), |_, _| ());
    let found = asked(&steppe, sos(&other, Some(sent(at(115.5, 44.5)))), Some(Time(0))).located.unwrap();
    assert_eq!(found.place.coord, Some(at(115.5, 44.5)));
}

#[test]
fn an_sos_off_duty_or_without_any_fix_still_has_a_place() {
    let (mut steppe, id) = patrol();
    steppe.change(&id, |unit| unit.duty = Duty::Off);
    let found = asked(&steppe, sos(&id, None), None).located.unwrap();
    assert_eq!((found.place.source, found.fix_age_ms), (PlaceSource::LastFix, Some(4 * MINUTE_MS)));
    let silent = steppe.unit("silent", at(115.7, 44.2), |_, _| ());
    let found = asked(&steppe, sos(&silent, None), None).located.unwrap();
    assert_eq!((found.place.source, found.place.coord), (PlaceSource::HomeBase, Some(at(115.7, 44.2))));
    assert_eq!((found.area, found.fix_age_ms), (path(&["1525", "152501"]), None));
    let unknown = asked(&steppe, sos(&"nobody".into(), Some(sent(Coord { lon: 0, lat: 0 }))), None);
    let found = unknown.located.unwrap();
    assert_eq!((found.place.kind, found.place.coord, found.area), (PlaceKind::Unknown, None, path(&[])));
    assert_eq!(unknown.examination.unwrap().desk, Some("league".into()));
}

#[test]
fn a_known_phone_knows_its_place() {
    let (mut steppe, _) = patrol();
    let entry = |number: &str, lon: f64, retired| PointEntry {
        number: number.into(),
        names: Names::new(),
        at: at(lon, 44.0),
        area: path(&["1525", "152501", "152501001"]),
        kind: "phone".into(),
        keeper: Names::new(),
        organisation: None,
        neighbours: Vec::new(),
        retired,
    };
    steppe.state.register_mut().register().points.insert("p1".into(), entry("04791", 115.3, true));
    steppe.state.register_mut().register().points.insert("p2".into(), entry("04791", 115.4, false));
    let by_number = RaiseAlarm { number: Some("04791".into()), ..raise(AlarmSource::Point) };
    let evidence = asked(&steppe, by_number, None);
    let found = evidence.located.unwrap();
    assert_eq!((found.place.kind, found.place.source), (PlaceKind::AlarmPoint, PlaceSource::Register));
    assert_eq!((found.place.point, found.place.coord), (Some("p2".into()), Some(at(115.4, 44.0))));
    assert_eq!(found.area, path(&["1525", "152501", "152501001"]));
    assert!(evidence.examination.is_none(), "it rings, and nobody is sent yet");
    let again = RaiseAlarm { point: Some("p2".into()), press: Some("7".into()), ..raise(AlarmSource::Point) };
    assert!(asked(&steppe, again, None).examination.is_some(), "an incident of this press may be moved");
    let retired = RaiseAlarm { point: Some("p1".into()), ..raise(AlarmSource::Button) };
    let evidence = asked(&steppe, retired, None);
    assert_eq!(evidence.located.unwrap().place.coord, Some(at(115.3, 44.0)));
    assert_eq!(evidence.examination.unwrap().desk, Some("west".into()), "calls are taken at banner level");
    let technical = RaiseTechnical {
        kind: dispatch_core::technical::TechnicalKind::Device,
        cause: "battery".into(),
        point: Some("p2".into()),
        unit: None,
    };
    let evidence = asked(&steppe, technical, None);
    assert_eq!(evidence.located.unwrap().place.coord, Some(at(115.4, 44.0)));
    assert!(evidence.examination.is_none());
    let placed = Place {
        point: Some("p2".into()),
        kind: PlaceKind::AlarmPoint,
        confirmed_by: Some("west-1".into()),
        ..Place::unknown(PlaceSource::Caller)
    };
    let incident = steppe.incident(3, &place(at(115.1, 44.0)));
    let moved = asked(&steppe, MoveIncident { incident, expected_version: None, place: placed }, None);
    let found = moved.located.unwrap();
    assert_eq!((found.place.coord, found.place.confirmed_by), (Some(at(115.4, 44.0)), Some("west-1".into())));
    assert_eq!(moved.examination.unwrap().place.coord, Some(at(115.4, 44.0)));
}

#[test]
fn a_call_has_the_place_and_the_type_that_were_saved() {
    let (mut steppe, _) = patrol();
    let fire = IncidentType {
        names: Names::new(),
        priority: Priority::P3,
        weapon: false,
        sensitive: false,
        automatic: None,
    };
    steppe.state.register_mut().register().types.insert("fire".into(), fire);
    let call = alarm(5, AlarmSource::Call, &place(at(115.5, 44.0)), &path(&["1525", "152501"]));
    let id = call.id;
    steppe.state.response_mut().alarms().insert(id, call);
    let save = |place: Option<Place>| SaveAlarm {
        alarm: id,
        expected_version: None,
        incident_type: Some("fire".into()),
        priority: None,
        place,
        words: None,
        caller: None,
    };
    let kept = asked(&steppe, save(None), None);
    assert_eq!(kept.located.unwrap().place.coord, Some(at(115.5, 44.0)));
    let examination = kept.examination.unwrap();
    assert_eq!((examination.priority, examination.incident_type), (Priority::P3, Some("fire".into())));
    let named =
        Place { kind: PlaceKind::Area, area: Some("152502".into()), ..Place::unknown(PlaceSource::Caller) };
    let evidence = asked(&steppe, save(Some(named)), None);
    assert_eq!(evidence.located.unwrap().area, path(&["1525", "152502"]));
    let examination = evidence.examination.unwrap();
    assert_eq!(examination.place.coord, None, "an area is no coordinate");
    assert_eq!(examination.around.unwrap().area, "152502".into());
    let close = |result| CloseCallBack { alarm: id, result };
    assert!(asked(&steppe, close(CallBackResult::Reached), None).examination.is_none());
    assert!(asked(&steppe, close(CallBackResult::Unanswered), None).examination.is_some());
}

#[test]
fn orders_that_fall_through_bring_their_incident_back() {
    let (mut steppe, id) = patrol();
    let incident = steppe.incident(3, &place(at(116.2, 44.0)));
    let order = steppe.order(4, incident, &id, OrderState::Sent);
    let to = |state| AdvanceOrder {
        order,
        state,
        at: None,
        source: StampSource::Device,
        voice: None,
        reason: None,
        words: None,
    };
    for state in [OrderState::Declined, OrderState::Failed, OrderState::Expired] {
        let found = asked(&steppe, to(state), None).examination.unwrap();
        assert_eq!((found.place.coord, found.desk), (Some(at(116.2, 44.0)), Some("west".into())));
    }
    assert_eq!(
        asked(&steppe, to(OrderState::Delivered), None),
        Evidence { local: DAY, ..Evidence::default() }
    );
    let recall = RecallOrder { order, expected_version: None, reason: EndReason::NotNeeded, words: None };
    assert!(asked(&steppe, recall, None).examination.is_some());
    assert!(
        asked(
            &steppe,
            SignNotice { order, source: StampSource::Device, at: None, voice: None, words: None },
            None
        )
        .examination
        .is_none()
    );

    assert!(asked(&steppe, Tick {}, None).examinations.is_empty());
    steppe.state.timers_mut().set(TimerKey::Signed(order), ago(1));
    steppe.state.timers_mut().set(TimerKey::Claim(incident), ago(1));
    assert!(asked(&steppe, Tick {}, None).examinations.is_empty(), "it has not escalated yet");
    let escalation = Escalation { level: 2, seat: None, desk: "league".into() };
    steppe.state.timers_mut().expire(TimerKey::Signed(order), ago(2), escalation, Some(ago(1)));
    let tick = asked(&steppe, Tick {}, None);
    assert_eq!(tick.examinations.keys().copied().collect::<Vec<_>>(), [incident]);
    assert!(tick.examination.is_none());

    // Taking up the order it was diverted to leaves the first incident.
    let other = steppe.incident(6, &place(at(116.3, 44.1)));
    let divert = steppe.order(7, other, &id, OrderState::Sent);
    steppe.change(&id, |unit| (unit.active, unit.divert) = (Some(order), Some(divert)));
    for state in [OrderState::Signed, OrderState::Enroute] {
        let taken_up = asked(&steppe, AdvanceOrder { order: divert, ..to(state) }, None);
        assert!(taken_up.examinations.contains_key(&incident) && taken_up.examination.is_none());
    }
}

#[test]
fn whoever_is_named_is_looked_at() {
    let (mut steppe, id) = patrol();
    let incident = steppe.incident(3, &place(at(115.1, 43.1)));
    for number in 0..6 {
        steppe.unit(&format!("near{number}"), at(115.1, 43.1), |_, _| ());
    }
    let dispatch =
        serde_json::json!({ "incident": incident, "targets": [{ "unit": id }, { "desk": "east" }] });
    let dispatch: Dispatch = serde_json::from_value(dispatch).unwrap();
    let found = asked(&steppe, dispatch, None).examination.unwrap();
    let named: Vec<_> = found.passed.iter().filter(|passed| passed.candidate.unit == id).collect();
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].because, PassedReason::Slower);
    assert!(named[0].candidate.eta_ms() > 60 * MINUTE_MS && named[0].candidate.distance_dm > 1_000_000);
}

#[test]
fn alarms_land_at_the_level_of_calls() {
    let mut steppe = Steppe::new();
    let lands = |steppe: &Steppe, area: &[&str], trunk: Option<&str>| {
        let trunk = trunk.map(DeskId::from);
        landing_desk(steppe.state.register(), &path(area), trunk.as_ref()).unwrap().to_string()
    };
    assert_eq!(lands(&steppe, &["1525", "152501", "152501001", "152501001201"], None), "west");
    assert_eq!(lands(&steppe, &["1525"], Some("east")), "league");
    assert_eq!(lands(&steppe, &[], Some("east")), "east");
    assert_eq!(lands(&steppe, &[], Some("no such desk")), "league");
    assert_eq!(lands(&steppe, &["86"], None), "league");
    steppe.state.register_mut().register().label_level = 2;
    assert_eq!(lands(&steppe, &["1525", "152501", "152501001"], None), "west-sumu");
}
