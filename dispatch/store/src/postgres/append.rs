//! The one way in: a batch in one statement (D4). It begins by moving the head from what the batch continues to what it
//! ends at, in the epoch of this session; everything else depends on that one row, so that a stale batch writes
//! nothing. The statement commits by itself: nothing stays open between two calls.

use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnection, PgHasArrayType, Postgres};
use sqlx::{Encode, Type};
use tokio::time::timeout;

use super::{PostgresStore, fault};
use crate::batch::Batch;
use crate::journal::{self, JournalRow, signed};
use crate::parts::Parts;
use crate::query::EntityRow;
use crate::sql::Held as _;
use crate::store::{AppendOutcome, StoreError};
use crate::{audit, row};

const APPEND: &str = include_str!("append.sql");

/// A batch that shows at least this many entities changes how the read model is best looked up: the statement is
/// planned anew once its table was counted. A centre begins with an empty one.
const ANALYZED_FROM: usize = 1_000;

/// How long a commit is waited for before its outcome counts as unknown, and how much longer for each mebibyte.
const COMMIT: Duration = Duration::from_secs(5);
const COMMIT_MIB: Duration = Duration::from_secs(1);

impl PostgresStore {
    pub(super) async fn append_batch(&self, batch: &Batch) -> AppendOutcome {
        let mut lead = self.inner.lead.lock().await;
        if let Some(why) = batch.misfit(lead.head) {
            return AppendOutcome::NotCommitted { why };
        }
        // Out of its place: should this call be cancelled, nobody goes on with a connection in the middle of a word.
        let Some(mut connection) = lead.connection.take() else {
            return AppendOutcome::closed();
        };
        let mut parts = Parts::of(self.inner.options.node, batch);
        let audit = audit::chain(lead.audit, &mut parts.journal);
        let head = batch.head().unwrap_or(lead.head);
        let patience = parts.patience();
        let arguments = parts.arguments(self.node(), lead.epoch, (lead.head, head), &audit::hex(&audit));
        // This reads the answer to its end, which comes after the commit, and not only to the first row.
        let sent = sqlx::query_with(APPEND, arguments).fetch_optional(&mut connection);
        match timeout(patience, sent).await {
            Ok(Ok(Some(_))) => {
                lead.connection = Some(connection);
                (lead.head, lead.audit) = (head, audit);
                drop(lead);
                if !batch.erase.is_empty() {
                    self.tend("vacuum words");
                }
                if batch.views.len() >= ANALYZED_FROM {
                    self.tend("analyze entity");
                }
                AppendOutcome::Committed { head, audit }
            }
            // Another session moved the head or raised the epoch: this one has to open again before it goes on.
            Ok(Ok(None)) => {
                let (epoch, head) = (lead.epoch, lead.head);
                let why = format!("stale: the journal is not at row {head} of epoch {epoch} any more");
                AppendOutcome::NotCommitted { why }
            }
            Ok(Err(error)) => {
                let outcome = fault::outcome(error, &self.inner.options.at());
                if matches!(outcome, AppendOutcome::NotCommitted { .. }) {
                    lead.connection = Some(connection);
                }
                outcome
            }
            Err(_) => AppendOutcome::Unknown { why: format!("no answer in {} s", patience.as_secs()) },
        }
    }

    /// Sweeps a table, or counts it, beside the work.
    pub(super) fn tend(&self, task: &'static str) {
        let store = self.clone();
        tokio::spawn(async move {
            if let Err(error) = sqlx::query(task).execute(&store.inner.readers).await {
                tracing::warn!(%error, task, "a table was not seen to; autovacuum will");
            }
        });
    }
}

impl Parts {
    /// How long their commit is waited for.
    fn patience(&self) -> Duration {
        let bytes = self.journal.iter().map(|row| row.payload.len()).sum::<usize>()
            + self.contents.iter().map(|content| content.bytes.len()).sum::<usize>();
        COMMIT + COMMIT_MIB.saturating_mul(u32::try_from(bytes >> 20).unwrap_or(u32::MAX))
    }

    /// The arguments that move the head `from` one row `to` another.
    fn arguments(&self, node: i32, epoch: i64, (from, to): (u64, u64), audit: &str) -> PgArguments {
        let mut columns = Columns::default();
        columns.one(node);
        columns.one(signed(from));
        columns.one(signed(to));
        columns.one(audit);
        columns.one(epoch);
        columns.journal(&self.journal);
        columns.entities(&self.model.entities);
        columns.list(self.model.gone.iter().map(|row| row.kind.as_str()));
        columns.list(self.model.gone.iter().map(|row| row.id.as_str()));
        columns.list(self.model.timeline.iter().map(|row| row.kind.as_str()));
        columns.list(self.model.timeline.iter().map(|row| row.id.as_str()));
        columns.list(self.model.timeline.iter().map(|row| signed(row.seq)));
        columns.answers(&self.answers);
        columns.words(&self.words);
        columns.list(self.erase.iter().map(String::as_str));
        columns.one(self.erased_at);
        columns.list(self.contents.iter().map(|content| content.hash.as_str()));
        columns.list(self.contents.iter().map(|content| content.bytes.as_slice()));
        columns.one(self.clock_moves);
        columns.arguments
    }

    /// Writes them as a part of a longer transaction.
    pub(super) async fn write(
        &self,
        connection: &mut PgConnection,
        node: i32,
        epoch: i64,
        head: (u64, u64),
        audit: &str,
    ) -> Result<(), StoreError> {
        let arguments = self.arguments(node, epoch, head, audit);
        let written = sqlx::query_with(APPEND, arguments).fetch_optional(connection).await?;
        written.map(|_| ()).ok_or_else(|| StoreError::Impossible("another process took the lead".into()))
    }
}

/// Arguments of a statement: one value, or one array for each column.
#[derive(Default)]
struct Columns {
    arguments: PgArguments,
}

impl Columns {
    /// A value.
    fn one<'v, T: Encode<'v, Postgres> + Type<Postgres>>(&mut self, value: T) {
        sqlx::Arguments::add(&mut self.arguments, value).expect("numbers, texts and bytes can be bound");
    }

    /// A column.
    fn list<'v, T>(&mut self, values: impl Iterator<Item = T>)
    where
        T: Encode<'v, Postgres> + Type<Postgres> + PgHasArrayType + 'v,
    {
        self.one(values.collect::<Vec<T>>());
    }

    /// The columns of journal rows.
    fn journal(&mut self, rows: &[JournalRow]) {
        self.list(rows.iter().map(|row| signed(row.seq)));
        self.list(rows.iter().map(|row| signed(row.commit_head)));
        self.list(rows.iter().map(|row| row.name.as_str()));
        self.list(rows.iter().map(|row| i32::from(row.v)));
        self.list(rows.iter().map(|row| row.payload.as_bytes()));
        self.list(rows.iter().map(|row| row.desk.as_deref()));
        self.list(rows.iter().map(|row| row.seat.as_deref()));
        self.list(rows.iter().map(|row| row.actor.as_str()));
        self.list(rows.iter().map(|row| row.on_behalf_of.as_deref()));
        self.list(rows.iter().map(|row| row.channel.as_str()));
        self.list(rows.iter().map(|row| row.mode.as_str()));
        self.list(rows.iter().map(|row| row.occurred_at));
        self.list(rows.iter().map(|row| row.recorded_at));
        self.list(rows.iter().map(|row| row.command.as_str()));
        self.list(rows.iter().map(|row| row.words.as_deref()));
        self.list(rows.iter().map(|row| row.audit.as_str()));
    }

    /// The columns of entities.
    fn entities(&mut self, rows: &[EntityRow]) {
        self.list(rows.iter().map(|row| row.kind.as_str()));
        self.list(rows.iter().map(|row| row.id.as_str()));
        self.list(rows.iter().map(|row| row.area.as_str()));
        self.list(rows.iter().map(|row| row.state.as_str()));
        self.list(rows.iter().map(|row| i64::from(row.version)));
        self.list(rows.iter().map(|row| journal::word(&row.mode)));
        self.list(rows.iter().map(|row| row.number.as_deref()));
        self.list(rows.iter().map(|row| row.desk.as_deref()));
        self.list(rows.iter().map(|row| row.incident.as_deref()));
        self.list(rows.iter().map(|row| row.holds.as_deref()));
        self.list(rows.iter().map(|row| row.place.map(|place| place.lon)));
        self.list(rows.iter().map(|row| row.place.map(|place| place.lat)));
        self.list(rows.iter().map(|row| row.opened_at.0));
        self.list(rows.iter().map(|row| row.ended_at.map(|at| at.0)));
        self.list(rows.iter().map(|row| row.alive));
        self.list(rows.iter().map(|row| row.doc.as_str()));
    }

    /// The columns of answers.
    fn answers(&mut self, rows: &[row::Answer]) {
        self.list(rows.iter().map(|row| row.actor.as_str()));
        self.list(rows.iter().map(|row| row.command.as_str()));
        self.list(rows.iter().map(|row| row.fingerprint.as_str()));
        self.list(rows.iter().map(|row| row.answer.as_str()));
        self.list(rows.iter().map(|row| row.at));
    }

    /// The columns of words.
    fn words(&mut self, rows: &[row::Words]) {
        self.list(rows.iter().map(|row| row.id.as_str()));
        self.list(rows.iter().map(|row| row.incident.as_deref()));
        self.list(rows.iter().map(|row| row.alarm.as_deref()));
        self.list(rows.iter().map(|row| row.class.as_str()));
        // What a client calls its language may be anything, and SQL text cannot hold every sign.
        self.list(rows.iter().map(|row| row.lang.as_ref().map(|lang| lang.replace('\0', ""))));
        self.list(rows.iter().map(|row| row.translation_of.as_deref()));
        self.list(rows.iter().map(|row| row.machine));
        self.list(rows.iter().map(|row| row.at));
        self.list(rows.iter().map(|row| row.expires_at));
        self.list(rows.iter().map(|row| row.digest.as_str()));
        self.list(rows.iter().map(|row| row.salt.as_deref()));
        self.list(rows.iter().map(|row| row.text.as_deref().map(str::as_bytes)));
        self.list(rows.iter().map(|row| row.erased_at));
    }
}
