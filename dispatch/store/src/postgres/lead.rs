//! The writing end: one connection that holds the node's lock and knows head, audit head and epoch. Opening it settles
//! what became of everything sent before: the row of the node is waited for, and a raised epoch turns away whatever
//! an earlier session may still send.

use std::time::{Duration, Instant};

use sqlx::Row;
use sqlx::postgres::PgConnection;
use tokio::time::sleep;

use super::options::{PATIENCE, PostgresOptions};
use super::schema::{self, LOCKS};
use crate::audit;
use crate::journal::unsigned;
use crate::store::StoreError;

/// How often a lock held by another session is tried for.
const GLANCE: Duration = Duration::from_millis(50);

/// The writing end. The connection is taken out for the time of a write and put back when it is known to be clean: a
/// write that was cancelled, or whose outcome nobody knows, leaves none.
#[derive(Debug, Default)]
pub(super) struct Lead {
    pub(super) connection: Option<PgConnection>,
    pub(super) head: u64,
    pub(super) audit: [u8; 32],
    pub(super) epoch: i64,
    /// The session of the connection, which may outlive it at the server's end.
    pub(super) session: Option<Session>,
}

/// A session of ours at the server.
#[derive(Debug)]
pub(super) struct Session {
    pid: i32,
    /// A number of a process may be given again; not with the same beginning.
    began: String,
}

impl Lead {
    /// Takes the lead of the node; `before` is the session that was lost.
    pub(super) async fn take(
        options: &PostgresOptions,
        before: Option<&Session>,
    ) -> Result<Self, StoreError> {
        let mut connection = options.connection().await?;
        if let Some(before) = before {
            before.end(&mut connection).await.map_err(|error| options.fault(error))?;
        }
        lock(&mut connection, options).await?;
        schema::prepare(&mut connection, options).await?;
        let session = Session::of(&mut connection).await?;
        let node = i32::from(options.node);
        sqlx::query(
            "insert into node (id, epoch, head, audit) values ($1, 0, 0, $2) on conflict (id) do nothing",
        )
        .bind(node)
        .bind(audit::hex(&audit::GENESIS))
        .execute(&mut connection)
        .await
        .map_err(|error| options.fault(error))?;
        let row = sqlx::query("update node set epoch = epoch + 1 where id = $1 returning head, audit, epoch")
            .bind(node)
            .fetch_one(&mut connection)
            .await
            .map_err(|error| options.fault(error))?;
        let hash: String = row.try_get(1)?;
        Ok(Self {
            head: unsigned(row.try_get(0)?),
            audit: audit::from_hex(&hash)
                .ok_or_else(|| StoreError::corrupt("the audit head is a hash", hash))?,
            epoch: row.try_get(2)?,
            session: Some(session),
            connection: Some(connection),
        })
    }
}

/// Takes the node's lock for as long as the connection lives. A process that was just killed may hold it for a moment.
async fn lock(connection: &mut PgConnection, options: &PostgresOptions) -> Result<(), StoreError> {
    let start = Instant::now();
    loop {
        let row = sqlx::query("select pg_try_advisory_lock($1, $2)")
            .bind(LOCKS)
            .bind(i32::from(options.node))
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| options.fault(error))?;
        if row.try_get::<bool, _>(0)? {
            return Ok(());
        }
        if start.elapsed() > PATIENCE {
            return Err(StoreError::InUse { what: format!("node {} in {}", options.node, options.at()) });
        }
        sleep(GLANCE).await;
    }
}

impl Session {
    async fn of(connection: &mut PgConnection) -> Result<Self, StoreError> {
        let row =
            sqlx::query("select pid, backend_start::text from pg_stat_activity where pid = pg_backend_pid()")
                .fetch_one(connection)
                .await?;
        Ok(Self { pid: row.try_get(0)?, began: row.try_get(1)? })
    }

    /// Ends it, should the server still keep it after the connection was lost.
    async fn end(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        sqlx::query(
            "select pg_terminate_backend(pid) from pg_stat_activity where pid = $1 and backend_start::text = $2",
        )
        .bind(self.pid)
        .bind(&self.began)
        .execute(connection)
        .await?;
        Ok(())
    }
}
