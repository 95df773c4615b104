//! The journal: appended whole or not at all, opened as it was decided.

use dispatch_core::kernel::time::Time;

use super::small_centre::{DAWN, SmallCentre, call, package};
use crate::batch::{Answer, StoredAnswer};
use crate::key::NodeKey;
use crate::store::{AppendOutcome, Store};

/// A store with the small region adopted.
pub(super) async fn settled<S: Store>(store: &S) -> SmallCentre {
    let opening = store.open().await.expect("a fresh store opens");
    assert_eq!(opening.head, 1, "a fresh journal has its first row");
    let mut centre = SmallCentre::from(opening.state);
    centre.adopt();
    commit(store, &mut centre).await;
    centre
}

/// A centre with a region, an incident and an order, from a store whose journal holds its first row.
pub async fn lived_in<S: Store>(store: &S) -> SmallCentre {
    let mut centre = SmallCentre::from(store.open().await.expect("a fresh store opens").state);
    centre.adopt();
    let (_, incident) = centre.press("p1");
    centre.dispatch(incident, "u0").expect("the unit is free");
    commit(store, &mut centre).await;
    centre
}

/// Appends what the centre decided.
pub async fn commit<S: Store>(store: &S, centre: &mut SmallCentre) {
    let batch = centre.take();
    assert_eq!(store.append(&batch).await.committed().ok(), Some(centre.state.seq));
}

pub(super) async fn continues_the_head<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    centre.press("p1");
    let batch = centre.take();
    let mut ahead = batch.clone();
    ahead.records.iter_mut().for_each(|record| record.seq += 1);
    let mut gap = batch.clone();
    gap.records.last_mut().expect("a press makes records").seq += 1;
    let before = store.open().await.expect("opens");
    for wrong in [&ahead, &gap] {
        assert!(
            matches!(store.append(wrong).await, AppendOutcome::NotCommitted { .. }),
            "a wrong head is not committed"
        );
    }
    let after = store.open().await.expect("opens");
    assert_eq!(
        (after.head, after.audit_head, after.answers),
        (before.head, before.audit_head, before.answers)
    );
    assert_eq!(store.append(&batch).await.committed().ok(), Some(centre.state.seq));
    assert!(matches!(store.append(&batch).await, AppendOutcome::NotCommitted { .. }), "nor is a batch twice");
    let verified = store.verify().await.expect("the journal holds");
    assert_eq!(verified.rows, centre.state.seq);
}

pub(super) async fn takes_a_batch_whole_or_not_at_all<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    centre.press("p1");
    centre.say("there already", 30);
    let kept = centre.take();
    assert!(store.append(&kept).await.committed().is_ok());
    let first = store.open().await.expect("opens");
    let (accepted, incident) = centre.press("p2");
    let words = centre.say("not to be found", 30);
    let mut batch = centre.take();
    // Its last words have the id of others: the whole batch is against the rules.
    batch.words.push(kept.words[0].clone());
    assert!(matches!(store.append(&batch).await, AppendOutcome::NotCommitted { .. }));
    let alarm = accepted.named.alarm.expect("an alarm").to_string();
    assert_eq!(store.entity("alarm", &alarm).await.expect("reads"), None);
    assert_eq!(store.timeline(incident).await.expect("reads"), Vec::new());
    let reading = super::words::reading();
    assert_eq!(store.words(&[words], &reading).await.expect("reads"), Vec::new());
    let keys: Vec<_> = batch.answers.iter().map(|answer| (answer.actor.clone(), answer.command)).collect();
    let found = store.lookup(&keys).await.expect("reads");
    assert_eq!(found, vec![None]);
    assert_eq!(store.open().await.expect("opens").head, first.head);
    batch.words.pop();
    assert_eq!(store.append(&batch).await.committed().ok(), Some(centre.state.seq));
}

/// Whoever answers has forgotten what the store still holds: nothing that is committed with the new answer waits for that.
pub(super) async fn keeps_the_last_answer_to_a_command<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    centre.press("p1");
    commit(store, &mut centre).await;
    let first = store.open().await.expect("opens").answers[0].clone();
    centre.press("p2");
    let mut batch = centre.take();
    let anew = StoredAnswer { fingerprint: [9; 32], ..first.clone() };
    batch.answers.push(anew.clone());
    assert_eq!(store.append(&batch).await.committed().ok(), Some(centre.state.seq));
    let found = store.lookup(&[(first.actor, first.command)]).await.expect("reads");
    assert_eq!(found, vec![Some(anew)]);
    store.verify().await.expect("the journal holds");
}

/// An answer that is too old by a time that stands in doubt is there until it is purged.
pub(super) async fn opens_with_answers_until_they_are_purged<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    centre.press("p1");
    commit(store, &mut centre).await;
    let kept = store.open().await.expect("opens").answers;
    centre.now = centre.now.moved(30 * 86_400_000_000);
    centre.press("p2");
    commit(store, &mut centre).await;
    let opening = store.open().await.expect("opens");
    assert_eq!(opening.answers[..kept.len()], kept[..]);
    assert_eq!(store.purge_answers(opening.state.now).await.expect("purges"), kept.len() as u64);
    assert_eq!(store.open().await.expect("opens").answers.len(), 1);
}

pub(super) async fn keeps_refusals_without_records<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    let head = centre.state.seq;
    let (_, incident) = {
        let mut elsewhere = SmallCentre::from(centre.state.clone());
        elsewhere.press("p1")
    };
    centre.dispatch(incident, "u0").expect_err("nobody here knows that incident");
    let batch = centre.take();
    assert!(batch.records.is_empty());
    assert_eq!(store.append(&batch).await.committed().ok(), Some(head));
    let found =
        store.lookup(&[(batch.answers[0].actor.clone(), batch.answers[0].command)]).await.expect("reads");
    assert!(matches!(&found[..], [Some(stored)] if *stored == batch.answers[0]));
    assert!(matches!(batch.answers[0].answer, Answer::Refused(_)));
    store.verify().await.expect("the journal holds");
}

pub(super) async fn opens_with_what_was_decided<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    let (_, incident) = centre.press("p1");
    centre.dispatch(incident, "u1").expect("the unit is free");
    commit(store, &mut centre).await;
    centre.send(call()).expect("a call is taken");
    commit(store, &mut centre).await;
    let opening = store.open().await.expect("opens");
    assert_eq!(opening.state, centre.state);
    assert_eq!(opening.head, centre.state.seq);
    assert_eq!(opening.answers.len(), 4);
    assert_eq!(opening.clock, "wall");
    let records = store.records(0, 10_000).await.expect("reads");
    assert_eq!(records.len() as u64, opening.head);
    let some = store.records(2, 1).await.expect("reads");
    assert_eq!(some, records[2..3]);
    let head = store.audit_head().await.expect("reads");
    assert_eq!((head.seq, head.hash), (opening.head, crate::audit::hex(&opening.audit_head)));
    assert_eq!(head.journal, centre.state.journal);
}

pub(super) async fn opens_from_a_snapshot_and_its_tail<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    centre.press("p1");
    commit(store, &mut centre).await;
    store.snapshot(&centre.state).await.expect("a committed state can be kept");
    let kept = centre.state.seq;
    centre.press("p2");
    let mut ahead = centre.state.clone();
    commit(store, &mut centre).await;
    let opening = store.open().await.expect("opens");
    assert_eq!((opening.snapshot_seq, &opening.state), (kept, &centre.state));
    assert_eq!(store.verify().await.expect("the journal holds").proved("snapshots"), 1);
    ahead.seq = opening.head + 1;
    store.snapshot(&ahead).await.expect_err("a state beyond the head is speculation");
}

/// Once the snapshots a store holds were made ones of another format: the journal is replayed, and nothing fails.
pub async fn passes_another_format_over<S: Store>(store: &S, centre: &mut SmallCentre, others: u64) {
    let opening = store.open().await.expect("the journal is enough");
    assert_eq!((opening.snapshot_seq, &opening.state), (0, &centre.state));
    let verified = store.verify().await.expect("nothing fails");
    assert_eq!((verified.proved("snapshots"), verified.not_proved("snapshots")), (0, others));
    centre.press("p2");
    commit(store, centre).await;
    store.snapshot(&centre.state).await.expect("a committed state can be kept");
    assert_eq!(store.open().await.expect("opens").snapshot_seq, centre.state.seq);
    let verified = store.verify().await.expect("the journal holds");
    assert_eq!((verified.proved("snapshots"), verified.not_proved("snapshots")), (1, others));
}

pub(super) async fn tells_commits_apart<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    let adopted = (centre.state.seq, centre.state.now);
    centre.press("p1");
    centre.press("p2");
    commit(store, &mut centre).await;
    let pressed = (centre.state.seq, centre.state.now);
    assert_eq!(store.commit_heads(1, 10).await.expect("reads"), [adopted.0, pressed.0]);
    assert_eq!(store.commit_heads(adopted.0, 10).await.expect("reads"), [pressed.0]);
    assert_eq!(store.first_at(adopted.1).await.expect("reads"), Some(2));
    assert_eq!(store.first_at(adopted.1.plus_ms(1)).await.expect("reads"), Some(adopted.0 + 1));
    assert_eq!(store.first_at(pressed.1.plus_ms(1)).await.expect("reads"), None);
}

pub(super) async fn keeps_things_as_long_after_a_correction<S: Store>(store: &S) {
    const A_DAY_US: i64 = 86_400_000_000;
    let mut centre = settled(store).await;
    centre.press("p1");
    let words = centre.say("the gate is open", 30);
    commit(store, &mut centre).await;
    let (before, first) = (centre.now, centre.state.seq + 1);
    let answered = store.open().await.expect("opens").answers;
    for us in [1_000 * A_DAY_US, -1_001 * A_DAY_US] {
        centre.correct(us);
        let later = centre.say("and the road is icy", 30);
        let end = centre.now.moved(us + 30 * A_DAY_US);
        commit(store, &mut centre).await;
        let opening = store.open().await.expect("opens");
        assert_eq!(opening.state, centre.state);
        let ages = |answers: &[StoredAnswer], now: Time| -> Vec<i64> {
            answers.iter().map(|answer| now.apart(answer.at)).collect()
        };
        assert_eq!(ages(&opening.answers, centre.now), ages(&answered, before), "as old as they were");
        let expired = |at: Time| store.expired_words(at, 10);
        assert!(!expired(centre.now.moved(29 * A_DAY_US)).await.expect("reads").contains(&words));
        assert!(expired(centre.now.moved(31 * A_DAY_US)).await.expect("reads").contains(&words));
        // Whatever comes with a correction came by the clock before it.
        assert!(expired(end).await.expect("reads").contains(&later));
    }
    // By sequence: a time that came twice came first before the correction.
    assert_eq!(store.first_at(before.moved(A_DAY_US)).await.expect("reads"), Some(first));
    let last = centre.state.now;
    assert_eq!(store.first_at(last).await.expect("reads"), Some(1), "the day before is later than that");
    assert_eq!(store.first_at(before.moved(2_000 * A_DAY_US)).await.expect("reads"), None);
    store.verify().await.expect("the journal holds");
}

pub(super) async fn puts_answers_under_a_key_once<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    centre.press("p1");
    commit(store, &mut centre).await;
    let before = store.open().await.expect("opens").answers;
    let (key, other) = (NodeKey::new([9; 32]), NodeKey::new([8; 32]));
    assert_eq!(store.key_answers(&key).await.expect("keys"), before.len() as u64);
    let after = store.open().await.expect("opens").answers;
    let keyed = before.into_iter().map(|it| StoredAnswer { fingerprint: key.wrap(it.fingerprint), ..it });
    assert!(keyed.eq(after.clone()), "each under the key, and nothing else of it changed");
    for again in [&key, &other] {
        assert_eq!(store.key_answers(again).await.expect("keys"), 0, "what is under a key stays as it is");
    }
    assert_eq!(store.open().await.expect("opens").answers, after);
    assert_eq!(store.known_key().await.expect("reads"), None);
    for known in [&key, &other] {
        store.know_key(known).await.expect("keeps");
        assert_eq!(store.known_key().await.expect("reads"), Some(known.check()));
    }
    store.verify().await.expect("the journal holds");
}

pub(super) async fn forgets_old_answers<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    centre.press("p1");
    commit(store, &mut centre).await;
    assert_eq!(store.purge_answers(DAWN).await.expect("purges"), 0);
    let answers = store.open().await.expect("opens").answers;
    assert_eq!(store.purge_answers(answers[1].at).await.expect("purges"), 1);
    assert_eq!(store.open().await.expect("opens").answers, answers[1..]);
}

pub(super) async fn keeps_the_region_with_its_adoption<S: Store>(store: &S) {
    let centre = settled(store).await;
    let package = package();
    assert_eq!(*centre.state.region(), package.hash);
    assert_eq!(store.open().await.expect("opens").region.as_ref(), Some(&package));
    assert_eq!(store.content(&package.hash).await.expect("reads"), Some(package));
    assert_eq!(store.content("nothing").await.expect("reads"), None);
}
