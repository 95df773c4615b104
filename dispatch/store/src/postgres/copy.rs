//! A centre moved from its files into a database: the journal row by row as it lies there, proven on the way; the read
//! model made anew by the replay; everything in one transaction, so that a copy that failed leaves nothing.

use std::collections::BTreeMap;
use std::path::Path;

use dispatch_core::kernel::time::Time;
use sqlx::Connection;
use sqlx::postgres::PgConnection;

use super::guard::Guard;
use super::lead::Lead;
use super::options::PostgresOptions;
use super::{PostgresStore, delivery};
use crate::any::{AnyStore, Location};
use crate::audit;
use crate::genesis::Genesis;
use crate::journal::WALK;
use crate::parts::Parts;
use crate::proof::Proof;
use crate::rows::{Rows, TimelineRow};
use crate::sqlite::SqliteStore;
use crate::store::{Custody as _, StoreError, Verified};
use crate::tracks::Tracks;
use crate::witness::Testimony;

/// Rows written at once.
const CHUNK: usize = 2_000;

/// Copies the journal and the tracks of a data directory, which no node may serve meanwhile, into an empty database.
/// Answers what was proven of both: they are equal.
pub async fn copy(from: &Path, address: &str) -> Result<Verified, StoreError> {
    // There is a journal, so that none is begun.
    let genesis = || Genesis::new("wall", Time(0));
    let AnyStore::Sqlite(source) = Location::Embedded(from.into()).look(genesis()).await? else {
        return Err(StoreError::Impossible("a data directory holds files".into()));
    };
    if let Some(lost) = Testimony::of(&source, from).await?.lost {
        let detail = format!("{lost}; serve it first, and accept the loss");
        return Err(StoreError::corrupt("the journal holds what was witnessed of it", detail));
    }
    let proven = source.verify().await?;
    let options = PostgresOptions::new(address, genesis());
    let mut guard = Guard::default();
    let mut lead = Lead::take(&options, &mut guard).await?;
    if lead.head > 0 {
        return Err(StoreError::Unusable {
            at: options.at(),
            why: format!("there is a journal of {} rows already", lead.head),
            remedy: "name an empty database".into(),
        });
    }
    let mut connection = lead.connection.take().ok_or_else(StoreError::closed)?;
    copy_journal(&source, &mut connection, &lead, i32::from(options.node)).await?;
    connection.close().await?;
    guard.close().await?;
    let target = PostgresStore::connect(options).await?;
    let copied = target.verify().await?;
    if copied != proven {
        let detail = format!("{proven:?} became {copied:?}");
        return Err(StoreError::corrupt("a copy is what was copied", detail));
    }
    let (old, new) = (Tracks::connect(from).await?, Tracks::in_database(address).await?);
    old.copy_into(&new).await?;
    target.close().await?;
    source.close().await?;
    Ok(copied)
}

async fn copy_journal(
    source: &SqliteStore,
    connection: &mut PgConnection,
    lead: &Lead,
    node: i32,
) -> Result<(), StoreError> {
    let mut transaction = connection.begin().await?;
    let mut proof = Proof::new(BTreeMap::new());
    let mut audit = audit::hex(&audit::GENESIS);
    loop {
        let before = proof.seq();
        let journal = source.raw_journal(before, WALK).await?;
        let Some(last) = journal.last() else { break };
        audit.clone_from(&last.audit);
        journal.iter().try_for_each(|row| proof.row(row))?;
        let parts = Parts { journal, ..Parts::default() };
        parts.write(&mut transaction, node, lead.epoch, (before, proof.seq()), &audit).await?;
    }
    let head = (proof.seq(), proof.seq());
    for parts in rest(source, &proof).await? {
        parts.write(&mut transaction, node, lead.epoch, head, &audit).await?;
    }
    for (words, actor, seat, purpose, at) in source.raw_readings().await? {
        sqlx::query(
            "insert into words_reading (node, words, actor, seat, purpose, at) values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(node)
        .bind(words)
        .bind(actor)
        .bind(seat)
        .bind(purpose)
        .bind(at)
        .execute(&mut *transaction)
        .await?;
    }
    for (seq, format, hash, state) in source.raw_snapshots().await? {
        sqlx::query(
            "insert into snapshot (node, seq, format, state_hash, state) values ($1, $2, $3, $4, $5)",
        )
        .bind(node)
        .bind(seq)
        .bind(format)
        .bind(hash)
        .bind(state)
        .execute(&mut *transaction)
        .await?;
    }
    // Sinks go on where they stood.
    for (sink, journal, reached) in source.raw_sinks().await? {
        let rows = source.raw_deliveries(&sink).await?;
        delivery::write(&mut *transaction, node, &sink, &rows, &(journal, reached)).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// What is not the journal, in pieces.
async fn rest(source: &SqliteStore, proof: &Proof) -> Result<Vec<Parts>, StoreError> {
    let mut pieces = Vec::new();
    let model = proof.model();
    let entities: Vec<_> = model.entities.values().cloned().collect();
    for chunk in entities.chunks(CHUNK) {
        let model = Rows { entities: chunk.to_vec(), ..Rows::default() };
        pieces.push(Parts { model, ..Parts::default() });
    }
    let timeline: Vec<_> = model.timeline.iter().collect();
    for chunk in timeline.chunks(CHUNK) {
        let row = |(kind, id, seq): &&(String, String, u64)| TimelineRow {
            kind: kind.clone(),
            id: id.clone(),
            seq: *seq,
        };
        let model = Rows { timeline: chunk.iter().map(row).collect(), ..Rows::default() };
        pieces.push(Parts { model, ..Parts::default() });
    }
    pieces.push(Parts {
        answers: source.raw_answers().await?,
        words: source.raw_words().await?,
        contents: source.raw_contents().await?,
        ..Parts::default()
    });
    Ok(pieces)
}
