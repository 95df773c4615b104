//! Lanes and limits: what is full says so, and alarms have room whatever else comes.

use dispatch_core::Coord;
use dispatch_core::kernel::id::UnitId;
use dispatch_core::kernel::time::Time;
use dispatch_core::seek::live_map::UnitFix;
use dispatch_store::conformance::small_centre::order;
use dispatch_writer::{Limits, Reply};

use crate::driver::{Driver, call};

fn fix(unit: &str, at: Time, step: i32) -> UnitFix {
    UnitFix {
        unit: unit.into(),
        at: Coord { lon: 1_160_000_000 + step * 1_000, lat: 439_000_000 },
        fix_time: at,
        device_time: None,
        received_at: at,
        speed_cm_s: 1_000,
        heading_deg: 90,
        accuracy_m: None,
    }
}

#[test]
fn commands_cannot_fill_the_lane_of_alarms() {
    let limits = Limits { commands_max: 4, batch_commands_max: 2, alarms_max: 3, ..Limits::default() };
    let mut driver = Driver::new(limits);
    let incident = driver.incident("p1");
    let commands: Vec<u64> = (0..12).map(|_| driver.command(order(incident, "nobody"))).collect();
    // One flies, two are drafted, four wait.
    let busy =
        commands.iter().filter(|token| matches!(driver.replies.get(token), Some(Reply::Busy { .. }))).count();
    assert_eq!(busy, 5);
    let alarms: Vec<u64> = (0..4).map(|_| driver.command(call())).collect();
    assert!(
        alarms[..3].iter().all(|token| !driver.replies.contains_key(token)),
        "alarms have room of their own"
    );
    assert!(
        matches!(driver.replies[&alarms[3]], Reply::Busy { retry_after_s: 1 }),
        "as much as they were given"
    );
    let counted = driver.writer.counters();
    assert_eq!((counted.commands_busy, counted.alarms_busy), (5, 1));
    driver.land();
    driver.land();
    // The draft that was full when the alarms came has landed; the next one began with them.
    assert_eq!(driver.airborne[0].1.records.first().map(|record| record.event.name()), Some("alarm_raised"));
    driver.settle();
    for token in &alarms[..3] {
        driver.accepted(*token);
    }
}

#[test]
fn positions_fill_no_lane() {
    let limits = Limits { positions_max: 3, fixes_max: 2, ..Limits::default() };
    let mut driver = Driver::new(limits);
    let now = driver.now;
    let tokens: Vec<u64> =
        (0..5).map(|step| driver.positions(vec![fix("u0", now.plus_ms(step), 1); 3])).collect();
    let alarm = driver.request(call());
    let alarm = driver.send(alarm);
    driver.drain();
    assert_eq!(driver.receipts[&tokens[0]].over_limit, 1);
    assert!(matches!(driver.replies[&tokens[4]], Reply::Busy { .. }));
    let counted = driver.writer.counters();
    assert_eq!((counted.positions_busy, counted.fixes_over_limit, counted.fixes), (2, 3, 6));
    driver.settle();
    driver.accepted(alarm);
    driver.now = driver.now.plus_ms(1_000);
    let after = driver.positions(vec![fix("u0", now.plus_ms(100), 2)]);
    driver.drain();
    assert_eq!(driver.receipts[&after].applied, 1, "a drain makes room");
}

#[test]
fn a_fix_is_live_at_once_and_never_in_the_journal() {
    let mut driver = Driver::new(Limits::default());
    let (head, now) = (driver.replica.seq, driver.now.plus_ms(10_000));
    driver.now = now;
    let fixes = vec![
        fix("u0", now, 1),
        fix("u0", now, 1),
        fix("u0", Time(now.0 - 1_000_000), 2),
        fix("nobody", now, 1),
        fix("u1", now, 700_000),
    ];
    let token = driver.positions(fixes.clone());
    driver.drain();
    let receipt = driver.receipts[&token];
    assert_eq!(
        (receipt.applied, receipt.repeated, receipt.late, receipt.unknown_unit),
        (1, 1, 1, 1),
        "{receipt:?}"
    );
    assert_eq!(receipt.impossible, 1);
    let slot = driver.writer.speculative().register().units[&UnitId::from("u0")].slot;
    let live = driver.writer.live_map().live.get(slot).expect("u0 is live");
    assert_eq!((live.at, live.fix_time), (fixes[0].at, now.0));
    assert_eq!(driver.tracks.len(), 2, "the live one and the late one");
    assert_eq!((driver.airborne.len(), driver.replica.seq), (0, head));
}

#[test]
fn a_batch_has_its_bounds() {
    let mut driver = Driver::new(Limits { batch_commands_max: 3, ..Limits::default() });
    let requests: Vec<u64> = (0..10).map(|_| driver.queue(call())).collect();
    driver.drain();
    let mut sizes = Vec::new();
    while let Some((_, batch)) = driver.airborne.front() {
        sizes.push(batch.answers.len());
        driver.land();
    }
    assert_eq!(sizes, [3, 3, 3, 1]);
    for token in requests {
        driver.accepted(token);
    }
    let mut driver = Driver::new(Limits { batch_records_max: 1, ..Limits::default() });
    driver.command(call());
    let (_, batch) = driver.airborne.front().unwrap();
    assert_eq!(batch.answers.len(), 1, "a command is never split, however many records it makes");
}
