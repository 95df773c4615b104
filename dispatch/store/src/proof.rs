//! The proof of a journal, shared by every database (D4, D5, D11): rows go in one by one; at the end read model,
//! timeline and snapshots are compared with what the replay made.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::event::Record;
use dispatch_core::invariant;

use crate::audit;
use crate::journal::{self, JournalRow};
use crate::query::EntityRow;
use crate::replay::Replay;
use crate::rows::{Rows, rows};
use crate::snapshot::StateHash;
use crate::store::{StoreError, Verified};

/// What has been replayed so far.
#[derive(Debug, Default)]
pub struct Proof {
    replay: Replay,
    seq: u64,
    audit: [u8; 32],
    /// Records of the commit that is not whole yet.
    open: Vec<Record>,
    model: Model,
    /// Snapshots not reached yet, with their hashes.
    snapshots: BTreeMap<u64, StateHash>,
    proven: u64,
    /// Snapshots of another format than ours.
    not_compared: u64,
}

/// A read model in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// Entities by kind and id.
    pub entities: BTreeMap<(String, String), EntityRow>,
    /// Kind, id, sequence.
    pub timeline: BTreeSet<(String, String, u64)>,
}

impl Model {
    /// Takes what one commit changes.
    pub fn take(&mut self, rows: Rows) {
        for entity in rows.entities {
            self.entities.insert((entity.kind.clone(), entity.id.clone()), entity);
        }
        for gone in rows.gone {
            if let Some(entity) = self.entities.get_mut(&(gone.kind, gone.id)) {
                entity.alive = false;
            }
        }
        self.timeline.extend(rows.timeline.into_iter().map(|row| (row.kind, row.id, row.seq)));
    }
}

impl Proof {
    /// Begins; `snapshots` are the state hashes by sequence.
    pub fn new(snapshots: BTreeMap<u64, StateHash>) -> Self {
        Self { snapshots, ..Self::default() }
    }

    /// Sequence of the last row taken.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The read model the rows taken so far make, without the commit that is not whole.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Takes the next row.
    pub fn row(&mut self, row: &JournalRow) -> Result<(), StoreError> {
        if row.seq != self.seq + 1 {
            return Err(StoreError::corrupt(
                "the journal is gapless",
                format!("row {} follows {}", row.seq, self.seq),
            ));
        }
        self.audit = audit::hash(&self.audit, row);
        if audit::hex(&self.audit) != row.audit {
            return Err(StoreError::corrupt(
                "the audit chain is unbroken",
                format!("it breaks at row {}", row.seq),
            ));
        }
        self.seq = row.seq;
        self.open.push(journal::record(row)?);
        if row.commit_head == row.seq { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        let records = std::mem::take(&mut self.open);
        let views = self.replay.commit(&records)?;
        self.model.take(rows(&records, &views));
        if let Some(hash) = self.snapshots.remove(&self.seq) {
            match StateHash::of(&self.replay.state).agrees(&hash) {
                Some(true) => self.proven += 1,
                Some(false) => {
                    let which = format!("snapshot {}", self.seq);
                    return Err(StoreError::corrupt("a snapshot equals the replay", which));
                }
                None => self.not_compared += 1,
            }
        }
        Ok(())
    }

    /// Compares what is stored with the replay, and says what was proven.
    pub fn finish(self, audit_head: &[u8; 32], stored: &Model) -> Result<Verified, StoreError> {
        if self.audit != *audit_head {
            return Err(StoreError::corrupt("the audit head is the last row's", audit::hex(&self.audit)));
        }
        if !self.open.is_empty() {
            return Err(StoreError::corrupt("the last commit is whole", self.seq));
        }
        if let Some(seq) = self.snapshots.keys().next() {
            return Err(StoreError::corrupt("a snapshot is of the end of a commit", seq));
        }
        if let Some(violation) = invariant::violations(&self.replay.state).first() {
            return Err(StoreError::corrupt(violation.rule, &violation.id));
        }
        compare(&self.model, stored)?;
        Ok(Verified {
            rows: self.seq,
            audit_head: audit::hex(&self.audit),
            state: StateHash::of(&self.replay.state),
            entities: stored.entities.len() as u64,
            snapshots: self.proven,
            snapshots_not_compared: self.not_compared,
        })
    }
}

fn compare(replayed: &Model, stored: &Model) -> Result<(), StoreError> {
    const RULE: &str = "the read model equals the replay";
    for (key, entity) in &stored.entities {
        match replayed.entities.get(key) {
            Some(other) if other == entity => {}
            Some(_) => return Err(StoreError::corrupt(RULE, format!("{} {} differs", key.0, key.1))),
            None => {
                return Err(StoreError::corrupt(RULE, format!("{} {} is not of the journal", key.0, key.1)));
            }
        }
    }
    if let Some((kind, id)) = replayed.entities.keys().find(|key| !stored.entities.contains_key(*key)) {
        return Err(StoreError::corrupt(RULE, format!("{kind} {id} is missing")));
    }
    match stored.timeline.symmetric_difference(&replayed.timeline).next() {
        Some((kind, id, seq)) => {
            Err(StoreError::corrupt("the timeline equals the replay", format!("{kind} {id} at row {seq}")))
        }
        None => Ok(()),
    }
}
