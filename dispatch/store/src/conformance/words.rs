//! Words: every reading leaves its mark, and an erasure leaves the digest alone.

use dispatch_core::command::{EraseWords, NoteIncident};
use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::kind::ErasureReason;
use dispatch_core::kernel::time::Time;

use super::journal::{commit, settled};
use crate::store::Store;
use crate::words::{Reading, Text, digest};

const TEXT: &str = "the gate is on the north side";

pub(super) fn reading() -> Reading {
    Reading {
        actor: "operator-1".into(),
        seat: Some("banner-1".into()),
        purpose: "incident_panel".into(),
        at: Time(5),
    }
}

pub(super) async fn a_reading_leaves_its_mark<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    let (_, incident) = centre.press("p1");
    let words = centre.say(TEXT, 30);
    centre
        .send(NoteIncident { incident, words, danger: false, caller_withdrew: false })
        .expect("a note is taken");
    commit(store, &mut centre).await;
    let unknown = dispatch_core::kernel::id::WordsId(incident.0);
    let found = store.words(&[unknown, words], &reading()).await.expect("reads");
    assert_eq!(found.len(), 1, "what nobody knows is left out");
    assert_eq!(found[0].text.said(), Some(TEXT));
    assert_eq!(found[0].lang.as_deref(), Some("en"));
    let again = Reading { purpose: "handover".into(), ..reading() };
    store.words(&[words], &again).await.expect("reads");
    assert_eq!(store.readings(words).await.expect("reads"), [reading(), again]);
    assert_eq!(store.readings(unknown).await.expect("reads"), []);
}

pub(super) async fn erased_words_keep_their_digest_only<S: Store>(store: &S) {
    let mut centre = settled(store).await;
    let (_, incident) = centre.press("p1");
    let words = centre.say(TEXT, 30);
    let longer = centre.say(TEXT, 60);
    centre
        .send(NoteIncident { incident, words, danger: false, caller_withdrew: false })
        .expect("a note is taken");
    commit(store, &mut centre).await;
    let now = centre.now.0;
    let end = |days: i64| Time(now + days * 86_400_000_000);
    assert_eq!(store.expired_words(end(29), 10).await.expect("reads"), []);
    assert_eq!(store.expired_words(end(31), 10).await.expect("reads"), [words]);
    assert_eq!(store.expired_words(end(61), 10).await.expect("reads"), [words, longer]);
    centre
        .send(EraseWords { words: vec![words], reason: ErasureReason::Requested })
        .expect("words can be erased");
    commit(store, &mut centre).await;
    let found = store.words(&[words, longer], &reading()).await.expect("reads");
    let never = [WordsId(uuid::Uuid::from_u128(0xdead)), WordsId(uuid::Uuid::from_u128(0xbeef))];
    let asked = [never[0], words, longer, never[1]];
    assert_eq!(store.unknown_words(&asked).await.expect("reads"), never, "what was erased was there");
    let many: Vec<_> = (1..1_200).map(|id| WordsId(uuid::Uuid::from_u128(id << 64))).collect();
    assert_eq!(store.unknown_words(&many).await.expect("reads"), many);
    assert_eq!(store.unknown_words(&[]).await.expect("reads"), []);
    assert_eq!(found[0].text, Text::Erased);
    assert_eq!(found[0].digest, digest(words.0.as_bytes(), TEXT));
    assert_eq!(found[1].text.said(), Some(TEXT));
    assert_eq!(store.expired_words(end(61), 10).await.expect("reads"), [longer]);
    store.verify().await.expect("the journal holds");
}
