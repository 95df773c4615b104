//! What the database and the disk take by themselves: one row in one transaction by the same library with the same
//! settings as the journal, and 4 KiB appended to a file and flushed.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::measure::{Spread, histogram, ns};
use crate::node::block_on;
use crate::options::Options;
use crate::page::Page;

/// Bytes of a row, about those of a journal row.
pub(crate) const ROW_BYTES: usize = 272;

/// The two floors.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Floor {
    /// A single-row commit, `SQLite` in WAL mode with `synchronous=FULL`.
    pub commit: Spread,
    /// 4 KiB written at the end of a file, and `fdatasync`.
    pub flush: Spread,
}

impl Floor {
    /// On the disk to be measured.
    pub fn measure(options: &Options) -> Result<Self> {
        fs::create_dir_all(&options.disk)?;
        let folder = tempfile::tempdir_in(&options.disk)?;
        let count = options.either(3_000, 300);
        let commit = block_on(commits(&folder.path().join("rows.sqlite"), count))??;
        Ok(Self { commit, flush: flushes(&folder.path().join("flushed"), count)? })
    }
}

/// Single-row commits of `SQLite`.
pub(crate) async fn commits(file: &Path, count: u32) -> Result<Spread> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "ON")
        .pragma("wal_autocheckpoint", "0")
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    sqlx::query("create table rows (seq integer primary key, body blob not null) strict")
        .execute(&mut connection)
        .await?;
    let body = vec![7_u8; ROW_BYTES];
    let mut times = histogram();
    for seq in 0..count {
        let began = Instant::now();
        sqlx::query("insert into rows values (?, ?)").bind(seq).bind(&body).execute(&mut connection).await?;
        if seq >= count / 10 {
            times.saturating_record(ns(began.elapsed()));
        }
    }
    connection.close().await?;
    Ok(Spread::of(&times))
}

fn flushes(file: &Path, count: u32) -> Result<Spread> {
    let mut file = File::create(file)?;
    let block = [7_u8; 4_096];
    let mut times = histogram();
    for _ in 0..count {
        let began = Instant::now();
        file.write_all(&block)?;
        file.sync_data()?;
        times.saturating_record(ns(began.elapsed()));
    }
    Ok(Spread::of(&times))
}

/// Prints them.
pub fn print(page: &mut Page, floor: &Floor) -> std::io::Result<()> {
    page.line(&format!(
        "one single-row commit {} us; 4 KiB + fdatasync {} us",
        floor.commit.cell(),
        floor.flush.cell()
    ))
}
