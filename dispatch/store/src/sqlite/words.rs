//! Words: read with an audit of the reading, found when expired, and scrubbed from the log once they are erased.

use std::time::Duration;

use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::time::Time;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;

use super::SqliteStore;
use super::append::rolled_back;
use crate::audit;
use crate::journal::signed;
use crate::row::{self, json};
use crate::sql::{Held as _, expired_words, readings, row as columns, unknown_words};
use crate::store::{StoreError, WordsRecords};
use crate::words::{Reading, StoredWords, in_order};

/// How often a scrub is tried while readers hold the log, and the time between two tries, in which commits go on; each
/// try waits for the readers itself.
const SCRUBS: usize = 48;
const BETWEEN_SCRUBS: Duration = Duration::from_millis(250);

impl WordsRecords for SqliteStore {
    async fn words(&self, ids: &[WordsId], reading: &Reading) -> Result<Vec<StoredWords>, StoreError> {
        let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let mut write = self.inner.write.lock().await;
        // Taken out for the time of the transaction: a cancelled reading must not leave it open behind the writer.
        let mut connection = write.connection.take().ok_or_else(StoreError::closed)?;
        let result = read(&mut connection, self.node(), &list, reading).await;
        if result.is_ok() || rolled_back(&mut connection).await {
            write.connection = Some(connection);
        }
        drop(write);
        let found = result?.into_iter().map(row::Words::read).collect::<Result<_, _>>()?;
        Ok(in_order(ids, found))
    }

    async fn readings(&self, id: WordsId) -> Result<Vec<Reading>, StoreError> {
        readings(self, id).await
    }

    async fn unknown_words(&self, ids: &[WordsId]) -> Result<Vec<WordsId>, StoreError> {
        unknown_words(self, ids).await
    }

    async fn expired_words(&self, now: Time, limit: u32) -> Result<Vec<WordsId>, StoreError> {
        expired_words(self, now, limit).await
    }
}

/// Reads words in a transaction and chains the reading of each.
async fn read(
    connection: &mut SqliteConnection,
    node: i32,
    ids: &[String],
    reading: &Reading,
) -> Result<Vec<row::Words>, StoreError> {
    let columns = columns::WORDS;
    sqlx::query("begin immediate").execute(&mut *connection).await?;
    let found = sqlx::query(AssertSqlSafe(format!(
        "select {columns} from words where node = $1 and id in (select value from json_each($2))"
    )));
    let found = found.bind(node).bind(json(&ids)).fetch_all(&mut *connection).await?;
    let found: Vec<row::Words> = found.iter().map(columns::words).collect::<Result<_, _>>()?;
    if !found.is_empty() {
        let head = sqlx::query("select readings, readings_audit from custody where node = $1").bind(node);
        let mut chain = columns::reading_chain(&head.fetch_one(&mut *connection).await?)?;
        let rows: Vec<_> = found.iter().map(|words| chain.chain(&words.id, reading)).collect();
        sqlx::query(
            "insert into words_reading (node, place, words, actor, seat, purpose, at, audit)
             select $1, value ->> 'place', value ->> 'words', value ->> 'actor', value ->> 'seat',
                    value ->> 'purpose', value ->> 'at', value ->> 'audit' from json_each($2)",
        )
        .bind(node)
        .bind(json(&rows))
        .execute(&mut *connection)
        .await?;
        sqlx::query("update custody set readings = $2, readings_audit = $3 where node = $1")
            .bind(node)
            .bind(signed(chain.count))
            .bind(audit::hex(&chain.hash))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("commit").execute(connection).await?;
    Ok(found)
}

impl SqliteStore {
    /// Empties the write-ahead log, so that nothing erased is left in it. Erasures ask for it by themselves; whoever
    /// has to know that it is done waits for it here. A reader in the middle of a query is waited for.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        for _ in 0..SCRUBS {
            if self.begin_log_anew("pragma wal_checkpoint(truncate)").await? {
                return Ok(());
            }
            tokio::time::sleep(BETWEEN_SCRUBS).await;
        }
        Err(StoreError::Impossible("readers held the log all the while; erased words are still in it".into()))
    }
}
