//! What the database takes by itself: one row in one transaction, over one connection, by the same library with the same
//! settings as the journal; and what a request takes by itself.

use std::time::Instant;

use anyhow::{Result, ensure};
use dispatch_store::conformance::small_centre::{DAWN, SmallCentre, call};
use dispatch_store::{
    AppendOutcome, Genesis, PostgresOptions, PostgresStore, SqliteOptions, SqliteStore, Store,
};
use serde::Serialize;
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _};
use uuid::Uuid;

use super::ground::{Kind, Stored};
use crate::latency::floor;
use crate::measure::{Spread, histogram, ns, real};
use crate::node::block_on;
use crate::options::Options;
use crate::process::Process;
use crate::wire::Connection;

/// Single-row commits, one after another.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Raw {
    /// One of them.
    pub commit: Spread,
    /// How many a second.
    pub per_s: f64,
}

impl Raw {
    /// Measures them.
    pub fn measure(stored: &Stored, options: &Options) -> Result<Self> {
        let count = options.either(3_000, 300);
        let began = Instant::now();
        let commit = if let Some(address) = stored.database() {
            block_on(commits(&address, count))??
        } else {
            let folder = tempfile::tempdir_in(&stored.disk)?;
            block_on(floor::commits(&folder.path().join("rows.sqlite"), count))??
        };
        Ok(Self { commit, per_s: f64::from(count) / began.elapsed().as_secs_f64() })
    }

    /// One line.
    pub fn line(&self, kind: Kind) -> String {
        format!("{kind:<10} one single-row commit {} us, {:.0} a second", self.commit.cell(), self.per_s)
    }
}

async fn commits(address: &str, count: u32) -> Result<Spread> {
    let mut connection = PgConnection::connect(address).await?;
    connection.execute("create table rows (seq bigint primary key, body bytea not null)").await?;
    let body = vec![7_u8; floor::ROW_BYTES];
    let mut times = histogram();
    for seq in 0..count {
        let began = Instant::now();
        sqlx::query("insert into rows values ($1, $2)")
            .bind(i64::from(seq))
            .bind(&body)
            .execute(&mut connection)
            .await?;
        if seq >= count / 10 {
            times.saturating_record(ns(began.elapsed()));
        }
    }
    connection.close().await?;
    Ok(Spread::of(&times))
}

/// The store's own commits of alarms that ring, one after another and with nothing around them: each its row of the journal,
/// its view, its answer and what was said.
pub fn alarms(stored: &Stored, options: &Options) -> Result<Spread> {
    let count = options.either(3_000, 300);
    let genesis = Genesis::new("wall", DAWN);
    if let Some(address) = stored.database() {
        let store = async { PostgresStore::connect(PostgresOptions::new(address, genesis)).await };
        block_on(async { rung(store.await?, count).await })?
    } else {
        let folder = tempfile::tempdir_in(&stored.disk)?;
        let store = async { SqliteStore::connect(SqliteOptions::new(folder.path(), genesis)).await };
        block_on(async { rung(store.await?, count).await })?
    }
}

async fn rung(store: impl Store, count: u32) -> Result<Spread> {
    let mut centre = SmallCentre::from(store.open().await?.state);
    centre.adopt();
    let mut times = histogram();
    for number in 0..count {
        let mut raise = call();
        raise.words = Some(centre.say("羊圈着火", 30));
        ensure!(centre.send(raise).is_ok(), "an alarm is never refused");
        let batch = centre.take();
        let began = Instant::now();
        let outcome = store.append(&batch).await;
        ensure!(
            matches!(outcome, AppendOutcome::Committed { .. }),
            "an alarm was not committed: {outcome:?}"
        );
        if number >= count / 10 {
            times.saturating_record(ns(began.elapsed()));
        }
    }
    Ok(Spread::of(&times))
}

/// A POST of an alarm's size to a server that only answers.
pub fn echo(options: &Options) -> Result<Spread> {
    let (_process, address) = Process::peer(&["hyper"])?;
    let count = options.either(20_000, 2_000);
    block_on(async {
        let mut connection = Connection::open(address).await?;
        let headers = format!("content-type: application/json\r\nidempotency-key: {}\r\n", Uuid::now_v7());
        let mut times = histogram();
        for number in 0..count {
            let began = Instant::now();
            let status = connection.post("/api/v1/alarms", &headers, &[b' '; 100]).await?;
            ensure!(status == 202, "the echo answered with {status}");
            if number >= count / 10 {
                times.saturating_record(ns(began.elapsed()));
            }
        }
        ensure!(real(times.len()) > 0.0, "nothing was measured");
        Ok(Spread::of(&times))
    })?
}
