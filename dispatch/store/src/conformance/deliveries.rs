//! Sinks: a cursor that is kept, never goes back and never leads the journal, and deliveries beside it.

use dispatch_core::kernel::time::Time;

use super::journal::{commit, settled};
use crate::delivery::{Delivery, DeliveryState, SinkCursor};
use crate::store::Store;

const SINK: &str = "gateway";

fn delivery(seq: u64, state: DeliveryState, attempts: u32, status: Option<u16>) -> Delivery {
    Delivery { seq, state, attempts, status, at: Time(i64::from(attempts)) }
}

pub(super) async fn a_sink_stands_where_it_was_left<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    centre.press("p1");
    commit(store, &mut centre).await;
    let journal = centre.state.journal.expect("the first row names it");
    let at = |seq| SinkCursor { journal, seq };
    assert_eq!(store.deliveries(SINK).await.expect("reads"), None, "nobody knows it yet");
    store.deliver(SINK, &[], at(1)).await.expect("a sink begins somewhere");
    let begun = store.deliveries(SINK).await.expect("reads").expect("it is known now");
    assert_eq!((begun.cursor, begun.outstanding.len(), begun.refused), (at(1), 0, 0));

    // Tried in vain twice, then confirmed: one row all the while.
    let twice = delivery(3, DeliveryState::Waiting, 2, Some(503));
    store.deliver(SINK, &[delivery(3, DeliveryState::Waiting, 1, None)], at(2)).await.expect("writes");
    store.deliver(SINK, std::slice::from_ref(&twice), at(2)).await.expect("writes");
    let tried = store.deliveries(SINK).await.expect("reads").expect("it is known");
    assert_eq!((tried.cursor, tried.outstanding), (at(2), vec![twice]));
    let ended = [
        delivery(3, DeliveryState::Confirmed, 3, Some(204)),
        delivery(4, DeliveryState::Refused, 4, Some(404)),
    ];
    store.deliver(SINK, &ended, at(4)).await.expect("writes");
    let stands = store.deliveries(SINK).await.expect("reads").expect("it is known");
    assert_eq!((stands.cursor, stands.outstanding.len(), stands.refused), (at(4), 0, 1));

    // Others stand for themselves, and the journal knows nothing of it.
    assert_eq!(store.deliveries("other").await.expect("reads"), None);
    let before = store.audit_head().await.expect("reads");
    store.deliver("other", &[delivery(2, DeliveryState::Waiting, 1, None)], at(1)).await.expect("writes");
    assert_eq!(store.audit_head().await.expect("reads"), before);
    assert_eq!(store.deliveries(SINK).await.expect("reads"), Some(stands));
    store.verify().await.expect("the journal holds");
}

pub(super) async fn a_cursor_neither_goes_back_nor_leads<S: Store>(store: &S) {
    let centre = settled(store).await;
    let (journal, head) = (centre.state.journal.expect("the first row names it"), centre.state.seq);
    let at = |seq| SinkCursor { journal, seq };
    store.deliver(SINK, &[], at(head)).await.expect("it may stand at the head");
    store.deliver(SINK, &[], at(head - 1)).await.expect("an old word is taken and changes nothing");
    assert_eq!(store.deliveries(SINK).await.expect("reads").map(|it| it.cursor), Some(at(head)));
    let early = [delivery(head + 1, DeliveryState::Confirmed, 1, Some(200))];
    store.deliver(SINK, &early, at(head + 1)).await.expect_err("nothing is delivered that is not committed");
    let stands = store.deliveries(SINK).await.expect("reads").expect("it is known");
    assert_eq!(stands.cursor, at(head));
}

pub(super) async fn what_was_delivered_is_forgotten_in_time<S: Store>(store: &S) {
    let centre = settled(store).await;
    let cursor = SinkCursor { journal: centre.state.journal.expect("the first row names it"), seq: 1 };
    let rows = [
        delivery(1, DeliveryState::Waiting, 1, None),
        delivery(2, DeliveryState::Confirmed, 2, Some(200)),
        delivery(3, DeliveryState::Refused, 3, Some(410)),
        delivery(4, DeliveryState::Refused, 9, Some(410)),
    ];
    store.deliver(SINK, &rows, cursor).await.expect("writes");
    assert_eq!(store.purge_deliveries(Time(4)).await.expect("purges"), 2);
    let stands = store.deliveries(SINK).await.expect("reads").expect("it is known");
    assert_eq!((stands.cursor, stands.outstanding, stands.refused), (cursor, rows[..1].to_vec(), 1));
}
