//! A second copy of a journal, and the way back from it.
#![cfg(all(feature = "conformance", feature = "memory"))]
#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use std::fs;
use std::path::{Path, PathBuf};

use dispatch_core::event::{AlarmRaised, Record};
use dispatch_core::kernel::id::WordsId;
use dispatch_core::state::State;
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre};
use dispatch_store::conformance::{commit, lived_in};
use dispatch_store::mirror::{Mirror, Mirrored, Recovered, prove};
use dispatch_store::{
    AnyStore, Content, Custody as _, Genesis, History as _, Journal as _, SqliteOptions, SqliteStore,
    StoreError, StoredAnswer, StoredWords, Testimony, Text, WordsRecords as _, loss, mirror, witness,
};
use tempfile::TempDir;

/// Bytes of a page of the database.
const PAGE: usize = 4096;

fn options(dir: &Path) -> SqliteOptions {
    SqliteOptions::new(dir, Genesis::new("wall", DAWN))
}

async fn store(dir: &Path) -> SqliteStore {
    SqliteStore::connect(options(dir)).await.unwrap()
}

/// Comes back from a mirror, with no package known elsewhere.
async fn recover(mirror: &Path, options: SqliteOptions, leave: u64) -> Result<Recovered, StoreError> {
    mirror::recover(mirror, options, leave, &|_, _| None).await
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

type Contents = (State, u64, [u8; 32], Vec<StoredAnswer>, Option<Content>, Vec<StoredWords>, Vec<Record>);

/// Everything of a journal but what a mirror leaves out.
async fn contents(store: &SqliteStore, words: &[WordsId]) -> Contents {
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
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(everything_in(&path));
        } else {
            all.extend(fs::read(path).unwrap());
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
    assert_eq!(fs::read_dir(copies.path()).unwrap().count(), 2, "one copy, and the lock");

    // It can be proved meanwhile, and leaves nothing behind.
    let scratch = anew.path().join("proving");
    let (_, verified, damaged) = prove(copies.path(), options(&scratch)).await.unwrap();
    assert!(damaged.is_empty());
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
    fs::remove_file(data.path().join("journal.sqlite")).unwrap();
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
    fs::copy(old.path().join("journal.sqlite"), data.path().join("journal.sqlite")).unwrap();
    let short = self::store(data.path()).await;
    let lost = Testimony::of(&short, data.path()).await.unwrap().lost.unwrap();
    let opening = loss::go_on(&short, short.open().await.unwrap(), &lost, DAWN).await.unwrap();
    let mut centre = SmallCentre::from(opening.state);
    centre.press("p1");
    commit(&short, &mut centre).await;
    let since = short.records(lost.found, 100).await.unwrap();
    let call = since.iter().find_map(|record| record.event.get::<AlarmRaised>()).unwrap();
    copy(&mut mirror, &short).await;
    witness::begin(data.path(), &short.audit_head().await.unwrap(), DAWN).unwrap();
    short.close().await.unwrap();
    let unsaid = recover(copies.path(), options(data.path()), 0).await.unwrap_err().to_string();
    assert!(unsaid.starts_with("1 call for help came") && unsaid.ends_with("--leave 1"), "{unsaid}");
    assert!(unsaid.contains(&format!("does not hold it ({} of 2024-06-01", call.number)), "{unsaid}");

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
    fs::remove_file(data.path().join("journal.sqlite")).unwrap();
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
    let whole = fs::read(&rows).unwrap();
    for end in [whole.len() - 1, whole.len() - 40, whole.len() / 2, 10, 0] {
        fs::write(&rows, &whole[..end]).unwrap();
        let mut mirror = Mirror::at(copies.path());
        copy(&mut mirror, &store).await;
        drop(mirror);
        let made = SqliteOptions { dir: anew.path().join(end.to_string()), ..options(anew.path()) };
        let recovered = recover(copies.path(), made, 0).await.unwrap();
        assert_eq!(recovered.verified.rows, store.audit_head().await.unwrap().seq + 1, "cut at {end}");
    }
    assert!(!copies.path().join("copy-2").exists(), "a cut end is written again");
    // Zeros in what was synced long before the last page are no end.
    let mut holed = whole.clone();
    holed[whole.len() / 3 / 512 * 512..][..512].fill(0);
    let mut turned = whole.clone();
    turned[whole.len() / 3] ^= 1;
    fs::write(&rows, &holed).unwrap();
    let holed = recover(copies.path(), options(&anew.path().join("holed")), 0).await.unwrap_err().to_string();
    assert!(holed.contains("copy-1 is whole up to row"), "{holed}");
    fs::write(&rows, &turned).unwrap();
    let broken =
        recover(copies.path(), options(&anew.path().join("broken")), 0).await.unwrap_err().to_string();
    assert!(broken.contains("copy-1 is whole up to row"), "{broken}");
    assert_eq!(broken.matches("the mirror is not as it was written").count(), 1, "{broken}");
    assert!(!anew.path().join("broken/recovering").exists(), "nothing is left over");
    let mut mirror = Mirror::at(copies.path());
    copy(&mut mirror, &store).await;
    assert!(copies.path().join("copy-2").exists(), "another copy is begun beside a damaged one");
    drop(mirror);
    let back = recover(copies.path(), options(&anew.path().join("beside")), 0).await.unwrap();
    assert!(back.copy.ends_with("copy-2"), "the damaged one stands in nobody's way: {}", back.copy.display());
    assert!(back.damaged[0].copy.ends_with("copy-1") && back.damaged[0].whole > 0, "{:?}", back.damaged);
}

#[tokio::test]
async fn whatever_was_flushed_comes_back_from_a_torn_mirror() {
    let (data, copies, anew) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let store = store(data.path()).await;
    let mut centre = lived_in(&store).await;
    let safe = copy(&mut mirror, &store).await;
    let rows = copies.path().join("copy-1").join(format!("rows-{:020}", 1));
    let flushed = fs::read(&rows).unwrap().len();
    for round in 0..12 {
        centre.press(if round % 2 == 0 { "p1" } else { "p2" });
        if round == 6 {
            centre.correct(3_000_000_000);
        }
        commit(&store, &mut centre).await;
    }
    let head = copy(&mut mirror, &store).await;
    drop(mirror);
    let whole = fs::read(&rows).unwrap();
    // One sector after another that never reached the disk.
    let sectors = flushed.div_ceil(512)..whole.len() / 512;
    assert!(sectors.len() > 3, "{sectors:?}");
    for sector in sectors.step_by(3) {
        let mut torn = whole.clone();
        torn[sector * 512..][..512].fill(0);
        fs::write(&rows, torn).unwrap();
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
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let said = files.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("words-"));
    let before: Vec<_> = said.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let reason = dispatch_core::kernel::kind::ErasureReason::Requested;
    centre.send(dispatch_core::command::EraseWords { words: vec![words], reason }).unwrap();
    commit(&store, &mut centre).await;
    let head = copy(&mut mirror, &store).await;
    drop(mirror);
    // The row that erases was copied, and the machine died.
    for (path, text) in &before {
        fs::write(path, text).unwrap();
    }
    assert!(holds(&everything_in(&folder), "wrong number"));
    let back = recover(copies.path(), options(anew.path()), 0).await.unwrap();
    assert_eq!(back.verified.rows, head + 1);
    let mut mirror = Mirror::at(copies.path());
    copy(&mut mirror, &store).await;
    assert!(!holds(&everything_in(&folder), "wrong number"), "it is erased at the next start");
}

/// The file of a copy whose name begins so.
fn file(copy: &Path, begins: &str) -> PathBuf {
    let mut files = fs::read_dir(copy).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.file_name().unwrap().to_string_lossy().starts_with(begins)).unwrap()
}

/// Turns a bit of a file where this text stands.
fn turn(path: &Path, text: &str) {
    let mut bytes = fs::read(path).unwrap();
    let place = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    bytes[place] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// What is wrong with a mirror's copies as they lie there.
fn damages(mirror: &Mirror) -> Vec<String> {
    let proved = mirror.standing().unwrap().prove(|| true).unwrap();
    proved.into_iter().filter_map(|copy| copy.damage).collect()
}

#[tokio::test]
async fn damage_at_rest_is_found_beside_whoever_writes() {
    let (data, copies) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    assert!(mirror.standing().is_none(), "nobody writes it yet");
    let (store, mut centre, words) = busy(data.path(), &mut mirror).await;
    // More than is read between two rests.
    for _ in 0..60 {
        centre.press("p1");
        commit(&store, &mut centre).await;
    }
    copy(&mut mirror, &store).await;
    let stopped = mirror.standing().unwrap().prove(|| false);
    assert!(stopped.is_err_and(|error| error.to_string().contains("not gone on with")), "it can be stopped");
    let folder = copies.path().join("copy-1");
    let proved = mirror.standing().unwrap().prove(|| true).unwrap();
    assert_eq!((proved[0].damage.clone(), proved[0].rows), (None, store.audit_head().await.unwrap().seq));
    let (rows, said, package) = (file(&folder, "rows-"), file(&folder, "words-"), file(&folder, "content-"));
    for (path, text, told) in [
        (&rows, "alarm_raised", "rows-00000000000000000001 at byte"),
        (&said, "word 2", "not what was said with row"),
        (&package, "region", "content-"),
    ] {
        let whole = fs::read(path).unwrap();
        turn(path, text);
        let found = damages(&mirror);
        assert!(found.len() == 1 && found[0].contains(told), "{found:?}");
        fs::remove_file(path).unwrap();
        assert_eq!(damages(&mirror).len(), 1, "{} is gone", path.display());
        fs::write(path, whole).unwrap();
        assert_eq!(damages(&mirror), [""; 0]);
    }
    // Nothing is lost of what was erased.
    turn(&said, &words[1].to_string());
    assert_eq!(damages(&mirror), [""; 0]);
    let all = fs::read(&rows).unwrap();
    fs::write(&rows, &all[..all.len() / 2]).unwrap();
    assert!(damages(&mirror)[0].contains("and row"), "a cut end is none where it is known what was written");

    // The folder is moved away: another copy is begun.
    fs::rename(&folder, copies.path().join("damaged")).unwrap();
    mirror.round(&AnyStore::Sqlite(store.clone())).await.unwrap_err();
    copy(&mut mirror, &store).await;
    assert_eq!(damages(&mirror), [""; 0]);
    assert!(folder.is_dir());
}

#[tokio::test]
async fn a_damaged_text_or_package_keeps_nothing_else_from_coming_back() {
    let (data, copies, anew) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let (store, _, words) = busy(data.path(), &mut mirror).await;
    let folder = copies.path().join("copy-1");
    turn(&file(&folder, "words-"), "word 2");
    turn(&file(&folder, "words-"), &words[1].to_string());
    let package = file(&folder, "content-");
    fs::write(&package, "spoilt").unwrap();
    let hash = package.file_name().unwrap().to_string_lossy().replace("content-", "");
    let error = prove(copies.path(), options(&anew.path().join("proving"))).await.unwrap_err().to_string();
    assert!(error.contains(&words[2].to_string()) && error.contains(&hash), "{error}");
    assert!(!anew.path().join("proving").exists());

    let back = recover(copies.path(), options(&anew.path().join("less")), 0).await.unwrap();
    let said = back.left_out.to_string();
    assert!(said.starts_with(&format!("1 text ({} of row ", words[2])), "{said}");
    assert!(said.ends_with(&format!(") and 1 region package ({hash})")), "{said}");
    let was = store.records(0, 10_000).await.unwrap();
    assert_eq!(back.rows, was.len() as u64);
    let less = self::store(&anew.path().join("less")).await;
    assert_eq!(was, less.records(0, 10_000).await.unwrap()[..was.len()]);
    assert_eq!(store.open().await.unwrap().answers.len(), less.open().await.unwrap().answers.len());
    for (place, id) in words.iter().enumerate() {
        let reading =
            dispatch_store::Reading { actor: "a".into(), seat: None, purpose: "p".into(), at: DAWN };
        let read = less.words(&[*id], &reading).await.unwrap();
        let is_erased = [1, 2, 5].contains(&place);
        assert_eq!(read[0].text == Text::Erased, is_erased, "{place}: {:?}", read[0]);
    }
    let lacks = less.verify().await.unwrap_err().to_string();
    assert!(lacks.contains("an adopted region package is missing"), "{lacks}");

    // The package is known elsewhere.
    let content = store.content(&hash).await.unwrap().unwrap();
    let known = |asked: &str, _| (asked == hash).then(|| content.clone());
    let whole = anew.path().join("whole");
    let back = mirror::recover(copies.path(), options(&whole), 0, &known).await.unwrap();
    assert!(back.left_out.packages.is_empty() && back.left_out.texts.len() == 1);
    let whole = self::store(&whole).await;
    assert_eq!(whole.verify().await.unwrap().rows, back.rows + 2, "another id, and the text is lost");
}

#[tokio::test]
async fn what_the_copy_lacks_is_taken_from_the_journal_that_is_found() {
    let (data, copies, old) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let (store, mut centre, words) = busy(data.path(), &mut mirror).await;
    store.backup(old.path()).await.unwrap();
    centre.press("p1");
    commit(&store, &mut centre).await;
    centre.correct(5_000_000_000);
    commit(&store, &mut centre).await;
    copy(&mut mirror, &store).await;
    let before = contents(&store, &words).await;
    witness::begin(data.path(), &store.audit_head().await.unwrap(), DAWN).unwrap();
    store.close().await.unwrap();
    // It lost its end; the copy is damaged before that. Word 4 is not as it was said there either, and word 1 was erased.
    fs::copy(old.path().join("journal.sqlite"), data.path().join("journal.sqlite")).unwrap();
    let folder = copies.path().join("copy-1");
    for text in ["word 2", "word 3", "word 4", &words[1].to_string()] {
        turn(&file(&folder, "words-"), text);
    }
    fs::write(file(&folder, "content-"), "spoilt").unwrap();
    turn(&data.path().join("journal.sqlite"), "word 4");
    let back = mirror::recover(copies.path(), options(data.path()), 0, &|_, found| found).await.unwrap();
    let left = back.left_out.to_string();
    assert!(left.starts_with(&format!("1 text ({} of row ", words[4])) && !left.contains(" and "), "{left}");
    let whole = self::store(data.path()).await;
    let after = contents(&whole, &words).await;
    let said = |words: &[StoredWords]| {
        let whole = words.iter().enumerate().filter(|(place, _)| ![1, 4].contains(place));
        whole.map(|(_, it)| it.clone()).collect::<Vec<_>>()
    };
    assert_eq!(said(&after.5), said(&before.5), "texts, and how long they are kept");
    assert_eq!((&after.5[1].text, &after.5[4].text), (&Text::Erased, &Text::Erased));
    whole.verify().await.unwrap();
}

#[tokio::test]
async fn after_two_losses_the_first_comes_back_by_a_second_run() {
    let (data, copies, old) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let store = store(data.path()).await;
    let mut centre = lived_in(&store).await;
    store.backup(old.path()).await.unwrap();
    centre.press("p1");
    commit(&store, &mut centre).await;
    let first = copy(&mut mirror, &store).await;
    witness::begin(data.path(), &store.audit_head().await.unwrap(), DAWN).unwrap();
    store.close().await.unwrap();
    let set_back = || async {
        fs::copy(old.path().join("journal.sqlite"), data.path().join("journal.sqlite")).unwrap();
        let short = self::store(data.path()).await;
        let lost = Testimony::of(&short, data.path()).await.unwrap().lost.unwrap();
        let opening = loss::go_on(&short, short.open().await.unwrap(), &lost, DAWN).await.unwrap();
        (short, opening)
    };
    let (short, opening) = set_back().await;
    let mut centre = SmallCentre::from(opening.state);
    centre.press("p2");
    commit(&short, &mut centre).await;
    let second = copy(&mut mirror, &short).await;
    witness::begin(data.path(), &short.audit_head().await.unwrap(), DAWN).unwrap();
    short.close().await.unwrap();
    let (short, _) = set_back().await;
    witness::begin(data.path(), &short.audit_head().await.unwrap(), DAWN).unwrap();
    short.close().await.unwrap();

    let back = recover(copies.path(), options(data.path()), 0).await.unwrap();
    assert_eq!((back.rows, back.lost), (second, None));
    let (earlier, further) = back.earlier.unwrap();
    assert!(earlier.witnessed == first && further.ends_with("copy-1"), "{earlier:?} {}", further.display());
    let unsaid = recover(copies.path(), options(data.path()), 0).await.unwrap_err().to_string();
    assert!(unsaid.starts_with("1 call for help came"), "{unsaid}");
    let back = recover(copies.path(), options(data.path()), 1).await.unwrap();
    assert_eq!((back.rows, back.lost, back.earlier), (first, None, None));
}

#[tokio::test]
async fn what_is_no_mirror_is_said_and_nothing_is_made() {
    let place = TempDir::new().unwrap();
    let (file, empty, data) =
        (place.path().join("file"), place.path().join("empty"), place.path().join("data"));
    fs::write(&file, "no folder").unwrap();
    fs::create_dir(&empty).unwrap();
    for (mirror, told) in [
        (place.path().join("none"), "is not there"),
        (file.clone(), "is not a folder"),
        (empty.clone(), "holds no copy of a journal that can be brought back"),
    ] {
        let error = recover(&mirror, options(&data), 0).await.unwrap_err().to_string();
        assert!(error.ends_with(told) && error.contains(&mirror.display().to_string()), "{error}");
        assert!(!data.join("recovering").exists() && !data.join("journal.sqlite").exists());
    }
    // What lies there under the name of a copy and is none stands in nobody's way.
    let mut mirror = Mirror::at(&empty);
    let (store, _, _) = busy(&place.path().join("centre"), &mut mirror).await;
    drop(mirror);
    fs::write(empty.join("copy-2"), "no folder").unwrap();
    let mut mirror = Mirror::at(&empty);
    let head = copy(&mut mirror, &store).await;
    // A try that was cut off is begun anew.
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("recovering"), "left over").unwrap();
    assert_eq!(recover(&empty, options(&data), 0).await.unwrap().rows, head);
}

#[tokio::test]
async fn what_is_there_is_not_exchanged_for_less() {
    let (data, copies, old) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let (store, mut centre, _) = busy(data.path(), &mut mirror).await;
    let journal = data.path().join("journal.sqlite");
    centre.press("p1");
    commit(&store, &mut centre).await;
    store.backup(old.path()).await.unwrap();
    let found = centre.state.seq;
    centre.press("p2");
    commit(&store, &mut centre).await;
    witness::begin(data.path(), &store.audit_head().await.unwrap(), DAWN).unwrap();
    store.close().await.unwrap();
    fs::copy(old.path().join("journal.sqlite"), &journal).unwrap();
    let refused = recover(copies.path(), options(data.path()), 0).await.unwrap_err().to_string();
    assert!(
        refused.starts_with(&format!("the journal that is here goes up to row {found}, and ")),
        "{refused}"
    );
    assert_eq!(self::store(data.path()).await.audit_head().await.unwrap().seq, found, "it is as it was");
    let inside =
        recover(copies.path(), options(&copies.path().join("copy-1")), 0).await.unwrap_err().to_string();
    assert!(inside.contains("name another --data-dir"), "{inside}");
}

#[tokio::test]
async fn a_journal_whose_pages_are_damaged_comes_back() {
    let (data, copies) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let mut mirror = Mirror::at(copies.path());
    let (store, _, words) = busy(data.path(), &mut mirror).await;
    let before = contents(&store, &words).await;
    witness::begin(data.path(), &store.audit_head().await.unwrap(), DAWN).unwrap();
    let journal = data.path().join("journal.sqlite");
    let log = data.path().join("journal.sqlite-wal");
    let kept = fs::read(&log).unwrap();
    assert!(!kept.is_empty());
    store.close().await.unwrap();
    // Its end can be read, and something else cannot.
    let whole = fs::read(&journal).unwrap();
    let place = whole.windows(12).position(|window| window == b"alarm_raised").unwrap();
    let mut damaged = whole.clone();
    damaged[place / PAGE * PAGE..][..PAGE].fill(0);
    fs::write(&journal, damaged).unwrap();
    let back = recover(copies.path(), options(data.path()), 0).await.unwrap();
    assert!(back.set_aside.is_some() && back.lost.is_none());
    let store = self::store(data.path()).await;
    assert!(contents(&store, &words).await == before);
    store.close().await.unwrap();
    // Nothing is there but its log, which is not taken for that of the new one.
    fs::remove_file(&journal).unwrap();
    fs::write(&log, kept).unwrap();
    recover(copies.path(), options(data.path()), 0).await.unwrap();
    assert!(contents(&self::store(data.path()).await, &words).await == before);
}
