//! The log beside the journal's file stays short although somebody always reads, and becomes short again once somebody
//! has left who read for long.
#![cfg(feature = "conformance")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;
use std::time::{Duration, Instant};

use dispatch_store::conformance::commit;
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre};
use dispatch_store::sqlite::JOURNAL_FILE;
use dispatch_store::{
    Content, Custody as _, EntityQuery, Genesis, History as _, Journal as _, ReadModel as _, SqliteOptions,
    SqliteStore,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tempfile::TempDir;

/// How long anything may take before a test says that it did not happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// Bytes the log may hold.
const LOG_MAX: u64 = 64 << 20;

fn options(dir: &Path) -> SqliteOptions {
    SqliteOptions::new(dir, Genesis::new("wall", DAWN))
}

async fn raw(dir: &Path) -> SqliteConnection {
    sqlx::sqlite::SqliteConnectOptions::new().filename(dir.join(JOURNAL_FILE)).connect().await.unwrap()
}

fn log_bytes(dir: &Path) -> u64 {
    std::fs::metadata(dir.join(format!("{JOURNAL_FILE}-wal"))).map_or(0, |log| log.len())
}

/// A small centre whose every commit is a megabyte.
struct Load {
    store: SqliteStore,
    centre: SmallCentre,
    commits: u64,
}

impl Load {
    async fn begin(dir: &Path) -> Self {
        let store = SqliteStore::connect(options(dir)).await.unwrap();
        let mut centre = SmallCentre::from(store.open().await.unwrap().state);
        centre.adopt();
        commit(&store, &mut centre).await;
        Self { store, centre, commits: 0 }
    }

    async fn commit(&mut self) {
        self.commits += 1;
        for point in ["p1", "p2"] {
            self.centre.press(point);
        }
        let mut batch = self.centre.take();
        let bytes = self.commits.to_le_bytes().repeat(1 << 17);
        batch.contents.push(Content { hash: blake3::hash(&bytes).to_hex().to_string(), bytes });
        assert_eq!(self.store.append(&batch).await.committed().ok(), Some(self.centre.state.seq));
    }
}

/// Reads in a chain of transactions of which each begins before the one before it has ended.
async fn always_reading(dir: &Path) {
    let mut held = raw(dir).await;
    let mut next = raw(dir).await;
    loop {
        for sql in ["begin", "select count(*) from entity"] {
            sqlx::query(sql).fetch_optional(&mut next).await.unwrap();
        }
        // The very first holds nothing yet.
        let _ = sqlx::query("rollback").execute(&mut held).await;
        std::mem::swap(&mut held, &mut next);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What a verification, whoever prints the journal, and consoles read.
async fn as_others_read(dir: &Path) {
    let beside = SqliteStore::beside(options(dir)).await.unwrap();
    let verifying = async {
        loop {
            beside.verify().await.unwrap();
        }
    };
    let printing = async {
        loop {
            let mut after = 0;
            while let Some(last) = beside.records(after, 1_000).await.unwrap().last() {
                after = last.seq;
            }
        }
    };
    let listing = async {
        loop {
            let query = EntityQuery { kind: "incident".into(), ..EntityQuery::default() };
            beside.entities(&query).await.unwrap();
        }
    };
    tokio::join!(verifying, printing, listing);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stays_short_while_somebody_always_reads() {
    const COMMITS: u64 = 200;
    let dir = TempDir::new().unwrap();
    let mut load = Load::begin(dir.path()).await;
    let place = dir.path().to_owned();
    let reading = tokio::spawn(async move {
        tokio::join!(always_reading(&place), as_others_read(&place));
    });
    let mut longest = 0;
    for _ in 0..COMMITS {
        load.commit().await;
        longest = longest.max(log_bytes(dir.path()));
    }
    assert!(!reading.is_finished(), "they read all the time");
    reading.abort();
    assert!(longest <= LOG_MAX, "{longest} bytes");
    assert!(longest > LOG_MAX / 8, "{longest} bytes: nobody stood in its way");
    load.store.verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_becomes_short_again_when_a_long_reader_has_left() {
    let dir = TempDir::new().unwrap();
    let mut load = Load::begin(dir.path()).await;
    let mut reader = raw(dir.path()).await;
    for sql in ["begin", "select count(*) from entity"] {
        sqlx::query(sql).fetch_optional(&mut reader).await.unwrap();
    }
    while log_bytes(dir.path()) <= LOG_MAX {
        load.commit().await;
    }
    reader.close().await.unwrap();
    // Nothing is written meanwhile but what shows that the log has begun anew.
    let began = Instant::now();
    while log_bytes(dir.path()) > LOG_MAX && began.elapsed() < PATIENCE {
        load.centre.press("p1");
        commit(&load.store, &mut load.centre).await;
    }
    assert!(log_bytes(dir.path()) <= LOG_MAX, "{} bytes", log_bytes(dir.path()));
}
