//! Commits that fail, and commits nobody knows about.

use dispatch_core::Coord;
use dispatch_core::command::RaiseAlarm;
use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::kind::Mode;
use dispatch_core::kernel::place::{Place, PlaceKind, PlaceSource};
use dispatch_core::kernel::time::Time;
use dispatch_core::response::alarm::{AlarmSource, AlarmState};
use dispatch_store::conformance::small_centre::{DAWN, order};
use dispatch_store::memory::Fault;
use dispatch_store::{Answer, AppendOutcome, Words, WordsClass};
use dispatch_writer::{Limits, Reply};

use crate::driver::{Driver, call, moment};

fn said(id: u128, text: &str) -> Words {
    Words {
        id: WordsId(uuid::Uuid::from_u128(id)),
        incident: None,
        alarm: None,
        class: WordsClass::Alarm,
        retention_days: 1,
        salt: [0; 16],
        text: text.into(),
        lang: None,
        translation: None,
        at: DAWN,
    }
}

#[test]
fn after_a_failed_commit_everything_that_waits_is_told_and_state_is_what_the_store_holds() {
    let mut driver = Driver::new(Limits::default());
    let incident = driver.incident("p1");
    let before = driver.replica.clone();
    let flying = driver.command(order(incident, "u0"));
    let drafted = driver.command(order(incident, "u1"));
    driver.land_with(Fault::NotCommitted);
    assert_eq!(
        (&driver.replies[&flying], &driver.replies[&drafted]),
        (&Reply::NotRecorded, &Reply::NotRecorded)
    );
    let meanwhile = driver.command(order(incident, "u2"));
    assert_eq!(driver.replies[&meanwhile], Reply::NotRecorded);
    driver.settle();
    assert_eq!(driver.replica, before, "nothing of it happened");
    assert_eq!(driver.degraded, [("not_recording", true), ("not_recording", false)]);
    let again = driver.command(order(incident, "u0"));
    driver.settle();
    driver.accepted(again);
}

#[test]
fn an_unknown_outcome_is_settled_by_the_id() {
    for (fault, committed) in [(Fault::UnknownCommitted, true), (Fault::UnknownLost, false)] {
        let mut driver = Driver::new(Limits::default());
        let incident = driver.incident("p1");
        let request = driver.request(order(incident, "u0"));
        let again = driver.again(&request);
        let first = driver.send(request);
        driver.drain();
        driver.land_with(fault);
        assert_eq!(driver.replies[&first], Reply::NotRecorded);
        assert!(driver.reopening && driver.looking_up.is_none());
        driver.recover();
        assert!(driver.looking_up.is_some(), "ids are looked up before the node opens again");
        assert!(!driver.writer.gauges().recording);
        driver.settle();
        assert_eq!(
            driver.replica.orders().len(),
            usize::from(committed),
            "what was committed after all is shown"
        );
        let retried = driver.send(again);
        driver.settle();
        driver.accepted(retried);
        assert_eq!(matches!(driver.replies[&retried], Reply::Repeated(_)), committed);
        assert_eq!(driver.replica.orders().len(), 1, "once, whatever became of the first");
        assert_eq!(driver.writer.counters().unknown_committed, u64::from(committed));
    }
}

#[test]
fn a_refusal_of_unknown_outcome_is_settled_too() {
    for (fault, committed) in [(Fault::UnknownCommitted, true), (Fault::UnknownLost, false)] {
        let mut driver = Driver::new(Limits::default());
        let incident = driver.incident("p1");
        let request = driver.request(order(incident, "nobody"));
        let again = driver.again(&request);
        driver.send(request);
        driver.drain();
        assert!(driver.airborne[0].1.records.is_empty());
        driver.land_with(fault);
        driver.settle();
        let retried = driver.send(again);
        driver.settle();
        let refused = |reply: &Reply| {
            matches!(reply, Reply::Answer(Answer::Refused(_)) | Reply::Repeated(Answer::Refused(_)))
        };
        assert!(refused(&driver.replies[&retried]));
        assert_eq!(matches!(driver.replies[&retried], Reply::Repeated(_)), committed);
    }
}

#[test]
fn a_head_that_is_not_the_batchs_is_an_unknown_outcome() {
    let mut driver = Driver::new(Limits::default());
    driver.command(call());
    let (flight, batch) = driver.airborne.pop_front().unwrap();
    driver.store.append_now(&batch);
    driver.report(flight, AppendOutcome::Committed { head: 4_711, audit: [0; 32] });
    assert!(driver.reopening);
    driver.settle();
    assert_eq!(driver.replica.alarms().len(), 1);
}

#[test]
fn an_alarm_shows_at_once_and_is_journalled_with_the_time_it_came() {
    let mut driver = Driver::new(Limits::default());
    driver.command(order(dispatch_core::kernel::id::IncidentId(uuid::Uuid::nil()), "u0"));
    driver.land_with(Fault::NotCommitted);
    driver.store.plan([Fault::NotCommitted, Fault::UnknownLost]);
    driver.tick(2_000);
    let came = driver.now;
    let request = driver.request(call());
    let again = driver.again(&request);
    let key = request.key();
    let token = driver.send(request);
    driver.drain();
    assert_eq!(driver.replies[&token], Reply::NotRecorded, "its sender is told and will send it again");
    assert_eq!(driver.unrecorded.len(), 1);
    let shown = &driver.unrecorded[0];
    assert_eq!((shown.alarm.alarm.received_at, shown.command), (came, key.1));
    let meanwhile = driver.send(again.clone());
    driver.drain();
    assert_eq!(driver.replies[&meanwhile], Reply::NotRecorded);
    assert_eq!(driver.unrecorded.len(), 1, "shown once");
    driver.now = driver.now.plus_ms(60_000);
    driver.settle();
    let alarm = driver.replica.alarms().values().next().expect("it is in the journal now");
    assert_eq!(alarm.received_at, came);
    let record =
        driver.store.records_now().unwrap().into_iter().find(|record| record.command == key.1).unwrap();
    assert!(record.recorded_at >= came.plus_ms(60_000), "the journal says when it was recorded, too");
    assert_eq!(driver.recorded, [key]);
    let mut again = again;
    again.token += 1_000;
    let retried = driver.send(again);
    driver.drain();
    assert!(matches!(driver.replies[&retried], Reply::Repeated(Answer::Accepted(_))));
    assert_eq!(driver.replica.alarms().len(), 1);
}

#[test]
fn what_is_shown_before_it_is_recorded_is_what_the_core_makes() {
    let mut driver = Driver::new(Limits::default());
    driver.command(call());
    driver.land_with(Fault::NotCommitted);
    driver.unrecorded.clear();
    let nowhere = Place { coord: Some(Coord { lon: 0, lat: 0 }), ..Place::unknown(PlaceSource::Fix) };
    let sos = RaiseAlarm {
        source: AlarmSource::Sos,
        mode: Mode::Test,
        unit: Some("u0".into()),
        place: Some(Place { kind: PlaceKind::Point, ..nowhere }),
        ..call()
    };
    let pressed_at = Time(driver.now.0 - 600_000_000);
    for id in [9, 10] {
        let words = Some(WordsId(uuid::Uuid::from_u128(id)));
        let mut request = driver.request(RaiseAlarm { words, ..sos.clone() });
        request.envelope.occurred_at = Some(pressed_at);
        request.words = vec![said(id, "help")];
        driver.send(request);
    }
    driver.drain();
    let [first, again] = driver.unrecorded.as_slice() else { panic!("two came: {:?}", driver.unrecorded) };
    let alarm = first.alarm.alarm.clone();
    assert_eq!((alarm.mode, alarm.late, alarm.state), (Mode::Actual, true, AlarmState::Ringing));
    assert_eq!((alarm.occurred_at, alarm.number.as_str()), (pressed_at, ""));
    assert_eq!(alarm.place.source, PlaceSource::HomeBase, "0,0 is no place");
    assert!(!alarm.desk.as_str().is_empty());
    assert_eq!((first.words[0].text.as_str(), first.kept), ("help", true));
    assert_eq!((again.alarm.alarm.id, again.alarm.alarm.repeats), (alarm.id, 1), "one press, one alarm");
    driver.settle();
    let recorded = &driver.replica.alarms()[&alarm.id];
    assert_eq!((recorded.repeats, recorded.late, &recorded.place), (1, true, &alarm.place));
}

#[test]
fn alarms_in_a_batch_that_failed_are_kept_too() {
    for fault in [Fault::NotCommitted, Fault::UnknownLost, Fault::UnknownCommitted] {
        let mut driver = Driver::new(Limits::default());
        driver.command(call());
        driver.command(call());
        driver.land_with(fault);
        assert_eq!(driver.unrecorded.len(), 2, "one in flight, one in the draft");
        driver.settle();
        assert_eq!((driver.replica.alarms().len(), driver.recorded.len()), (2, 2));
    }
}

#[test]
fn more_alarms_than_can_be_kept_are_shown_and_counted() {
    let mut driver = Driver::new(Limits { unrecorded_max: 3, ..Limits::default() });
    driver.command(call());
    driver.land_with(Fault::NotCommitted);
    let tokens: Vec<u64> = (0..5).map(|_| driver.command(call())).collect();
    assert_eq!(driver.unrecorded.len(), 6);
    assert!(tokens.iter().all(|token| driver.replies[token] == Reply::NotRecorded));
    assert_eq!(driver.writer.counters().unrecorded_lost, 3);
    driver.settle();
    assert_eq!(driver.replica.alarms().len(), 3);
}

#[test]
fn one_command_that_cannot_be_committed_takes_no_other_with_it() {
    let mut driver = Driver::new(Limits::default());
    let mut first = driver.request(call());
    first.words.push(said(0, "twice"));
    driver.send(first);
    driver.settle();
    // The database takes no words under an id it has: this alarm can never be committed.
    let mut poison = driver.request(call());
    poison.words.push(said(0, "twice"));
    driver.send(poison);
    let others: Vec<u64> = (0..3).map(|_| driver.queue(call())).collect();
    driver.drain();
    for _ in 0..40 {
        driver.land();
        driver.recover();
        driver.tick(1_000);
    }
    assert!(others.iter().all(|token| driver.replies[token] == Reply::NotRecorded));
    assert_eq!(driver.replica.alarms().len(), 4, "the other three are recorded all the same");
    assert_eq!(driver.recorded.len(), 3);
    assert!(driver.writer.counters().not_committed < 40, "tried again at intervals, not in a loop");
}

#[test]
fn a_store_that_cannot_be_opened_is_tried_again_after_a_while() {
    let mut driver = Driver::new(Limits::default());
    driver.command(call());
    driver.land_with(Fault::NotCommitted);
    driver.reopening = false;
    let failed = dispatch_store::StoreError::Impossible("the disk is gone".into());
    driver.writer.handle(moment(driver.now, 0), dispatch_writer::Input::Reopened(Err(failed)));
    driver.drain();
    assert!(!driver.reopening);
    driver.tick(100);
    assert!(!driver.reopening, "not at once");
    driver.tick(500);
    assert!(driver.reopening);
    driver.settle();
    assert_eq!(driver.replica.alarms().len(), 1);
}
