//! The store on `PostgreSQL` with `PostGIS`: one connection that appends, one that holds the node's lock, a pool that
//! reads. Nothing stays open between two calls: an append is one statement that commits by itself. A second process may
//! stand by, follow the journal and take over (`standby`).
//!
//! Leaves out: backups, for which the database has tools of its own.

mod append;
mod copy;
mod delivery;
mod fault;
mod follow;
mod guard;
mod handed;
mod lead;
mod options;
mod read;
mod row;
mod schema;
mod session;
mod shape;
mod snapshot;
mod standby;
mod verify;
mod words;

use std::path::Path;
use std::sync::Arc;

use dispatch_core::event::Record;
use dispatch_core::kernel::id::{ActorId, CommandId, IncidentId, WordsId};
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool, Postgres};
use sqlx::{Connection, Row};
use tokio::sync::Mutex;

use self::guard::Guard;
use self::lead::Lead;
use crate::audit;
use crate::batch::{Batch, Content, StoredAnswer};
use crate::delivery::{Delivery, SinkCursor, SinkStand};
use crate::journal::unsigned;
use crate::pair::Beat;
use crate::query::{EntityQuery, EntityRow, Page};
use crate::store::{AuditHead, Opening, Outcome, Store, StoreError, Verified};
use crate::words::{Reading, StoredWords};

pub use copy::copy;
pub use options::PostgresOptions;
pub use standby::{Round, Standby};

/// The store on `PostgreSQL`. Clones share it.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: PostgresOptions,
    /// The writing end.
    lead: Mutex<Lead>,
    /// The node's lock. Taken after the writing end, where both are.
    guard: Mutex<Guard>,
    /// Connections that read, and that write what is not the journal.
    readers: PgPool,
}

impl PostgresStore {
    /// Takes the node's lock, brings the schema up, and writes the first row of an empty journal.
    pub async fn connect(options: PostgresOptions) -> Result<Self, StoreError> {
        Self::lead(options, Guard::default()).await
    }

    /// Leads with a lock that may be held already.
    async fn lead(options: PostgresOptions, mut guard: Guard) -> Result<Self, StoreError> {
        let lead = Lead::take(&options, &mut guard).await?;
        let empty = lead.head == 0;
        let readers = options.pool()?;
        let inner = Inner { lead: Mutex::new(lead), guard: Mutex::new(guard), readers, options };
        let store = Self { inner: Arc::new(inner) };
        if empty {
            store.begin().await?;
        }
        Ok(store)
    }

    /// Only reads, beside whoever leads: what is there is looked at, nothing is changed, and appends are refused as
    /// long as it is not opened, which takes the lead.
    pub async fn beside(options: PostgresOptions) -> Result<Self, StoreError> {
        let mut connection = options.connection().await?;
        let ours = sqlx::query("select 1 from pg_namespace where nspname = 'ortoo'");
        let nothing = || StoreError::Impossible(format!("{} holds no journal", options.at()));
        if ours.fetch_optional(&mut connection).await?.is_none() {
            return Err(nothing());
        }
        schema::not_newer(&mut connection).await.map_err(|error| match error {
            StoreError::Database(error) => options.fault(error),
            other => other,
        })?;
        if node_head(&mut connection, i32::from(options.node)).await?.0 == 0 {
            return Err(nothing());
        }
        connection.close().await?;
        let readers = options.pool()?;
        let inner = Inner { lead: Mutex::default(), guard: Mutex::default(), readers, options };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes the first row of an empty journal.
    async fn begin(&self) -> Result<(), StoreError> {
        let batch = Batch { records: vec![self.inner.options.genesis.record(1)], ..Batch::default() };
        match self.append_batch(&batch).await {
            Outcome::Committed { .. } => Ok(()),
            Outcome::NotCommitted { why } | Outcome::Unknown { why } => {
                Err(StoreError::Impossible(format!("the first row could not be written: {why}")))
            }
        }
    }

    /// Takes the lead again if it was lost, which settles what became of what was sent before.
    async fn lead_again(&self) -> Result<(), StoreError> {
        let mut lead = self.inner.lead.lock().await;
        if lead.connection.is_none() {
            let mut guard = self.inner.guard.lock().await;
            let options = &self.inner.options;
            // A store that never led takes the lead for the first time.
            let taken = if lead.epoch == 0 {
                Lead::take(options, &mut guard).await
            } else {
                lead.again(options, &mut guard).await
            };
            *lead = taken?;
        }
        Ok(())
    }

    async fn reader(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        self.inner.readers.acquire().await.map_err(|error| self.fault(error))
    }

    /// Says that this process lives and leads.
    pub(crate) async fn beat(&self) -> Result<Beat, StoreError> {
        self.inner.guard.lock().await.beat(&self.inner.options).await
    }

    fn fault(&self, error: sqlx::Error) -> StoreError {
        self.inner.options.fault(error)
    }

    fn node(&self) -> i32 {
        i32::from(self.inner.options.node)
    }

    /// Closes the store in order: last of all whoever stands by may lead.
    pub async fn close(self) -> Result<(), StoreError> {
        let connection = self.inner.lead.lock().await.connection.take();
        if let Some(connection) = connection {
            connection.close().await?;
        }
        self.inner.readers.close().await;
        self.inner.guard.lock().await.close().await
    }
}

/// Head and audit head as the database has them.
async fn node_head(connection: &mut PgConnection, node: i32) -> Result<(u64, [u8; 32]), StoreError> {
    let row = sqlx::query("select head, audit from node where id = $1")
        .bind(node)
        .fetch_optional(connection)
        .await?;
    let row =
        row.ok_or_else(|| StoreError::Impossible(format!("this database does not hold node {node}")))?;
    let hash: String = row.try_get(1)?;
    let audit =
        audit::from_hex(&hash).ok_or_else(|| StoreError::corrupt("the audit head is a hash", hash))?;
    Ok((unsigned(row.try_get(0)?), audit))
}

impl Store for PostgresStore {
    async fn append(&self, batch: &Batch) -> Outcome {
        self.append_batch(batch).await
    }

    async fn open(&self) -> Result<Opening, StoreError> {
        self.lead_again().await?;
        self.read_opening(None).await
    }

    async fn lookup(
        &self,
        commands: &[(ActorId, CommandId)],
    ) -> Result<Vec<Option<StoredAnswer>>, StoreError> {
        self.read_answers(commands).await
    }

    async fn snapshot(&self, state: &State) -> Result<(), StoreError> {
        self.write_snapshot(state).await
    }

    async fn records(&self, after: u64, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.read_records(after, limit).await
    }

    async fn commit_heads(&self, after: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        self.read_commit_heads(after, limit).await
    }

    async fn first_at(&self, time: Time) -> Result<Option<u64>, StoreError> {
        self.find_first_at(time).await
    }

    async fn timeline(&self, incident: IncidentId) -> Result<Vec<Record>, StoreError> {
        self.read_timeline(incident).await
    }

    async fn entity(&self, kind: &str, id: &str) -> Result<Option<EntityRow>, StoreError> {
        self.read_entity(kind, id).await
    }

    async fn entities(&self, query: &EntityQuery) -> Result<Page, StoreError> {
        self.read_entities(query).await
    }

    async fn words(&self, ids: &[WordsId], reading: &Reading) -> Result<Vec<StoredWords>, StoreError> {
        self.read_words(ids, reading).await
    }

    async fn readings(&self, id: WordsId) -> Result<Vec<Reading>, StoreError> {
        self.read_readings(id).await
    }

    async fn expired_words(&self, now: Time, limit: u32) -> Result<Vec<WordsId>, StoreError> {
        self.read_expired_words(now, limit).await
    }

    async fn content(&self, hash: &str) -> Result<Option<Content>, StoreError> {
        self.read_content(hash).await
    }

    async fn purge_answers(&self, before: Time) -> Result<u64, StoreError> {
        self.delete_answers(before).await
    }

    async fn deliveries(&self, sink: &str) -> Result<Option<SinkStand>, StoreError> {
        self.read_deliveries(sink).await
    }

    async fn deliver(
        &self,
        sink: &str,
        deliveries: &[Delivery],
        cursor: SinkCursor,
    ) -> Result<(), StoreError> {
        self.write_deliveries(sink, deliveries, cursor).await
    }

    async fn purge_deliveries(&self, before: Time) -> Result<u64, StoreError> {
        self.delete_deliveries(before).await
    }

    async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        self.read_audit_head().await
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        self.prove().await
    }

    async fn backup(&self, _into: &Path) -> Result<(), StoreError> {
        Err(StoreError::copied_by_its_tools(self.inner.options.at()))
    }
}
