//! Words: read with an audit of the reading in the same statement, and found when expired.

use std::collections::BTreeMap;

use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::time::Time;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Row};

use super::PostgresStore;
use super::row::{self, WORDS_COLUMNS};
use crate::row::words_id;
use crate::store::StoreError;
use crate::words::{Reading, StoredWords};

impl PostgresStore {
    pub(super) async fn read_words(
        &self,
        ids: &[WordsId],
        reading: &Reading,
    ) -> Result<Vec<StoredWords>, StoreError> {
        let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let query = format!(
            "with found as (
                 select * from words where node = $1 and id = any($2)
             ), marked as (
                 insert into words_reading (node, words, actor, seat, purpose, at)
                 select $1, found.id, $3, $4, $5, $6 from found
             )
             select {WORDS_COLUMNS} from found as words"
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
        let mut by_id = BTreeMap::new();
        for row in &rows {
            let words = row::words(row)?.read()?;
            by_id.insert(words.id, words);
        }
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    pub(super) async fn read_readings(&self, id: WordsId) -> Result<Vec<Reading>, StoreError> {
        let query = "select actor, seat, purpose, at from words_reading where node = $1 and words = $2 order by ordinal";
        let rows = sqlx::query(query)
            .bind(self.node())
            .bind(id.to_string())
            .fetch_all(&self.inner.readers)
            .await
            .map_err(|error| self.fault(error))?;
        let reading = |row: &PgRow| {
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
        .fetch_all(&self.inner.readers)
        .await
        .map_err(|error| self.fault(error))?;
        rows.iter().map(|row| words_id(row.try_get(0)?)).collect()
    }
}
