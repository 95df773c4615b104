//! Words: read with an audit of the reading in the same transaction, and found when expired.

use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::time::Time;
use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{AssertSqlSafe, Transaction};

use super::PostgresStore;
use crate::audit;
use crate::journal::signed;
use crate::row;
use crate::sql::{Held as _, expired_words, readings, row as columns, unknown_words};
use crate::store::{StoreError, WordsRecords};
use crate::words::{ChainedReading, Reading, StoredWords, in_order};

impl WordsRecords for PostgresStore {
    async fn words(&self, ids: &[WordsId], reading: &Reading) -> Result<Vec<StoredWords>, StoreError> {
        let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let begun = self.inner.readers.begin().await.map_err(|error| self.fault(error))?;
        let found = read(begun, self.node(), list, reading).await.map_err(|error| self.named(error))?;
        let found = found.into_iter().map(row::Words::read).collect::<Result<_, _>>()?;
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

/// Reads words in a transaction and chains the reading of each. Two that read wait for each other; appends do not wait.
async fn read(
    mut transaction: Transaction<'static, Postgres>,
    node: i32,
    ids: Vec<String>,
    reading: &Reading,
) -> Result<Vec<row::Words>, StoreError> {
    let columns = columns::WORDS;
    let query = format!("select {columns} from words where node = $1 and id = any($2)");
    let found = sqlx::query(AssertSqlSafe(query)).bind(node).bind(ids).fetch_all(&mut *transaction).await?;
    let found: Vec<row::Words> = found.iter().map(columns::words).collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Ok(found);
    }
    let head =
        sqlx::query("select readings, readings_audit from custody where node = $1 for update").bind(node);
    let mut chain = columns::reading_chain(&head.fetch_one(&mut *transaction).await?)?;
    let rows: Vec<_> = found.iter().map(|words| chain.chain(&words.id, reading)).collect();
    write(&mut transaction, node, &rows).await?;
    sqlx::query("update custody set readings = $2, readings_audit = $3 where node = $1")
        .bind(node)
        .bind(signed(chain.count))
        .bind(audit::hex(&chain.hash))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(found)
}

/// Writes readings as they are.
pub(super) async fn write(
    connection: &mut PgConnection,
    node: i32,
    rows: &[ChainedReading],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into words_reading (node, place, words, actor, seat, purpose, at, audit)
         select $1, it.* from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
                                     $8::text[]) as it",
    )
    .bind(node)
    .bind(rows.iter().map(|row| row.place).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.words.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.actor.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.seat.as_deref()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.purpose.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.at).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.audit.as_deref()).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}
