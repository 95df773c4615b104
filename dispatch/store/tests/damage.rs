//! Whatever is kept in files is proved or named as not proved: damage behind the store's back is found, beside a node that
//! serves and where nobody can write too.
#![cfg(all(feature = "conformance", feature = "memory"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use dispatch_core::command::{CancelIncident, Tick};
use dispatch_core::response::incident::CancelReason;
use dispatch_store::conformance::damage::{
    Eventful, a_tail_is_proved, damaged_words_are_kept_back, damages, eventful,
    everything_is_proved_or_named, proving,
};
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre, envelope};
use dispatch_store::conformance::{commit, lived_in};
use dispatch_store::sqlite::{JOURNAL_FILE, pages_in_order};
use dispatch_store::{
    Answers as _, AppendOutcome, Custody as _, DataLock, Genesis, Journal as _, Proving, SqliteOptions,
    SqliteStore, StoreError,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tempfile::TempDir;

fn options(dir: &Path) -> SqliteOptions {
    SqliteOptions::new(dir, Genesis::new("wall", DAWN))
}

async fn open(dir: &Path) -> SqliteStore {
    SqliteStore::connect(options(dir)).await.unwrap()
}

async fn beside(dir: &Path) -> SqliteStore {
    SqliteStore::beside(options(dir)).await.unwrap()
}

async fn damage(dir: &Path, sql: &str) {
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(dir.join(JOURNAL_FILE));
    let mut raw = file.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
}

/// Names of the files in a folder.
fn files(dir: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn everything_in_files_is_proved_or_named() {
    let dir = TempDir::new().unwrap();
    everything_is_proved_or_named(&open(dir.path()).await).await;
}

#[tokio::test]
async fn from_a_snapshot_on_the_tail_is_proved() {
    let dir = TempDir::new().unwrap();
    a_tail_is_proved(&open(dir.path()).await).await;
}

#[tokio::test]
async fn every_damage_is_found_and_named() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await;
    let Eventful { words, .. } = eventful(&store).await;
    store.prove(&proving()).await.unwrap();
    store.close().await.unwrap();
    for (sql, said) in damages(&words) {
        let copy = TempDir::new().unwrap();
        std::fs::copy(dir.path().join(JOURNAL_FILE), copy.path().join(JOURNAL_FILE)).unwrap();
        damage(copy.path(), &sql).await;
        let error = beside(copy.path()).await.prove(&proving()).await.expect_err(&sql).to_string();
        assert!(error.contains(said), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_damaged_text_is_given_to_nobody() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await;
    let Eventful { words, .. } = eventful(&store).await;
    damage(dir.path(), &format!("update words set text = '110' where id = '{}'", words[1])).await;
    damaged_words_are_kept_back(&store, &words, words[1]).await;
    assert_eq!(store.audit_head().await.unwrap().readings.count, 2 * words.len() as u64, "tried is read");
}

#[tokio::test]
async fn answers_that_were_given_up_are_not_asked_for() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await;
    let mut centre = lived_in(&store).await;
    let answers = store.open().await.unwrap().answers;
    assert_eq!(store.purge_answers(answers[2].at).await.unwrap(), 2);
    centre.press("p2");
    commit(&store, &mut centre).await;
    assert_eq!(store.verify().await.unwrap().proved("answers"), answers.len() as u64 - 1);
    assert_eq!(store.purge_answers(centre.now.plus_ms(1)).await.unwrap(), answers.len() as u64 - 1);
    assert_eq!(store.verify().await.unwrap().proved("answers"), 0);
    centre.press("p1");
    commit(&store, &mut centre).await;
    damage(dir.path(), "delete from answer").await;
    assert!(store.verify().await.unwrap_err().to_string().contains("an answer is missing"));
}

#[tokio::test]
async fn a_chain_that_was_made_anew_is_told_by_the_exported_head() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await;
    eventful(&store).await;
    let exported = store.audit_head().await.unwrap();
    assert_eq!(exported.readings.count, 4);
    let how = Proving { exported: Some(exported.clone()), ..proving() };
    store.prove(&how).await.unwrap();
    let none = "0".repeat(64);
    damage(
        dir.path(),
        &format!("delete from words_reading; update custody set readings = 0, readings_audit = '{none}'"),
    )
    .await;
    store.prove(&proving()).await.expect("by itself it is whole");
    let error = store.prove(&how).await.unwrap_err().to_string();
    assert!(error.contains("the exported head is not in the chain: reading 4"), "{error}");
    let other = dispatch_store::AuditHead { hash: none, ..exported };
    let error = store.prove(&Proving { exported: Some(other), ..proving() }).await.unwrap_err().to_string();
    assert!(error.contains("the exported head is not in the chain: row"), "{error}");
}

/// As a journal lies there that an earlier build wrote: no custody of what lies beside it.
async fn aged(dir: &Path) {
    damage(
        dir,
        "drop index words_reading_place; drop index answer_at; drop index journal_openings; drop table custody;
         alter table words_reading drop column place; alter table words_reading drop column audit;
         delete from _sqlx_migrations where version >= 5",
    )
    .await;
}

#[tokio::test]
async fn what_an_earlier_build_wrote_is_proved_as_it_is_and_chained_from_its_first_opening_on() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await;
    let Eventful { words, .. } = eventful(&store).await;
    store.close().await.unwrap();
    aged(dir.path()).await;
    let before = beside(dir.path()).await.prove(&proving()).await.unwrap();
    assert_eq!((before.proved("readings"), before.not_proved("readings")), (0, words.len() as u64));
    let store = open(dir.path()).await;
    damaged_words_are_kept_back(&store, &words[..1], words[1]).await;
    let after = store.prove(&proving()).await.unwrap();
    assert_eq!((after.proved("readings"), after.not_proved("readings")), (1, words.len() as u64));
    assert_eq!(after.audit_head, before.audit_head);
    damage(dir.path(), "delete from words_reading where place is null").await;
    let error = store.prove(&proving()).await.unwrap_err().to_string();
    assert!(error.contains("0 of 4 from before"), "{error}");
}

#[tokio::test]
async fn it_is_proved_while_a_node_serves() {
    const ROUNDS: usize = 120;
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await;
    let mut centre = lived_in(&store).await;
    // More of a kind than a page holds.
    for _ in 0..600 {
        centre.press("p1");
    }
    commit(&store, &mut centre).await;
    assert_eq!(DataLock::holder(dir.path()).unwrap(), Some(std::process::id().to_string()));
    let looking = beside(dir.path()).await;
    let serving = async {
        for round in 0..ROUNDS {
            live(&mut centre, round);
            commit(&store, &mut centre).await;
        }
        centre.state.seq
    };
    let proving = async {
        let mut heads = vec![0];
        while *heads.last().unwrap() < centre_head(&store).await || heads.len() < 4 {
            heads.push(looking.prove(&proving()).await.unwrap().rows);
        }
        heads
    };
    let (last, heads) = tokio::join!(serving, proving);
    assert_eq!(looking.verify().await.unwrap().rows, last);
    assert!(heads.windows(2).any(|pair| pair[0] < pair[1] && pair[0] > 0), "it went on meanwhile: {heads:?}");
}

async fn centre_head(store: &SqliteStore) -> u64 {
    store.audit_head().await.unwrap().seq
}

/// An incident is cancelled, another begins, and once in a while the old ones leave live state.
fn live(centre: &mut SmallCentre, round: usize) {
    let (_, incident) = centre.press(["p1", "p2"][round % 2]);
    let cancel = CancelIncident { incident, expected_version: None, reason: CancelReason::NothingFound };
    centre.send(cancel).unwrap();
    centre.say("the gate is open", 30);
    if round % 10 == 9 {
        centre.now = centre.now.plus_ms(2 * 86_400_000);
    }
    let tick = envelope(centre.mint(), "system", None, Tick {});
    centre.send_as(tick).unwrap();
}

#[tokio::test]
async fn looking_changes_nothing() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await;
    let mut centre = eventful(&store).await.centre;
    store.close().await.unwrap();
    std::fs::remove_file(dir.path().join("lock")).unwrap();
    let file = dir.path().join(JOURNAL_FILE);
    let mode = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let before = (files(dir.path()), std::fs::read(&file).unwrap());
    // As on media that cannot be written: the log that goes with a database that can is not made.
    mode(&file, 0o400);
    mode(dir.path(), 0o500);
    let looking = beside(dir.path()).await;
    looking.prove(&proving()).await.unwrap();
    pages_in_order(dir.path(), JOURNAL_FILE).await.unwrap();
    centre.press("p1");
    assert!(matches!(looking.append(&centre.take()).await, AppendOutcome::NotCommitted { .. }));
    assert_eq!((files(dir.path()), std::fs::read(&file).unwrap()), before);
    mode(dir.path(), 0o700);
    std::fs::write(dir.path().join(format!("{JOURNAL_FILE}-wal")), "a part of it").unwrap();
    let error = SqliteStore::beside(options(dir.path())).await.unwrap_err().to_string();
    assert!(error.contains("copy the folder"), "{error}");
}

#[tokio::test]
async fn an_empty_journal_stays_empty() {
    let dir = TempDir::new().unwrap();
    open(dir.path()).await.close().await.unwrap();
    damage(
        dir.path(),
        "drop trigger journal_delete; delete from journal;
         update node set expected = 1, head = 0, audit = (select readings_audit from custody)",
    )
    .await;
    for _ in 0..2 {
        let verified = beside(dir.path()).await.prove(&proving()).await.unwrap();
        assert_eq!((verified.rows, verified.audit_head), (0, "0".repeat(64)));
    }
    let error = SqliteStore::beside(options(&dir.path().join("nowhere"))).await.unwrap_err();
    assert!(matches!(&error, StoreError::Impossible(why) if why.contains("holds no journal")), "{error}");
}

#[tokio::test]
async fn a_page_out_of_order_is_found() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await;
    eventful(&store).await;
    store.close().await.unwrap();
    let file = dir.path().join(JOURNAL_FILE);
    let mut bytes = std::fs::read(&file).unwrap();
    let page = bytes.len() / 4_096 / 2 * 4_096;
    bytes[page..page + 16].fill(0xff);
    std::fs::write(&file, bytes).unwrap();
    let error = pages_in_order(dir.path(), JOURNAL_FILE).await.unwrap_err().to_string();
    assert!(error.contains(JOURNAL_FILE) || error.contains("malformed"), "{error}");
}

#[tokio::test]
async fn it_tells_how_far_it_has_come() {
    use std::sync::{Arc, Mutex};
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).await;
    eventful(&store).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let (listening, head) = (told.clone(), centre_head(&store).await);
    let progress: Arc<dyn Fn(dispatch_store::Step) + Send + Sync> =
        Arc::new(move |step| listening.lock().unwrap().push(step));
    store.prove(&Proving { progress: Some(progress), ..proving() }).await.unwrap();
    let told = told.lock().unwrap();
    assert!(
        told.iter().any(|step| step.table == "journal" && step.done == head && step.of == head),
        "{told:?}"
    );
    for table in ["entities", "timeline", "words", "answers", "readings"] {
        assert!(told.iter().any(|step| step.table == table && step.done > 0), "{table}: {told:?}");
    }
}
