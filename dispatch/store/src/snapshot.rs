//! Snapshots: a state as compressed JSON with its hash. A snapshot whose state does not give its hash is passed over,
//! never believed; the journal alone is enough to open.

use dispatch_core::state::State;

use crate::audit;
use crate::store::StoreError;

/// Compression: fast, and far smaller than JSON already.
const LEVEL: i32 = 3;

/// Snapshots kept; older ones are only more rows to replay.
pub(crate) const KEPT: i64 = 3;

/// A state as it is kept.
pub(crate) struct Kept {
    /// Hash of the state, hex.
    pub(crate) hash: String,
    /// The state as JSON, compressed with zstd.
    pub(crate) bytes: Vec<u8>,
}

impl Kept {
    /// Of a state.
    pub(crate) fn of(state: &State) -> Result<Self, StoreError> {
        let json = serde_json::to_vec(state).expect("a state has string keys and finite numbers only");
        let bytes =
            zstd::encode_all(json.as_slice(), LEVEL).map_err(StoreError::file("compressing a snapshot"))?;
        Ok(Self { hash: audit::hex(&dispatch_core::state_hash(state)), bytes })
    }
}

/// Refuses a state that is ahead of what is committed: it is speculation.
pub(crate) fn committed(state: &State, head: u64) -> Result<(), StoreError> {
    if state.seq <= head {
        return Ok(());
    }
    Err(StoreError::Impossible(format!("a snapshot of row {} while the head is {head}", state.seq)))
}

/// The state of a snapshot, if it gives its own hash.
pub(crate) fn believed(seq: u64, hash: &str, bytes: &[u8]) -> Option<State> {
    match decode(bytes) {
        Ok(state) if state.seq == seq && audit::hex(&dispatch_core::state_hash(&state)) == hash => {
            Some(state)
        }
        Ok(_) => {
            tracing::warn!(seq, "a snapshot does not give its hash; an older one is used");
            None
        }
        Err(error) => {
            tracing::warn!(seq, %error, "a snapshot cannot be read; an older one is used");
            None
        }
    }
}

fn decode(bytes: &[u8]) -> Result<State, StoreError> {
    let json = zstd::decode_all(bytes).map_err(StoreError::file("expanding a snapshot"))?;
    serde_json::from_slice(&json).map_err(|error| StoreError::corrupt("a snapshot is a state", error))
}
