//! A store that fails as it is told: it keeps what every store keeps, and fails without harm to what is kept.
#![cfg(all(feature = "conformance", feature = "failing", feature = "memory"))]

use std::time::Duration;

use dispatch_store::conformance::small_centre::DAWN;
use dispatch_store::conformance::{self, Bench, lived_in};
use dispatch_store::failing::{Failing, Failure};
use dispatch_store::memory::MemoryStore;
use dispatch_store::{
    AppendOutcome, Custody as _, Genesis, Journal as _, ReadModel as _, SqliteOptions, SqliteStore,
    StoreError,
};
use tokio::time::timeout;

fn genesis() -> Genesis {
    Genesis::new("wall", DAWN)
}

struct Told;

impl Bench for Told {
    type Made = Failing<MemoryStore>;

    async fn fresh(&self) -> Failing<MemoryStore> {
        Failing::new(MemoryStore::new(&genesis()))
    }
}

#[tokio::test]
async fn told_nothing_it_keeps_what_every_store_keeps() {
    Box::pin(conformance::all(&Told)).await;
}

#[tokio::test]
async fn an_append_ends_as_it_was_told_and_opening_settles_it() {
    let dir = tempfile::tempdir().unwrap();
    let files = SqliteStore::connect(SqliteOptions::new(dir.path(), genesis())).await.unwrap();
    let store = Failing::new(files);
    let mut centre = lived_in(&store).await;
    let before = centre.state.seq;
    centre.press("p2");
    let batch = centre.take();
    store.plan("append", [Some(Failure::Refused), Some(Failure::Lost), Some(Failure::Hangs), None]);
    assert!(matches!(store.append(&batch).await, AppendOutcome::NotCommitted { .. }));
    assert!(matches!(store.append(&batch).await, AppendOutcome::Unknown { .. }));
    assert!(timeout(Duration::from_millis(1), store.append(&batch)).await.is_err(), "it hangs");
    assert_eq!(store.open().await.unwrap().head, before, "nothing of it is there");
    assert_eq!(store.append(&batch).await.committed().ok(), Some(centre.state.seq));

    centre.press("p1");
    let batch = centre.take();
    store.plan("append", [Some(Failure::Unheard), Some(Failure::Unheard)]);
    assert!(matches!(store.append(&batch).await, AppendOutcome::Unknown { .. }));
    assert_eq!(store.open().await.unwrap().head, centre.state.seq, "it is there all the same");
    assert!(matches!(store.append(&batch).await, AppendOutcome::NotCommitted { .. }), "a refusal is heard");
    assert_eq!(store.verify().await.unwrap().rows, centre.state.seq);
    assert!(store.is_spent());

    for late in [Failure::Late(Duration::from_millis(1)), Failure::HeardLate(Duration::from_millis(1))] {
        centre.press("p1");
        store.plan("append", [Some(late)]);
        assert_eq!(store.append(&centre.take()).await.committed().ok(), Some(centre.state.seq));
    }
}

#[tokio::test]
async fn what_is_late_is_not_done_before_and_what_is_heard_late_is() {
    let store = Told.fresh().await;
    let mut centre = lived_in(&store).await;
    let never = Duration::from_hours(1);
    for (late, is_done) in [(Failure::Late(never), false), (Failure::HeardLate(never), true)] {
        let before = store.open().await.unwrap().head;
        centre.press("p1");
        let batch = centre.take();
        store.plan("append", [Some(late)]);
        let mut asked = Box::pin(store.append(&batch));
        assert!(timeout(Duration::from_millis(1), &mut asked).await.is_err());
        drop(asked);
        let after = store.open().await.unwrap().head;
        assert_eq!(after, if is_done { centre.state.seq } else { before }, "{late:?}");
        if !is_done {
            store.append(&batch).await;
        }
    }
}

#[tokio::test]
async fn every_other_call_can_fail_as_well() {
    let store = Told.fresh().await;
    let centre = lived_in(&store).await;
    store.plan("snapshot", [Some(Failure::Refused), Some(Failure::Unheard)]);
    for kept in [0, centre.state.seq] {
        let failed = store.snapshot(&centre.state).await;
        assert!(matches!(failed, Err(StoreError::Impossible(_))), "{failed:?}");
        assert_eq!(store.open().await.unwrap().snapshot_seq, kept);
    }
    store.plan("entity", [Some(Failure::Refused)]);
    store.entity("unit", "u0").await.unwrap_err();
    assert!(store.entity("unit", "u0").await.unwrap().is_some());
    store.plan("entities", [Some(Failure::Hangs)]);
    assert!(!store.is_spent());
}
