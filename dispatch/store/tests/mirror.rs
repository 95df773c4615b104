//! A second copy of a journal, and the way back from it.
#![cfg(all(feature = "conformance", feature = "memory"))]
#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use std::path::Path;

use dispatch_core::kernel::id::WordsId;
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre};
use dispatch_store::conformance::{commit, lived_in};
use dispatch_store::mirror::{Mirror, Mirrored, prove, recover};
use dispatch_store::{
    AnyStore, Custody as _, Genesis, History as _, Journal as _, SqliteOptions, SqliteStore, Testimony,
    WordsRecords as _, loss, witness,
};
use tempfile::TempDir;

fn options(dir: &Path) -> SqliteOptions {
    SqliteOptions::new(dir, Genesis::new("wall", DAWN))
}

async fn store(dir: &Path) -> SqliteStore {
    SqliteStore::connect(options(dir)).await.unwrap()
}

/// Copies all there is.
async fn copy(mirror: &mut Mirror, store: &SqliteStore) -> u64 {
    loop {
        let Mirrored { seq, head, .. } = mirror.round(&AnyStore::Sqlite(store.clone())).await.unwrap();
        if seq == head {
            return seq;
        }
    }
}

/// Everything of a journal but what a mirror leaves out.
async fn contents(store: &SqliteStore, words: &[WordsId]) -> impl PartialEq + std::fmt::Debug + use<> {
    let opening = store.open().await.unwrap();
    let mut answers = opening.answers;
    answers.sort_by_key(|answer| (answer.actor.clone(), answer.command));
    let reading =
        dispatch_store::Reading { actor: "operator-1".into(), seat: None, purpose: "test".into(), at: DAWN };
    let said = store.words(words, &reading).await.unwrap();
    let records = store.records(0, 10_000).await.unwrap();
    (opening.state, opening.head, opening.audit_head, answers, opening.region, said, records)
}

/// A centre that has said things, erased some, and set its clock.
async fn busy(dir: &Path, mirror: &mut Mirror) -> (SqliteStore, SmallCentre, Vec<WordsId>) {
    let store = store(dir).await;
    let mut centre = lived_in(&store).await;
    let mut words = Vec::new();
    for round in 0..12 {
        centre.press(if round % 2 == 0 { "p1" } else { "p2" });
        words.push(centre.say(&format!("word {round}\\nand a line"), 30));
        commit(&store, &mut centre).await;
        if round % 3 == 0 {
            copy(mirror, &store).await;
        }
        if round % 4 == 3 {
            centre.correct(if round == 3 { 3_000_000_000 } else { -1_000_000_000 });
            commit(&store, &mut centre).await;
        }
    }
    let erased = vec![words[1], words[5]];
    let reason = dispatch_core::kernel::kind::ErasureReason::Requested;
    centre.send(dispatch_core::command::EraseWords { words: erased, reason }).unwrap();
    commit(&store, &mut centre).await;
    assert_eq!(copy(mirror, &store).await, centre.state.seq);
    (store, centre, words)
}

fn everything_in(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(everything_in(&path));
        } else {
            all.extend(std::fs::read(path).unwrap());
        }
    }
    all
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn a_whole_node_comes_back_from_its_mirror() {
    let (data, copies, anew) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let (store, _, words) = busy(data.path(), &mut mirror).await;
    let all = everything_in(copies.path());
    assert!(
        holds(&all, "word 2") && !holds(&all, "word 1\\\\n") && !holds(&all, "word 5"),
        "erased in place"
    );
    // A mirror that was let go is taken up where it was.
    drop(mirror);
    let mut mirror = Mirror::at(copies.path());
    copy(&mut mirror, &store).await;
    assert_eq!(std::fs::read_dir(copies.path()).unwrap().count(), 2, "one copy, and the lock");

    // It can be proved meanwhile, and leaves nothing behind.
    let scratch = anew.path().join("proving");
    let (_, verified) = prove(copies.path(), options(&scratch)).await.unwrap();
    assert_eq!(verified.rows, store.audit_head().await.unwrap().seq);
    assert!(!scratch.exists());

    let recovered = recover(copies.path(), options(anew.path()), 0).await.unwrap();
    assert!(recovered.is_unwitnessed && recovered.lost.is_none() && recovered.set_aside.is_none());
    let back = self::store(anew.path()).await;
    let renewed = back.audit_head().await.unwrap();
    assert_ne!(renewed.journal, store.audit_head().await.unwrap().journal, "nobody knows what is missing");
    assert_eq!(renewed.seq, store.audit_head().await.unwrap().seq + 1);
    let (was, is) = (store.records(0, 10_000).await.unwrap(), back.records(0, 10_000).await.unwrap());
    assert_eq!(was, is[..was.len()]);
    for id in words {
        let key = [id];
        let reading =
            || dispatch_store::Reading { actor: "a".into(), seat: None, purpose: "p".into(), at: DAWN };
        assert_eq!(store.words(&key, &reading()).await.unwrap(), back.words(&key, &reading()).await.unwrap());
    }
    assert!(Testimony::of(&back, anew.path()).await.unwrap().lost.is_none());
}

#[tokio::test]
async fn a_lost_end_comes_back_from_the_mirror_and_nothing_is_missing() {
    let (data, copies, old) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    {
        let store = store(data.path()).await;
        lived_in(&store).await;
        store.backup(old.path()).await.unwrap();
        store.close().await.unwrap();
    }
    std::fs::remove_file(data.path().join("journal.sqlite")).unwrap();
    let (store, _, words) = busy(data.path(), &mut mirror).await;
    let before = contents(&store, &words).await;
    let head = store.audit_head().await.unwrap();
    witness::begin(data.path(), &head, DAWN).unwrap();
    let complete = recover(copies.path(), options(data.path()), 0).await;
    assert!(complete.is_err(), "a journal in use is left alone");
    store.close().await.unwrap();
    let complete = recover(copies.path(), options(data.path()), 0).await.unwrap_err().to_string();
    assert!(complete.contains("nothing is to be brought back"), "{complete}");

    // An older one was put in its place; it was served, and a call came.
    std::fs::copy(old.path().join("journal.sqlite"), data.path().join("journal.sqlite")).unwrap();
    let short = self::store(data.path()).await;
    let lost = Testimony::of(&short, data.path()).await.unwrap().lost.unwrap();
    let opening = loss::go_on(&short, short.open().await.unwrap(), &lost, DAWN).await.unwrap();
    let mut centre = SmallCentre::from(opening.state);
    centre.press("p1");
    commit(&short, &mut centre).await;
    copy(&mut mirror, &short).await;
    witness::begin(data.path(), &short.audit_head().await.unwrap(), DAWN).unwrap();
    short.close().await.unwrap();
    let unsaid = recover(copies.path(), options(data.path()), 0).await.unwrap_err().to_string();
    assert!(unsaid.contains("--leave 1"), "{unsaid}");

    let recovered = recover(copies.path(), options(data.path()), 1).await.unwrap();
    assert!(recovered.lost.is_none() && !recovered.is_unwitnessed);
    assert!(recovered.set_aside.is_some_and(|aside| aside.is_file()));
    let back = self::store(data.path()).await;
    let after = contents(&back, &words).await;
    assert!(after == before, "{after:?}\\n{before:?}");
    assert!(Testimony::of(&back, data.path()).await.unwrap().lost.is_none());
}

#[tokio::test]
async fn what_the_mirror_lacks_as_well_goes_on_record() {
    let (data, copies) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let (store, mut centre, _) = busy(data.path(), &mut mirror).await;
    let reached = store.audit_head().await.unwrap().seq;
    centre.press("p1");
    commit(&store, &mut centre).await;
    let head = store.audit_head().await.unwrap();
    witness::begin(data.path(), &head, DAWN).unwrap();
    store.close().await.unwrap();
    std::fs::remove_file(data.path().join("journal.sqlite")).unwrap();
    let recovered = recover(copies.path(), options(data.path()), 0).await.unwrap();
    let lost = recovered.lost.unwrap();
    assert_eq!((lost.found, lost.witnessed), (reached, head.seq));
    let back = self::store(data.path()).await;
    assert!(back.open().await.unwrap().state.is_halted(), "somebody has to accept it");
}

#[tokio::test]
async fn a_damaged_mirror_is_told_from_a_cut_one() {
    let (data, copies, anew) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let (store, _, _) = busy(data.path(), &mut mirror).await;
    drop(mirror);
    let rows = copies.path().join("copy-1").join(format!("rows-{:020}", 1));
    let whole = std::fs::read(&rows).unwrap();
    for end in [whole.len() - 1, whole.len() - 40, whole.len() / 2, 10, 0] {
        std::fs::write(&rows, &whole[..end]).unwrap();
        let mut mirror = Mirror::at(copies.path());
        copy(&mut mirror, &store).await;
        drop(mirror);
        let made = SqliteOptions { dir: anew.path().join(end.to_string()), ..options(anew.path()) };
        let recovered = recover(copies.path(), made, 0).await.unwrap();
        assert_eq!(recovered.verified.rows, store.audit_head().await.unwrap().seq + 1, "cut at {end}");
    }
    assert!(!copies.path().join("copy-2").exists(), "a cut end is written again");
    let mut turned = whole.clone();
    turned[whole.len() / 3] ^= 1;
    std::fs::write(&rows, &turned).unwrap();
    let broken =
        recover(copies.path(), options(&anew.path().join("broken")), 0).await.unwrap_err().to_string();
    assert!(broken.contains("the mirror is not as it was written"), "{broken}");
    let mut mirror = Mirror::at(copies.path());
    copy(&mut mirror, &store).await;
    assert!(copies.path().join("copy-2").exists(), "another copy is begun beside a damaged one");
    drop(mirror);
    let back = recover(copies.path(), options(&anew.path().join("beside")), 0).await.unwrap();
    assert!(back.copy.ends_with("copy-2"), "the damaged one stands in nobody's way: {}", back.copy.display());
}

#[tokio::test]
async fn whatever_was_flushed_comes_back_from_a_torn_mirror() {
    let (data, copies, anew) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let store = store(data.path()).await;
    let mut centre = lived_in(&store).await;
    let safe = copy(&mut mirror, &store).await;
    let rows = copies.path().join("copy-1").join(format!("rows-{:020}", 1));
    let flushed = std::fs::read(&rows).unwrap().len();
    for round in 0..12 {
        centre.press(if round % 2 == 0 { "p1" } else { "p2" });
        if round == 6 {
            centre.correct(3_000_000_000);
        }
        commit(&store, &mut centre).await;
    }
    let head = copy(&mut mirror, &store).await;
    drop(mirror);
    let whole = std::fs::read(&rows).unwrap();
    // One sector after another that never reached the disk.
    let sectors = flushed.div_ceil(512)..whole.len() / 512;
    assert!(sectors.len() > 3, "{sectors:?}");
    for sector in sectors.step_by(3) {
        let mut torn = whole.clone();
        torn[sector * 512..][..512].fill(0);
        std::fs::write(&rows, torn).unwrap();
        let made = options(&anew.path().join(sector.to_string()));
        let back = recover(copies.path(), made, 0).await.unwrap().verified.rows;
        assert!(back > safe && back <= head, "sector {sector}: {back} rows, {safe} were flushed");
        let mut mirror = Mirror::at(copies.path());
        assert_eq!(copy(&mut mirror, &store).await, head);
    }
    let back = recover(copies.path(), options(&anew.path().join("whole")), 0).await.unwrap();
    assert_eq!(back.verified.rows, head + 1);
    assert!(!copies.path().join("copy-2").exists(), "it is gone on with");
}

#[tokio::test]
async fn words_are_erased_whenever_the_machine_died() {
    let (data, copies, anew) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let store = store(data.path()).await;
    let mut centre = lived_in(&store).await;
    centre.press("p1");
    let words = centre.say("wrong number", 30);
    commit(&store, &mut centre).await;
    copy(&mut mirror, &store).await;
    let folder = copies.path().join("copy-1");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let said = files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("words-"));
    let before: Vec<_> = said.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
    let reason = dispatch_core::kernel::kind::ErasureReason::Requested;
    centre.send(dispatch_core::command::EraseWords { words: vec![words], reason }).unwrap();
    commit(&store, &mut centre).await;
    let head = copy(&mut mirror, &store).await;
    drop(mirror);
    // The row that erases was copied, and the machine died.
    for (path, text) in &before {
        std::fs::write(path, text).unwrap();
    }
    assert!(holds(&everything_in(&folder), "wrong number"));
    let back = recover(copies.path(), options(anew.path()), 0).await.unwrap();
    assert_eq!(back.verified.rows, head + 1);
    let mut mirror = Mirror::at(copies.path());
    copy(&mut mirror, &store).await;
    assert!(!holds(&everything_in(&folder), "wrong number"), "it is erased at the next start");
}
