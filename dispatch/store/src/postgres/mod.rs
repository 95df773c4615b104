//! The store on `PostgreSQL` with `PostGIS`: one connection that appends, one that holds the node's lock, a pool that
//! reads. Nothing stays open between two calls: an append is one statement that commits by itself. A second process may
//! stand by, follow the journal and take over (`standby`).
//!
//! Leaves out: backups, for which the database has tools of its own.

mod append;
mod copy;
mod delivery;
mod fault;
mod guard;
mod handed;
mod lead;
mod options;
mod schema;
mod session;
mod shape;
mod standby;
mod words;

use std::path::Path;
use std::sync::Arc;

pub use copy::copy;
pub(crate) use fault::tells_of_damage;
pub use options::PostgresOptions;
use sqlx::Connection;
use sqlx::postgres::{PgPool, Postgres};
pub use standby::{Round, Standby};
use tokio::sync::Mutex;

use self::guard::Guard;
use self::lead::Lead;
use crate::batch::Batch;
use crate::genesis::Genesis;
use crate::pair::Heartbeat;
use crate::sql::{Dialect as _, Held, Pooled, Statement, Tables, View};
use crate::store::{AppendOutcome, Journal, Opening, StoreError};

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

    /// Only reads, beside the leader: what is there is looked at, nothing is changed, and appends are refused as
    /// long as it is not opened, which takes the lead.
    pub async fn beside(options: PostgresOptions) -> Result<Self, StoreError> {
        let mut connection = options.connection().await?;
        let ours = sqlx::query("select 1 from pg_namespace where nspname = 'ortoo'");
        let nothing = || StoreError::Impossible(format!("{} holds no journal", options.at()));
        if ours.fetch_optional(&mut connection).await?.is_none() {
            return Err(nothing());
        }
        schema::not_newer(&mut connection).await.map_err(|error| options.named(error))?;
        let mut tables = Tables::<Postgres, _>::new(&mut connection, i32::from(options.node));
        if tables.head().await?.0 == 0 {
            return Err(nothing());
        }
        connection.close().await?;
        let readers = options.pool()?;
        let inner = Inner { lead: Mutex::default(), guard: Mutex::default(), readers, options };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Writes the first row of an empty journal.
    async fn begin(&self) -> Result<(), StoreError> {
        Genesis::written(self.append_batch(&self.inner.options.genesis.batch(1)).await)
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

    /// Says that this process lives and leads.
    pub(crate) async fn heartbeat(&self) -> Result<Heartbeat, StoreError> {
        self.inner.guard.lock().await.heartbeat(&self.inner.options).await
    }

    fn fault(&self, error: sqlx::Error) -> StoreError {
        self.inner.options.fault(error)
    }

    /// Closes the store in order; only at the very end may a process that stands by lead.
    pub async fn close(self) -> Result<(), StoreError> {
        let connection = self.inner.lead.lock().await.connection.take();
        if let Some(connection) = connection {
            connection.close().await?;
        }
        self.inner.readers.close().await;
        self.inner.guard.lock().await.close().await
    }
}

impl Held for PostgresStore {
    type Dialect = Postgres;

    fn node(&self) -> i32 {
        i32::from(self.inner.options.node)
    }

    async fn head(&self) -> u64 {
        self.inner.lead.lock().await.head
    }

    async fn reader(&self) -> Result<Pooled<Postgres>, StoreError> {
        let connection = self.inner.readers.acquire().await.map_err(|error| self.fault(error))?;
        Ok(Tables::new(connection, self.node()))
    }

    async fn view(&self) -> Result<View<Postgres>, StoreError> {
        let begun = self.inner.readers.begin_with("begin isolation level repeatable read read only").await;
        Ok(Tables::new(begun.map_err(|error| self.fault(error))?, self.node()))
    }

    /// Beside the appends, which do not wait for it.
    async fn change(&self, statement: Statement<Postgres>) -> Result<u64, StoreError> {
        let mut connection = self.inner.readers.acquire().await.map_err(|error| self.fault(error))?;
        Postgres::change(&mut connection, statement).await.map_err(|error| self.fault(error))
    }

    /// It was raised when the lead was taken.
    async fn raise_epoch(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn named(&self, error: StoreError) -> StoreError {
        self.inner.options.named(error)
    }
}

impl Journal for PostgresStore {
    async fn append(&self, batch: &Batch) -> AppendOutcome {
        self.append_batch(batch).await
    }

    async fn open(&self) -> Result<Opening, StoreError> {
        self.lead_again().await?;
        self.view().await?.opening(None).await.map_err(|error| self.named(error))
    }

    async fn backup(&self, _into: &Path) -> Result<(), StoreError> {
        Err(StoreError::copied_by_its_tools(self.inner.options.at()))
    }
}
