//! Snapshots in the file.

use dispatch_core::state::State;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::SqliteStore;
use crate::journal::{signed, unsigned};
use crate::snapshot::{self, KEPT, Kept};
use crate::store::StoreError;

impl SqliteStore {
    pub(super) async fn write_snapshot(&self, state: &State) -> Result<(), StoreError> {
        let Kept { hash, bytes } = Kept::of(state)?;
        let mut write = self.inner.write.lock().await;
        if state.seq > write.head {
            let why = format!("a snapshot of row {} while the head is {}", state.seq, write.head);
            return Err(StoreError::Impossible(why));
        }
        let connection = write.connection.as_mut().ok_or_else(StoreError::closed)?;
        sqlx::query(
            "insert or replace into snapshot (node, seq, state_hash, state) values ($1, $2, $3, $4);
             delete from snapshot where node = $1 and seq not in
                 (select seq from snapshot where node = $1 order by seq desc limit $5)",
        )
        .bind(self.node())
        .bind(signed(state.seq))
        .bind(hash)
        .bind(bytes)
        .bind(KEPT)
        .execute(connection)
        .await?;
        Ok(())
    }
}

/// The newest snapshot at or before `head` that gives its own hash.
pub(super) async fn newest(
    connection: &mut SqliteConnection,
    node: i64,
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
