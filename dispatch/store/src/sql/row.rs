//! Rows of the tables as values. The columns of each are named here in the order they are read.

use dispatch_core::Coord;
use dispatch_core::kernel::time::Time;

use super::dialect::{Cells, Dialect};
use crate::audit;
use crate::delivery::DeliveryRow;
use crate::journal::{JournalRow, from_word, unsigned};
use crate::query::EntityRow;
use crate::row::{Answer, Words};
use crate::store::StoreError;
use crate::words::{ChainedReading, Reading, ReadingChain};

/// Columns of [`journal`].
pub(crate) const JOURNAL: &str = "node, seq, commit_head, name, v, payload, desk, seat, actor, on_behalf_of, \
     channel, mode, occurred_at, recorded_at, command, words, audit";

/// Columns of [`answer`].
pub(crate) const ANSWER: &str = "answer.actor, answer.command, answer.fingerprint, answer.answer, answer.at";

/// Columns of [`words`].
pub(crate) const WORDS: &str = "words.id, words.incident, words.alarm, words.class, words.lang, \
     words.translation_of, words.machine, words.at, words.expires_at, words.digest, words.salt, words.text, \
     words.erased_at";

/// Columns of [`reading`].
pub(crate) const READING: &str = "actor, seat, purpose, at";

/// Columns of [`chained`].
pub(crate) const CHAINED: &str = "place, words, actor, seat, purpose, at, audit";

/// Columns of [`delivery`].
pub(crate) const DELIVERY: &str = "seq, state, attempts, status, at";

/// Columns of [`entity`].
pub(crate) fn entity_columns<D: Dialect>() -> String {
    let place = D::PLACE;
    format!(
        "kind, id, area, state, version, mode, number, desk, incident, opened_at, ended_at, alive, doc, holds, {place}"
    )
}

/// A row of the journal.
pub(crate) fn journal(row: &impl Cells) -> Result<JournalRow, StoreError> {
    let seq = unsigned(row.cell(1)?);
    let fault =
        |what: String| StoreError::corrupt("a journal row cannot be read", format!("row {seq}: {what}"));
    let small = |value: i32, what: &str| u16::try_from(value).map_err(|_| fault(format!("{what} {value}")));
    Ok(JournalRow {
        node: small(row.cell(0)?, "node")?,
        seq,
        commit_head: unsigned(row.cell(2)?),
        name: row.cell(3)?,
        v: small(row.cell(4)?, "version")?,
        payload: String::from_utf8(row.cell(5)?).map_err(|error| fault(error.to_string()))?,
        desk: row.cell(6)?,
        seat: row.cell(7)?,
        actor: row.cell(8)?,
        on_behalf_of: row.cell(9)?,
        channel: row.cell(10)?,
        mode: row.cell(11)?,
        occurred_at: row.cell(12)?,
        recorded_at: row.cell(13)?,
        command: row.cell(14)?,
        words: row.cell(15)?,
        audit: row.cell(16)?,
    })
}

/// A row of the read model.
pub(crate) fn entity(row: &impl Cells) -> Result<EntityRow, StoreError> {
    let mode: String = row.cell(5)?;
    let version: i64 = row.cell(4)?;
    Ok(EntityRow {
        kind: row.cell(0)?,
        id: row.cell(1)?,
        area: row.cell(2)?,
        state: row.cell(3)?,
        version: u32::try_from(version).map_err(|_| StoreError::corrupt("a version is no count", version))?,
        mode: from_word(&mode).map_err(|error| StoreError::corrupt("a mode is not known", error))?,
        number: row.cell(6)?,
        desk: row.cell(7)?,
        incident: row.cell(8)?,
        opened_at: Time(row.cell(9)?),
        ended_at: row.cell::<Option<i64>>(10)?.map(Time),
        alive: row.cell(11)?,
        doc: row.cell(12)?,
        holds: row.cell(13)?,
        place: match (row.cell(14)?, row.cell(15)?) {
            (Some(lon), Some(lat)) => Some(Coord { lon, lat }),
            _ => None,
        },
    })
}

/// An answer as it lies in the table.
pub(crate) fn answer(row: &impl Cells) -> Result<Answer, StoreError> {
    Ok(Answer {
        actor: row.cell(0)?,
        command: row.cell(1)?,
        fingerprint: row.cell(2)?,
        answer: row.cell(3)?,
        at: row.cell(4)?,
    })
}

/// Words as they lie in the table.
pub(crate) fn words(row: &impl Cells) -> Result<Words, StoreError> {
    let id: String = row.cell(0)?;
    // As bytes: text of PostgreSQL cannot hold every sign.
    let text = row.cell::<Option<Vec<u8>>>(11)?.map(String::from_utf8).transpose();
    let text = text.map_err(|error| StoreError::corrupt("words cannot be read", format!("{id}: {error}")))?;
    Ok(Words {
        id,
        incident: row.cell(1)?,
        alarm: row.cell(2)?,
        class: row.cell(3)?,
        lang: row.cell(4)?,
        translation_of: row.cell(5)?,
        machine: row.cell(6)?,
        at: row.cell(7)?,
        expires_at: row.cell(8)?,
        digest: row.cell(9)?,
        salt: row.cell(10)?,
        text,
        erased_at: row.cell(12)?,
    })
}

/// Who read words.
pub(crate) fn reading(row: &impl Cells) -> Result<Reading, StoreError> {
    Ok(Reading {
        actor: row.cell::<String>(0)?.as_str().into(),
        seat: row.cell::<Option<String>>(1)?.as_deref().map(Into::into),
        purpose: row.cell(2)?,
        at: Time(row.cell(3)?),
    })
}

/// A reading of words as it lies in the table.
pub(crate) fn chained(row: &impl Cells) -> Result<ChainedReading, StoreError> {
    Ok(ChainedReading {
        place: row.cell(0)?,
        words: row.cell(1)?,
        actor: row.cell(2)?,
        seat: row.cell(3)?,
        purpose: row.cell(4)?,
        at: row.cell(5)?,
        audit: row.cell(6)?,
    })
}

/// The chain of readings from its count and its hash.
pub(crate) fn reading_chain(row: &impl Cells) -> Result<ReadingChain, StoreError> {
    let hash = audit::stored(&row.cell::<String>(1)?)?;
    Ok(ReadingChain { count: unsigned(row.cell(0)?), hash })
}

/// A delivery as it lies in the table.
pub(crate) fn delivery(row: &impl Cells) -> Result<DeliveryRow, StoreError> {
    Ok(DeliveryRow {
        seq: row.cell(0)?,
        state: row.cell(1)?,
        attempts: row.cell(2)?,
        status: row.cell(3)?,
        at: row.cell(4)?,
    })
}
