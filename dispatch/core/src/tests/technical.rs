use super::scene::names;
use crate::command::{ClearTechnical, RaiseTechnical, ShelveTechnical, UnshelveTechnical};
use crate::id::TechnicalId;
use crate::refusal::Refusal;
use crate::sample::Centre;
use crate::technical::TechnicalKind;

const SEAT: Option<&str> = Some("north-dispatch");

fn fault(cause: &str) -> RaiseTechnical {
    RaiseTechnical { kind: TechnicalKind::Device, cause: cause.into(), point: Some("P1".into()), unit: None }
}

fn shelve(centre: &Centre, technical: TechnicalId) -> ShelveTechnical {
    ShelveTechnical {
        technical,
        reason: crate::technical::ShelfReason::Known,
        words: None,
        until: centre.now.plus_ms(60_000),
        suppress_source: true,
    }
}

#[test]
fn a_fault_is_repeated_shelved_comes_back_and_is_cleared() {
    let mut centre = Centre::new();
    centre.send(None, fault("battery")).unwrap();
    assert_eq!(names(&centre.send(None, fault("battery")).unwrap()), ["technical_repeated"]);
    let id = *centre.state.technicals.keys().next().unwrap();
    assert_eq!(centre.send(SEAT, UnshelveTechnical { technical: id }), Err(Refusal::NoChange));
    let put_aside = shelve(&centre, id);
    let foreign = centre.send(Some("south-dispatch"), put_aside.clone());
    assert_eq!(foreign, Err(Refusal::OtherDesk { desk: "north".into() }));
    let past = ShelveTechnical { until: centre.now, ..put_aside.clone() };
    assert!(matches!(centre.send(SEAT, past), Err(Refusal::Invalid { .. })));
    centre.send(SEAT, put_aside).unwrap();
    centre.send(None, fault("link")).unwrap();
    assert!(centre.state.technicals.values().all(|known| known.shelf.is_some()), "its source is suppressed");
    centre.sound();
    assert_eq!(names(&centre.run(60_000)), ["technical_unshelved", "technical_unshelved"]);
    centre.send(None, ClearTechnical { technical: id }).unwrap();
    assert_eq!(centre.state.technicals.len(), 1);
    centre.sound();
}

#[test]
fn a_persons_alarm_is_never_put_aside() {
    let mut centre = Centre::new();
    let alarm = centre.call();
    let put_aside = shelve(&centre, TechnicalId(alarm.0));
    assert_eq!(centre.send(SEAT, put_aside), Err(Refusal::NeverShelved));
}

#[test]
fn what_nobody_knows_has_no_technical_alarm() {
    let mut centre = Centre::new();
    let strange = RaiseTechnical { point: Some("X".into()), ..fault("battery") };
    assert_eq!(centre.send(None, strange), Err(Refusal::unknown("point", "alarm point", "X")));
    assert!(matches!(centre.send(None, fault("")), Err(Refusal::Invalid { .. })));
}
