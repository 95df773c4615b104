//! The node's lock, on a connection that does nothing else, and the heartbeat by which others see that its holder lives.
//! The lock keeps two from leading at once where all goes well; what keeps a leader that was paused from writing is
//! the epoch.

use std::time::{Duration, Instant};

use sqlx::Row;
use sqlx::postgres::PgConnection;
use tokio::time::{sleep, timeout};

use super::options::PostgresOptions;
use super::schema::LOCKS;
use super::session::Session;
use crate::pair::Heartbeat;
use crate::store::StoreError;

/// How often a lock held by another session is tried for.
const GLANCE: Duration = Duration::from_millis(50);

/// A heartbeat that takes longer than this is none: the connection is given up.
const BEAT: Duration = Duration::from_secs(2);

/// The node's lock.
#[derive(Debug, Default)]
pub(super) struct Guard {
    connection: Option<PgConnection>,
    session: Option<Session>,
    /// The epoch this process leads in.
    pub(super) epoch: i64,
}

impl Guard {
    /// Of a connection that holds the lock.
    pub(super) async fn of(mut connection: PgConnection) -> Result<Self, StoreError> {
        let session = Session::of(&mut connection).await?;
        Ok(Self { connection: Some(connection), session: Some(session), epoch: 0 })
    }

    /// Holds the lock, taking it anew if its connection was lost; waits up to `patience` for one that another holds.
    pub(super) async fn hold(
        &mut self,
        options: &PostgresOptions,
        patience: Duration,
    ) -> Result<(&mut PgConnection, &Session), StoreError> {
        if self.connection.is_none() {
            let mut connection = options.connection().await?;
            if let Some(lost) = &self.session {
                lost.end(&mut connection).await?;
            }
            if !lock(&mut connection, options, patience).await? {
                return Err(StoreError::InUse { what: format!("node {} in {}", options.node, options.at()) });
            }
            let epoch = self.epoch;
            *self = Self { epoch, ..Self::of(connection).await? };
        }
        match (&mut self.connection, &self.session) {
            (Some(connection), Some(session)) => Ok((connection, session)),
            _ => Err(StoreError::Impossible("the lock has no connection".into())),
        }
    }

    /// Says that this process lives and leads, and hears who stands by.
    pub(super) async fn heartbeat(&mut self, options: &PostgresOptions) -> Result<Heartbeat, StoreError> {
        let had = self.connection.is_some();
        let mut heard = timeout(BEAT, self.say(options)).await;
        if had && matches!(&heard, Ok(Err(error)) if !matches!(error, StoreError::Superseded { .. })) {
            // Its session was ended, most likely by whoever leads now: with another that is seen at once.
            self.connection = None;
            heard = timeout(BEAT, self.say(options)).await;
        }
        let heard = heard.unwrap_or_else(|_| Err(options.fault(sqlx::Error::PoolTimedOut)));
        if heard.is_err() {
            self.connection = None;
        }
        heard
    }

    async fn say(&mut self, options: &PostgresOptions) -> Result<Heartbeat, StoreError> {
        let epoch = self.epoch;
        let (connection, session) = match self.hold(options, GLANCE).await {
            Ok(held) => held,
            // Whoever holds it raises the epoch next, or has.
            Err(StoreError::InUse { .. }) => return Err(StoreError::Superseded { at: options.at() }),
            Err(error) => return Err(error),
        };
        let row = sqlx::query(
            "with heartbeat as (
                 update leadership set beat_at = clock_timestamp(), guard_pid = $3, guard_began = $4
                 where node = $1 and epoch = $2 returning node
             )
             select exists (select from heartbeat),
                    exists (select from standby
                            where node = $1 and seen_at > clock_timestamp() - interval '5 seconds'),
                    exists (select from handed_alarm where node = $1)",
        )
        .bind(i32::from(options.node))
        .bind(epoch)
        .bind(session.pid)
        .bind(&session.began)
        .fetch_one(connection)
        .await
        .map_err(|error| options.fault(error))?;
        if !row.try_get::<bool, _>(0)? {
            return Err(StoreError::Superseded { at: options.at() });
        }
        Ok(Heartbeat { standby: row.try_get(1)?, handed: row.try_get(2)? })
    }

    /// Lets go of a connection that does not answer.
    pub(super) async fn check(&mut self) {
        if let Some(connection) = &mut self.connection {
            let asked = timeout(BEAT, sqlx::query("select 1").execute(connection)).await;
            if !matches!(asked, Ok(Ok(_))) {
                self.connection = None;
            }
        }
    }

    /// Gives the lock up.
    pub(super) async fn close(&mut self) -> Result<(), StoreError> {
        if let Some(connection) = self.connection.take() {
            sqlx::Connection::close(connection).await?;
        }
        Ok(())
    }
}

/// Takes the node's lock for as long as the connection lives, if it is free within `patience`: a process that was just
/// killed may hold it for a moment.
pub(super) async fn lock(
    connection: &mut PgConnection,
    options: &PostgresOptions,
    patience: Duration,
) -> Result<bool, StoreError> {
    let start = Instant::now();
    loop {
        let row = sqlx::query("select pg_try_advisory_lock($1, $2)")
            .bind(LOCKS)
            .bind(i32::from(options.node))
            .fetch_one(&mut *connection)
            .await
            .map_err(|error| options.fault(error))?;
        if row.try_get::<bool, _>(0)? {
            return Ok(true);
        }
        if start.elapsed() >= patience {
            return Ok(false);
        }
        sleep(GLANCE).await;
    }
}
