//! The state a journal leads to, kept up with it row by row: what a node opens with, and what a standby holds alive.

use std::collections::BTreeMap;

use dispatch_core::kernel::id::{ActorId, CommandId};
use sqlx::Row;
use sqlx::postgres::PgConnection;

use super::read::journal_rows;
use super::row;
use super::snapshot::newest;
use crate::audit;
use crate::batch::{ANSWERS_KEPT_US, StoredAnswer};
use crate::journal::{self, JournalRow, WALK, signed};
use crate::replay::Replay;
use crate::store::StoreError;

/// A journal as far as it was read.
#[derive(Debug)]
pub(super) struct Following {
    pub(super) replay: Replay,
    /// Where the state came from before rows were applied to it.
    pub(super) snapshot_seq: u64,
    /// Hash of the last row, for whoever checks the chain as it grows.
    chain: Option<[u8; 32]>,
    answers: BTreeMap<(ActorId, CommandId), StoredAnswer>,
    /// When the newest of them was given.
    answered_at: i64,
}

impl Following {
    /// Begins at the newest snapshot.
    pub(super) async fn begin(
        connection: &mut PgConnection,
        node: i32,
        head: u64,
    ) -> Result<Self, StoreError> {
        let replay = Replay::from(newest(connection, node, head).await?.unwrap_or_default());
        Ok(Self {
            snapshot_seq: replay.state.seq,
            replay,
            chain: None,
            answers: BTreeMap::new(),
            answered_at: i64::MIN,
        })
    }

    /// Checks the chain of every row from here on.
    pub(super) async fn check_chain(
        &mut self,
        connection: &mut PgConnection,
        node: i32,
    ) -> Result<(), StoreError> {
        let seq = self.replay.state.seq;
        let row = sqlx::query("select audit from journal where node = $1 and seq = $2")
            .bind(node)
            .bind(signed(seq))
            .fetch_optional(connection)
            .await?;
        let hash: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
        let chain = match &hash {
            None => Some(audit::GENESIS),
            Some(hash) => audit::from_hex(hash),
        };
        self.chain = Some(chain.ok_or_else(|| StoreError::corrupt("the audit head is a hash", seq))?);
        Ok(())
    }

    /// Reads on to the head.
    pub(super) async fn read_on(
        &mut self,
        connection: &mut PgConnection,
        node: i32,
        head: u64,
    ) -> Result<(), StoreError> {
        while self.replay.state.seq < head {
            self.read_page(connection, node).await?;
        }
        Ok(())
    }

    /// Reads the next rows, of which there have to be some.
    pub(super) async fn read_page(
        &mut self,
        connection: &mut PgConnection,
        node: i32,
    ) -> Result<(), StoreError> {
        let rows = journal_rows(connection, node, self.replay.state.seq, WALK).await?;
        if rows.is_empty() {
            let end = format!("it ends at {}", self.replay.state.seq);
            return Err(StoreError::corrupt("the journal reaches its head", end));
        }
        rows.iter().try_for_each(|row| self.take(row))
    }

    fn take(&mut self, row: &JournalRow) -> Result<(), StoreError> {
        if let Some(chain) = &mut self.chain {
            *chain = audit::hash(chain, row);
            if audit::hex(chain) != row.audit {
                return Err(StoreError::corrupt("the audit chain is unbroken", format!("row {}", row.seq)));
            }
        }
        self.replay.apply(&journal::record(row)?)
    }

    /// Keeps up with the answers given. Those given in the same moment as the last one are read once more.
    pub(super) async fn read_answers(
        &mut self,
        connection: &mut PgConnection,
        node: i32,
    ) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "select actor, command, fingerprint, answer, at from answer where node = $1 and at >= $2 order by at",
        )
        .bind(node)
        .bind(self.answered_at.max(self.answers_since()))
        .fetch_all(connection)
        .await?;
        for row in &rows {
            let answer = row::answer(row)?;
            self.answered_at = answer.at.0;
            self.answers.insert((answer.actor.clone(), answer.command), answer);
        }
        Ok(())
    }

    /// Every answer that is kept. Another leader's clock may have stood behind the one before it, so those followed are
    /// counted, and read anew where one is missing.
    pub(super) async fn all_answers(
        &mut self,
        connection: &mut PgConnection,
        node: i32,
    ) -> Result<Vec<StoredAnswer>, StoreError> {
        let followed = self.answered_at > i64::MIN;
        self.read_answers(connection, node).await?;
        if followed {
            let since = self.answers_since();
            self.answers.retain(|_, answer| answer.at.0 >= since);
            let row = sqlx::query("select count(*) from answer where node = $1 and at >= $2")
                .bind(node)
                .bind(since)
                .fetch_one(&mut *connection)
                .await?;
            if usize::try_from(row.try_get::<i64, _>(0)?).ok() != Some(self.answers.len()) {
                self.answered_at = i64::MIN;
                self.answers.clear();
                self.read_answers(connection, node).await?;
            }
        }
        Ok(std::mem::take(&mut self.answers).into_values().collect())
    }

    fn answers_since(&self) -> i64 {
        self.replay.state.now.0.saturating_sub(ANSWERS_KEPT_US)
    }
}
