//! Snapshots: a state as compressed JSON with its hash. A snapshot whose state does not give its hash is passed over,
//! never believed; the journal alone is enough to open.

use dispatch_core::state::State;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::SqliteStore;
use super::row::{signed, unsigned};
use crate::audit;
use crate::store::StoreError;

/// Compression: fast, and far smaller than JSON already.
const LEVEL: i32 = 3;

/// Snapshots kept; older ones are only more rows to replay.
const KEPT: i64 = 3;

impl SqliteStore {
    pub(super) async fn write_snapshot(&self, state: &State) -> Result<(), StoreError> {
        let hash = audit::hex(&dispatch_core::state_hash(state));
        let bytes = encode(state)?;
        let mut write = self.inner.write.lock().await;
        if state.seq > write.head {
            let why = format!("a snapshot of row {} while the head is {}", state.seq, write.head);
            return Err(StoreError::Impossible(why));
        }
        let connection = write.connection.as_mut().ok_or_else(closed)?;
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

/// What is answered while the files are closed between a failed commit and the next opening.
pub(super) fn closed() -> StoreError {
    StoreError::Impossible("the database is closed until it is opened again".into())
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
        match decode(&row.try_get::<Vec<u8>, _>(2)?) {
            Ok(state)
                if state.seq == unsigned(seq) && audit::hex(&dispatch_core::state_hash(&state)) == hash =>
            {
                return Ok(Some(state));
            }
            Ok(_) => tracing::warn!(seq, "a snapshot does not give its hash; an older one is used"),
            Err(error) => tracing::warn!(seq, %error, "a snapshot cannot be read; an older one is used"),
        }
    }
    Ok(None)
}

fn encode(state: &State) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(state).expect("a state has string keys and finite numbers only");
    zstd::encode_all(json.as_slice(), LEVEL).map_err(StoreError::file("compressing a snapshot"))
}

fn decode(bytes: &[u8]) -> Result<State, StoreError> {
    let json = zstd::decode_all(bytes).map_err(StoreError::file("expanding a snapshot"))?;
    serde_json::from_slice(&json).map_err(|error| StoreError::corrupt("a snapshot is a state", error))
}
