//! Sinks in the database: written beside the appends, which do not wait for it.

use dispatch_core::kernel::time::Time;
use sqlx::Row;
use sqlx::postgres::{PgExecutor, PgRow};

use super::PostgresStore;
use crate::delivery::{self, Delivery, DeliveryRow, SinkCursor, SinkStand};
use crate::journal::{signed, unsigned};
use crate::row::json;
use crate::store::StoreError;

impl PostgresStore {
    pub(super) async fn read_deliveries(&self, sink: &str) -> Result<Option<SinkStand>, StoreError> {
        let mut reader = self.reader().await?;
        let found = sqlx::query(
            "select journal, reached, (select count(*) from delivery
                 where delivery.node = $1 and delivery.sink = $2 and state = 'refused')
             from sink where node = $1 and name = $2",
        )
        .bind(self.node())
        .bind(sink)
        .fetch_optional(&mut *reader)
        .await
        .map_err(|error| self.fault(error))?;
        let Some(found) = found else { return Ok(None) };
        let rows = sqlx::query(
            "select seq, state, attempts, status, at from delivery
             where node = $1 and sink = $2 and state = 'waiting' order by seq",
        )
        .bind(self.node())
        .bind(sink)
        .fetch_all(&mut *reader)
        .await
        .map_err(|error| self.fault(error))?;
        Ok(Some(SinkStand {
            cursor: delivery::cursor(found.try_get(0)?, found.try_get(1)?)?,
            outstanding: rows.iter().map(read).collect::<Result<_, _>>()?,
            refused: unsigned(found.try_get(2)?),
        }))
    }

    pub(super) async fn write_deliveries(
        &self,
        sink: &str,
        deliveries: &[Delivery],
        cursor: SinkCursor,
    ) -> Result<(), StoreError> {
        let rows: Vec<DeliveryRow> = deliveries.iter().map(DeliveryRow::from).collect();
        let cursor_is = (cursor.journal.to_string(), signed(cursor.seq));
        let moved = write(&self.inner.readers, self.node(), sink, &rows, &cursor_is).await;
        if moved.map_err(|error| self.fault(error))? {
            Ok(())
        } else {
            Err(delivery::beyond(sink, cursor.seq))
        }
    }

    pub(super) async fn delete_deliveries(&self, before: Time) -> Result<u64, StoreError> {
        let done = sqlx::query("delete from delivery where node = $1 and at < $2 and state <> 'waiting'")
            .bind(self.node())
            .bind(before.0)
            .execute(&self.inner.readers)
            .await
            .map_err(|error| self.fault(error))?;
        Ok(done.rows_affected())
    }
}

/// Writes a sink's deliveries and its cursor, which never goes back; nothing, and false, when it is beyond the head.
pub(super) async fn write(
    connection: impl PgExecutor<'_>,
    node: i32,
    sink: &str,
    rows: &[DeliveryRow],
    (journal, reached): &(String, i64),
) -> Result<bool, sqlx::Error> {
    let found = sqlx::query(
        "with known as (
             select id from node where id = $1 and head >= $5
         ), sent as (
             insert into delivery (node, sink, seq, state, attempts, status, at)
             select known.id, $2, it.* from known cross join jsonb_to_recordset($3::text::jsonb)
                 as it (seq bigint, state text, attempts bigint, status integer, at bigint)
             on conflict (node, sink, seq) do update
             set state = excluded.state, attempts = excluded.attempts, status = excluded.status, at = excluded.at
         ), moved as (
             insert into sink (node, name, journal, reached) select known.id, $2, $4, $5 from known
             on conflict (node, name) do update set journal = excluded.journal, reached = excluded.reached
             where excluded.reached >= sink.reached
         )
         select 1 from known",
    )
    .bind(node)
    .bind(sink)
    .bind(json(&rows))
    .bind(journal)
    .bind(reached)
    .fetch_optional(connection)
    .await?;
    Ok(found.is_some())
}

fn read(row: &PgRow) -> Result<Delivery, StoreError> {
    let row = DeliveryRow {
        seq: row.try_get(0)?,
        state: row.try_get(1)?,
        attempts: row.try_get(2)?,
        status: row.try_get(3)?,
        at: row.try_get(4)?,
    };
    row.read()
}
