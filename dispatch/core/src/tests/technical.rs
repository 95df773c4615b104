use super::scene::{is_of_desk, names};
use crate::changed_views::changed_views;
use crate::command::{ClearTechnical, RaiseTechnical, ShelveTechnical, SuppressSource, UnshelveTechnical};
use crate::kernel::id::TechnicalId;
use crate::kernel::refusal::{Refusal, Rule};
use crate::sample::{Centre, words};
use crate::technical::{ShelfReason, TechnicalKind};
use crate::view::View;

const SEAT: Option<&str> = Some("north-dispatch");

fn fault(cause: &str) -> RaiseTechnical {
    RaiseTechnical { kind: TechnicalKind::Device, cause: cause.into(), point: Some("P1".into()), unit: None }
}

fn shelve(centre: &Centre, technical: TechnicalId) -> ShelveTechnical {
    ShelveTechnical { technical, reason: ShelfReason::Known, words: None, until: centre.now.plus_ms(60_000) }
}

#[test]
fn a_fault_is_repeated_shelved_comes_back_and_is_cleared() {
    let mut centre = Centre::new();
    centre.send(None, fault("battery")).unwrap();
    assert_eq!(names(&centre.send(None, fault("battery")).unwrap()), ["technical_repeated"]);
    let id = *centre.state.technicals().keys().next().unwrap();
    assert_eq!(centre.send(SEAT, UnshelveTechnical { technical: id }), Err(Refusal::NoChange));
    let put_aside = shelve(&centre, id);
    let foreign = centre.send(Some("south-dispatch"), put_aside.clone());
    assert!(is_of_desk(&foreign, "north"));
    let past = ShelveTechnical { until: centre.now, ..put_aside.clone() };
    assert!(matches!(centre.send(SEAT, past), Err(Refusal::Invalid { .. })));
    centre.send(SEAT, put_aside).unwrap();
    centre.sound();
    assert_eq!(names(&centre.run(60_000)), ["technical_unshelved"]);
    centre.send(None, ClearTechnical { technical: id }).unwrap();
    assert!(centre.state.technicals().is_empty());
    centre.sound();
}

#[test]
fn a_suppressed_source_stays_so_though_its_alarm_is_cleared_and_comes_back_in_time() {
    let mut centre = Centre::new();
    centre.send(None, fault("battery")).unwrap();
    let id = *centre.state.technicals().keys().next().unwrap();
    let suppress = SuppressSource {
        kind: None,
        point: Some("P1".into()),
        unit: None,
        until: centre.now.plus_ms(60_000),
        reason: ShelfReason::Nuisance,
        words: Some(words(1)),
    };
    let foreign = centre.send(Some("south-dispatch"), suppress.clone());
    assert!(is_of_desk(&foreign, "north"));
    let nothing = SuppressSource { point: None, ..suppress.clone() };
    assert_eq!(centre.send(SEAT, nothing), Err(Refusal::invalid("point", Rule::PointOrUnit)));
    centre.send(SEAT, suppress.clone()).unwrap();
    assert_eq!(kept_off(&centre), [true]);
    centre.send(None, ClearTechnical { technical: id }).unwrap();
    centre.send(None, fault("link")).unwrap();
    centre.send(None, RaiseTechnical { point: Some("P2".into()), ..fault("link") }).unwrap();
    assert_eq!(kept_off(&centre), [true, false], "the source, and no other");
    centre.sound();
    let ended = centre.run(60_000);
    assert_eq!(names(&ended), ["source_unsuppressed"]);
    assert_eq!(kept_off(&centre), [false, false]);
    let shown = changed_views(&centre.state, &ended);
    assert!(shown.iter().any(|view| view.kind() == "technical"), "a console hears that it is back");
    centre.sound();
}

/// Whether each technical alarm alive is kept off the list.
fn kept_off(centre: &Centre) -> Vec<bool> {
    let shown = View::all(&centre.state).filter_map(|view| match view {
        View::Technical(view) => Some(view.suppressed.is_some()),
        _ => None,
    });
    shown.collect()
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
