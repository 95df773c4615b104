//! Snapshots: a state as compressed JSON with its hash. A snapshot of another format, or one whose state does not give
//! its hash, is passed over, never believed; the journal alone is enough to open.

use std::io::{self, BufWriter};

use dispatch_core::state::{FORMAT, State};

use crate::audit;
use crate::store::StoreError;

/// Compression: fast, and far smaller than JSON already.
const LEVEL: i32 = 3;

/// Bytes of JSON handed to the compressor at once.
const PIECE: usize = 64 * 1_024;

/// Snapshots kept; older ones are only more rows to replay.
pub(crate) const KEPT: i64 = 3;

/// The hash of a state with the name of its format: only another of the same format can be compared with it (D5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateHash {
    /// Name of the format; empty where the state was kept before formats had names.
    pub format: String,
    /// The hash, hex.
    pub hash: String,
}

impl StateHash {
    /// Of a state, in the format of this program.
    pub fn of(state: &State) -> Self {
        Self { format: FORMAT.to_owned(), hash: audit::hex(&dispatch_core::state_hash(state)) }
    }

    /// Whether both are of one state; none where nothing can be said, because their formats differ.
    pub fn agrees(&self, other: &Self) -> Option<bool> {
        (self.format == other.format).then(|| self.hash == other.hash)
    }
}

impl std::fmt::Display for StateHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of format {}", self.hash, self.format)
    }
}

/// A state as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Hash of the state.
    pub(crate) hash: StateHash,
    /// The state as JSON, compressed with zstd.
    pub(crate) bytes: Vec<u8>,
}

impl Kept {
    /// The state of this row, if it is of our format and gives its own hash.
    pub(crate) fn believed(&self, seq: u64) -> Option<State> {
        let of_ours = self.hash.format == FORMAT;
        of_ours.then(|| believed(seq, &self.hash.hash, &self.bytes)).flatten()
    }

    /// The state they are of.
    pub(crate) fn state(&self) -> Result<State, StoreError> {
        decode(&self.bytes)
    }

    /// Of a state.
    pub(crate) fn of(state: &State) -> Result<Self, StoreError> {
        let bytes = compressed(state).map_err(StoreError::file("compressing a snapshot"))?;
        Ok(Self { hash: StateHash::of(state), bytes })
    }
}

/// A state as compressed JSON. It is compressed as it is written: its JSON would be larger than the state.
fn compressed(state: &State) -> io::Result<Vec<u8>> {
    let mut json = BufWriter::with_capacity(PIECE, zstd::Encoder::new(Vec::new(), LEVEL)?);
    serde_json::to_writer(&mut json, state)?;
    json.into_inner().map_err(io::IntoInnerError::into_error)?.finish()
}

/// Refuses a state that is ahead of what is committed: it is speculation.
pub(crate) fn committed(state: &State, head: u64) -> Result<(), StoreError> {
    if state.seq <= head {
        return Ok(());
    }
    Err(StoreError::Impossible(format!("a snapshot of row {} while the head is {head}", state.seq)))
}

/// The state of a snapshot of our format, if it gives its own hash, hex.
pub(crate) fn believed(seq: u64, hash: &str, bytes: &[u8]) -> Option<State> {
    match decode(bytes) {
        Ok(state) if state.seq == seq && StateHash::of(&state).hash == hash => Some(state),
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
    serde_json::from_slice(&json).map_err(|error| StoreError::corrupt("a snapshot is no state", error))
}
