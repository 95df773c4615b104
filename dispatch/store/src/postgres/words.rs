//! Words: read with an audit of the reading in the same statement, and found when expired.

use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::time::Time;
use sqlx::AssertSqlSafe;

use super::PostgresStore;
use crate::sql::{Held as _, expired_words, readings, row};
use crate::store::{StoreError, WordsRecords};
use crate::words::{Reading, StoredWords, in_order};

impl WordsRecords for PostgresStore {
    async fn words(&self, ids: &[WordsId], reading: &Reading) -> Result<Vec<StoredWords>, StoreError> {
        let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let columns = row::WORDS;
        let query = format!(
            "with found as (
                 select * from words where node = $1 and id = any($2)
             ), marked as (
                 insert into words_reading (node, words, actor, seat, purpose, at)
                 select $1, found.id, $3, $4, $5, $6 from found
             )
             select {columns} from found as words"
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(self.node())
            .bind(list)
            .bind(reading.actor.as_str())
            .bind(reading.seat.as_ref().map(|seat| seat.as_str().to_owned()))
            .bind(&reading.purpose)
            .bind(reading.at.0)
            .fetch_all(&self.inner.readers)
            .await
            .map_err(|error| self.fault(error))?;
        let found = rows.iter().map(|row| row::words(row)?.read()).collect::<Result<_, _>>()?;
        Ok(in_order(ids, found))
    }

    async fn readings(&self, id: WordsId) -> Result<Vec<Reading>, StoreError> {
        readings(self, id).await
    }

    async fn expired_words(&self, now: Time, limit: u32) -> Result<Vec<WordsId>, StoreError> {
        expired_words(self, now, limit).await
    }
}
