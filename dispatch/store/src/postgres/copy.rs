//! A centre moved from its files into a database: proved first, then table by table as it lies there, then proved again;
//! everything in one transaction, so that a copy that failed leaves nothing.

use std::path::Path;

use dispatch_core::kernel::id::EntityId;
use dispatch_core::kernel::time::Time;
use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{Connection, Transaction};

use super::guard::Guard;
use super::lead::Lead;
use super::options::PostgresOptions;
use super::{PostgresStore, delivery, words};
use crate::any::{AnyStore, Location};
use crate::audit;
use crate::genesis::Genesis;
use crate::journal::{WALK, signed};
use crate::parts::Parts;
use crate::rows::Rows;
use crate::sql::Held as _;
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
        return Err(StoreError::corrupt("the journal lacks what was witnessed of it", detail));
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
        return Err(StoreError::corrupt("the copy is not what was copied", detail));
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
    let mut audit = audit::GENESIS;
    let mut head = 0;
    loop {
        let before = head;
        let journal = source.raw_journal(before, WALK).await?;
        let Some(last) = journal.last() else { break };
        head = last.seq;
        audit = journal.iter().fold(audit, |before, row| audit::hash(&before, row));
        if audit::hex(&audit) != last.audit {
            return Err(StoreError::corrupt(
                "the audit chain is broken",
                format!("row {head} does not give its hash, or one shortly before"),
            ));
        }
        let parts = Parts { journal, ..Parts::default() };
        parts.write(&mut transaction, node, lead.epoch, (before, head), &audit::hex(&audit)).await?;
    }
    let mut target = Target { transaction, node, epoch: lead.epoch, head, audit: audit::hex(&audit) };
    copy_model(source, &mut target).await?;
    target
        .write(Parts {
            answers: source.raw_answers().await?,
            words: source.raw_words().await?,
            contents: source.raw_contents().await?,
            ..Parts::default()
        })
        .await?;
    let mut transaction = target.transaction;
    for chunk in source.raw_readings().await?.chunks(CHUNK) {
        words::write(&mut transaction, node, chunk).await?;
    }
    let kept = source.reader().await?.kept_beside().await?;
    let kept =
        kept.ok_or_else(|| StoreError::Impossible("a store that was opened is of our schema".into()))?;
    sqlx::query(
        "update custody set answers_after = $2, readings_before = $3, readings = $4, readings_audit = $5
         where node = $1",
    )
    .bind(node)
    .bind(signed(kept.answers_after))
    .bind(signed(kept.readings_before))
    .bind(signed(kept.readings))
    .bind(kept.readings_audit)
    .execute(&mut *transaction)
    .await?;
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

/// The transaction of a copy, whose journal is written.
struct Target<'c> {
    transaction: Transaction<'c, Postgres>,
    node: i32,
    epoch: i64,
    head: u64,
    audit: String,
}

impl Target<'_> {
    async fn write(&mut self, parts: Parts) -> Result<(), StoreError> {
        let head = (self.head, self.head);
        parts.write(&mut self.transaction, self.node, self.epoch, head, &self.audit).await
    }
}

/// The read model, which was proved to be what the journal makes, a page at a time.
async fn copy_model(source: &SqliteStore, target: &mut Target<'_>) -> Result<(), StoreError> {
    let mut tables = source.reader().await?;
    for kind in EntityId::KINDS {
        let mut after = String::new();
        loop {
            let entities = tables.entity_page(kind, &after).await?;
            let Some(last) = entities.last() else { break };
            after.clone_from(&last.id);
            // Whoever holds a unit alone holds it: in any order.
            let model = Rows { entities, ..Rows::default() };
            target.write(Parts { model, ..Parts::default() }).await?;
        }
    }
    let mut after = None;
    loop {
        let timeline = tables.timeline_page(after.as_ref()).await?;
        let Some(last) = timeline.last() else { return Ok(()) };
        after = Some(last.clone());
        let model = Rows { timeline, ..Rows::default() };
        target.write(Parts { model, ..Parts::default() }).await?;
    }
}
