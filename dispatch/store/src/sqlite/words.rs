//! Words: read with an audit of the reading, found when expired, and scrubbed from the log once they are erased.

use std::collections::BTreeMap;

use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::time::Time;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};

use super::SqliteStore;
use super::append::rolled_back;
use super::row::{self, WORDS_COLUMNS};
use crate::row::words_id;
use crate::store::StoreError;
use crate::words::{Reading, StoredWords};

/// How often a scrub is tried while readers hold the log; each try waits for them itself.
const SCRUBS: usize = 12;

impl SqliteStore {
    pub(super) async fn read_words(
        &self,
        ids: &[WordsId],
        reading: &Reading,
    ) -> Result<Vec<StoredWords>, StoreError> {
        let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let list = serde_json::to_string(&list).expect("strings are always JSON");
        let mut write = self.inner.write.lock().await;
        // Taken out for the time of the transaction: a cancelled reading must not leave it open behind the writer.
        let mut connection = write.connection.take().ok_or_else(StoreError::closed)?;
        let result = sqlx::query(AssertSqlSafe(format!(
            "begin immediate;
             insert into words_reading (node, words, actor, seat, purpose, at)
             select $1, words.id, $3, $4, $5, $6 from json_each($2) as asked
             join words on words.node = $1 and words.id = asked.value;
             select {WORDS_COLUMNS}
             from json_each($2) as asked join words on words.node = $1 and words.id = asked.value;
             commit;"
        )))
        .bind(self.node())
        .bind(list)
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
        let found = result?.iter().map(|row| row::words(row)?.read()).collect::<Result<Vec<_>, _>>()?;
        let mut by_id: BTreeMap<WordsId, StoredWords> =
            found.into_iter().map(|words| (words.id, words)).collect();
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    pub(super) async fn read_readings(&self, id: WordsId) -> Result<Vec<Reading>, StoreError> {
        let rows = sqlx::query(
            "select actor, seat, purpose, at from words_reading where node = $1 and words = $2 order by rowid",
        )
        .bind(self.node())
        .bind(id.to_string())
        .fetch_all(&self.readers())
        .await?;
        let reading = |row: &SqliteRow| {
            Ok(Reading {
                actor: row.try_get::<String, _>(0)?.as_str().into(),
                seat: row.try_get::<Option<String>, _>(1)?.as_deref().map(Into::into),
                purpose: row.try_get(2)?,
                at: Time(row.try_get(3)?),
            })
        };
        rows.iter().map(reading).collect()
    }

    pub(super) async fn read_expired_words(&self, now: Time, limit: u32) -> Result<Vec<WordsId>, StoreError> {
        let rows = sqlx::query(
            "select id from words where node = $1 and text is not null and expires_at <= $2
             order by expires_at, id limit $3",
        )
        .bind(self.node())
        .bind(now.0)
        .bind(i64::from(limit))
        .fetch_all(&self.readers())
        .await?;
        rows.iter().map(|row| words_id(row.try_get(0)?)).collect()
    }

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
