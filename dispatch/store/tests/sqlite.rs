//! The embedded store: the suite every store passes, and what a file on a disk has to keep besides.
#![cfg(all(feature = "conformance", feature = "memory"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use dispatch_core::command::{EraseWords, NoteIncident};
use dispatch_core::kernel::kind::ErasureReason;
use dispatch_core::kernel::time::Time;
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre};
use dispatch_store::conformance::{self, Bench, commit, passes_another_format_over};
use dispatch_store::memory::MemoryStore;
use dispatch_store::sqlite::{self, JOURNAL_FILE};
use dispatch_store::{
    AppendOutcome, Custody as _, Genesis, History as _, Journal as _, PackageHash, Reading, SqliteOptions,
    SqliteStore, StoreError, Text, WordsRecords as _, audit,
};
use futures_util::FutureExt;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;

fn options(dir: &Path) -> SqliteOptions {
    SqliteOptions::new(dir, Genesis::new("wall", DAWN))
}

async fn open(dir: &Path) -> SqliteStore {
    SqliteStore::connect(options(dir)).await.unwrap()
}

async fn raw(dir: &Path) -> sqlx::SqliteConnection {
    sqlx::sqlite::SqliteConnectOptions::new().filename(dir.join(JOURNAL_FILE)).connect().await.unwrap()
}

/// A store with a region, an incident and an order.
async fn lived_in(dir: &Path) -> (SqliteStore, SmallCentre) {
    let store = open(dir).await;
    let centre = conformance::lived_in(&store).await;
    (store, centre)
}

/// Whether any file below a folder holds these bytes.
fn found_below(dir: &Path, needle: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(found_below(&path, needle));
        } else if std::fs::read(&path).unwrap().windows(needle.len()).any(|window| window == needle) {
            found.push(path.display().to_string());
        }
    }
    found
}

struct Disk(TempDir, std::cell::Cell<u32>);

impl Bench for Disk {
    type Made = SqliteStore;

    async fn fresh(&self) -> SqliteStore {
        self.1.set(self.1.get() + 1);
        open(&self.0.path().join(self.1.get().to_string())).await
    }
}

struct Memory;

impl Bench for Memory {
    type Made = MemoryStore;

    async fn fresh(&self) -> MemoryStore {
        MemoryStore::new(&Genesis::new("wall", DAWN))
    }
}

#[tokio::test]
async fn the_embedded_store_passes_the_suite() {
    conformance::all(&Disk(TempDir::new().unwrap(), 0.into())).await;
}

#[tokio::test]
async fn the_store_in_memory_passes_the_suite() {
    Box::pin(conformance::all(&Memory)).await;
}

#[tokio::test]
async fn a_closed_file_opens_as_it_was() {
    let dir = TempDir::new().unwrap();
    let (store, centre) = lived_in(dir.path()).await;
    let before = store.open().await.unwrap();
    store.close().await.unwrap();
    let store = open(dir.path()).await;
    let after = store.open().await.unwrap();
    assert_eq!(after.state, centre.state);
    assert_eq!(
        (after.head, after.audit_head, after.answers),
        (before.head, before.audit_head, before.answers)
    );
}

#[tokio::test]
async fn one_directory_is_open_once() {
    let dir = TempDir::new().unwrap();
    let _store = open(dir.path()).await;
    let second = SqliteStore::connect(options(dir.path())).await;
    assert!(matches!(second, Err(StoreError::InUse { .. })), "{second:?}");
}

#[tokio::test]
async fn a_newer_schema_is_refused_in_a_sentence() {
    let dir = TempDir::new().unwrap();
    open(dir.path()).await.close().await.unwrap();
    let mut raw = raw(dir.path()).await;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (99, 'later', 1, x'00', 0)",
    )
    .execute(&mut raw)
    .await
    .unwrap();
    raw.close().await.unwrap();
    let error = SqliteStore::connect(options(dir.path())).await.unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, known: 8 }), "{error}");
    assert!(error.to_string().contains("newer version of the program"));
}

#[tokio::test]
async fn the_database_itself_refuses_to_change_the_journal() {
    let dir = TempDir::new().unwrap();
    let (store, _) = lived_in(dir.path()).await;
    store.close().await.unwrap();
    let mut raw = raw(dir.path()).await;
    for sql in ["update journal set actor = 'x'", "delete from journal where seq = 1"] {
        let error = sqlx::query(sql).execute(&mut raw).await.unwrap_err();
        assert!(error.to_string().contains("journal is never"), "{error}");
    }
}

#[tokio::test]
async fn a_second_writer_is_fenced_off_inside_the_transaction() {
    let dir = TempDir::new().unwrap();
    let (store, mut centre) = lived_in(dir.path()).await;
    // Another writer moves the head behind this one's back.
    let mut raw = raw(dir.path()).await;
    sqlx::query("update node set expected = head, head = head + 1").execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
    centre.press("p2");
    let outcome = store.append(&centre.take()).await;
    assert!(
        matches!(&outcome, AppendOutcome::NotCommitted { why } if why.contains("stale head")),
        "{outcome:?}"
    );
    assert_eq!(store.records(0, 1_000).await.unwrap().len() as u64, centre_head(&store).await - 1);
}

async fn centre_head(store: &SqliteStore) -> u64 {
    store.audit_head().await.unwrap().seq
}

#[tokio::test]
async fn verification_finds_what_was_tampered_with() {
    for (sql, rule) in [
        ("drop trigger journal_update; update journal set actor = 'nobody' where seq = 3", "audit chain"),
        ("drop trigger journal_delete; delete from journal where seq = 3", "the journal has a gap"),
        (
            "drop trigger journal_delete; delete from journal where seq = (select max(seq) from journal)",
            "ends before its head",
        ),
        ("update entity set state = 'cleared' where kind = 'order'", "read model"),
        ("delete from entity where kind = 'alarm'", "read model"),
        ("delete from timeline where kind = 'order'", "timeline"),
        (
            "update snapshot set state_hash = iif(state_hash like '0%', '1', '0') || substr(state_hash, 2)",
            "snapshot",
        ),
    ] {
        let dir = TempDir::new().unwrap();
        let (store, centre) = lived_in(dir.path()).await;
        store.snapshot(&centre.state).await.unwrap();
        store.verify().await.unwrap();
        store.close().await.unwrap();
        let mut raw = raw(dir.path()).await;
        sqlx::raw_sql(sql).execute(&mut raw).await.unwrap();
        raw.close().await.unwrap();
        let error = open(dir.path()).await.verify().await.unwrap_err();
        assert!(error.to_string().contains(rule), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_spoilt_snapshot_is_passed_over() {
    let dir = TempDir::new().unwrap();
    let (store, centre) = lived_in(dir.path()).await;
    store.snapshot(&centre.state).await.unwrap();
    store.close().await.unwrap();
    let mut raw = raw(dir.path()).await;
    sqlx::query("update snapshot set state = x'00'").execute(&mut raw).await.unwrap();
    raw.close().await.unwrap();
    let opening = open(dir.path()).await.open().await.unwrap();
    assert_eq!((opening.snapshot_seq, opening.state), (0, centre.state));
}

#[tokio::test]
async fn a_snapshot_of_another_format_is_not_compared() {
    let dir = TempDir::new().unwrap();
    let (store, mut centre) = lived_in(dir.path()).await;
    store.snapshot(&centre.state).await.unwrap();
    store.close().await.unwrap();
    let mut raw = raw(dir.path()).await;
    // As one written before formats had names: neither its hash nor its bytes mean anything to us.
    sqlx::query("update snapshot set format = '', state_hash = '', state = x'00'")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    passes_another_format_over(&open(dir.path()).await, &mut centre, 1).await;
}

#[tokio::test]
async fn nothing_is_left_of_erased_words() {
    const SECRET: &str = "Zq7-unforgettable-Zq7";
    let dir = TempDir::new().unwrap();
    let backup = TempDir::new().unwrap();
    let (store, mut centre) = lived_in(dir.path()).await;
    let (_, incident) = centre.press("p2");
    let words = centre.say(SECRET, 30);
    centre.send(NoteIncident { incident, words, danger: false, caller_withdrew: false }).unwrap();
    commit(&store, &mut centre).await;
    store.snapshot(&centre.state).await.unwrap();
    let salt = *words.0.as_bytes();
    assert!(!found_below(dir.path(), SECRET.as_bytes()).is_empty(), "the search finds it while it is there");
    assert!(!found_below(dir.path(), &hex(salt)).is_empty());
    centre.send(EraseWords { words: vec![words], reason: ErasureReason::Requested }).unwrap();
    commit(&store, &mut centre).await;
    store.scrub().await.unwrap();
    store.backup(backup.path()).await.unwrap();
    for folder in [dir.path(), backup.path()] {
        assert_eq!(found_below(folder, SECRET.as_bytes()), Vec::<String>::new());
        // The salt of this fixture is the id's own bytes, which stay as an id with dashes; as a salt they are gone.
        assert_eq!(found_below(folder, &hex(salt)), Vec::<String>::new());
    }
    store.verify().await.unwrap();
}

fn hex(bytes: [u8; 16]) -> Vec<u8> {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}")).into_bytes()
}

#[tokio::test]
async fn a_restore_proves_itself_renews_the_journal_and_erases_what_expired() {
    const SECRET: &str = "Kx3-expired-by-now-Kx3";
    let (dir, copy, new) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let (store, mut centre) = lived_in(dir.path()).await;
    let (_, incident) = centre.press("p2");
    let words = centre.say(SECRET, 30);
    centre.send(NoteIncident { incident, words, danger: false, caller_withdrew: false }).unwrap();
    commit(&store, &mut centre).await;
    centre.now = centre.now.moved(31 * 86_400_000_000);
    let young = centre.say("no older than a day", 30);
    centre.send(NoteIncident { incident, words: young, danger: false, caller_withdrew: false }).unwrap();
    commit(&store, &mut centre).await;
    store.backup(copy.path()).await.unwrap();
    // The centre goes on after the backup.
    centre.press("p1");
    commit(&store, &mut centre).await;
    store.backup(copy.path()).await.expect_err("a backup is never overwritten");

    let later = Time(centre.now.0 + 31 * 86_400_000_000);
    let genesis = Genesis::new("ignored: the journal keeps its clock", later);
    let options = SqliteOptions::new(new.path(), genesis.clone());
    let (restored, report) = sqlite::restore(copy.path(), options, HASH_OF).await.unwrap();
    assert_eq!((report.journal, report.erased), (genesis.journal, 1));
    let opening = restored.open().await.unwrap();
    assert_eq!(opening.state.journal, Some(genesis.journal));
    assert_eq!(opening.clock, "wall");
    assert_eq!(opening.state.incidents().len(), 2, "everything up to the backup is there");
    assert_ne!(store.audit_head().await.unwrap().journal, Some(genesis.journal));
    let reading = Reading { actor: "a".into(), seat: None, purpose: "test".into(), at: later };
    assert_eq!(restored.words(&[words], &reading).await.unwrap()[0].text, Text::Erased);
    // By a clock that nobody has looked at yet it has expired as well.
    assert_ne!(restored.words(&[young], &reading).await.unwrap()[0].text, Text::Erased);
    assert_eq!(found_below(new.path(), SECRET.as_bytes()), Vec::<String>::new());
    // It can be worked with.
    let mut centre = SmallCentre::from(opening.state);
    centre.press("p1");
    commit(&restored, &mut centre).await;
    restored.verify().await.unwrap();
    drop(restored);
    let again =
        sqlite::restore(copy.path(), SqliteOptions::new(dir.path(), Genesis::new("wall", later)), HASH_OF)
            .await;
    assert!(matches!(again, Err(StoreError::InUse { .. } | StoreError::Impossible(_))));
}

/// How the hash of these centres' packages is made.
const HASH_OF: PackageHash = |package| Ok(blake3::hash(package).to_hex().to_string());

#[tokio::test]
async fn a_backup_without_a_journal_is_not_restored() {
    let (copy, new) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    std::fs::write(copy.path().join("journal.sqlite"), b"").unwrap();
    let options = SqliteOptions::new(new.path(), Genesis::new("wall", DAWN));
    let empty = sqlite::restore(copy.path(), options, HASH_OF).await.unwrap_err().to_string();
    assert!(empty.contains("the backup is damaged") && empty.contains("holds no journal"), "{empty}");
    assert_eq!(std::fs::read_dir(new.path()).unwrap().count(), 0, "the folder is as it was");
}

#[tokio::test]
async fn a_spoilt_backup_is_not_restored() {
    let (dir, copy, new) = (TempDir::new().unwrap(), TempDir::new().unwrap(), TempDir::new().unwrap());
    let (store, _) = lived_in(dir.path()).await;
    store.backup(copy.path()).await.unwrap();
    let mut raw = raw(copy.path()).await;
    sqlx::raw_sql("drop trigger journal_update; update journal set actor = 'x' where seq = 2")
        .execute(&mut raw)
        .await
        .unwrap();
    raw.close().await.unwrap();
    let error = sqlite::restore(copy.path(), options(new.path()), HASH_OF).await.unwrap_err();
    assert!(error.to_string().contains("audit chain"), "{error}");
    assert_eq!(std::fs::read_dir(new.path()).unwrap().count(), 0, "and nobody serves it");
}

#[tokio::test]
async fn an_append_that_was_cut_off_is_settled_by_opening() {
    let dir = TempDir::new().unwrap();
    let (store, mut centre) = lived_in(dir.path()).await;
    centre.press("p2");
    let batch = centre.take();
    // Polled once, so that it is under way, and dropped.
    assert_eq!(store.append(&batch).now_or_never(), None, "a commit takes a disk's time");
    let next = store.append(&batch).await;
    assert!(matches!(next, AppendOutcome::NotCommitted { .. }), "closed until it is opened again: {next:?}");
    let opening = store.open().await.unwrap();
    let before = batch.expected_head().unwrap();
    if opening.head == before {
        assert_eq!(store.append(&batch).await.committed().ok(), Some(centre.state.seq));
    }
    let opening = store.open().await.unwrap();
    assert_eq!(opening.state, centre.state);
    store.verify().await.unwrap();
}

#[tokio::test]
async fn a_loss_is_found_and_recorded() {
    let outside = TempDir::new().unwrap();
    let disk = Disk(TempDir::new().unwrap(), 0.into());
    conformance::loss::is_found_and_recorded(&disk.fresh().await, &outside.path().join("disk")).await;
    conformance::loss::is_found_and_recorded(&Memory.fresh().await, &outside.path().join("memory")).await;
}

#[tokio::test]
async fn the_audit_head_is_kept_outside_of_the_database() {
    let (dir, outside) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (store, mut centre) = lived_in(dir.path()).await;
    let mut heads = Vec::new();
    for _ in 0..2 {
        centre.press("p2");
        commit(&store, &mut centre).await;
        heads.push(store.audit_head().await.unwrap());
        audit::export(heads.last().unwrap(), centre.now, outside.path()).unwrap();
        let last = audit::exported(outside.path()).unwrap().unwrap();
        assert_eq!((Some(&last.head), last.at), (heads.last(), centre.now));
    }
    let file = outside.path().join(audit::AUDIT_FILE);
    let whole = std::fs::read_to_string(&file).unwrap();
    assert_eq!(whole.lines().count(), 2);
    assert_ne!(heads[0].hash, heads[1].hash);
    std::fs::write(&file, &whole[..whole.len() - 9]).unwrap();
    let before = audit::exported(outside.path()).unwrap().unwrap();
    assert_eq!(before.head, heads[0], "a line that was cut off says nothing");
    let first = whole.find('\n').unwrap() + 1;
    let mut torn = whole.clone().into_bytes();
    torn[first..first + 20].fill(0);
    for left in [&whole.as_bytes()[..whole.len() - 9], &torn] {
        std::fs::write(&file, left).unwrap();
        assert_eq!(
            audit::exported(outside.path()).unwrap().unwrap().head,
            heads[0],
            "nor does one with zeros"
        );
        audit::export(&heads[1], centre.now, outside.path()).unwrap();
        let after = audit::exported(outside.path()).unwrap().unwrap();
        assert_eq!(after.head, heads[1], "what is exported after it is a line of its own");
    }
    std::fs::write(&file, whole.replace("hash", "hush")).unwrap();
    assert!(audit::exported(outside.path()).is_err());
}

#[tokio::test]
async fn the_log_does_not_grow_without_end() {
    let dir = TempDir::new().unwrap();
    let (store, mut centre) = lived_in(dir.path()).await;
    for _ in 0..300 {
        centre.press("p1");
        centre.press("p2");
        commit(&store, &mut centre).await;
    }
    store.scrub().await.unwrap();
    let log = dir.path().join(format!("{JOURNAL_FILE}-wal"));
    assert_eq!(std::fs::metadata(log).map_or(0, |file| file.len()), 0);
    store.verify().await.unwrap();
}
