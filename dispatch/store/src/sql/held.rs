//! A store whose journal is held in tables. What such stores do in the same words is done here, whole concerns at a
//! time; a store adds what it does in its own way.

use std::future::Future;

use dispatch_core::event::Record;
use dispatch_core::kernel::id::{ActorId, CommandId, IncidentId, WordsId};
use dispatch_core::kernel::time::Time;
use dispatch_core::state::State;
use sqlx::Transaction;
use sqlx::pool::PoolConnection;

use super::dialect::{Dialect, Statement};
use super::proving::prove;
use super::tables::Tables;
use crate::audit;
use crate::batch::{Content, StoredAnswer};
use crate::delivery::SinkStand;
use crate::journal::signed;
use crate::key::NodeKey;
use crate::query::{EntityQuery, EntityRow, Page};
use crate::row::json;
use crate::snapshot::{KEPT, Kept, committed};
use crate::store::{Answers, AuditHead, Custody, History, Proving, ReadModel, StoreError, Verified};
use crate::words::Reading;

/// Answers put under a key at once.
const KEYED_AT_ONCE: usize = 1_000;

/// Rows forgotten at once: between two of these, commits go on and the log of a file can be copied.
const FORGOTTEN_AT_ONCE: u32 = 1_000;

/// The tables over a connection of the pool.
pub(crate) type Pooled<D> = Tables<D, PoolConnection<D>>;

/// The tables in one view of the database.
pub(crate) type View<D> = Tables<D, Transaction<'static, D>>;

/// A store over a database of ours.
pub(crate) trait Held: Send + Sync {
    /// Which database.
    type Dialect: Dialect;

    /// The node.
    fn node(&self) -> i32;

    /// The last row this process knows to be committed.
    fn head(&self) -> impl Future<Output = u64> + Send;

    /// A connection that reads.
    fn reader(&self) -> impl Future<Output = Result<Pooled<Self::Dialect>, StoreError>> + Send;

    /// One view of the database for several reads; it ends when it is dropped.
    fn view(&self) -> impl Future<Output = Result<View<Self::Dialect>, StoreError>> + Send;

    /// Changes what is not the journal's, without standing in an append's way; how many rows.
    fn change(
        &self,
        statement: Statement<Self::Dialect>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Raises the epoch, where taking the lead does not.
    fn raise_epoch(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// An error with what is wrong and what to do, where that is known.
    fn named(&self, error: StoreError) -> StoreError {
        error
    }
}

impl<S: Held> Answers for S {
    async fn lookup(
        &self,
        commands: &[(ActorId, CommandId)],
    ) -> Result<Vec<Option<StoredAnswer>>, StoreError> {
        self.reader().await?.lookup(commands).await.map_err(|error| self.named(error))
    }

    async fn key_answers(&self, key: &NodeKey) -> Result<u64, StoreError> {
        let kept = self.reader().await?.answers(i64::MIN).await.map_err(|error| self.named(error))?;
        let keyed = kept.iter().filter_map(|answer| {
            let wrapped = key.wrap(answer.fingerprint);
            let is_new = wrapped != answer.fingerprint;
            is_new.then(|| (answer.actor.to_string(), answer.command.to_string(), audit::hex(&wrapped)))
        });
        let keyed: Vec<_> = keyed.collect();
        for some in keyed.chunks(KEYED_AT_ONCE) {
            self.change(Statement::new(S::Dialect::KEY_ANSWERS).bind(self.node()).bind(json(&some))).await?;
        }
        Ok(keyed.len() as u64)
    }

    async fn known_key(&self) -> Result<Option<String>, StoreError> {
        self.reader().await?.known_key().await.map_err(|error| self.named(error))
    }

    async fn know_key(&self, key: &NodeKey) -> Result<(), StoreError> {
        let statement = Statement::new("update custody set node_key = $2 where node = $1");
        self.change(statement.bind(self.node()).bind(key.check())).await.map(drop)
    }

    async fn purge_answers(&self, before: Time) -> Result<u64, StoreError> {
        // First what is no longer to be asked for: should the process end between the two, nothing is missed.
        let accepted = S::Dialect::ACCEPTED_ROW;
        let given_up = Statement::new(format!(
            "update custody set answers_after = given_up.seq from
                 (select max({accepted}) as seq from answer where node = $1 and at < $2) as given_up
             where node = $1 and given_up.seq > answers_after"
        ));
        self.change(given_up.bind(self.node()).bind(before.0)).await?;
        forget(self, "answer", "actor, command", "at < $2", before).await
    }
}

impl<S: Held> History for S {
    async fn records(&self, after: u64, limit: u32) -> Result<Vec<Record>, StoreError> {
        self.reader().await?.records(after, limit).await.map_err(|error| self.named(error))
    }

    async fn commit_heads(&self, after: u64, limit: u32) -> Result<Vec<u64>, StoreError> {
        self.reader().await?.commit_heads(after, limit).await.map_err(|error| self.named(error))
    }

    async fn first_at(&self, time: Time) -> Result<Option<u64>, StoreError> {
        self.reader().await?.first_at(time).await.map_err(|error| self.named(error))
    }

    async fn content(&self, hash: &str) -> Result<Option<Content>, StoreError> {
        self.reader().await?.content(hash).await.map_err(|error| self.named(error))
    }
}

impl<S: Held> ReadModel for S {
    async fn entity(&self, kind: &str, id: &str) -> Result<Option<EntityRow>, StoreError> {
        self.reader().await?.entity(kind, id).await.map_err(|error| self.named(error))
    }

    async fn entities(&self, query: &EntityQuery) -> Result<Page, StoreError> {
        self.reader().await?.entities(query).await.map_err(|error| self.named(error))
    }

    async fn timeline(&self, incident: IncidentId) -> Result<Vec<Record>, StoreError> {
        self.reader().await?.timeline(incident).await.map_err(|error| self.named(error))
    }
}

impl<S: Held> Custody for S {
    async fn snapshot(&self, state: &State) -> Result<(), StoreError> {
        committed(state, self.head().await)?;
        let Kept { hash, bytes } = Kept::of(state)?;
        let statement = Statement::new(S::Dialect::KEEP_SNAPSHOT);
        let statement = statement.bind(self.node()).bind(signed(state.seq)).bind(hash.format).bind(hash.hash);
        self.change(statement.bind(bytes).bind(KEPT - 1)).await?;
        Ok(())
    }

    async fn audit_head(&self) -> Result<AuditHead, StoreError> {
        self.reader().await?.audit_head().await.map_err(|error| self.named(error))
    }

    async fn audit_of(&self, seq: u64) -> Result<Option<String>, StoreError> {
        self.reader().await?.audit_of(seq).await.map_err(|error| self.named(error))
    }

    async fn next_epoch(&self) -> Result<(), StoreError> {
        self.raise_epoch().await
    }

    async fn prove(&self, how: &Proving) -> Result<Verified, StoreError> {
        prove(self, how).await.map_err(|error| self.named(error))
    }

    async fn verify(&self) -> Result<Verified, StoreError> {
        self.prove(&Proving::default()).await
    }
}

/// [`crate::store::WordsRecords::readings`].
pub(crate) async fn readings(store: &impl Held, id: WordsId) -> Result<Vec<Reading>, StoreError> {
    store.reader().await?.readings(id).await.map_err(|error| store.named(error))
}

/// [`crate::store::WordsRecords::unknown_words`].
pub(crate) async fn unknown_words(store: &impl Held, ids: &[WordsId]) -> Result<Vec<WordsId>, StoreError> {
    store.reader().await?.unknown_words(ids).await.map_err(|error| store.named(error))
}

/// [`crate::store::WordsRecords::expired_words`].
pub(crate) async fn expired_words(
    store: &impl Held,
    now: Time,
    limit: u32,
) -> Result<Vec<WordsId>, StoreError> {
    store.reader().await?.expired_words(now, limit).await.map_err(|error| store.named(error))
}

/// [`crate::store::Deliveries::deliveries`].
pub(crate) async fn deliveries(store: &impl Held, sink: &str) -> Result<Option<SinkStand>, StoreError> {
    store.reader().await?.sink(sink).await.map_err(|error| store.named(error))
}

/// [`crate::store::Deliveries::purge_deliveries`].
pub(crate) async fn purge_deliveries(store: &impl Held, before: Time) -> Result<u64, StoreError> {
    forget(store, "delivery", "sink, seq", "at < $2 and state <> 'waiting'", before).await
}

/// Deletes rows of a table that are from before `$2`, some at a time; how many. `key` is what tells a node's rows apart.
async fn forget(
    store: &impl Held,
    table: &str,
    key: &str,
    are_over: &str,
    before: Time,
) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    loop {
        let statement = Statement::new(format!(
            "delete from {table} where node = $1 and ({key}) in
                 (select {key} from {table} where node = $1 and {are_over} limit $3)"
        ));
        let statement = statement.bind(store.node()).bind(before.0).bind(i64::from(FORGOTTEN_AT_ONCE));
        let some = store.change(statement).await?;
        forgotten += some;
        if some < u64::from(FORGOTTEN_AT_ONCE) {
            return Ok(forgotten);
        }
    }
}
