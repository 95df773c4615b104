//! Sinks in the database: written beside the appends, which do not wait for it.

use dispatch_core::kernel::time::Time;
use sqlx::postgres::PgExecutor;

use super::PostgresStore;
use crate::delivery::{self, Delivery, DeliveryRow, SinkCursor, SinkStand};
use crate::journal::signed;
use crate::row::json;
use crate::sql::{Held as _, deliveries, purge_deliveries};
use crate::store::{Deliveries, StoreError};

impl Deliveries for PostgresStore {
    async fn deliveries(&self, sink: &str) -> Result<Option<SinkStand>, StoreError> {
        deliveries(self, sink).await
    }

    async fn deliver(
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

    async fn purge_deliveries(&self, before: Time) -> Result<u64, StoreError> {
        purge_deliveries(self, before).await
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
