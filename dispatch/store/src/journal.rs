//! A record as a row of the journal, and back. The payload is the event's data as JSON bytes, kept and hashed exactly
//! as written (D5); everything about how the event came to be is in columns of its own.

use dispatch_core::event::Record;
use dispatch_core::kernel::id::{CommandId, JournalId};
use dispatch_core::kernel::time::Time;
use dispatch_core::upcast;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::audit;
use crate::store::StoreError;
use crate::words::Words;

/// Rows read at once when the journal is walked.
pub(crate) const WALK: u32 = 1_000;

/// A sequence as a database holds it. Sequences count rows, so 63 bits are always enough.
pub(crate) fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// A sequence as a database gives it back; the schema keeps it from being negative.
pub(crate) fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or_default()
}

/// One row, as stored. `audit` is not part of what is hashed: it is the hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRow {
    /// Node whose journal this is.
    pub node: u16,
    /// Gapless from 1.
    pub seq: u64,
    /// Sequence of the last row of the same commit.
    pub commit_head: u64,
    /// Name of the event.
    pub name: String,
    /// Version of its schema.
    pub v: u16,
    /// Data of the event, JSON.
    pub payload: String,
    /// Desk of the seat that acted.
    pub desk: Option<String>,
    /// Seat that acted.
    pub seat: Option<String>,
    /// The account, device or source whose command made it.
    pub actor: String,
    /// On whose behalf.
    pub on_behalf_of: Option<String>,
    /// By what way.
    pub channel: String,
    /// Actual, exercise or test.
    pub mode: String,
    /// Claimed time, microseconds.
    pub occurred_at: i64,
    /// Time of the decision, microseconds.
    pub recorded_at: i64,
    /// The command it came from.
    pub command: String,
    /// Ids and digests of the words that came with this row, JSON; none when there were none.
    pub words: Option<String>,
    /// Hash of this row and all before it, hex.
    pub audit: String,
}

/// What the journal keeps of words: id and digest.
#[derive(Serialize, Deserialize)]
struct WordsMark {
    id: String,
    digest: String,
}

/// Makes the rows of a batch, not hashed yet. Words are marked on the first record that names them, or on the first of
/// the batch.
pub fn rows(node: u16, records: &[Record], words: &[Words]) -> Vec<JournalRow> {
    let commit_head = records.last().map_or(0, |record| record.seq);
    let mut rows: Vec<JournalRow> = records.iter().map(|record| row(node, commit_head, record)).collect();
    let mut marks: Vec<Vec<WordsMark>> = rows.iter().map(|_| Vec::new()).collect();
    for word in words {
        let id = word.id.to_string();
        let place = rows.iter().position(|row| row.payload.contains(&id)).unwrap_or(0);
        if let Some(marks) = marks.get_mut(place) {
            marks
                .push(WordsMark { id, digest: blake3::Hash::from_bytes(word.digest()).to_hex().to_string() });
        }
    }
    for (row, marks) in rows.iter_mut().zip(marks) {
        if !marks.is_empty() {
            row.words = Some(serde_json::to_string(&marks).expect("two strings are always JSON"));
        }
    }
    rows
}

/// The words a row names: id and digest.
pub(crate) fn marks(row: &JournalRow) -> Result<Vec<(String, [u8; 32])>, StoreError> {
    let fault = |detail: String| {
        StoreError::corrupt("a journal row does not name its words", format!("row {}: {detail}", row.seq))
    };
    let Some(text) = &row.words else { return Ok(Vec::new()) };
    let marks: Vec<WordsMark> = serde_json::from_str(text).map_err(|error| fault(error.to_string()))?;
    let mark = |mark: WordsMark| {
        let digest = audit::from_hex(&mark.digest).ok_or_else(|| fault(mark.id.clone()))?;
        Ok((mark.id, digest))
    };
    marks.into_iter().map(mark).collect()
}

fn row(node: u16, commit_head: u64, record: &Record) -> JournalRow {
    let (name, v, payload) = upcast::encode(&record.event);
    JournalRow {
        node,
        seq: record.seq,
        commit_head,
        name: name.to_owned(),
        v,
        payload: String::from_utf8(payload).expect("JSON is UTF-8"),
        desk: record.desk.as_ref().map(ToString::to_string),
        seat: record.seat.as_ref().map(ToString::to_string),
        actor: record.actor.to_string(),
        on_behalf_of: record.on_behalf_of.as_ref().map(ToString::to_string),
        channel: word(&record.channel),
        mode: word(&record.mode),
        occurred_at: record.occurred_at.0,
        recorded_at: record.recorded_at.0,
        command: record.command.to_string(),
        words: None,
        audit: String::new(),
    }
}

/// Reads a record back from its row.
pub fn record(row: &JournalRow) -> Result<Record, StoreError> {
    let fault = |detail: String| {
        StoreError::corrupt("a journal row cannot be read", format!("row {}: {detail}", row.seq))
    };
    Ok(Record {
        seq: row.seq,
        command: CommandId(row.command.parse().map_err(|error| fault(format!("command: {error}")))?),
        desk: row.desk.as_deref().map(Into::into),
        seat: row.seat.as_deref().map(Into::into),
        actor: row.actor.as_str().into(),
        on_behalf_of: row.on_behalf_of.as_deref().map(Into::into),
        channel: from_word(&row.channel).map_err(fault)?,
        mode: from_word(&row.mode).map_err(fault)?,
        occurred_at: Time(row.occurred_at),
        recorded_at: Time(row.recorded_at),
        event: upcast::decode(&row.name, row.v, row.payload.as_bytes())
            .map_err(|error| fault(error.to_string()))?,
    })
}

/// What a `journal_opened` row says.
#[derive(Deserialize)]
pub(crate) struct Opened {
    pub(crate) journal: JournalId,
    pub(crate) clock: String,
}

/// Reads the payload of a `journal_opened` row.
pub(crate) fn opened(payload: &[u8]) -> Result<Opened, StoreError> {
    serde_json::from_slice(payload)
        .map_err(|error| StoreError::corrupt("the journal does not say which it is", error))
}

/// A word of a closed vocabulary, as it is written.
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("a vocabulary is written as one word"),
    }
}

/// A word of a closed vocabulary, read back.
pub fn from_word<T: DeserializeOwned>(word: &str) -> Result<T, String> {
    serde_json::from_value(serde_json::Value::String(word.into())).map_err(|error| error.to_string())
}
