//! A journal that lost its end: calls for help are taken, and nothing else until somebody goes on without it (D5).

use dispatch_core::command::{AcceptLoss, AnswerAlarm, RaiseTechnical};
use dispatch_core::event::LossFound;
use dispatch_core::kernel::id::{CommandId, LossId};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::loss::LossKind;
use dispatch_core::seek::live_map::{Geography, LiveMap};
use dispatch_core::technical::TechnicalKind;
use dispatch_store::Batch;
use dispatch_store::conformance::small_centre::envelope;
use dispatch_writer::{Limits, NodeClock, Reply, Writer};
use uuid::Uuid;

use super::driver::{Driver, call, reading};

/// A node that was opened with a journal of which something is lost.
fn halted() -> (Driver, LossId) {
    let mut driver = Driver::new(Limits::default());
    let mut state = driver.store.open_now().unwrap().state;
    let loss = LossId(Uuid::from_u128(9));
    let found = LossFound {
        loss,
        kind: LossKind::Shorter,
        journal: state.journal.unwrap(),
        witnessed: 302,
        witnessed_at: driver.now,
        found: state.seq,
        found_at: state.now,
    };
    let said = envelope(CommandId(Uuid::from_u128(8)), "system", None, AcceptLoss { loss });
    let record = dispatch_core::record(&state, &said, found.into(), state.seq + 1, driver.now);
    dispatch_core::apply(&mut state, &record);
    let views = dispatch_core::changed_views(&state, std::slice::from_ref(&record));
    let recorded = driver.store.append_now(&Batch { records: vec![record], views, ..Batch::default() });
    recorded.committed().unwrap();
    let clock = NodeClock::resume(state.now, None, reading(driver.now, 0));
    let ground = LiveMap::new(Geography::default()).unwrap();
    driver.writer = Writer::open(driver.store.open_now().unwrap(), clock, ground, Limits::default());
    driver.replica = state;
    (driver, loss)
}

#[test]
fn calls_for_help_are_taken_and_the_rest_waits_for_a_word() {
    let (mut driver, loss) = halted();
    let called = driver.command(call());
    driver.settle();
    let alarm = driver.accepted(called).named.alarm.unwrap();
    let answer = driver.request(AnswerAlarm { alarm });
    let early = driver.send(answer.clone());
    driver.settle();
    assert_eq!(driver.replies[&early], Reply::Halted);
    assert_eq!(driver.writer.counters().halted, 1);
    let (kind, cause) = (TechnicalKind::Device, "battery_low".to_owned());
    let device = driver.command(RaiseTechnical { kind, cause, point: None, unit: None });
    driver.settle();
    driver.accepted(device);
    let mut own = driver.request(AnswerAlarm { alarm });
    own.envelope.channel = Channel::System;
    let own = driver.send(own);
    driver.settle();
    assert_ne!(driver.replies[&own], Reply::Halted, "the node itself is not held up");

    let accepted = driver.command(AcceptLoss { loss });
    driver.settle();
    driver.accepted(accepted);
    assert!(!driver.writer.speculative().is_halted());
    // The same id: what was turned away was not decided.
    let again = driver.again(&answer);
    let later = driver.send(again);
    driver.settle();
    assert!(matches!(driver.replies[&later], Reply::Answer(_)), "{:?}", driver.replies[&later]);
    driver.check();
}
