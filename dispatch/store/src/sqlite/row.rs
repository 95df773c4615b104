//! Rows of the tables as values.

use dispatch_core::Coord;
use dispatch_core::kernel::time::Time;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::batch::StoredAnswer;
use crate::journal::{JournalRow, from_word, unsigned};
use crate::query::EntityRow;
use crate::row::{Answer, Words};
use crate::store::StoreError;

/// Columns of the journal in the order [`journal`] reads them.
pub(super) const JOURNAL_COLUMNS: &str = "node, seq, commit_head, name, v, payload, desk, seat, actor, on_behalf_of, \
     channel, mode, occurred_at, recorded_at, command, words, audit";

/// Columns of the read model in the order [`entity`] reads them.
pub(super) const ENTITY_COLUMNS: &str = "kind, id, area, state, version, mode, number, desk, incident, opened_at, ended_at, alive, doc, holds, lon, lat";

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
        holds: row.try_get(13)?,
        place: match (row.try_get::<Option<i32>, _>(14)?, row.try_get::<Option<i32>, _>(15)?) {
            (Some(lon), Some(lat)) => Some(Coord { lon, lat }),
            _ => None,
        },
    })
}

/// A stored answer: actor, command, fingerprint, answer, at.
pub(super) fn answer(row: &SqliteRow) -> Result<StoredAnswer, StoreError> {
    raw_answer(row)?.read()
}

/// The same, as it lies in the table.
pub(crate) fn raw_answer(row: &SqliteRow) -> Result<Answer, StoreError> {
    Ok(Answer {
        actor: row.try_get(0)?,
        command: row.try_get(1)?,
        fingerprint: row.try_get(2)?,
        answer: row.try_get(3)?,
        at: row.try_get(4)?,
    })
}

/// Columns of words in the order [`words`] reads them.
pub(crate) const WORDS_COLUMNS: &str = "words.id, words.incident, words.alarm, words.class, words.lang, \
     words.translation_of, words.machine, words.at, words.expires_at, words.digest, words.salt, words.text, \
     words.erased_at";

/// Words as they lie in the table.
pub(crate) fn words(row: &SqliteRow) -> Result<Words, StoreError> {
    Ok(Words {
        id: row.try_get(0)?,
        incident: row.try_get(1)?,
        alarm: row.try_get(2)?,
        class: row.try_get(3)?,
        lang: row.try_get(4)?,
        translation_of: row.try_get(5)?,
        machine: row.try_get(6)?,
        at: row.try_get(7)?,
        expires_at: row.try_get(8)?,
        digest: row.try_get(9)?,
        salt: row.try_get(10)?,
        text: row.try_get(11)?,
        erased_at: row.try_get(12)?,
    })
}
