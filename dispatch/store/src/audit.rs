//! The audit chain: each row's hash covers the row as stored and the hash before it, so that a changed, missing or
//! inserted row breaks every hash after it.

use crate::journal::JournalRow;

/// The hash before the first row.
pub const GENESIS: [u8; 32] = [0; 32];

/// The hash of a row: BLAKE3 over the previous hash and every column of the row in the order of the table, each
/// preceded by its length in bytes (u64 little endian; absent columns have length `u64::MAX`). Numbers are hashed as
/// their decimal text, the payload as its bytes.
pub fn hash(previous: &[u8; 32], row: &JournalRow) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    let mut column = |bytes: Option<&[u8]>| {
        let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
        hasher.update(&length.to_le_bytes());
        hasher.update(bytes.unwrap_or_default());
    };
    column(Some(row.node.to_string().as_bytes()));
    column(Some(row.seq.to_string().as_bytes()));
    column(Some(row.commit_head.to_string().as_bytes()));
    column(Some(row.name.as_bytes()));
    column(Some(row.v.to_string().as_bytes()));
    column(Some(row.payload.as_bytes()));
    column(row.desk.as_deref().map(str::as_bytes));
    column(row.seat.as_deref().map(str::as_bytes));
    column(Some(row.actor.as_bytes()));
    column(row.on_behalf_of.as_deref().map(str::as_bytes));
    column(Some(row.channel.as_bytes()));
    column(Some(row.mode.as_bytes()));
    column(Some(row.occurred_at.to_string().as_bytes()));
    column(Some(row.recorded_at.to_string().as_bytes()));
    column(Some(row.command.as_bytes()));
    column(row.words.as_deref().map(str::as_bytes));
    *hasher.finalize().as_bytes()
}

/// Hashes rows in order, writes each hash into its row, and returns the last one.
pub fn chain(previous: [u8; 32], rows: &mut [JournalRow]) -> [u8; 32] {
    rows.iter_mut().fold(previous, |previous, row| {
        let hash = hash(&previous, row);
        row.audit = hex(&hash);
        hash
    })
}

/// A hash as hex.
pub fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

/// A hash from hex.
pub fn from_hex(text: &str) -> Option<[u8; 32]> {
    blake3::Hash::from_hex(text).ok().map(|hash| *hash.as_bytes())
}
