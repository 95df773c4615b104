//! Rows of a journal, each a line of JSON, behind those of the centre and chained as if they had always stood there. What
//! can be read is written as it was read, and read again from that; what cannot is told. Whoever opens on such a journal
//! says why it cannot, or has a state that can be kept and takes a call for help. A line that begins with `=` is what is
//! kept of an answer.

use std::cell::RefCell;

use dispatch_core::state::State;
use dispatch_store::journal::{self, JournalRow};
use dispatch_store::{Answer, StoreError};

use crate::centre::Centre;

/// Rows of one input.
const ROWS_MAX: usize = 32;
/// Longest that is said of what cannot be read, bytes.
const SAID_BYTES_MAX: usize = 4_096;

thread_local! {
    static CENTRE: RefCell<Centre> = RefCell::new(Centre::new(|_| {}));
}

/// Feeds rows.
pub fn feed(bytes: &[u8]) {
    let mut rows = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n').take(ROWS_MAX) {
        if let Some(answer) = line.strip_prefix(b"=") {
            kept(answer);
        } else if let Ok(row) = serde_json::from_slice::<JournalRow>(line) {
            one(&row);
            rows.push(row);
        }
    }
    if !rows.is_empty() {
        CENTRE.with_borrow_mut(|centre| together(centre, rows));
    }
}

fn kept(answer: &[u8]) {
    let Ok(answer) = serde_json::from_slice::<Answer>(answer) else { return };
    let written = serde_json::to_vec(&answer).expect("an answer can be written");
    assert_eq!(serde_json::from_slice::<Answer>(&written).ok().as_ref(), Some(&answer));
}

/// A row by itself.
fn one(row: &JournalRow) {
    let record = match journal::record(row) {
        Ok(record) => record,
        Err(error) => return said(&error),
    };
    let [written] = &journal::rows(row.node, std::slice::from_ref(&record), &[])[..] else {
        panic!("one record is one row")
    };
    let columns = |row: &JournalRow| {
        let JournalRow { seq, name, desk, seat, actor, on_behalf_of, channel, mode, .. } = row.clone();
        let times = (row.occurred_at, row.recorded_at);
        ((seq, name, times), (desk, seat, actor), (on_behalf_of, channel, mode))
    };
    assert_eq!(columns(written), columns(row));
    let again = journal::record(written).expect("what was written can be read");
    assert_eq!(again, record);
    assert_eq!(&journal::rows(row.node, &[again], &[])[..], std::slice::from_ref(written));
}

fn said(error: &StoreError) {
    let said = error.to_string();
    let begin: String = said.chars().take(200).collect();
    assert!(!said.is_empty() && said.len() <= SAID_BYTES_MAX, "{} bytes: {begin}", said.len());
}

/// All of them behind the rows of the centre.
fn together(centre: &mut Centre, mut rows: Vec<JournalRow>) {
    for (row, seq) in rows.iter_mut().zip(centre.head() + 1..) {
        (row.node, row.seq, row.commit_head) = (1, seq, seq);
    }
    let store = centre.store().with_rows(rows);
    if let Err(error) = store.verify_now() {
        said(&error);
    }
    let opening = match store.open_now() {
        Ok(opening) => opening,
        Err(error) => return said(&error),
    };
    let written = serde_json::to_vec(&opening.state).expect("a state can be written");
    let read: State = serde_json::from_slice(&written).expect("a state can be read");
    assert!(read == opening.state, "a state that was kept is another");
    centre.begin_on(store, opening);
    centre.call();
    centre.settle();
    centre.judge();
    centre.forget();
}
