//! Sinks in the file: read beside the writer, written between its appends.

use dispatch_core::kernel::time::Time;

use super::SqliteStore;
use super::append::rolled_back;
use crate::delivery::{self, Delivery, DeliveryRow, SinkCursor, SinkStand};
use crate::journal::signed;
use crate::row::json;
use crate::sql::{Held as _, deliveries, purge_deliveries};
use crate::store::{Deliveries, StoreError};

impl Deliveries for SqliteStore {
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

    async fn purge_deliveries(&self, before: Time) -> Result<u64, StoreError> {
        purge_deliveries(self, before).await
    }
}
