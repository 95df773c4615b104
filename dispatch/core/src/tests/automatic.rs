use super::scene::{dispatch, is_of_desk, names};
use crate::command::*;
use crate::event::{AutomaticOrderEnded, Event, Record};
use crate::kernel::id::{IncidentId, SeatId, TimerKey};
use crate::kernel::kind::{Duty, Mode, OrderState};
use crate::kernel::recommendation::Occasion;
use crate::kernel::refusal::Refusal;
use crate::kernel::target::Target;
use crate::register::Automatic;
use crate::response::alarm::AlarmSource;
use crate::response::automatic::{AutomaticEnd, AutomaticOrder};
use crate::response::incident::CancelReason;
use crate::sample::{Centre, place, words};

const SEAT: Option<&str> = Some("north-dispatch");
const TOP: Option<&str> = Some("league-lead");
const COUNTDOWN_MS: u32 = 20_000;

fn set(code: &str, countdown_ms: Option<u32>) -> SetAutomatic {
    SetAutomatic { incident_type: code.into(), countdown_ms }
}

/// A centre that may order thefts and blazes by itself.
fn allowing() -> Centre {
    let mut centre = Centre::new();
    for code in ["theft", "blaze", "crash"] {
        centre.send(TOP, set(code, Some(COUNTDOWN_MS))).unwrap();
    }
    centre
}

/// A theft nearest to N2, then to N1, and clearly so.
fn theft(centre: &mut Centre) -> IncidentId {
    centre.incident_at("theft", 1_151_500_000)
}

/// An incident whose order is announced.
fn announced(centre: &mut Centre) -> IncidentId {
    let incident = theft(centre);
    assert_eq!(names(&centre.pass(0)), ["recommendation_recorded", "automatic_order_announced"]);
    incident
}

fn automatic(centre: &Centre, incident: IncidentId) -> &AutomaticOrder {
    centre.the_incident(incident).automatic.as_ref().expect("it was tried")
}

/// Why the countdown ended, and by which seat.
fn ending(records: &[Record]) -> Option<(AutomaticEnd, Option<&str>)> {
    records.iter().find_map(|record| match &record.event {
        Event::AutomaticOrderEnded(AutomaticOrderEnded { why, .. }) => {
            Some((*why, record.seat.as_ref().map(SeatId::as_str)))
        }
        _ => None,
    })
}

#[test]
fn nothing_goes_by_itself_until_a_type_is_allowed() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    centre.run(300_000);
    assert_eq!((centre.the_incident(incident).automatic.as_ref(), centre.state.orders().len()), (None, 0));
    // Allowed later, it is announced at once: the rule is about what is, not about what was first.
    centre.send(TOP, set("theft", Some(COUNTDOWN_MS))).unwrap();
    centre.pass(0);
    assert_eq!(automatic(&centre, incident).due_at, Some(centre.now.plus_ms(COUNTDOWN_MS)));
    centre.sound();
}

#[test]
fn nothing_goes_by_itself_while_the_centre_waits_for_somebody_to_go_on() {
    let mut centre = allowing();
    let incident = announced(&mut centre);
    centre.loses();
    let loss = *centre.state.losses().keys().next().unwrap();
    centre.pass(10 * COUNTDOWN_MS);
    assert!(centre.state.orders().is_empty());
    centre.send(TOP, AcceptLoss { loss }).unwrap();
    // Nobody could watch the countdown: it begins anew.
    centre.pass(0);
    assert!(centre.state.orders().is_empty());
    centre.run(COUNTDOWN_MS);
    assert_eq!(automatic(&centre, incident).ended, Some(AutomaticEnd::Given));
}

#[test]
fn it_is_announced_and_goes_to_whom_is_best_when_due() {
    let mut centre = allowing();
    let incident = announced(&mut centre);
    let shown = automatic(&centre, incident);
    assert_eq!(shown.targets, [Target::Unit("N2".into())]);
    assert!(centre.state.recommendations().contains_key(&shown.recommendation.unwrap()));
    assert!(centre.state.timers.get(TimerKey::FirstOrder(incident)).is_some(), "an operator's timer runs on");
    centre.say("N2", SetDuty { unit: "N2".into(), duty: Duty::Off }).unwrap();
    assert_eq!(names(&centre.run(COUNTDOWN_MS - 1)), [] as [&str; 0]);
    let records = centre.run(1);
    assert_eq!(
        names(&records),
        ["recommendation_recorded", "automatic_order_ended", "order_created", "order_advanced"]
    );
    assert!(records.iter().all(|record| record.actor.as_str() == "system" && record.seat.is_none()));
    let order = centre.state.orders().values().next().unwrap();
    assert_eq!(order.target, Target::Unit("N1".into()), "the best of now");
    assert_eq!((order.state, order.seat.as_ref(), order.rank), (OrderState::Sent, None, Some(1)));
    assert_eq!(order.desk.as_str(), "north");
    let rests_on = centre.state.recommendations()[&order.recommendation.unwrap()].recommendation();
    assert_eq!(rests_on.occasion, Occasion::Automatic);
    assert_eq!(rests_on.examination.at, centre.now);
    assert!(centre.state.timers.get(TimerKey::FirstOrder(incident)).is_none());
    assert_eq!(automatic(&centre, incident).ended, Some(AutomaticEnd::Given));
    centre.sound();
}

#[test]
fn it_is_tried_once_and_what_comes_after_is_for_people() {
    let mut centre = allowing();
    let incident = announced(&mut centre);
    centre.run(COUNTDOWN_MS);
    let order = *centre.state.orders().keys().next().unwrap();
    centre.reach(order, OrderState::Declined);
    let records = centre.run(3_600_000);
    assert!(!names(&records).contains(&"automatic_order_announced"));
    assert!(centre.state.timers.get(TimerKey::FirstOrder(incident)).unwrap().expired.is_some());
    centre.sound();
}

#[test]
fn never_for_weapons_unconfirmed_places_or_tests() {
    let mut centre = allowing();
    assert!(matches!(centre.send(TOP, set("armed", Some(COUNTDOWN_MS))), Err(Refusal::Invalid { .. })));
    let armed = centre.incident_of("armed");
    let call = |mode| RaiseAlarm { trunk: Some("north".into()), mode, ..RaiseAlarm::of(AlarmSource::Call) };
    let mut saved = |mode: Mode, confirmed: Option<&str>| {
        let alarm = centre.alarm(call(mode));
        let known = SaveAlarm {
            incident_type: Some("theft".into()),
            place: Some(place(1_151_500_000, 441_000_000, confirmed)),
            ..super::scene::save(alarm)
        };
        centre.send(Some("north-call"), known).unwrap();
        centre.state.alarms()[&alarm].outcome.as_ref().unwrap().incident.unwrap()
    };
    let unconfirmed = saved(Mode::Actual, None);
    let test = saved(Mode::Test, Some("north-call"));
    let exercise = saved(Mode::Exercise, Some("north-call"));
    let button = centre.alarm(RaiseAlarm {
        incident_type: Some("theft".into()),
        point: Some("P2".into()),
        ..RaiseAlarm::of(AlarmSource::Button)
    });
    let button = centre.state.alarms()[&button].outcome.as_ref().unwrap().incident.unwrap();
    centre.run(COUNTDOWN_MS);
    for incident in [armed, unconfirmed, test, button] {
        assert_eq!(centre.the_incident(incident).automatic, None);
    }
    assert_eq!(automatic(&centre, exercise).ended, Some(AutomaticEnd::Given));
    // The seat that confirms the place lets it begin.
    let confirmed = place(1_151_500_000, 441_000_000, Some("north-dispatch"));
    let confirm = MoveIncident { incident: unconfirmed, expected_version: None, place: confirmed };
    centre.send(SEAT, confirm).unwrap();
    centre.pass(0);
    assert!(automatic(&centre, unconfirmed).counts());
    centre.sound();
}

#[test]
fn whoever_acts_ends_it_and_is_named() {
    type Acting = fn(&mut Centre, IncidentId) -> Command;
    let acts: [(AutomaticEnd, Acting); 9] = [
        (AutomaticEnd::Stopped, |_, incident| StopAutomaticOrder { incident }.into()),
        (AutomaticEnd::Claimed, |_, incident| {
            ClaimIncident { incident, expected_version: None, take_over: false }.into()
        }),
        (AutomaticEnd::Dispatched, |_, incident| dispatch(incident, &["N1"]).into()),
        (AutomaticEnd::Reclassified, |_, incident| {
            let armed = Some("armed".into());
            ClassifyIncident { incident, expected_version: None, incident_type: armed, priority: None }.into()
        }),
        (AutomaticEnd::Moved, |_, incident| {
            let elsewhere = place(1_153_000_000, 441_000_000, Some("north-dispatch"));
            MoveIncident { incident, expected_version: None, place: elsewhere }.into()
        }),
        (AutomaticEnd::Cancelled, |_, incident| {
            CancelIncident { incident, expected_version: None, reason: CancelReason::Mistake }.into()
        }),
        (AutomaticEnd::HandedOver, |_, incident| {
            HandOverIncident { incident, expected_version: None, desk: "league".into() }.into()
        }),
        (AutomaticEnd::CallerWithdrew, |_, incident| {
            NoteIncident { incident, words: words(1), danger: false, caller_withdrew: true }.into()
        }),
        (AutomaticEnd::Merged, |centre, incident| {
            let into = centre.incident_of("armed");
            MergeIncident { incident, expected_version: None, into, into_version: None }.into()
        }),
    ];
    for (why, act) in acts {
        let mut centre = allowing();
        let incident = announced(&mut centre);
        let command = act(&mut centre, incident);
        let records = centre.send(SEAT, command).unwrap();
        assert_eq!(ending(&records), Some((why, SEAT)), "{why:?}");
        centre.sound();
        centre.run(COUNTDOWN_MS);
        assert_eq!(automatic(&centre, incident).ended, Some(why));
        let itself = centre.state.orders().values().filter(|order| order.seat.is_none()).count();
        assert_eq!(itself, 0, "{why:?}");
        assert!(centre.send(SEAT, StopAutomaticOrder { incident }).is_err(), "{why:?}");
    }
}

#[test]
fn what_changes_nothing_about_it_lets_it_count() {
    let mut centre = allowing();
    let incident = announced(&mut centre);
    let urgent = ClassifyIncident {
        incident,
        expected_version: None,
        incident_type: None,
        priority: Some(crate::kernel::kind::Priority::P1),
    };
    centre.send(SEAT, urgent).unwrap();
    let note = NoteIncident { incident, words: words(1), danger: false, caller_withdrew: false };
    centre.send(SEAT, note).unwrap();
    let longer = set("theft", Some(COUNTDOWN_MS + 1));
    centre.send(TOP, longer).unwrap();
    assert!(automatic(&centre, incident).counts());
    centre.run(COUNTDOWN_MS);
    assert_eq!(automatic(&centre, incident).ended, Some(AutomaticEnd::Given));
}

#[test]
fn forbidding_a_type_ends_what_counts_down() {
    let mut centre = allowing();
    announced(&mut centre);
    let records = centre.send(TOP, set("theft", None)).unwrap();
    assert_eq!(ending(&records), Some((AutomaticEnd::Forbidden, TOP)));
    centre.sound();
    let mut centre = allowing();
    announced(&mut centre);
    let package = AdoptRegion {
        hash: "another".into(),
        register: Box::new(crate::sample::register()),
        duties: Vec::new(),
    };
    let records = centre.send(None, package).unwrap();
    assert_eq!(ending(&records), Some((AutomaticEnd::Forbidden, None)), "a package allows nothing");
    centre.sound();
}

#[test]
fn the_guards_of_a_dispatch_refuse_it_and_the_incident_stays() {
    let mut centre = allowing();
    // The only fire engine is the southern desk's: it is asked for, not ordered.
    let blaze = centre.incident_of("blaze");
    let records = centre.pass(0);
    assert_eq!(names(&records), ["recommendation_recorded", "automatic_order_ended"]);
    let known = automatic(&centre, blaze);
    assert_eq!((known.due_at, known.ended), (None, Some(AutomaticEnd::Refused)));
    assert!(matches!(&known.refusal, Some(Refusal::UnitOfOtherDesk { unit, .. }) if unit.as_str() == "S2"));
    assert!(centre.state.timers.get(TimerKey::FirstOrder(blaze)).is_some());
    // Nobody is left for a theft.
    let theft = announced(&mut centre);
    let units: Vec<_> = centre.state.units().keys().cloned().collect();
    for unit in units {
        centre.send(TOP, SetDuty { unit, duty: Duty::Off }).unwrap();
    }
    centre.run(COUNTDOWN_MS);
    assert_eq!(automatic(&centre, theft).ended, Some(AutomaticEnd::Unfilled));
    assert!(centre.state.orders().is_empty());
    centre.sound();
}

#[test]
fn two_that_are_due_together_take_two_units() {
    let mut centre = allowing();
    let (one, other) = (theft(&mut centre), centre.incident_at("crash", 1_151_500_000));
    centre.pass(0);
    assert_eq!(automatic(&centre, one).targets, automatic(&centre, other).targets);
    centre.run(COUNTDOWN_MS);
    let sent: Vec<_> = centre.state.orders().values().map(|order| &order.target).collect();
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0], sent[1]);
    centre.sound();
}

#[test]
fn only_the_top_allows_and_only_what_a_person_can_follow() {
    let mut centre = Centre::new();
    assert!(is_of_desk(&centre.send(SEAT, set("theft", Some(COUNTDOWN_MS))), "league"));
    assert_eq!(centre.say("N1", set("theft", Some(COUNTDOWN_MS))), Err(Refusal::SeatRequired));
    for ms in [0, 4_999, 600_001] {
        assert!(matches!(centre.send(TOP, set("theft", Some(ms))), Err(Refusal::Invalid { .. })), "{ms}");
    }
    assert_eq!(centre.send(TOP, set("x", None)), Err(Refusal::unknown("incident_type", "type", "x")));
    assert_eq!(centre.send(TOP, set("theft", None)), Err(Refusal::NoChange));
    let mut register = crate::sample::register();
    register.types.get_mut(&"armed".into()).unwrap().automatic = Some(Automatic { countdown_ms: 60_000 });
    let adopt = AdoptRegion { hash: "armed".into(), register: Box::new(register), duties: Vec::new() };
    assert!(matches!(centre.send(None, adopt), Err(Refusal::Invalid { .. })));
    centre.send(TOP, set("theft", Some(5_000))).unwrap();
    assert!(centre.state.register().types[&"theft".into()].automatic().is_some());
}

#[test]
fn a_countdown_nobody_could_watch_begins_anew() {
    let mut centre = allowing();
    let incident = announced(&mut centre);
    let first = automatic(&centre, incident).due_at.unwrap();
    // The node stands still for an hour: nobody could have stopped it.
    let records = centre.pass(3_600_000);
    assert!(names(&records).contains(&"automatic_order_announced"));
    let again = automatic(&centre, incident).due_at.unwrap();
    assert_eq!((again > first, again), (true, centre.now.plus_ms(COUNTDOWN_MS)));
    assert!(centre.state.orders().is_empty());
    centre.sound();
}
