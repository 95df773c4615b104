//! The audit chain: each row's hash covers the row as stored and the hash before it, so that a changed, missing or
//! inserted row breaks every hash after it.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use dispatch_core::kernel::time::Time;
use serde::{Deserialize, Serialize};

use crate::journal::JournalRow;
use crate::place;
use crate::store::{AuditHead, StoreError};

/// The hash before the first row.
pub const GENESIS: [u8; 32] = [0; 32];

/// Columns hashed in order, each preceded by its length in bytes (u64 little endian; absent columns have length
/// `u64::MAX`), so that no two rows give the same bytes. Numbers are hashed as their decimal text.
pub(crate) struct Columns(blake3::Hasher);

impl Columns {
    /// Behind another hash.
    pub(crate) fn after(previous: &[u8; 32]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(previous);
        Self(hasher)
    }

    /// Under a key.
    pub(crate) fn keyed(key: &[u8; 32]) -> Self {
        Self(blake3::Hasher::new_keyed(key))
    }

    /// The next column.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(Some(text.as_bytes()))
    }

    /// The next column, which may be absent.
    pub(crate) fn optional(&mut self, text: Option<&str>) -> &mut Self {
        self.bytes(text.map(str::as_bytes))
    }

    /// The next column, a number.
    pub(crate) fn number(&mut self, number: impl std::fmt::Display) -> &mut Self {
        self.bytes(Some(number.to_string().as_bytes()))
    }

    /// The next column as bytes.
    pub(crate) fn bytes(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        let length = bytes.map_or(u64::MAX, |bytes| bytes.len() as u64);
        self.0.update(&length.to_le_bytes());
        self.0.update(bytes.unwrap_or_default());
        self
    }

    /// Their hash.
    pub(crate) fn hash(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// The hash of a row: BLAKE3 over the previous hash and every column of the row in the order of the table, each
/// preceded by its length in bytes (u64 little endian; absent columns have length `u64::MAX`). Numbers are hashed as
/// their decimal text, the payload as its bytes.
pub fn hash(previous: &[u8; 32], row: &JournalRow) -> [u8; 32] {
    let mut columns = Columns::after(previous);
    columns.number(row.node).number(row.seq).number(row.commit_head).text(&row.name).number(row.v);
    columns.text(&row.payload).optional(row.desk.as_deref()).optional(row.seat.as_deref()).text(&row.actor);
    columns.optional(row.on_behalf_of.as_deref()).text(&row.channel).text(&row.mode);
    columns.number(row.occurred_at).number(row.recorded_at).text(&row.command);
    columns.optional(row.words.as_deref()).hash()
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
    from_hex(text).ok_or_else(|| StoreError::corrupt("the audit head is no hash", text))
}

/// Name of the file outside the database in a data directory.
pub const AUDIT_FILE: &str = "audit-head.jsonl";

/// Bytes at the end of that file among which the last line is looked for.
const LAST_LINES: i64 = 4_096;

/// One line of the file outside the database (D11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// When it was exported.
    pub at: Time,
    /// The head of the chain then.
    pub head: AuditHead,
}

/// Appends the head of the chain to the file outside the database, one JSON object a line, synced before this returns:
/// somebody who rewrites the database later cannot rewrite what was written there. A line that was cut off ends before it.
pub fn export(head: &AuditHead, at: Time, dir: &Path) -> Result<(), StoreError> {
    let file = dir.join(AUDIT_FILE);
    place::is_file_or_free(&file)?;
    let exported = Exported { at, head: head.clone() };
    let mut line = serde_json::to_vec(&exported).expect("a head is text and numbers");
    line.push(b'\n');
    OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(&file)
        .and_then(|mut file| {
            // A line that was cut off ends here: what is written now is not to be a part of it.
            let mut last = [b'\n'];
            if file.metadata()?.len() > 0 {
                file.seek(SeekFrom::End(-1))?;
                file.read_exact(&mut last)?;
            }
            if last != [b'\n'] {
                line.insert(0, b'\n');
            }
            file.write_all(&line)?;
            file.sync_all()
        })
        .map_err(StoreError::file(format!("appending the audit head to {}", file.display())))
}

/// Makes the file in a data directory, if there is none: from then on one that is missing was taken away.
pub fn begin(dir: &Path) -> Result<(), StoreError> {
    let path = dir.join(AUDIT_FILE);
    place::is_file_or_free(&path)?;
    let made = OpenOptions::new().create(true).append(true).open(&path);
    made.map(drop).map_err(StoreError::file(format!("making {}", path.display())))
}

/// The head exported last; none where none was. A line that a death of the machine cut off, or left zeros in, was never
/// synced: it is passed over.
pub fn exported(dir: &Path) -> Result<Option<Exported>, StoreError> {
    let path = dir.join(AUDIT_FILE);
    place::is_file_or_free(&path)?;
    let read = File::open(&path).and_then(|mut file| {
        let length = i64::try_from(file.metadata()?.len()).unwrap_or(i64::MAX);
        file.seek(SeekFrom::End(-length.min(LAST_LINES)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(end)
    });
    let end = match read {
        Ok(end) => end,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::file(format!("reading {}", path.display()))(error)),
    };
    let Some(whole) = end.iter().rposition(|byte| *byte == b'\n') else { return Ok(None) };
    for line in end[..whole].rsplit(|byte| *byte == b'\n').filter(|line| !line.contains(&0)) {
        match serde_json::from_slice(line) {
            Ok(exported) => return Ok(Some(exported)),
            Err(error) if error.is_eof() => {}
            Err(error) => return Err(StoreError::corrupt("the exported audit head cannot be read", error)),
        }
    }
    Ok(None)
}
