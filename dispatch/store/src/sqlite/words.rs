//! Words: read with an audit of the reading, found when expired, and scrubbed from the log once they are erased.

use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::time::Time;
use sqlx::{AssertSqlSafe, Row};

use super::SqliteStore;
use super::append::rolled_back;
use crate::row::json;
use crate::sql::{Held as _, expired_words, readings, row};
use crate::store::{StoreError, WordsRecords};
use crate::words::{Reading, StoredWords, in_order};

/// How often a scrub is tried while readers hold the log; each try waits for them itself.
const SCRUBS: usize = 12;

impl WordsRecords for SqliteStore {
    async fn words(&self, ids: &[WordsId], reading: &Reading) -> Result<Vec<StoredWords>, StoreError> {
        let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let columns = row::WORDS;
        let mut write = self.inner.write.lock().await;
        // Taken out for the time of the transaction: a cancelled reading must not leave it open behind the writer.
        let mut connection = write.connection.take().ok_or_else(StoreError::closed)?;
        let result = sqlx::query(AssertSqlSafe(format!(
            "begin immediate;
             insert into words_reading (node, words, actor, seat, purpose, at)
             select node, id, $3, $4, $5, $6 from words
             where node = $1 and id in (select value from json_each($2));
             select {columns} from words where node = $1 and id in (select value from json_each($2));
             commit;"
        )))
        .bind(self.node())
        .bind(json(&list))
        .bind(reading.actor.as_str())
        .bind(reading.seat.as_ref().map(|seat| seat.as_str().to_owned()))
        .bind(&reading.purpose)
        .bind(reading.at.0)
        .fetch_all(&mut connection)
        .await;
        if result.is_ok() || rolled_back(&mut connection).await {
            write.connection = Some(connection);
        }
        drop(write);
        let found = result?.iter().map(|row| row::words(row)?.read()).collect::<Result<_, _>>()?;
        Ok(in_order(ids, found))
    }

    async fn readings(&self, id: WordsId) -> Result<Vec<Reading>, StoreError> {
        readings(self, id).await
    }

    async fn expired_words(&self, now: Time, limit: u32) -> Result<Vec<WordsId>, StoreError> {
        expired_words(self, now, limit).await
    }
}

impl SqliteStore {
    /// Empties the write-ahead log, so that nothing erased is left in it. Erasures ask for it by themselves; whoever
    /// has to know that it is done waits for it here. A reader in the middle of a query is waited for.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        let mut side = self.inner.side.lock().await;
        let side = side.as_mut().ok_or_else(StoreError::closed)?;
        for _ in 0..SCRUBS {
            let row = sqlx::query("pragma wal_checkpoint(truncate)").fetch_one(&mut *side).await?;
            if row.try_get::<i64, _>(0)? == 0 {
                return Ok(());
            }
        }
        Err(StoreError::Impossible("readers held the log all the while; erased words are still in it".into()))
    }
}
