//! The writing end: one connection that appends, and head, audit head and epoch as it knows them. Taking it settles what
//! became of everything sent before: the sessions recorded are ended, the row of the node is waited for, and a raised
//! epoch turns away whatever they may still send.

use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::{PgConnection, Postgres};

use super::guard::Guard;
use super::options::{PATIENCE, PostgresOptions};
use super::schema;
use super::session::Session;
use crate::audit;
use crate::journal::unsigned;
use crate::sql::{CUSTODY_BEGINS, Dialect as _, Statement};
use crate::store::StoreError;

/// How long to wait for a lock that was ours a moment ago.
const AGAIN: Duration = Duration::from_secs(1);

/// The writing end. The connection is taken out for the time of a write and put back when it is known to be clean: a
/// write that was cancelled, or whose outcome nobody knows, leaves none.
#[derive(Debug, Default)]
pub(super) struct Lead {
    pub(super) connection: Option<PgConnection>,
    pub(super) head: u64,
    pub(super) audit: [u8; 32],
    pub(super) epoch: i64,
}

impl Lead {
    /// Takes the lead of the node for the first time.
    pub(super) async fn take(options: &PostgresOptions, guard: &mut Guard) -> Result<Self, StoreError> {
        let (connection, _) = guard.hold(options, PATIENCE).await?;
        schema::prepare(connection, options).await?;
        let known = begin(connection, options).await.map_err(|error| options.fault(error))?;
        Self::raise(options, guard, known).await
    }

    /// Takes it again after its connection was lost; an error that says so when somebody else has it since.
    pub(super) async fn again(
        &self,
        options: &PostgresOptions,
        guard: &mut Guard,
    ) -> Result<Self, StoreError> {
        guard.check().await;
        let held = guard.hold(options, AGAIN).await.map(|_| ());
        if matches!(held, Err(StoreError::InUse { .. })) {
            let mut connection = options.connection().await?;
            let found = epoch(&mut connection, options).await.map_err(|error| options.fault(error))?;
            if found != self.epoch {
                return Err(StoreError::Superseded { at: options.at() });
            }
        }
        held?;
        Self::raise(options, guard, self.epoch).await
    }

    /// Ends the sessions of the former leader, raises the epoch from the one that is known, and records who leads now.
    async fn raise(options: &PostgresOptions, guard: &mut Guard, known: i64) -> Result<Self, StoreError> {
        let named = |error| options.fault(error);
        let node = i32::from(options.node);
        let (_, guarding) = guard.hold(options, AGAIN).await?;
        let guarding = guarding.clone();
        let mut connection = options.append_connection().await?;
        let session = Session::of(&mut connection).await?;
        for before in recorded(&mut connection, node).await.map_err(named)? {
            if before != guarding {
                before.end(&mut connection).await?;
            }
        }
        let raised = sqlx::query(
            "update node set epoch = epoch + 1 where id = $1 and epoch = $2 returning head, audit, epoch",
        )
        .bind(node)
        .bind(known)
        .fetch_optional(&mut connection)
        .await
        .map_err(named)?;
        let row = raised.ok_or_else(|| StoreError::Superseded { at: options.at() })?;
        let (hash, epoch): (String, i64) = (row.try_get(1)?, row.try_get(2)?);
        sqlx::query(
            "insert into leadership (node, epoch, address, guard_pid, guard_began, append_pid, append_began, beat_at)
             values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
             on conflict (node) do update
             set epoch = excluded.epoch, address = excluded.address, guard_pid = excluded.guard_pid,
                 guard_began = excluded.guard_began, append_pid = excluded.append_pid,
                 append_began = excluded.append_began, beat_at = excluded.beat_at",
        )
        .bind(node)
        .bind(epoch)
        .bind(&options.address)
        .bind(guarding.pid)
        .bind(&guarding.began)
        .bind(session.pid)
        .bind(&session.began)
        .execute(&mut connection)
        .await
        .map_err(named)?;
        guard.epoch = epoch;
        Ok(Self {
            head: unsigned(row.try_get(0)?),
            audit: audit::stored(&hash)?,
            epoch,
            connection: Some(connection),
        })
    }
}

/// Makes the row of the node if there is none, and returns its epoch.
async fn begin(connection: &mut PgConnection, options: &PostgresOptions) -> Result<i64, sqlx::Error> {
    sqlx::query(
        "insert into node (id, epoch, head, audit) values ($1, 0, 0, $2) on conflict (id) do nothing",
    )
    .bind(i32::from(options.node))
    .bind(audit::hex(&audit::GENESIS))
    .execute(&mut *connection)
    .await?;
    let custody = Statement::<Postgres>::new(CUSTODY_BEGINS).bind(i32::from(options.node));
    Postgres::change(connection, custody.bind(audit::hex(&audit::GENESIS))).await?;
    epoch(connection, options).await
}

async fn epoch(connection: &mut PgConnection, options: &PostgresOptions) -> Result<i64, sqlx::Error> {
    let epoch = sqlx::query("select epoch from node where id = $1").bind(i32::from(options.node));
    epoch.fetch_one(connection).await?.try_get(0)
}

/// The sessions of the process that leads, or led last.
pub(super) async fn recorded(connection: &mut PgConnection, node: i32) -> Result<Vec<Session>, sqlx::Error> {
    let row = sqlx::query(
        "select guard_pid, guard_began, append_pid, append_began from leadership where node = $1",
    )
    .bind(node)
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let guard = Session { pid: row.try_get(0)?, began: row.try_get(1)? };
    let append = Session { pid: row.try_get(2)?, began: row.try_get(3)? };
    Ok(vec![guard, append])
}
