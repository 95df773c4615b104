//! Snapshots in the database.

use dispatch_core::state::State;
use sqlx::Row;
use sqlx::postgres::PgConnection;

use super::PostgresStore;
use crate::journal::{signed, unsigned};
use crate::snapshot::{self, KEPT, Kept};
use crate::store::StoreError;

impl PostgresStore {
    /// Written beside the appends, which do not wait for it.
    pub(super) async fn write_snapshot(&self, state: &State) -> Result<(), StoreError> {
        let Kept { hash, bytes } = Kept::of(state)?;
        let head = self.inner.lead.lock().await.head;
        if state.seq > head {
            let why = format!("a snapshot of row {} while the head is {head}", state.seq);
            return Err(StoreError::Impossible(why));
        }
        sqlx::query(
            "with kept as (
                 insert into snapshot (node, seq, state_hash, state) values ($1, $2, $3, $4)
                 on conflict (node, seq) do update set state_hash = excluded.state_hash, state = excluded.state
             )
             delete from snapshot where node = $1 and seq <> $2 and seq not in
                 (select seq from snapshot where node = $1 and seq <> $2 order by seq desc limit $5)",
        )
        .bind(self.node())
        .bind(signed(state.seq))
        .bind(hash)
        .bind(bytes)
        .bind(KEPT - 1)
        .execute(&self.inner.readers)
        .await
        .map_err(|error| self.fault(error))?;
        Ok(())
    }
}

/// The newest snapshot at or before `head` that gives its own hash.
pub(super) async fn newest(
    connection: &mut PgConnection,
    node: i32,
    head: u64,
) -> Result<Option<State>, StoreError> {
    let query = "select seq, state_hash, state from snapshot where node = $1 and seq <= $2 order by seq desc";
    for row in sqlx::query(query).bind(node).bind(signed(head)).fetch_all(connection).await? {
        let (seq, hash): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        if let Some(state) = snapshot::believed(unsigned(seq), &hash, &row.try_get::<Vec<u8>, _>(2)?) {
            return Ok(Some(state));
        }
    }
    Ok(None)
}
