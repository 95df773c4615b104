//! Sinks in the file: read beside the writer, written between its appends.

use dispatch_core::kernel::time::Time;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::append::rolled_back;
use crate::delivery::{self, Delivery, DeliveryRow, SinkCursor, SinkStand};
use crate::journal::signed;
use crate::row::json;
use crate::store::StoreError;

impl SqliteStore {
    pub(super) async fn read_deliveries(&self, sink: &str) -> Result<Option<SinkStand>, StoreError> {
        let mut reader = self.readers().acquire().await?;
        let found = sqlx::query(
            "select journal, reached, (select count(*) from delivery
                 where delivery.node = $1 and delivery.sink = $2 and state = 'refused')
             from sink where node = $1 and name = $2",
        )
        .bind(self.node())
        .bind(sink)
        .fetch_optional(&mut *reader)
        .await?;
        let Some(found) = found else { return Ok(None) };
        let rows = sqlx::query(
            "select seq, state, attempts, status, at from delivery
             where node = $1 and sink = $2 and state = 'waiting' order by seq",
        )
        .bind(self.node())
        .bind(sink)
        .fetch_all(&mut *reader)
        .await?;
        Ok(Some(SinkStand {
            cursor: delivery::cursor(found.try_get(0)?, found.try_get(1)?)?,
            outstanding: rows.iter().map(read).collect::<Result<_, _>>()?,
            refused: crate::journal::unsigned(found.try_get(2)?),
        }))
    }

    pub(super) async fn write_deliveries(
        &self,
        sink: &str,
        deliveries: &[Delivery],
        cursor: SinkCursor,
    ) -> Result<(), StoreError> {
        let rows: Vec<DeliveryRow> = deliveries.iter().map(DeliveryRow::from).collect();
        let mut write = self.inner.write.lock().await;
        if cursor.seq > write.head {
            return Err(delivery::beyond(sink, cursor.seq));
        }
        // Taken out for the time of the transaction: one that was cancelled must not leave it open behind the writer.
        let mut connection = write.connection.take().ok_or_else(StoreError::closed)?;
        let result = sqlx::query(
            "begin immediate;
             insert into delivery (node, sink, seq, state, attempts, status, at)
             select $1, $2, value ->> 'seq', value ->> 'state', value ->> 'attempts', value ->> 'status', value ->> 'at'
             from json_each($3) where true
             on conflict (node, sink, seq) do update
             set state = excluded.state, attempts = excluded.attempts, status = excluded.status, at = excluded.at;
             insert into sink (node, name, journal, reached) values ($1, $2, $4, $5)
             on conflict (node, name) do update set journal = excluded.journal, reached = excluded.reached
             where excluded.reached >= sink.reached;
             commit;",
        )
        .bind(self.node())
        .bind(sink)
        .bind(json(&rows))
        .bind(cursor.journal.to_string())
        .bind(signed(cursor.seq))
        .execute(&mut connection)
        .await;
        if result.is_ok() || rolled_back(&mut connection).await {
            write.connection = Some(connection);
        }
        result?;
        Ok(())
    }

    pub(super) async fn delete_deliveries(&self, before: Time) -> Result<u64, StoreError> {
        let mut write = self.inner.write.lock().await;
        let connection = write.connection.as_mut().ok_or_else(StoreError::closed)?;
        let done = sqlx::query("delete from delivery where node = $1 and at < $2 and state <> 'waiting'")
            .bind(self.node())
            .bind(before.0)
            .execute(connection)
            .await?;
        Ok(done.rows_affected())
    }
}

/// A delivery: seq, state, attempts, status, at.
pub(super) fn read(row: &SqliteRow) -> Result<Delivery, StoreError> {
    raw(row)?.read()
}

/// The same as it lies in the table.
pub(super) fn raw(row: &SqliteRow) -> Result<DeliveryRow, StoreError> {
    Ok(DeliveryRow {
        seq: row.try_get(0)?,
        state: row.try_get(1)?,
        attempts: row.try_get(2)?,
        status: row.try_get(3)?,
        at: row.try_get(4)?,
    })
}
