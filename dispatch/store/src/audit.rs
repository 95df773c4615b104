//! The audit chain: each row's hash covers the row as stored and the hash before it, so that a changed, missing or
//! inserted row breaks every hash after it.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use dispatch_core::kernel::time::Time;
use serde::Serialize;

use crate::journal::JournalRow;
use crate::store::{AuditHead, StoreError};

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

/// A hash of the chain from how it is stored.
pub(crate) fn stored(text: &str) -> Result<[u8; 32], StoreError> {
    from_hex(text).ok_or_else(|| StoreError::corrupt("the audit head is a hash", text))
}

/// One line of the file outside the database (D11).
#[derive(Serialize)]
struct Exported<'a> {
    at: Time,
    #[serde(flatten)]
    head: &'a AuditHead,
}

/// Appends the head of the chain to a file outside the database, one JSON object a line, synced before this returns:
/// somebody who rewrites the database later cannot rewrite what was written there.
pub fn export(head: &AuditHead, at: Time, file: &Path) -> Result<(), StoreError> {
    let mut line = serde_json::to_vec(&Exported { at, head }).expect("a head is text and numbers");
    line.push(b'\n');
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .and_then(|mut file| {
            file.write_all(&line)?;
            file.sync_all()
        })
        .map_err(StoreError::file(format!("appending the audit head to {}", file.display())))
}
