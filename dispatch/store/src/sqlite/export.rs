//! Everything an embedded journal holds, as it lies in its tables, to be moved to another database.

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};

use super::SqliteStore;
use crate::batch::Content;
use crate::delivery::DeliveryRow;
use crate::journal::JournalRow;
use crate::row::{Answer, Words};
use crate::sql::{Held as _, row};
use crate::store::StoreError;
use crate::words::ChainedReading;

/// Sequence, format, state hash, state.
pub(crate) type RawSnapshot = (i64, String, String, Vec<u8>);

impl SqliteStore {
    /// Rows of the journal after a sequence.
    pub(crate) async fn raw_journal(&self, after: u64, limit: u32) -> Result<Vec<JournalRow>, StoreError> {
        self.reader().await?.journal(after, limit).await
    }

    /// Every answer that is kept.
    pub(crate) async fn raw_answers(&self) -> Result<Vec<Answer>, StoreError> {
        let rows = self.table(format!("select {} from answer where node = $1", row::ANSWER)).await?;
        rows.iter().map(row::answer).collect()
    }

    /// All words, those erased without their text.
    pub(crate) async fn raw_words(&self) -> Result<Vec<Words>, StoreError> {
        let rows = self.table(format!("select {} from words where node = $1", row::WORDS)).await?;
        rows.iter().map(row::words).collect()
    }

    /// Every reading of words, first first.
    pub(crate) async fn raw_readings(&self) -> Result<Vec<ChainedReading>, StoreError> {
        let columns = row::CHAINED;
        let query = format!("select {columns} from words_reading where node = $1 order by rowid");
        self.table(query).await?.iter().map(row::chained).collect()
    }

    /// Every region package that was ever adopted.
    pub(crate) async fn raw_contents(&self) -> Result<Vec<Content>, StoreError> {
        // A package is of no node; the number is asked for all the same.
        let rows = self.table("select hash, bytes from content where $1 is not null").await?;
        rows.iter().map(|row| Ok(Content { hash: row.try_get(0)?, bytes: row.try_get(1)? })).collect()
    }

    /// The snapshots that are kept.
    pub(crate) async fn raw_snapshots(&self) -> Result<Vec<RawSnapshot>, StoreError> {
        let rows = self.table("select seq, format, state_hash, state from snapshot where node = $1").await?;
        let snapshot =
            |row: &SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
        rows.iter().map(snapshot).collect()
    }

    /// How far each sink has come: name, journal, row.
    pub(crate) async fn raw_sinks(&self) -> Result<Vec<(String, String, i64)>, StoreError> {
        let rows = self.table("select name, journal, reached from sink where node = $1").await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    /// What became of a sink's deliveries.
    pub(crate) async fn raw_deliveries(&self, sink: &str) -> Result<Vec<DeliveryRow>, StoreError> {
        let query = format!("select {} from delivery where node = $1 and sink = $2", row::DELIVERY);
        let rows =
            sqlx::query(AssertSqlSafe(query)).bind(self.node()).bind(sink).fetch_all(&self.readers()).await?;
        rows.iter().map(row::delivery).collect()
    }

    async fn table(&self, query: impl Into<String>) -> Result<Vec<SqliteRow>, StoreError> {
        let query = sqlx::query(AssertSqlSafe(query.into())).bind(self.node());
        Ok(query.fetch_all(&self.readers()).await?)
    }
}
