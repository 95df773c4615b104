//! Answers, refusals, repeats, ticks, time and snapshots beside a store that works.

use dispatch_core::command::{CancelIncident, ReopenIncident};
use dispatch_core::kernel::id::CommandId;
use dispatch_core::kernel::refusal::Refusal;
use dispatch_core::response::incident::CancelReason;
use dispatch_core::response::order::EndReason;
use dispatch_core::view::IncidentView;
use dispatch_store::conformance::small_centre::{DAWN, command_id, order};
use dispatch_store::memory::Fault;
use dispatch_store::{Answer, NodeKey};
use dispatch_writer::{Input, Limits, Reply, Request};
use uuid::Uuid;

use crate::driver::{Driver, call, moment};

#[test]
fn an_answer_waits_for_its_commit() {
    let mut driver = Driver::new(Limits::default());
    let shown = driver.published.len();
    let token = driver.command(call());
    assert_eq!((driver.airborne.len(), driver.replies.get(&token)), (1, None));
    assert_eq!(driver.published.len(), shown, "nothing is shown before its commit");
    driver.land();
    let accepted = driver.accepted(token);
    assert!(
        accepted.named.alarm.is_some() && accepted.seq == driver.replica.seq && accepted.version == Some(1)
    );
    assert_eq!(driver.published.len(), shown + 1);
}

#[test]
fn what_comes_while_a_batch_flies_goes_with_the_next() {
    let mut driver = Driver::new(Limits::default());
    let first = driver.command(call());
    let others: Vec<u64> = (0..5).map(|_| driver.command(call())).collect();
    driver.land();
    assert!(driver.replies.contains_key(&first));
    assert!(others.iter().all(|token| !driver.replies.contains_key(token)));
    assert_eq!(driver.airborne[0].1.answers.len(), 5, "five commands, one commit");
    driver.settle();
    for token in others {
        driver.accepted(token);
    }
}

#[test]
fn a_refusal_waits_for_what_it_rests_on() {
    let mut driver = Driver::new(Limits::default());
    let (one, two) = (driver.incident("p1"), driver.incident("p2"));
    let sent = driver.command(order(one, "u0"));
    let refused = driver.command(order(two, "u0"));
    assert!(!driver.replies.contains_key(&refused), "the order that makes the unit busy is not durable yet");
    driver.land();
    assert!(driver.accepted(sent).named.orders.len() == 1 && !driver.replies.contains_key(&refused));
    driver.land();
    assert!(matches!(&driver.replies[&refused], Reply::Answer(Answer::Refused(Refusal::UnitBusy { .. }))));

    // And when that order is lost, so is the refusal that rests on it.
    let lost = driver.command(order(two, "u1"));
    let refused = driver.command(order(one, "u1"));
    driver.land_with(Fault::NotCommitted);
    assert_eq!(driver.replies[&lost], Reply::NotRecorded);
    assert_eq!(driver.replies[&refused], Reply::NotRecorded);
    driver.settle();
    let free = driver.command(order(one, "u1"));
    driver.settle();
    driver.accepted(free);
}

#[test]
fn a_repeat_gets_the_answer_of_the_first() {
    let mut driver = Driver::new(Limits::default());
    let incident = driver.incident("p1");
    let request = driver.request(order(incident, "u0"));
    let (in_flight, after) = (driver.again(&request), driver.again(&request));
    let mut other_body = driver.again(&request);
    other_body.fingerprint = [2; 32];
    let mut other_later = other_body.clone();
    other_later.token = 999;
    let first = driver.send(request);
    driver.drain();
    let joined = driver.send(in_flight);
    let conflict = driver.send(other_body);
    driver.drain();
    assert_eq!(driver.replies.get(&joined), None, "a repeat in flight waits for the same commit");
    assert_eq!(driver.replies[&conflict], Reply::Conflict);
    driver.settle();
    let repeated = driver.send(after);
    let conflict = driver.send(other_later);
    driver.drain();
    assert_eq!(driver.accepted(first), driver.accepted(joined));
    assert_eq!(driver.replies[&repeated], Reply::Repeated(Answer::Accepted(driver.accepted(first))));
    assert_eq!(driver.replies[&conflict], Reply::Conflict);
    assert_eq!(driver.replica.orders().len(), 1);
    let counted = driver.writer.counters();
    assert_eq!((counted.joined, counted.repeated, counted.conflicts), (1, 1, 2));
}

#[test]
fn a_refusal_is_repeated_even_when_it_would_be_accepted_now() {
    let mut driver = Driver::new(Limits::default());
    let (one, two) = (driver.incident("p1"), driver.incident("p2"));
    driver.command(order(one, "u0"));
    let request = driver.request(order(two, "u0"));
    let again = driver.again(&request);
    let first = driver.send(request);
    driver.settle();
    let id = driver.replica.orders().keys().next().copied().unwrap();
    driver.command(dispatch_core::command::RecallOrder {
        order: id,
        expected_version: None,
        reason: EndReason::NotNeeded,
        words: None,
    });
    driver.settle();
    let repeated = driver.send(again);
    driver.drain();
    let Reply::Answer(answer) = driver.replies[&first].clone() else { panic!("answered") };
    assert_eq!(driver.replies[&repeated], Reply::Repeated(answer));
}

#[test]
fn a_call_that_comes_again_once_its_answer_is_forgotten_rings_under_another_id() {
    let mut driver = Driver::new(Limits::default());
    let request = driver.request(call());
    let (again, once_more) = (driver.again(&request), driver.again(&request));
    let first = driver.send(request);
    driver.settle();
    let first = driver.accepted(first).named.alarm.unwrap();
    driver.tick(8 * 86_400_000);
    driver.settle();
    let second = driver.send(again);
    driver.settle();
    let second = driver.accepted(second).named.alarm.unwrap();
    assert_ne!(first, second, "one is not written over by the other");
    let flaws = &driver.replica.alarms()[&second].flaws;
    assert_eq!(flaws, &["idempotency-key: may have been used: it is older than answers are kept"]);
    let repeat = driver.send(once_more);
    driver.settle();
    assert!(matches!(driver.replies[&repeat], Reply::Repeated(_)), "it rings once more, not twice");
}

#[test]
fn an_id_older_than_ids_are_kept_is_refused_and_forgotten() {
    let mut driver = Driver::new(Limits::default());
    let incident = driver.incident("p1");
    let request = driver.request(order(incident, "u0"));
    let again = driver.again(&request);
    let first = driver.send(request);
    driver.settle();
    driver.accepted(first);
    let known = driver.writer.gauges().answers;
    driver.tick(8 * 86_400_000);
    assert!(driver.writer.gauges().answers < known, "old answers are forgotten");
    driver.settle();
    let late = driver.send(again);
    driver.drain();
    assert_eq!(driver.replies[&late], Reply::Expired);
    // A call for help is taken however old its id is, and an id that tells no time is never too old.
    let mut alarm = driver.request(call());
    alarm.envelope.id = command_id(DAWN, 77_777);
    let alarm = driver.send(alarm);
    let mut device = driver.request(order(incident, "u1"));
    device.envelope.id = CommandId(Uuid::new_v5(&Uuid::NAMESPACE_OID, b"terminal 7, message 12"));
    let device = driver.send(device);
    driver.settle();
    driver.accepted(alarm);
    assert!(matches!(driver.replies[&device], Reply::Answer(_)));
}

#[test]
fn a_tick_with_nothing_due_writes_nothing() {
    let mut driver = Driver::new(Limits::default());
    let head = driver.replica.seq;
    driver.tick(1_000);
    assert_eq!((driver.airborne.len(), driver.replica.seq), (0, head));
    driver.command(call());
    driver.settle();
    let head = driver.replica.seq;
    driver.tick(5_000);
    assert_eq!(driver.airborne.len(), 0, "the alarm may ring for ten seconds");
    driver.tick(6_000);
    driver.settle();
    assert!(driver.replica.seq > head, "then somebody has to be told");
    assert!(driver.published.last().unwrap().records.iter().all(|record| record.actor.as_str() == "system"));
}

#[test]
fn a_snapshot_is_what_the_journal_holds() {
    let mut driver = Driver::new(Limits { snapshot_rows: 5, ..Limits::default() });
    let before = driver.snapshots;
    for _ in 0..10 {
        driver.command(call());
        driver.command(call());
        driver.land();
    }
    driver.settle();
    // `settle` verifies the journal, which compares every snapshot with the replay.
    assert!(driver.snapshots > before + 1);
    let opening = driver.store.open_now().unwrap();
    assert!(opening.snapshot_seq > 0 && opening.snapshot_seq + 5 + 64 > opening.head);
}

#[test]
fn an_archived_incident_comes_with_the_request_that_takes_it_up() {
    let mut driver = Driver::new(Limits::default());
    let old = driver.incident("p1");
    let cancel = CancelIncident { incident: old, expected_version: None, reason: CancelReason::NothingFound };
    driver.command(cancel);
    driver.settle();
    let archived = IncidentView::new(&driver.replica, &driver.replica.incidents()[&old]);
    driver.tick(driver.replica.register().timers.archive_ms);
    driver.settle();
    assert!(driver.replica.incidents().is_empty());
    let reopen = ReopenIncident { incident: old, words: None };
    let unknown = driver.command(reopen.clone());
    driver.settle();
    assert!(matches!(&driver.replies[&unknown], Reply::Answer(Answer::Refused(Refusal::Unknown { .. }))));
    let request = Request { archived: Some(Box::new(archived)), ..driver.request(reopen.clone()) };
    let again = Request { archived: request.archived.clone(), ..driver.request(reopen) };
    let (first, second) = (driver.send(request), driver.send(again));
    // `settle` verifies the journal, which makes the read model again and compares.
    driver.settle();
    let new = driver.accepted(first).named.incident.unwrap();
    assert_ne!(new, old);
    assert_eq!(driver.replica.incidents().keys().copied().collect::<Vec<_>>(), [new]);
    let refused = Refusal::IncidentReplaced { by: new };
    assert_eq!(driver.replies[&second], Reply::Answer(Answer::Refused(refused)), "once, even in one batch");
}

#[test]
fn a_region_without_its_package_is_refused() {
    let mut driver = Driver::new(Limits::default());
    let register = Box::new(dispatch_store::conformance::small_centre::register());
    let adopt =
        dispatch_core::command::AdoptRegion { hash: "elsewhere".into(), register, duties: Vec::new() };
    let token = driver.command(adopt);
    driver.settle();
    assert!(matches!(&driver.replies[&token], Reply::Answer(Answer::Refused(Refusal::Invalid { .. }))));
}

#[test]
fn an_outcome_of_no_flight_is_counted_and_changes_nothing() {
    let mut driver = Driver::new(Limits::default());
    let token = driver.command(call());
    driver.writer.handle(moment(driver.now, 0), Input::Found(Ok(Vec::new())));
    driver.report(4_711, dispatch_store::AppendOutcome::Committed { head: 99, audit: [0; 32] });
    assert_eq!(driver.replies.get(&token), None);
    assert_eq!(driver.writer.counters().strays, 2);
    driver.settle();
    driver.accepted(token);
}

#[test]
fn an_alarm_under_a_used_id_is_an_alarm_of_its_own() {
    let mut driver = Driver::new(Limits::default());
    let first = driver.request(call());
    let mut other = driver.again(&first);
    other.fingerprint = [2; 32];
    let mut once_more = driver.again(&other);
    let token = driver.send(first.clone());
    // While the first is under way, and again when all is done.
    let (second, third) = (driver.send(other.clone()), driver.send(once_more.clone()));
    driver.settle();
    let raised = [token, second, third].map(|token| driver.accepted(token).named.alarm.unwrap());
    assert_ne!(raised[0], raised[1], "another body is another call");
    assert_eq!(raised[1], raised[2], "and the same body the same call");
    once_more = driver.again(&once_more);
    let later = driver.send(once_more);
    driver.settle();
    assert!(matches!(driver.replies[&later], Reply::Repeated(_)));
    assert_eq!(driver.accepted(later).named.alarm, Some(raised[1]));
    let flaws = &driver.replica.alarms()[&raised[1]].flaws;
    assert_eq!(flaws, &["idempotency-key: was used with another body"]);
    assert!(driver.replica.alarms()[&raised[0]].flaws.is_empty());
    let first = driver.again(&first);
    let again = driver.send(first);
    driver.settle();
    assert!(matches!(driver.replies[&again], Reply::Repeated(_)), "its own id is still its own");
}

#[test]
fn what_is_not_known_of_a_used_id_is_not_said() {
    let mut driver = Driver::new(Limits::default());
    let (old, new) = (NodeKey::new([1; 32]), NodeKey::new([2; 32]));
    let mut first = driver.request(call());
    let mut again = driver.again(&first);
    (first.fingerprint, again.fingerprint) = (old.wrap([7; 32]), new.wrap([7; 32]));
    driver.send(first);
    driver.settle();
    let token = driver.send(again);
    driver.settle();
    let rung = driver.accepted(token).named.alarm.unwrap();
    let flaws = &driver.replica.alarms()[&rung].flaws;
    assert_eq!(flaws, &["idempotency-key: was used before, and nobody can tell with which body"]);
}

#[test]
fn a_press_that_was_given_an_id_of_its_own_keeps_it_when_the_other_was_lost() {
    let mut driver = Driver::new(Limits::default());
    // Two presses under one id; what became of the first died with its process, the second is in the journal.
    let press = driver.request(call());
    let mut renamed = driver.again(&press);
    renamed.envelope.id = crate::driver::renamed(&press.key(), press.fingerprint).1;
    let first = driver.send(renamed);
    driver.settle();
    let alarm = driver.accepted(first).named.alarm;
    let again = driver.again(&press);
    let repeat = driver.send(again);
    driver.settle();
    assert!(matches!(driver.replies[&repeat], Reply::Repeated(_)), "{:?}", driver.replies[&repeat]);
    assert_eq!(driver.accepted(repeat).named.alarm, alarm);
    assert_eq!(driver.writer.speculative().alarms().len(), 1, "one press, one alarm");
}
