//! What was witnessed of a journal is held against it, and a loss goes on record.

use std::path::Path;

use dispatch_core::event::{Event, LossFound};
use dispatch_core::loss::LossKind;

use super::journal::{commit, lived_in};
use crate::audit;
use crate::loss::go_on;
use crate::store::{AuditHead, Opening, Store};
use crate::witness::{self, Testimony, Witness, WitnessFile};

/// A loss is found by either witness, recorded before anything else, and found no more.
pub async fn is_found_and_recorded<S: Store>(store: &S, dir: &Path) {
    std::fs::create_dir_all(dir).expect("there is room");
    let mut centre = lived_in(store).await;
    let reached = store.audit_head().await.expect("it has a head");
    assert!(lost(store, dir).await.is_none(), "nobody witnessed anything");
    witness::begin(dir, &reached, centre.now).expect("a folder takes a file");
    assert!(lost(store, dir).await.is_none(), "it holds what was witnessed");
    centre.press("p2");
    commit(store, &mut centre).await;
    assert!(lost(store, dir).await.is_none(), "it may go on after it");

    let before = store.open().await.expect("it opens");
    let ahead = AuditHead { seq: before.head + 9, ..reached.clone() };
    let other = AuditHead { hash: audit::hex(&[7; 32]), ..reached.clone() };
    for (head, kind) in [(ahead, LossKind::Shorter), (other, LossKind::Another)] {
        let said = Witness {
            journal: reached.journal.expect("a journal names itself"),
            head: head.seq,
            audit: head.hash.clone(),
            boot: "a".into(),
            since_boot: 1,
            time: centre.now,
        };
        WitnessFile::open(dir).expect("it is there").write(&said).expect("it takes a block");
        let by_witness = lost(store, dir).await.expect("the witness says so");
        assert_eq!((by_witness.kind, by_witness.witnessed, by_witness.found), (kind, head.seq, before.head));
        std::fs::remove_file(dir.join(witness::WITNESS_FILE)).expect("it is there");
        audit::export(&head, centre.now, dir).expect("it takes a line");
        let testimony = Testimony::of(store, dir).await.expect("the store answers");
        assert_eq!(testimony.lost, Some(by_witness), "the exported head says so as well");
        assert!(testimony.is_missing);
    }
    let found = lost(store, dir).await.expect("it is told until it is recorded");
    let opening: Opening =
        go_on(store, before.clone(), &found, before.state.now).await.expect("it is recorded");
    assert!(opening.state.is_halted());
    assert_ne!(opening.state.journal, before.state.journal, "nobody takes a row for the one before");
    let rows = store.records(before.head, 9).await.expect("rows are read");
    let names: Vec<_> = rows.iter().map(|record| record.event.name()).collect();
    assert_eq!(names, ["journal_opened", "loss_found"]);
    let Event::LossFound(LossFound { witnessed, found_at, .. }) = &rows[1].event else { panic!("{rows:?}") };
    assert_eq!((*witnessed, *found_at), (found.witnessed, found.found_at));
    let head = store.audit_head().await.expect("it has a head");
    assert_eq!((head.seq, head.hash.clone()), (opening.head, audit::hex(&opening.audit_head)));
    witness::begin(dir, &head, opening.state.now).expect("a folder takes a file");
    assert!(lost(store, dir).await.is_none(), "what is on record is not told twice");
    let again = store.open().await.expect("it opens");
    assert_eq!(again.state, opening.state);
    store.verify().await.expect("the journal holds");
}

async fn lost<S: Store>(store: &S, dir: &Path) -> Option<crate::loss::Lost> {
    Testimony::of(store, dir).await.expect("the store answers").lost
}
