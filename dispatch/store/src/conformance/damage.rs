//! What a verification has to find: a centre of which every table holds something, and damage done to each of them behind
//! the store's back, in words both databases understand.

use dispatch_core::command::{CancelIncident, EraseWords, NoteIncident};
use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::kind::ErasureReason;
use dispatch_core::response::incident::CancelReason;

use super::journal::{commit, settled};
use super::model::archive;
use super::small_centre::{DAWN, SmallCentre};
use crate::delivery::{Delivery, DeliveryState, SinkCursor};
use crate::store::{Proving, Store};
use crate::words::{Reading, digest};

/// Words said in it, the first of which are erased.
const SAID: usize = 6;

/// A centre of which every table holds something, and its words.
pub struct Eventful {
    /// The centre.
    pub centre: SmallCentre,
    /// The words that were not erased, by id.
    pub words: Vec<WordsId>,
}

/// From the first row on, with the packages of the small region.
pub fn proving() -> Proving {
    Proving { package: Some(|bytes| Ok(blake3::hash(bytes).to_hex().to_string())), ..Proving::default() }
}

/// Somebody who reads words.
pub fn reading() -> Reading {
    Reading { actor: "operator-1".into(), seat: Some("banner-1".into()), purpose: "panel".into(), at: DAWN }
}

/// Lets something happen of every kind, in a store whose journal holds its first row.
pub async fn eventful<S: Store>(store: &S) -> Eventful {
    let mut centre = settled(store).await;
    let (_, left) = centre.press("p1");
    let cancel =
        CancelIncident { incident: left, expected_version: None, reason: CancelReason::NothingFound };
    centre.send(cancel).expect("it can be cancelled");
    commit(store, &mut centre).await;
    archive(&mut centre, left);
    let (_, incident) = centre.press("p2");
    centre.dispatch(incident, "u0").expect("the unit is free");
    centre.dispatch(left, "u1").expect_err("it is over");
    let mut words = Vec::new();
    for said in 0..SAID {
        let id = centre.say(&format!("the gate is open, {said}"), 30);
        let note = NoteIncident { incident, words: id, danger: false, caller_withdrew: false };
        centre.send(note).expect("a note is taken");
        words.push(id);
    }
    commit(store, &mut centre).await;
    store.snapshot(&centre.state).await.expect("a committed state can be kept");
    // Once more, and some that nobody said: what is gone is gone.
    for erased in [vec![words[0]], vec![words[0], words[1], WordsId(incident.0)]] {
        centre
            .send(EraseWords { words: erased, reason: ErasureReason::Requested })
            .expect("words can be erased");
        commit(store, &mut centre).await;
    }
    let words = words.split_off(2);
    for id in &words {
        store.words(&[*id], &reading()).await.expect("reads");
    }
    let cursor = SinkCursor { journal: centre.state.journal.expect("it has an id"), seq: 3 };
    let sent = Delivery { seq: 3, state: DeliveryState::Confirmed, attempts: 1, status: Some(200), at: DAWN };
    store.deliver("gateway", &[sent], cursor).await.expect("a sink moves");
    Eventful { centre, words }
}

/// Damage as SQL, and what the error has to say of it.
pub fn damages(words: &[WordsId]) -> Vec<(String, &'static str)> {
    let (salt, forged) = ([7; 16], "the gate is shut");
    let hex = |bytes: &[u8]| bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let (salt_hex, digest_hex) = (hex(&salt), hex(&digest(&salt, forged)));
    let [one, other] = [words[0], words[1]];
    let mut damages: Vec<(String, &'static str)> = [
        // Words, one by one and by halves.
        ("update words set text = '110' where text is not null", "words do not give their digest: "),
        ("update words set salt = '00000000000000000000000000000000' where salt is not null", "words do not give their digest"),
        ("delete from words where text is not null", "is missing"),
        ("delete from words where text is null", "is missing"),
        (
            "insert into words (node, id, class, at, expires_at, digest, salt, text)
             select node, '00000000-0000-7000-8000-000000000000', class, at, expires_at, digest, salt, text
             from words where text is not null limit 1",
            "words are not those that the journal names: 00000000-0000-7000-8000-000000000000 is not",
        ),
        (
            "update words set text = null, salt = null, erased_at = 1 where text is not null",
            "words are not erased as the journal says",
        ),
        ("update words set erased_at = erased_at + 1 where text is null", "words are not erased as the journal says"),
        // Readings.
        ("delete from words_reading", "chain of readings is not whole: 0 of 4"),
        (
            "delete from words_reading where place = (select max(place) from words_reading)",
            "chain of readings is not whole: 3 of 4",
        ),
        ("delete from words_reading where place = 1", "chain of readings is broken"),
        ("update words_reading set actor = 'nobody' where place = 2", "it breaks at reading 2"),
        ("update words_reading set purpose = '' where place = 4", "it breaks at reading 4"),
        (
            "insert into words_reading (node, words, actor, purpose, at) values (1, 'x', 'x', 'x', 1)",
            "chain of readings is not whole: 1 of 0",
        ),
        // Answers.
        ("delete from answer", "an answer is missing"),
        ("delete from answer where answer like '{\"accepted\"%'", "an answer is missing"),
        ("update answer set actor = 'nobody' where actor = 'operator-1'", "an answer is missing"),
        (
            "update answer set answer = replace(answer, '\"seq\":', '\"seq\":1') where answer like '%\"seq\":%'",
            "an answer names a row of another command",
        ),
        // Packages and snapshots.
        ("update content set bytes = (select state from snapshot)", "a region package is damaged"),
        ("delete from content", "an adopted region package is missing"),
        ("update snapshot set state = (select bytes from content)", "a snapshot is not what the journal makes"),
        ("update snapshot set seq = seq - 1", "a snapshot"),
        ("update snapshot set seq = seq + 1000", "a snapshot is of no row"),
        // The read model: what is alive, what has left it, and what there never was.
        ("update entity set state = 'gone' where kind = 'unit'", "the read model is not what the journal makes: unit u"),
        ("delete from entity where kind = 'unit' and id = 'u1'", "unit u1 is missing"),
        ("update entity set alive = false where kind = 'unit' and id = 'u1'", "unit u1 differs"),
        ("update entity set doc = '{}' where kind = 'incident' and alive = false", "differs"),
        ("delete from entity where kind = 'incident' and alive = false", "is missing"),
        ("update entity set alive = true where kind = 'incident'", "is not of the journal"),
        ("update entity set id = 'x' where kind = 'incident' and alive = false", "the read model is not what the journal makes"),
        ("update entity set kind = 'ghost' where kind = 'alarm' and alive = false", "ghost is no kind"),
        ("delete from timeline where seq = 9", "at row 9 is missing"),
        (
            "insert into timeline select node, kind, id, 1 from timeline where seq = 9",
            "at row 1 is not of the journal",
        ),
        ("update timeline set seq = seq + 1000 where seq = 9", "the timeline is not what the journal makes"),
        // What was sent.
        ("update delivery set seq = 1000", "a sink was sent what is not in the journal"),
        ("update sink set reached = 1000", "a sink was sent what is not in the journal"),
    ]
    .map(|(sql, said)| (sql.to_owned(), said))
    .into();
    damages.extend([
        // Forged with all that stands beside it: only the journal knows better.
        (
            format!(
                "update words set text = '{forged}', salt = '{salt_hex}', digest = '{digest_hex}'
                 where id = '{one}'"
            ),
            "words are not those that the journal names",
        ),
        (
            format!(
                "update words set id = 'x' where id = '{one}'; update words set id = '{one}' where id = '{other}';
                 update words set id = '{other}' where id = 'x'"
            ),
            "words are not those that the journal names",
        ),
        (
            format!(
                "update words set text = '{forged}', salt = '{salt_hex}', digest = '{digest_hex}', erased_at = null
                 where text is null"
            ),
            "still has its text",
        ),
    ]);
    damages
}

/// What is told of a store in which something of every kind has happened.
pub async fn everything_is_proved_or_named<S: Store>(store: &S) {
    let Eventful { centre, words } = eventful(store).await;
    let verified = store.prove(&proving()).await.expect("everything holds");
    assert_eq!(verified.rows, centre.state.seq);
    let told: Vec<String> = verified.tables.iter().map(ToString::to_string).collect();
    let tables: Vec<&str> = verified.tables.iter().map(|proof| proof.table).collect();
    let known = [
        "journal",
        "entities",
        "timeline",
        "words",
        "answers",
        "readings",
        "packages",
        "sinks",
        "deliveries",
        "snapshots",
    ];
    assert_eq!(tables, known);
    for (table, count) in [
        ("journal", verified.rows),
        ("words", SAID as u64),
        ("readings", words.len() as u64),
        ("packages", 1),
        ("snapshots", 1),
    ] {
        assert_eq!((verified.proved(table), verified.not_proved(table)), (count, 0), "{told:?}");
    }
    assert!(verified.proved("entities") > 0 && verified.proved("timeline") > 0, "{told:?}");
    assert!(verified.proved("answers") > 0 && verified.not_proved("answers") > 0, "{told:?}");
    assert_eq!((verified.not_proved("sinks"), verified.not_proved("deliveries")), (1, 1), "{told:?}");
    let packages = store.verify().await.expect("everything holds").not_proved("packages");
    assert_eq!(packages, 1, "nobody said how their hash is made");
}

/// A damaged text is given to nobody, and the others are.
pub async fn damaged_words_are_kept_back<S: Store>(store: &S, words: &[WordsId], damaged: WordsId) {
    use crate::words::Text;
    let found = store.words(words, &reading()).await.expect("the others can be read");
    assert_eq!(found.len(), words.len());
    for found in found {
        assert_eq!(found.text == Text::Damaged, found.id == damaged, "{found:?}");
        assert_eq!(found.text.said().is_some(), found.id != damaged, "{found:?}");
    }
}

/// From a snapshot on what came since is proved, and what was before is counted.
pub async fn a_tail_is_proved<S: Store>(store: &S) {
    let Eventful { mut centre, .. } = eventful(store).await;
    let kept = centre.state.seq;
    store.snapshot(&centre.state).await.expect("a committed state can be kept");
    let (_, incident) = centre.press("p1");
    let words = centre.say("and the road is icy", 30);
    centre
        .send(NoteIncident { incident, words, danger: false, caller_withdrew: false })
        .expect("a note is taken");
    let cancel = CancelIncident { incident, expected_version: None, reason: CancelReason::NothingFound };
    centre.send(cancel).expect("it can be cancelled");
    commit(store, &mut centre).await;
    archive(&mut centre, incident);
    centre
        .send(EraseWords { words: vec![words], reason: ErasureReason::Requested })
        .expect("words can be erased");
    commit(store, &mut centre).await;
    let whole = store.prove(&proving()).await.expect("everything holds");
    let tail = store.prove(&Proving { from: Some(kept), ..proving() }).await.expect("the tail holds");
    assert_eq!((&tail.audit_head, &tail.state, tail.rows), (&whole.audit_head, &whole.state, whole.rows));
    assert_eq!((tail.proved("journal"), tail.not_proved("journal")), (whole.rows - kept, kept));
    assert_eq!((tail.proved("words"), tail.not_proved("words")), (1, SAID as u64));
    for table in ["entities", "timeline", "words", "answers", "readings", "packages"] {
        let all = |told: &crate::store::Verified| told.proved(table) + told.not_proved(table);
        assert_eq!(all(&tail), all(&whole), "{table}");
        assert!(tail.proved(table) > 0, "{table}");
    }
    let nowhere = store.prove(&Proving { from: Some(1), ..proving() }).await.expect_err("there is none");
    assert!(nowhere.to_string().contains(&kept.to_string()), "{nowhere}");
}
