//! The node's time beside a machine's clock that is set (D7).

use dispatch_core::command::{CorrectClock, EraseWords};
use dispatch_core::event::{ClockCorrected, Event};
use dispatch_core::kernel::id::{TimerKey, WordsId};
use dispatch_core::kernel::kind::ErasureReason;
use dispatch_core::kernel::refusal::{Refusal, Rule};
use dispatch_core::kernel::time::Time;
use dispatch_store::Answer;
use dispatch_store::conformance::small_centre::DAWN;
use dispatch_store::memory::Fault;
use dispatch_writer::{Limits, NodeClock, Reply};
use uuid::Uuid;

use super::driver::{Driver, call, reading};

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// How far the machine's clock is set.
const STEPS: [i64; 10] = [
    6 * SECOND,
    -6 * SECOND,
    3_600 * SECOND,
    -3_600 * SECOND,
    30 * DAY,
    -30 * DAY,
    1_100 * DAY,
    -1_100 * DAY,
    -20_000 * DAY,
    i64::MAX / 4,
];

fn expired(driver: &Driver) -> usize {
    let rows = driver.published.iter().flat_map(|commit| &commit.records);
    rows.filter(|record| matches!(record.event, Event::TimerExpired(_))).count()
}

fn corrections(driver: &Driver) -> Vec<ClockCorrected> {
    let rows = driver.published.iter().flat_map(|commit| &commit.records);
    rows.filter_map(|record| record.event.get::<ClockCorrected>().cloned()).collect()
}

/// Lets seconds pass, one tick each.
fn pass(driver: &mut Driver, seconds: u32) {
    for _ in 0..seconds {
        driver.tick(1_000);
        driver.settle();
    }
}

fn refused(driver: &Driver, token: u64) -> Refusal {
    match driver.replies.get(&token) {
        Some(Reply::Answer(Answer::Refused(refusal))) => refusal.clone(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_clock_that_was_wrong_for_a_moment_holds_no_timer_up() {
    for step in STEPS {
        let mut driver = Driver::new(Limits::default());
        driver.command(call());
        driver.settle();
        driver.ahead_us = step;
        pass(&mut driver, 2);
        driver.ahead_us = 0;
        pass(&mut driver, 10);
        assert_eq!(expired(&driver), 1, "{step}: an alarm rings for ten seconds, and then somebody is told");
        assert_eq!(driver.degraded, [("clock_in_doubt", true), ("clock_in_doubt", false)], "{step}");
        assert_eq!(
            driver.replica.now,
            driver.now.min(driver.replica.now),
            "{step}: nothing is of a time to come"
        );
    }
}

#[test]
fn a_clock_that_stays_wrong_holds_no_timer_up_and_archives_nothing() {
    for step in STEPS {
        let mut driver = Driver::new(Limits { clock_near_ms: 0, ..Limits::default() });
        driver.ahead_us = step;
        driver.command(call());
        driver.settle();
        pass(&mut driver, 12);
        assert_eq!(expired(&driver), 1, "{step}");
        assert!(driver.writer.gauges().clock_in_doubt, "{step}");
        let erase = EraseWords { words: vec![WordsId(Uuid::from_u128(1))], reason: ErasureReason::Retention };
        let token = driver.command(erase);
        driver.settle();
        assert_eq!(refused(&driver, token), Refusal::invalid("reason", Rule::ClockInDoubt), "{step}");
        assert_eq!(driver.writer.clock().now(), driver.now, "{step}: time is what passed");
    }
}

#[test]
fn up_to_five_seconds_are_slewed_and_time_never_runs_back() {
    for step in [5 * SECOND, -5 * SECOND, SECOND, -1] {
        let mut driver = Driver::new(Limits::default());
        driver.ahead_us = step;
        let mut last = driver.now;
        for _ in 0..6_000 {
            driver.tick(1_000);
            let node = driver.writer.clock().now();
            assert!((998_000..=1_002_000).contains(&node.apart(last)), "{step}: as fast as time passes");
            last = node;
        }
        assert!(driver.degraded.is_empty(), "{step}: nothing to show");
        assert!(last.apart(driver.now.moved(step)).abs() < 1_000, "{step}: it went along");
    }
}

#[test]
fn a_clock_that_is_steady_and_near_is_believed() {
    let mut driver = Driver::new(Limits { clock_steady_ms: 60_000, ..Limits::default() });
    driver.command(call());
    driver.settle();
    let alarm = driver.replica.timers().rows().next().unwrap().clone();
    driver.ahead_us = -1_800 * SECOND;
    pass(&mut driver, 3);
    // It moves once more: steady from here on.
    driver.ahead_us = -1_900 * SECOND;
    pass(&mut driver, 60);
    assert!(corrections(&driver).is_empty(), "not yet");
    pass(&mut driver, 2);
    let [corrected] = &corrections(&driver)[..] else { panic!("one correction") };
    assert_eq!(corrected.moves(), -1_900 * SECOND);
    let now = driver.writer.clock().now();
    assert!((0..=2 * SECOND).contains(&now.apart(corrected.to)), "time goes on from there");
    assert_eq!(now, driver.now.moved(-1_900 * SECOND));
    assert_eq!(driver.degraded, [("clock_in_doubt", true), ("clock_in_doubt", false)]);
    let row = driver.replica.timers().get(alarm.key).unwrap();
    assert_eq!(
        row.expired,
        alarm.due.map(|due| due.moved(-1_900 * SECOND)),
        "it ran out as long ago as before"
    );
    driver.check();
}

#[test]
fn a_clock_far_away_is_believed_by_a_persons_word_only() {
    let mut driver = Driver::new(Limits { clock_steady_ms: 10_000, ..Limits::default() });
    let token = driver.command(CorrectClock { ahead_ms: 0 });
    driver.settle();
    assert_eq!(refused(&driver, token), Refusal::NoChange, "there is no doubt");
    driver.ahead_us = 400 * DAY;
    pass(&mut driver, 30);
    assert!(corrections(&driver).is_empty(), "a year is far away, however steady");
    let token = driver.command(CorrectClock { ahead_ms: 399 * DAY / 1_000 });
    driver.settle();
    let elsewhere = Rule::ClockElsewhere { ahead_ms: 400 * DAY / 1_000 };
    assert_eq!(refused(&driver, token), Refusal::invalid("ahead_ms", elsewhere));
    let repeated = driver.request(CorrectClock { ahead_ms: 400 * DAY / 1_000 + 4_000 });
    let token = driver.send(repeated.clone());
    driver.settle();
    driver.accepted(token);
    assert_eq!(driver.replica.now, driver.now.moved(400 * DAY));
    pass(&mut driver, 1);
    let again = driver.again(&repeated);
    let token = driver.send(again);
    driver.settle();
    driver.accepted(token);
    assert_eq!(corrections(&driver).len(), 1, "answers are kept as long as they would have been");
    driver.check();
}

#[test]
fn a_correction_that_is_lost_never_was() {
    let mut driver = Driver::new(Limits::default());
    driver.ahead_us = 40 * DAY;
    pass(&mut driver, 1);
    driver.command(CorrectClock { ahead_ms: 40 * DAY / 1_000 });
    assert_eq!(driver.degraded, [("clock_in_doubt", true)], "nothing leaves before the commit");
    driver.land_with(Fault::UnknownLost);
    driver.settle();
    assert!(driver.replica.now < driver.now.moved(DAY));
    assert!(driver.writer.gauges().clock_in_doubt);
    driver.command(CorrectClock { ahead_ms: 40 * DAY / 1_000 });
    driver.land_with(Fault::UnknownCommitted);
    driver.settle();
    assert_eq!(driver.writer.clock().now(), driver.now.moved(40 * DAY));
    assert!(!driver.writer.gauges().clock_in_doubt);
}

#[test]
fn over_a_restart_time_goes_on_by_what_passed() {
    let later = |us: i64, ahead: i64| reading(DAWN.moved(us), ahead);
    let last = DAWN.moved(50 * SECOND);
    // Counted beside the journal: whatever the machine's clock shows.
    for ahead in STEPS {
        let mut clock = NodeClock::resume(last, Some(DAWN.moved(60 * SECOND)), later(60 * SECOND, ahead));
        assert_eq!(clock.now(), DAWN.moved(60 * SECOND));
        clock.read(later(61 * SECOND, ahead));
        assert_eq!(clock.doubt(&Limits::default()).is_some(), ahead.abs() > 5 * SECOND, "{ahead}");
    }
    // Not counted, for the machine was off: its clock says how long, up to a day.
    let off = |ahead: i64| NodeClock::resume(last, None, later(60 * SECOND, ahead));
    for (ahead, since) in [(0, 10 * SECOND), (80_000 * SECOND, 80_010 * SECOND), (-10 * SECOND, 0)] {
        assert_eq!(off(ahead).now(), last.moved(since), "{ahead}");
    }
    for ahead in [86_400 * SECOND, 1_100 * DAY, -11 * SECOND, -30 * DAY] {
        let mut clock = off(ahead);
        assert_eq!(clock.now(), last, "{ahead}");
        let doubted = clock.read(later(61 * SECOND, ahead)) < last.moved(2 * SECOND);
        assert!(doubted && (clock.doubt(&Limits::default()).is_some() || ahead == -11 * SECOND), "{ahead}");
    }
    // What is committed is never later than what comes.
    assert_eq!(NodeClock::resume(last, Some(DAWN), later(0, 0)).now(), last);
}

#[test]
fn what_is_due_is_due_as_soon_after_a_correction() {
    let mut driver = Driver::new(Limits::default());
    driver.incident("P1");
    let before: Vec<(TimerKey, i64)> = remaining(&driver);
    assert!(!before.is_empty());
    driver.ahead_us = -3 * DAY;
    pass(&mut driver, 1);
    driver.command(CorrectClock { ahead_ms: -3 * DAY / 1_000 });
    driver.settle();
    let after: Vec<(TimerKey, i64)> = remaining(&driver);
    let within = |(before, after): (&(TimerKey, i64), &(TimerKey, i64))| {
        before.0 == after.0 && (before.1 - after.1 - SECOND).abs() <= 1_000
    };
    assert!(before.iter().zip(&after).all(within), "{before:?} {after:?}");
    let shown = driver.published.last().unwrap();
    assert!(shown.views.iter().any(|view| view.as_incident().is_some()), "and shown so");
}

fn remaining(driver: &Driver) -> Vec<(TimerKey, i64)> {
    let now = driver.writer.clock().now();
    let rows = driver.replica.timers().rows();
    rows.filter_map(|row| Some((row.key, row.due?.apart(now)))).collect()
}

#[test]
fn ids_are_not_too_old_while_nobody_knows() {
    let mut driver = Driver::new(Limits::default());
    let mut old = driver.request(call());
    old.envelope.id = dispatch_store::conformance::small_centre::command_id(Time(DAWN.0 - 8 * DAY), 77);
    let mut note = driver.request(CorrectClock { ahead_ms: 0 });
    note.envelope.id = dispatch_store::conformance::small_centre::command_id(Time(DAWN.0 - 8 * DAY), 78);
    let token = driver.send(note.clone());
    driver.drain();
    assert_eq!(driver.replies.get(&token), Some(&Reply::Expired));
    driver.ahead_us = 20 * DAY;
    pass(&mut driver, 1);
    let again = driver.again(&note);
    let token = driver.send(again);
    driver.settle();
    assert!(
        matches!(driver.replies.get(&token), Some(Reply::Answer(_))),
        "it is decided, whatever comes of it"
    );
    let token = driver.send(old);
    driver.settle();
    driver.accepted(token);
}
