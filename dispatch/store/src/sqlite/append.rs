//! The one way in: a batch in one call of one statement list (D4). The list begins by moving the head from what the
//! batch continues to what it ends at; a trigger refuses any other head, so that nothing after it runs.
//!
//! Rows come as JSON lists and are taken apart as JSONB (`jsonb_each`): with text, every column of a row would write the
//! row out and read it again, and a recommendation is long.

use std::fmt::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Either, Executor, Row, SqlSafeStr};

use super::options::LOG_BYTES_MAX;
use super::{SqliteStore, Writing, fault};
use crate::audit;
use crate::batch::Batch;
use crate::journal::signed;
use crate::parts::Parts;
use crate::row::json;
use crate::sql::Held as _;
use crate::store::{AppendOutcome, StoreError};

const APPEND: &str = include_str!("append.sql");

/// The last statement, before which contents are put.
const COMMIT: &str = "commit;";

/// Arguments of [`APPEND`]; contents take those after.
const ARGUMENTS: usize = 13;

/// Bytes written after which a checkpoint is asked for: about a thousand pages.
const CHECKPOINT_BYTES: u64 = 4 << 20;

/// Pages of 4 KiB in the log from which it has to begin anew: a quarter of what it may grow to, for more is written while it is
/// copied, and more than that where others want the processors too.
const LOG_PAGES: i64 = LOG_BYTES_MAX / 4 / 4_096;

/// How often a log that readers hold is tried to be begun anew, and the time between two tries: a minute in all, and each so
/// short that a disk cannot fill much of the bound meanwhile.
const TRIES: u32 = 1_200;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

impl SqliteStore {
    pub(super) async fn append_batch(&self, batch: &Batch) -> AppendOutcome {
        let mut write = self.inner.write.lock().await;
        if let Some(why) = batch.misfit(write.head) {
            return AppendOutcome::NotCommitted { why };
        }
        let mut parts = Parts::of(self.inner.options.node, batch);
        let audit = audit::chain(write.audit, &mut parts.journal);
        let head = batch.head().unwrap_or(write.head);
        self.append_parts(&mut write, parts, head, audit).await
    }

    /// Rows that were kept elsewhere, hashed as they were: they go on where this journal ends.
    pub(crate) async fn append_kept(&self, parts: Parts, head: u64, audit: [u8; 32]) -> AppendOutcome {
        let mut write = self.inner.write.lock().await;
        self.append_parts(&mut write, parts, head, audit).await
    }

    async fn append_parts(
        &self,
        write: &mut Writing,
        parts: Parts,
        head: u64,
        audit: [u8; 32],
    ) -> AppendOutcome {
        let Some(mut connection) = write.connection.take() else {
            return AppendOutcome::closed();
        };
        let erases = !parts.erase.is_empty();
        let prepared = Prepared::new(self.node(), parts, (write.head, head), &audit);
        let bytes = prepared.bytes;
        match prepared.run(&mut connection).await {
            Ok(()) => {
                *write = Writing { connection: Some(connection), head, audit };
                self.account(bytes, erases);
                AppendOutcome::Committed { head, audit }
            }
            Err(Failure::Before(error)) => {
                // Nothing was committed. The connection is kept only if it is known to be clean.
                if rolled_back(&mut connection).await {
                    write.connection = Some(connection);
                }
                AppendOutcome::NotCommitted { why: fault::named(&error) }
            }
            Err(Failure::AtCommit(error)) => {
                // The log may hold the commit or not; only opening the file again tells.
                drop(connection);
                AppendOutcome::Unknown { why: fault::named(&error) }
            }
        }
    }

    /// Asks for a checkpoint when enough was written, at once after an erasure.
    fn account(&self, bytes: u64, erased: bool) {
        let written = self.inner.written.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if written < CHECKPOINT_BYTES && !erased {
            return;
        }
        let under_way = self.inner.checkpointing.swap(true, Ordering::AcqRel);
        if under_way && !erased {
            return;
        }
        self.inner.written.store(0, Ordering::Relaxed);
        let store = self.clone();
        tokio::spawn(async move {
            let done = if erased { store.scrub().await } else { store.checkpoint().await };
            store.inner.checkpointing.store(false, Ordering::Release);
            if let Err(error) = done {
                tracing::warn!(%error, erased, "the journal's checkpoint failed; it is tried again");
            }
        });
    }

    /// Copies the log into the file as far as readers allow; holds no commit up, unless the log has grown so long
    /// under a load without a pause that it has to begin anew: then one commit waits for what little is left to copy. A
    /// log that readers hold is tried again until they have left.
    pub(super) async fn checkpoint(&self) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            if self.is_copied().await? {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
        Err(StoreError::Impossible("somebody reads the journal in one go and holds its log".into()))
    }

    /// Whether the log is as short as it is to be.
    async fn is_copied(&self) -> Result<bool, StoreError> {
        {
            let mut side = self.inner.side.lock().await;
            let Some(side) = side.as_mut() else { return Ok(true) };
            let row = sqlx::query("pragma wal_checkpoint(passive)").fetch_one(&mut *side).await?;
            let (pages, copied): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
            if pages <= LOG_PAGES {
                return Ok(true);
            }
            // Whoever has read since before half of it is not waited for, but commits would be.
            if copied < pages / 2 {
                return Ok(false);
            }
        }
        self.begin_log_anew("pragma wal_checkpoint(restart)").await
    }

    /// Copies all of the log and lets it begin anew, unless readers hold it for long. It takes its turn among the commits: the
    /// database lets a writer that never pauses take its own lock again before anybody who waits for it.
    pub(super) async fn begin_log_anew(&self, checkpoint: &'static str) -> Result<bool, StoreError> {
        let _turn = self.inner.write.lock().await;
        let mut side = self.inner.side.lock().await;
        let side = side.as_mut().ok_or_else(StoreError::closed)?;
        let row = sqlx::query(checkpoint).fetch_one(&mut *side).await?;
        Ok(row.try_get::<i64, _>(0)? == 0)
    }
}

/// Where an append failed.
enum Failure {
    /// Before the commit was tried.
    Before(sqlx::Error),
    /// In the commit itself.
    AtCommit(sqlx::Error),
}

/// A batch ready to be sent.
struct Prepared {
    sql: sqlx::SqlStr,
    statements: usize,
    arguments: SqliteArguments,
    bytes: u64,
    lasting: bool,
}

impl Prepared {
    /// Of parts that move the head `from` one row `to` another, whose hash is `audit`.
    fn new(node: i32, parts: Parts, (from, to): (u64, u64), audit: &[u8; 32]) -> Self {
        let mut arguments = Arguments::default();
        arguments.add(node.into());
        arguments.add(signed(from));
        arguments.add(signed(to));
        arguments.text(audit::hex(audit));
        arguments.text(json(&parts.journal));
        arguments.text(json(&parts.model.entities));
        arguments.text(json(&parts.model.gone));
        arguments.text(json(&parts.model.timeline));
        arguments.text(json(&parts.answers));
        arguments.text(json(&parts.words));
        arguments.text(json(&parts.erase));
        arguments.add(parts.erased_at);
        arguments.add(parts.clock_moves);
        let mut sql = None;
        let contents = parts.contents.len();
        for (index, content) in parts.contents.into_iter().enumerate() {
            let (hash, bytes) = (ARGUMENTS + 2 * index + 1, ARGUMENTS + 2 * index + 2);
            let sql: &mut String =
                sql.get_or_insert_with(|| APPEND.trim_end().trim_end_matches(COMMIT).to_owned());
            writeln!(sql, "insert or ignore into content (hash, bytes) values (${hash}, ${bytes});")
                .expect("a string takes every text");
            arguments.text(content.hash);
            arguments.blob(content.bytes);
        }
        let statements = APPEND.matches(';').count() + contents;
        let lasting = sql.is_none();
        let sql = sql.map_or_else(|| APPEND.into_sql_str(), |sql| AssertSqlSafe(sql + COMMIT).into_sql_str());
        Self { sql, statements, arguments: arguments.list, bytes: arguments.bytes, lasting }
    }

    async fn run(self, connection: &mut SqliteConnection) -> Result<(), Failure> {
        let mut done = 0;
        let query = sqlx::query_with(self.sql, self.arguments).persistent(self.lasting);
        let mut results = connection.fetch_many(query);
        loop {
            match results.try_next().await {
                Ok(Some(Either::Left(_))) => done += 1,
                Ok(Some(Either::Right(_))) => {}
                Ok(None) => return Ok(()),
                Err(error) if done + 1 < self.statements => return Err(Failure::Before(error)),
                Err(error) => return Err(Failure::AtCommit(error)),
            }
        }
    }
}

/// Bound values, and how many bytes they are.
#[derive(Default)]
struct Arguments {
    list: SqliteArguments,
    bytes: u64,
}

impl Arguments {
    fn add(&mut self, value: i64) {
        sqlx::Arguments::add(&mut self.list, value).expect("a number can be bound");
    }

    fn text(&mut self, text: String) {
        self.bytes += text.len() as u64;
        sqlx::Arguments::add(&mut self.list, text).expect("text can be bound");
    }

    fn blob(&mut self, bytes: Vec<u8>) {
        self.bytes += bytes.len() as u64;
        sqlx::Arguments::add(&mut self.list, bytes).expect("bytes can be bound");
    }
}

/// Ends what a failed append left open; false when the connection cannot be trusted any more.
pub(super) async fn rolled_back(connection: &mut SqliteConnection) -> bool {
    match sqlx::query("rollback").execute(&mut *connection).await {
        Ok(_) => true,
        // The database had already ended it.
        Err(sqlx::Error::Database(error)) if error.message().contains("no transaction is active") => {
            connection.ping().await.is_ok()
        }
        Err(_) => false,
    }
}
