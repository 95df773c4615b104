use super::scene::{dispatch, names};
use crate::command::{Dispatch, RaiseAlarm};
use crate::event::{Event, Record, TimerExpired};
use crate::kernel::id::TimerKey;
use crate::kernel::kind::OrderState;
use crate::response::alarm::AlarmSource;
use crate::sample::Centre;
use crate::view::AlarmView;

/// (milliseconds since the beginning, level, desk, seat) of every step of a timer.
fn escalation(centre: &Centre, records: &[Record], of: TimerKey) -> Vec<(u32, u8, String, String)> {
    let start = centre.records.first().unwrap().recorded_at;
    let steps = records.iter().filter_map(|record| match &record.event {
        Event::TimerExpired(TimerExpired { timer, escalation, .. }) if *timer == of => {
            let seat = escalation.seat.as_ref().map_or("-", |seat| seat.as_str());
            Some((
                record.recorded_at.ms_since(start),
                escalation.level,
                escalation.desk.to_string(),
                seat.to_owned(),
            ))
        }
        _ => None,
    });
    steps.collect()
}

fn step(at_ms: u32, level: u8, desk: &str, seat: &str) -> (u32, u8, String, String) {
    (at_ms, level, desk.into(), seat.into())
}

#[test]
fn an_unanswered_alarm_escalates_to_the_top_and_stands_there() {
    let mut centre = Centre::new();
    let alarm = centre.alarm(RaiseAlarm { trunk: Some("north".into()), ..RaiseAlarm::of(AlarmSource::Call) });
    let records = centre.run(3_600_000);
    assert_eq!(
        escalation(&centre, &records, TimerKey::Answer(alarm)),
        [
            step(10_000, 0, "north", "-"),
            step(40_000, 1, "north", "north-lead"),
            step(70_000, 2, "league", "league-lead"),
        ]
    );
    let view = AlarmView::new(&centre.state, &centre.state.alarms()[&alarm]);
    assert_eq!(
        (view.due, view.overdue.len(), view.overdue[0].since),
        (None, 1, centre.records[0].recorded_at.plus_ms(10_000))
    );
    centre.sound();
}

#[test]
fn an_unsigned_order_turns_overdue_escalates_and_expires() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let records = centre.run(300_000);
    assert_eq!(
        escalation(&centre, &records, TimerKey::Signed(order)),
        [
            step(30_000, 0, "north", "north-dispatch"),
            step(60_000, 1, "north", "north-lead"),
            step(90_000, 2, "league", "league-lead"),
        ]
    );
    assert_eq!(centre.the_order(order).state, OrderState::Expired);
    let ended = centre.the_order(order).stamp(OrderState::Expired).unwrap().received_at;
    assert_eq!(ended, centre.records[0].recorded_at.plus_ms(120_000));
    let at_once: Vec<_> = records
        .iter()
        .filter(|record| record.recorded_at == ended)
        .map(|record| record.event.name())
        .collect();
    assert!(at_once.contains(&"recommendation_recorded"), "{at_once:?}");
    centre.sound();
}

#[test]
fn many_orders_expire_in_one_tick_each_with_its_own_recommendation() {
    let mut centre = Centre::new();
    for unit in ["N1", "N2", "N3", "N4"] {
        let incident = centre.incident_of("theft");
        centre.order(incident, unit);
    }
    let records = centre.run(120_000);
    let last = records.last().unwrap().command;
    let count = |name: &str| {
        records.iter().filter(|record| record.command == last && record.event.name() == name).count()
    };
    assert_eq!((count("order_advanced"), count("recommendation_recorded")), (4, 4));
    centre.sound();
}

#[test]
fn a_tick_with_nothing_due_writes_nothing() {
    let mut centre = Centre::new();
    centre.call();
    let head = centre.state.seq;
    assert_eq!(centre.pass(9_999), Vec::new());
    assert_eq!(centre.state.seq, head);
    assert_eq!(names(&centre.pass(1)), ["timer_expired"]);
}

#[test]
fn a_tick_handles_a_bounded_number() {
    let mut centre = Centre::new();
    for _ in 0..300 {
        centre.call();
    }
    assert_eq!(centre.pass(10_000).len(), crate::decide::EXPIRIES_PER_TICK_MAX);
    assert_eq!(centre.pass(0).len(), 300 - crate::decide::EXPIRIES_PER_TICK_MAX);
}

#[test]
fn departure_and_arrival_are_due_by_readiness_and_high_eta() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let orders = centre.orders(dispatch(incident, &["N1", "N2"])).unwrap();
    for order in &orders {
        centre.reach(*order, OrderState::Signed);
    }
    let due = |key| centre.state.timers.get(key).and_then(|row| row.due).map(|due| due.ms_since(centre.now));
    assert_eq!(due(TimerKey::Departed(orders[0])), Some(180_000), "on call: readiness and a minute");
    assert_eq!(due(TimerKey::Departed(orders[1])), Some(60_000), "patrolling");
    let high = centre.the_order(orders[0]).eta_high_ms;
    assert!(high > 0);
    assert_eq!(due(TimerKey::Arrival(orders[0])), Some(high + high / 2));
    centre.sound();
}

#[test]
fn the_archive_waits_for_no_order_and_its_timer_ends() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let cancel = crate::command::CancelIncident {
        incident,
        expected_version: None,
        reason: crate::response::incident::CancelReason::Mistake,
    };
    centre.send(Some("north-dispatch"), cancel).unwrap();
    let records = centre.run(100_000_000);
    assert_eq!(names(&records), ["incident_archived"]);
    assert_eq!(centre.state.timers.rows().count(), 0);
}

#[test]
fn timers_are_by_priority_and_by_the_class_of_the_area() {
    let mut centre = Centre::new();
    let timers = crate::register::Timers {
        answer_ms: [10_000, 11_000, 12_000],
        ..centre.state.register().timers.clone()
    };
    centre.send(None, crate::command::SetTimers { area_class: None, timers }).unwrap();
    // A theft (priority 3) in the northern banner, which is town, then moved into its sumu, which is open country.
    let incident = centre.incident_of("theft");
    let due = |centre: &Centre, key| {
        centre.state.timers.get(key).and_then(|row| row.due).map(|due| due.ms_since(centre.now))
    };
    assert_eq!(due(&centre, TimerKey::FirstOrder(incident)), Some(600_000));
    let moved = crate::command::MoveIncident {
        incident,
        expected_version: None,
        place: crate::sample::place(1_135_000_000, 440_000_000, Some("north-dispatch")),
    };
    centre.send(Some("north-dispatch"), moved).unwrap();
    assert_eq!(due(&centre, TimerKey::FirstOrder(incident)), Some(900_000), "it waits as its area does");
    let order = centre.orders(dispatch(incident, &["N1"])).unwrap()[0];
    assert_eq!(due(&centre, TimerKey::Signed(order)), Some(60_000), "signing takes longer out there");

    // What nobody has said counts as urgent; a button of the sumu has the class's own timers.
    let call = centre.call();
    assert_eq!(due(&centre, TimerKey::Answer(call)), Some(11_000));
    let far = centre.alarm(RaiseAlarm { point: Some("P3".into()), ..RaiseAlarm::of(AlarmSource::Call) });
    assert_eq!(due(&centre, TimerKey::Answer(far)), Some(10_000));
    centre.sound();
}

#[test]
fn an_incident_whose_stacked_order_is_sent_by_a_tick_waits_for_none() {
    let mut centre = Centre::new();
    let first = centre.incident_of("theft");
    centre.order(first, "N1");
    // The order expires at 135 s; by then the other incident has an order, which waits for the same unit.
    centre.run(110_000);
    let second = centre.incident_of("crash");
    centre.orders(Dispatch { stack: true, ..dispatch(second, &["N1"]) }).unwrap();
    let records = centre.pass(150_000);
    assert!(names(&records).contains(&"order_unstacked"), "{records:?}");
    assert_eq!(escalation(&centre, &records, TimerKey::FirstOrder(second)), []);
    centre.sound();
}
