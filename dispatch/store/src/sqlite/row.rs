//! Rows of the tables as values.

use dispatch_core::time::Time;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::audit;
use crate::batch::StoredAnswer;
use crate::journal::{JournalRow, from_word};
use crate::query::EntityRow;
use crate::store::StoreError;

/// Columns of the journal in the order [`journal`] reads them.
pub(super) const JOURNAL_COLUMNS: &str = "node, seq, commit_head, name, v, payload, desk, seat, actor, on_behalf_of, \
     channel, mode, occurred_at, recorded_at, command, words, audit";

/// Columns of the read model in the order [`entity`] reads them.
pub(super) const ENTITY_COLUMNS: &str =
    "kind, id, area, state, version, mode, number, desk, incident, opened_at, ended_at, alive, doc";

/// A sequence as `SQLite` holds it. Sequences count rows, so 63 bits are always enough.
pub(super) fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// A sequence as `SQLite` gives it back; the schema keeps it from being negative.
pub(super) fn unsigned(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or_default()
}

/// A row of the journal.
pub(super) fn journal(row: &SqliteRow) -> Result<JournalRow, StoreError> {
    let seq = unsigned(row.try_get(1)?);
    let small = |value: i64, what: &'static str| {
        u16::try_from(value).map_err(|_| {
            StoreError::corrupt("a journal row can be read", format!("row {seq}: {what} {value}"))
        })
    };
    Ok(JournalRow {
        node: small(row.try_get(0)?, "node")?,
        seq,
        commit_head: unsigned(row.try_get(2)?),
        name: row.try_get(3)?,
        v: small(row.try_get(4)?, "version")?,
        payload: String::from_utf8(row.try_get(5)?)
            .map_err(|error| StoreError::corrupt("a payload is UTF-8", format!("row {seq}: {error}")))?,
        desk: row.try_get(6)?,
        seat: row.try_get(7)?,
        actor: row.try_get(8)?,
        on_behalf_of: row.try_get(9)?,
        channel: row.try_get(10)?,
        mode: row.try_get(11)?,
        occurred_at: row.try_get(12)?,
        recorded_at: row.try_get(13)?,
        command: row.try_get(14)?,
        words: row.try_get(15)?,
        audit: row.try_get(16)?,
    })
}

/// A row of the read model.
pub(super) fn entity(row: &SqliteRow) -> Result<EntityRow, StoreError> {
    let mode: String = row.try_get(5)?;
    let version: i64 = row.try_get(4)?;
    Ok(EntityRow {
        kind: row.try_get(0)?,
        id: row.try_get(1)?,
        area: row.try_get(2)?,
        state: row.try_get(3)?,
        version: u32::try_from(version).map_err(|_| StoreError::corrupt("a version is a count", version))?,
        mode: from_word(&mode).map_err(|error| StoreError::corrupt("a mode is known", error))?,
        number: row.try_get(6)?,
        desk: row.try_get(7)?,
        incident: row.try_get(8)?,
        opened_at: Time(row.try_get(9)?),
        ended_at: row.try_get::<Option<i64>, _>(10)?.map(Time),
        alive: row.try_get(11)?,
        doc: row.try_get(12)?,
    })
}

/// A stored answer: actor, command, fingerprint, answer, at.
pub(super) fn answer(row: &SqliteRow) -> Result<StoredAnswer, StoreError> {
    let (actor, command): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let (fingerprint, answer): (String, String) = (row.try_get(2)?, row.try_get(3)?);
    let fault =
        |detail: String| StoreError::corrupt("an answer can be read", format!("{actor} {command}: {detail}"));
    Ok(StoredAnswer {
        actor: actor.as_str().into(),
        command: dispatch_core::id::CommandId(command.parse().map_err(|error| fault(format!("{error}")))?),
        fingerprint: audit::from_hex(&fingerprint).ok_or_else(|| fault("fingerprint".into()))?,
        answer: serde_json::from_str(&answer).map_err(|error| fault(error.to_string()))?,
        at: Time(row.try_get(4)?),
    })
}
