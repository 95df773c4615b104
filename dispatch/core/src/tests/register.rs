use std::collections::BTreeMap;

use super::scene::{dispatch, is_of_desk};
use crate::command::{
    AdoptRegion, EraseWords, RaiseAlarm, RegisterPoint, RegisterUnit, RetirePoint, RetireUnit, SetTestWindow,
    SetTimers,
};
use crate::kernel::kind::Duty;
use crate::kernel::refusal::Refusal;
use crate::register::{Hours, KINDS_MAX, Kind, Register, Timers};
use crate::response::alarm::AlarmSource;
use crate::sample::{Centre, register, words};

fn adopt(hash: &str, register: Register) -> AdoptRegion {
    AdoptRegion { hash: hash.into(), register: Box::new(register), duties: Vec::new() }
}

#[test]
fn adopting_again_keeps_slots_and_what_units_are_doing() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let mut next = register();
    next.units.remove(&"N3".into());
    let new = next.units[&"N1".into()].clone();
    next.units.insert("A0".into(), new);
    centre.send(None, adopt("2", next)).unwrap();
    assert_eq!(centre.unit("N1").active, Some(order));
    assert_eq!(centre.unit("N2").duty, Duty::Patrolling);
    assert!(!centre.state.units().contains_key(&"N3".into()));
    let entry = |unit: &str| centre.state.register().units[&unit.into()].clone();
    assert!(entry("N3").retired && entry("N3").slot == 2);
    assert_eq!((entry("A0").slot, centre.unit("A0").duty), (7, Duty::OnCall));
    centre.sound();
}

#[test]
fn what_is_open_is_brought_along() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    centre.order(incident, "N1");
    let mut next = register();
    next.units.remove(&"N1".into());
    next.types.remove(&"theft".into());
    let refused = centre.send(None, adopt("2", next));
    let missing = vec!["type:theft".to_owned(), "unit:N1".to_owned()];
    assert_eq!(refused, Err(Refusal::StillReferred { missing }));
    assert_eq!(centre.send(None, adopt(crate::sample::REGION, register())), Err(Refusal::NoChange));
}

#[test]
fn a_register_that_contradicts_itself_is_refused() {
    let broken: [fn(&mut Register); 8] = [
        |register| {
            let more = |n: usize| Kind {
                code: format!("k{n}").as_str().into(),
                class: false,
                names: BTreeMap::default(),
            };
            register.kinds.extend((0..KINDS_MAX).map(more));
        },
        |register| register.desks.clear(),
        |register| drop(register.trunks.insert("110".into(), "nobody".into())),
        |register| register.desks.get_mut(&"north".into()).unwrap().code = "SB".into(),
        |register| register.desks.get_mut(&"north".into()).unwrap().parent = Some("x".into()),
        |register| register.timers.escalation_ms = 0,
        |register| register.class_timers.get_mut(&"open".into()).unwrap().claim_ms[1] = 0,
        |register| register.run_cards[0].hours = Some(Hours { from: 60, until: 1_440 }),
    ];
    for (n, breaks) in broken.iter().enumerate() {
        let mut next = register();
        breaks(&mut next);
        let refused = Centre::new().send(None, adopt("2", next));
        assert!(
            matches!(refused, Err(Refusal::Invalid { .. } | Refusal::Unknown { .. })),
            "{n}: {refused:?}"
        );
    }
}

#[test]
fn a_unit_comes_and_goes_and_comes_back_to_its_slot() {
    let mut centre = Centre::new();
    let entry = register().units[&"N1".into()].clone();
    let add = |unit: &str| RegisterUnit { unit: unit.into(), entry: entry.clone() };
    centre.send(None, add("N9")).unwrap();
    assert_eq!(centre.send(None, add("N9")), Err(Refusal::NoChange));
    assert_eq!(centre.state.register().units[&"N9".into()].slot, 7);
    centre.send(None, RetireUnit { unit: "N9".into() }).unwrap();
    centre.sound();
    let gone = centre.send(None, RetireUnit { unit: "N9".into() });
    assert_eq!(gone, Err(Refusal::unknown("unit", "unit", "N9")));
    centre.send(None, add("N9")).unwrap();
    assert_eq!(centre.state.register().units[&"N9".into()].slot, 7);
    let mut strange = entry.clone();
    strange.desk = "x".into();
    let refused = centre.send(None, RegisterUnit { unit: "N8".into(), entry: strange });
    assert_eq!(refused, Err(Refusal::unknown("entry.desk", "desk", "x")));
    let incident = centre.incident_of("theft");
    centre.orders(dispatch(incident, &["N9"])).unwrap();
    assert!(matches!(centre.send(None, RetireUnit { unit: "N9".into() }), Err(Refusal::UnitBusy { .. })));
    centre.sound();
}

#[test]
fn a_unit_that_called_while_it_was_retired_calls_when_it_comes_back() {
    let mut centre = Centre::new();
    let entry = register().units[&"N1".into()].clone();
    centre.send(None, RetireUnit { unit: "N1".into() }).unwrap();
    let sos = RaiseAlarm { unit: Some("N1".into()), ..RaiseAlarm::of(AlarmSource::Sos) };
    centre.alarm(sos);
    centre.send(None, RegisterUnit { unit: "N1".into(), entry }).unwrap();
    assert!(centre.state.units()[&"N1".into()].sos, "nobody sends it elsewhere while it waits for help");
    centre.sound();
}

#[test]
fn a_retired_point_is_still_heard() {
    let mut centre = Centre::new();
    let entry = register().points[&"P1".into()].clone();
    let twin = RegisterPoint { point: "P9".into(), entry };
    assert!(
        matches!(centre.send(None, twin.clone()), Err(Refusal::Invalid { .. })),
        "its number rings elsewhere"
    );
    centre.send(None, RetirePoint { point: "P1".into() }).unwrap();
    assert_eq!(centre.send(None, RetirePoint { point: "P1".into() }), Err(Refusal::NoChange));
    centre.send(None, twin).unwrap();
    let old = RaiseAlarm { point: Some("P1".into()), ..RaiseAlarm::of(AlarmSource::Point) };
    let alarm = centre.alarm(old);
    assert_eq!(centre.state.alarms()[&alarm].point, Some("P1".into()));
    centre.sound();
}

#[test]
fn timers_windows_and_erasures_are_checked() {
    let mut centre = Centre::new();
    let mut timers = register().timers;
    let set = |timers: &Timers, class: Option<&str>| SetTimers {
        area_class: class.map(Into::into),
        timers: timers.clone(),
    };
    assert_eq!(centre.send(None, set(&timers, None)), Err(Refusal::NoChange));
    timers.signed_ms[2] = 0;
    assert!(matches!(centre.send(None, set(&timers, None)), Err(Refusal::Invalid { .. })));
    timers.signed_ms[2] = 45_000;
    centre.send(None, set(&timers, None)).unwrap();
    assert_eq!(centre.state.register().timers.signed_ms, [30_000, 30_000, 45_000]);
    assert!(matches!(centre.send(None, set(&timers, Some("sea"))), Err(Refusal::Unknown { .. })));
    centre.send(None, set(&timers, Some("town"))).unwrap();
    let class =
        |centre: &Centre, class: &str| centre.state.register().class_timers[&class.into()].signed_ms[2];
    assert_eq!((class(&centre, "town"), class(&centre, "open")), (45_000, 60_000));
    let window = |until| SetTestWindow { point: "P4".into(), until };
    let (soon, late) = (centre.now.plus_ms(1_000), centre.now.plus_ms(86_400_001));
    assert!(matches!(centre.send(Some("league-lead"), window(late)), Err(Refusal::Invalid { .. })));
    assert!(is_of_desk(&centre.send(Some("north-lead"), window(soon)), "south"));
    let erase = |words: &[crate::kernel::id::WordsId]| EraseWords {
        words: words.to_vec(),
        reason: crate::kernel::kind::ErasureReason::Retention,
    };
    assert!(matches!(centre.send(None, erase(&[])), Err(Refusal::Invalid { .. })));
    centre.send(None, erase(&[words(1)])).unwrap();
}
