//! The state a journal leads to, kept up with it row by row: what a node opens with, and what a standby holds alive.

use std::collections::BTreeMap;
use std::ops::DerefMut;

use dispatch_core::kernel::id::{ActorId, CommandId};

use super::dialect::Dialect;
use super::tables::Tables;
use crate::audit;
use crate::batch::{ANSWERS_KEPT_US, StoredAnswer};
use crate::journal::{self, JournalRow};
use crate::replay::Replay;
use crate::store::{AuditHead, ReadingsHead, StoreError};

/// A journal as far as it was read.
#[derive(Debug)]
pub(crate) struct Following {
    pub(crate) replay: Replay,
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
    pub(crate) async fn begin<D: Dialect, C: DerefMut<Target = D::Connection> + Send>(
        tables: &mut Tables<D, C>,
        head: u64,
    ) -> Result<Self, StoreError> {
        let replay = Replay::from(tables.newest_snapshot(head).await?.unwrap_or_default());
        Ok(Self {
            snapshot_seq: replay.state.seq,
            replay,
            chain: None,
            answers: BTreeMap::new(),
            answered_at: i64::MIN,
        })
    }

    /// Checks the chain of every row from here on.
    pub(crate) async fn check_chain<D: Dialect, C: DerefMut<Target = D::Connection> + Send>(
        &mut self,
        tables: &mut Tables<D, C>,
    ) -> Result<(), StoreError> {
        self.chain = Some(match tables.audit_of(self.replay.state.seq).await? {
            None => audit::GENESIS,
            Some(hash) => audit::stored(&hash)?,
        });
        Ok(())
    }

    /// Reads on to the head.
    pub(super) async fn read_on<D: Dialect, C: DerefMut<Target = D::Connection> + Send>(
        &mut self,
        tables: &mut Tables<D, C>,
        head: u64,
    ) -> Result<(), StoreError> {
        while self.replay.state.seq < head {
            self.read_page(tables).await?;
        }
        Ok(())
    }

    /// Reads the next rows, of which there have to be some.
    pub(crate) async fn read_page<D: Dialect, C: DerefMut<Target = D::Connection> + Send>(
        &mut self,
        tables: &mut Tables<D, C>,
    ) -> Result<(), StoreError> {
        let rows = tables.next(self.replay.state.seq).await?;
        rows.iter().try_for_each(|row| self.take(row))
    }

    /// Whether what was read is the journal up to its head, where its chain is checked.
    pub(crate) fn check_head(&self, head: u64, audit_head: &[u8; 32]) -> Result<(), StoreError> {
        let seq = self.replay.state.seq;
        if seq > head || (seq == head && self.chain.is_some_and(|chain| chain != *audit_head)) {
            let detail = format!("row {seq} was read of it, and it ends at row {head}");
            return Err(StoreError::corrupt("the journal does not go on from what was read of it", detail));
        }
        Ok(())
    }

    /// Journal, row and hash it was read to, where its chain is checked.
    pub(crate) fn reached(&self) -> Option<AuditHead> {
        let hash = audit::hex(self.chain.as_ref()?);
        let (journal, seq) = (self.replay.state.journal, self.replay.state.seq);
        Some(AuditHead { journal, seq, hash, readings: ReadingsHead::default() })
    }

    fn take(&mut self, row: &JournalRow) -> Result<(), StoreError> {
        if let Some(chain) = &mut self.chain {
            *chain = audit::hash(chain, row);
            if audit::hex(chain) != row.audit {
                return Err(StoreError::corrupt(
                    "the audit chain is broken",
                    format!("row {} does not give its hash", row.seq),
                ));
            }
        }
        self.replay.apply(&journal::record(row)?)
    }

    /// Keeps up with the answers given. Those given in the same moment as the last one are read once more.
    pub(crate) async fn read_answers<D: Dialect, C: DerefMut<Target = D::Connection> + Send>(
        &mut self,
        tables: &mut Tables<D, C>,
    ) -> Result<(), StoreError> {
        for answer in tables.answers(self.answered_at.max(self.answers_since())).await? {
            self.answered_at = answer.at.0;
            self.answers.insert((answer.actor.clone(), answer.command), answer);
        }
        Ok(())
    }

    /// Every answer that is kept, oldest first. Those that are too old lie there until they are purged, and nobody does that
    /// while the clock is in doubt: then they may be as young as any.
    pub(super) async fn all_answers<D: Dialect, C: DerefMut<Target = D::Connection> + Send>(
        &mut self,
        tables: &mut Tables<D, C>,
    ) -> Result<Vec<StoredAnswer>, StoreError> {
        let since = self.answers_since();
        let mut answers = tables.answers_before(since).await?;
        answers.append(&mut self.young_answers(tables, since).await?);
        Ok(answers)
    }

    /// Those given since. Another leader's clock may have stood behind the one before it, so those followed are counted, and
    /// read anew where one is missing.
    async fn young_answers<D: Dialect, C: DerefMut<Target = D::Connection> + Send>(
        &mut self,
        tables: &mut Tables<D, C>,
        since: i64,
    ) -> Result<Vec<StoredAnswer>, StoreError> {
        if self.answered_at == i64::MIN {
            return tables.answers(since).await;
        }
        self.read_answers(tables).await?;
        self.answers.retain(|_, answer| answer.at.0 >= since);
        if tables.answer_count(since).await? != self.answers.len() as u64 {
            return tables.answers(since).await;
        }
        let mut answers: Vec<_> = std::mem::take(&mut self.answers).into_values().collect();
        answers.sort_by_key(|answer| answer.at);
        Ok(answers)
    }

    fn answers_since(&self) -> i64 {
        self.replay.state.now.0.saturating_sub(ANSWERS_KEPT_US)
    }
}
