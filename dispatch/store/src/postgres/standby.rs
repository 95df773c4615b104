//! A process that stands by: it follows the leader's journal, and leads itself as soon as nobody does.
//!
//! A leader that died has lost its lock, which is seen with the next round. One that was paused, or cannot reach the
//! database, still holds it: when its heartbeat has not been heard for a while, its sessions are ended. Whichever it was,
//! it cannot write any more once the epoch is raised.

use std::time::{Duration, Instant};

use sqlx::Row;
use sqlx::postgres::{PgConnection, Postgres};
use tokio::time::timeout;

use super::guard::{Guard, lock};
use super::lead::recorded;
use super::options::{PATIENCE, PostgresOptions};
use super::{PostgresStore, schema};
use crate::any::AnyStore;
use crate::journal::signed;
use crate::pair::Heartbeats;
use crate::snapshot::StateHash;
use crate::sql::{Following, Held as _, Tables};
use crate::store::{AuditHead, Opening, StoreError};

/// A leader that was not heard for this long does not lead any more. It speaks once a second.
const SILENCE: &str = "3 seconds";
/// How long a first reading, of the newest snapshot and the answers of a week, may take.
const BEGINNING: Duration = Duration::from_mins(1);
/// How long the journal is followed before the leader is looked at again.
const TURN: Duration = Duration::from_secs(1);
/// How often it is said that somebody stands by.
const SHOWN: Duration = Duration::from_secs(1);
/// How long the former leader has to take the lead again when the database is back: nothing is gained by another.
const GRACE: Duration = Duration::from_secs(2);
/// How long to wait for the lock of sessions that were just ended.
const ENDING: Duration = Duration::from_secs(1);

/// The journal that is followed.
type Journal<'c> = Tables<Postgres, &'c mut PgConnection>;

/// A process that stands by.
#[derive(Debug)]
pub struct Standby {
    options: PostgresOptions,
    connection: Option<PgConnection>,
    following: Option<Following>,
    /// By what the key is told under which answers are kept.
    known_key: Option<String>,
    /// Not before: somebody else is to have the lead first.
    may_lead_at: Instant,
    shown_at: Option<Instant>,
}

/// What became of one look at the journal.
#[derive(Debug)]
pub enum Round {
    /// Somebody leads, or may.
    Follows {
        /// Where it answers; none when it was not heard for a while.
        leader: Option<String>,
        /// The journal was followed up to here.
        seq: u64,
    },
    /// This process leads now: its store, and what it starts from.
    Leads(PostgresStore, Box<Opening>),
}

/// Who leads, as the database knows it.
struct Leader {
    address: String,
    silent: bool,
}

impl Standby {
    /// Not connected yet.
    pub fn new(options: PostgresOptions) -> Self {
        Self {
            options,
            connection: None,
            following: None,
            known_key: None,
            may_lead_at: Instant::now(),
            shown_at: None,
        }
    }

    /// Lets another lead first, if one does within this time.
    pub fn defer(&mut self, time: Duration) {
        self.may_lead_at = self.may_lead_at.max(Instant::now() + time);
    }

    /// Looks at the journal once: follows it, and leads if nobody does. After an error it may be called again.
    pub async fn round(&mut self) -> Result<Round, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connection().await?,
        };
        let looked = match self.look(connection).await {
            Ok(Some(leader)) => Ok(Round::Follows { leader, seq: self.seq() }),
            Ok(None) => self.lead().await.map(|(store, opening)| Round::Leads(store, Box::new(opening))),
            Err(error) => Err(error),
        };
        if looked.is_err() {
            self.connection = None;
            self.defer(GRACE);
        }
        looked
    }

    /// Follows; none once the lock is held by the connection, which is kept either way.
    async fn look(&mut self, mut connection: PgConnection) -> Result<Option<Option<String>>, StoreError> {
        let (known, leader, taken) = self.in_time(PATIENCE, self.glance(&mut connection)).await?;
        if leader.as_ref().is_some_and(|leader| !leader.silent && leader.address != self.options.address) {
            // Whoever was to lead first does.
            self.may_lead_at = Instant::now();
        }
        if taken {
            self.connection = Some(connection);
            return Ok(None);
        }
        if known {
            self.follow(&mut connection).await?;
        }
        self.connection = Some(connection);
        Ok(Some(leader.filter(|leader| !leader.silent).map(|leader| leader.address)))
    }

    /// Whether there is a centre, who leads it, and whether this process does from now on.
    async fn glance(
        &self,
        connection: &mut PgConnection,
    ) -> Result<(bool, Option<Leader>, bool), StoreError> {
        let node = i32::from(self.options.node);
        let known = exists(connection).await?;
        let leader = if known { leader(connection, node).await? } else { None };
        let taken = Instant::now() >= self.may_lead_at && self.take_lock(connection, leader.as_ref()).await?;
        Ok((known, leader, taken))
    }

    async fn take_lock(
        &self,
        connection: &mut PgConnection,
        leader: Option<&Leader>,
    ) -> Result<bool, StoreError> {
        if lock(connection, &self.options, Duration::ZERO).await? {
            return Ok(true);
        }
        if !leader.is_some_and(|leader| leader.silent) {
            return Ok(false);
        }
        tracing::warn!("the leader has not been heard for {SILENCE}: its sessions are ended");
        let node = i32::from(self.options.node);
        for session in recorded(connection, node).await.map_err(|error| self.options.fault(error))? {
            session.end(connection).await?;
        }
        lock(connection, &self.options, ENDING).await
    }

    /// Follows for a while; what is left is followed with the next round. After an error it is begun anew.
    async fn follow(&mut self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let (node, began) = (i32::from(self.options.node), Instant::now());
        let mut tables = Journal::new(&mut *connection, node);
        let mut following = if let Some(following) = self.following.take() {
            following
        } else {
            let (following, known_key) = self.in_time(BEGINNING, begin(&mut tables)).await?;
            self.known_key = known_key;
            following
        };
        let (head, audit) = self.in_time(PATIENCE, tables.head()).await?;
        while following.replay.state.seq < head && began.elapsed() < TURN {
            self.in_time(PATIENCE, following.read_page(&mut tables)).await?;
        }
        // A database that was set back is not followed on: what was witnessed here has to be told by whoever leads.
        following.check_head(head, &audit)?;
        self.in_time(PATIENCE, following.read_answers(&mut tables)).await?;
        self.following = Some(following);
        self.show(connection, node).await
    }

    /// What the database does not answer in time is an error.
    async fn in_time<T>(
        &self,
        time: Duration,
        asked: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        timeout(time, asked).await.unwrap_or_else(|_| Err(self.options.fault(sqlx::Error::PoolTimedOut)))
    }

    /// Says now and then that somebody stands by.
    async fn show(&mut self, connection: &mut PgConnection, node: i32) -> Result<(), StoreError> {
        if self.shown_at.is_some_and(|at| at.elapsed() < SHOWN) {
            return Ok(());
        }
        let shown = sqlx::query(
            "insert into standby (node, address, seq, seen_at) values ($1, $2, $3, clock_timestamp())
             on conflict (node, address) do update set seq = excluded.seq, seen_at = excluded.seen_at",
        )
        .bind(node)
        .bind(&self.options.address)
        .bind(signed(self.seq()))
        .execute(connection);
        self.in_time(PATIENCE, async { Ok(shown.await?) }).await?;
        self.shown_at = Some(Instant::now());
        Ok(())
    }

    /// Leads with the lock the connection holds.
    async fn lead(&mut self) -> Result<(PostgresStore, Opening), StoreError> {
        let connection = self.connection.take();
        let mut connection =
            connection.ok_or_else(|| StoreError::Impossible("nothing holds the lock".into()))?;
        if exists(&mut connection).await? {
            self.withdraw(&mut connection).await?;
        }
        let store = PostgresStore::lead(self.options.clone(), Guard::of(connection).await?).await?;
        // A long tail takes longer than another that stands by would wait.
        let _beats = Heartbeats::of(AnyStore::Postgres(store.clone()));
        let opening = match store.view().await?.opening(self.following.take()).await {
            // What was followed does not fit: as a first start, from the snapshot.
            Err(StoreError::Corrupt { what, detail }) => {
                tracing::error!(what, detail, "what was followed cannot be led from; it is read anew");
                store.view().await?.opening(None).await
            }
            other => other,
        };
        Ok((store, opening?))
    }

    /// Nobody stands by here any more.
    async fn withdraw(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        sqlx::query("delete from standby where node = $1 and address = $2")
            .bind(i32::from(self.options.node))
            .bind(&self.options.address)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Stops standing by, in order.
    pub async fn leave(mut self) -> Result<(), StoreError> {
        if let Some(mut connection) = self.connection.take()
            && exists(&mut connection).await?
        {
            self.withdraw(&mut connection).await?;
        }
        Ok(())
    }

    /// The journal was followed up to here.
    pub fn seq(&self) -> u64 {
        self.following.as_ref().map_or(0, |following| following.replay.state.seq)
    }

    /// By what the key is told under which whoever leads keeps answers; none where that was not read yet.
    pub fn known_key(&self) -> Option<&str> {
        self.known_key.as_deref()
    }

    /// Journal, row and hash the journal was followed to.
    pub fn reached(&self) -> Option<AuditHead> {
        self.following.as_ref().and_then(Following::reached)
    }

    /// Hash of the state the journal was followed to.
    pub fn state_hash(&self) -> Option<StateHash> {
        self.following.as_ref().map(|following| StateHash::of(&following.replay.state))
    }
}

/// Begins at the newest snapshot, to check every row after it.
async fn begin(tables: &mut Journal<'_>) -> Result<(Following, Option<String>), StoreError> {
    let (head, _) = tables.head().await?;
    let mut following = Following::begin(tables, head).await?;
    following.check_chain(tables).await?;
    following.read_answers(tables).await?;
    Ok((following, tables.known_key().await?))
}

/// Whether a centre of this version or an older one that knows pairs is there.
async fn exists(connection: &mut PgConnection) -> Result<bool, StoreError> {
    let found =
        sqlx::query("select to_regclass('ortoo.leadership') is not null").fetch_one(&mut *connection).await?;
    if !found.try_get::<bool, _>(0)? {
        return Ok(false);
    }
    schema::not_newer(connection).await?;
    Ok(true)
}

async fn leader(connection: &mut PgConnection, node: i32) -> Result<Option<Leader>, StoreError> {
    let row = sqlx::query(
        "select address, beat_at < clock_timestamp() - $2::interval from leadership where node = $1",
    )
    .bind(node)
    .bind(SILENCE)
    .fetch_optional(connection)
    .await?;
    row.map(|row| Ok(Leader { address: row.try_get(0)?, silent: row.try_get(1)? })).transpose()
}
