//! How a journal goes on that lacks what was witnessed of it: under another id, so that nobody takes a row for the one
//! that had its number before, and with the loss on record, so that it stands until somebody accepts it.

use dispatch_core::event::LossFound;
use dispatch_core::kernel::id::{JournalId, LossId};
use dispatch_core::kernel::time::Time;
use dispatch_core::loss::LossKind;
use dispatch_core::state::State;

use crate::batch::Batch;
use crate::genesis::{Genesis, housekeeping, minted};
use crate::replay::Replay;
use crate::store::{AppendOutcome, Opening, Store, StoreError};

/// What a journal lacks of what was witnessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// How it differs from the one that was witnessed.
    pub kind: LossKind,
    /// The journal that was witnessed.
    pub journal: JournalId,
    /// The row it had come to.
    pub witnessed: u64,
    /// When it had come there.
    pub witnessed_at: Time,
    /// The row at which the journal ends.
    pub found: u64,
    /// When that row was recorded.
    pub found_at: Time,
}

impl Lost {
    /// How many rows are gone; none where nobody knows, because it is another journal.
    pub fn rows(&self) -> Option<u64> {
        match self.kind {
            LossKind::Shorter => Some(self.witnessed.saturating_sub(self.found)),
            LossKind::Another => None,
        }
    }

    /// Whether the journal says so itself and nobody has accepted it yet: then it goes on from there, though its witness was
    /// not written since.
    pub fn is_on_record(&self, state: &State) -> bool {
        let mut standing = state.losses().values();
        standing.any(|loss| loss.journal == self.journal && loss.witnessed >= self.witnessed)
    }
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { journal, witnessed, witnessed_at, found, found_at, .. } = self;
        let (at, was) = (utc(*found_at), utc(*witnessed_at));
        match self.rows() {
            Some(rows) => write!(
                f,
                "it ends at row {found} of {at}, and had come to row {witnessed} at {was}: {} {} gone",
                counted(rows, "row"),
                if rows == 1 { "is" } else { "are" }
            ),
            None => write!(
                f,
                "journal {journal} had come to row {witnessed} at {was}, and this one, which ends at row {found} of \
                 {at}, does not hold that row"
            ),
        }
    }
}

/// So many of something, as people say it.
pub fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// So many names are said; of others only how many they are.
const NAMED: usize = 10;

/// The first of many, as people say them.
pub(crate) fn named(all: &[String]) -> String {
    let first = all[..all.len().min(NAMED)].join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// A time as people read it, UTC to the second.
pub fn utc(Time(us): Time) -> String {
    let known = jiff::Timestamp::from_microsecond(us).ok();
    known.map_or_else(|| format!("{us} us"), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// Records a loss in the journal that was opened, before anything else is, and gives it another id.
pub async fn go_on<S: Store>(
    store: &S,
    opening: Opening,
    lost: &Lost,
    at: Time,
) -> Result<Opening, StoreError> {
    let at = at.max(opening.state.now);
    let genesis = Genesis::new(opening.clock.clone(), at);
    go_on_as(store, opening, lost, &genesis, LossId(minted(at))).await
}

/// The same under ids that are given, not before the time of the last row.
pub async fn go_on_as<S: Store>(
    store: &S,
    opening: Opening,
    lost: &Lost,
    genesis: &Genesis,
    id: LossId,
) -> Result<Opening, StoreError> {
    store.next_epoch().await?;
    let found = LossFound {
        loss: id,
        kind: lost.kind,
        journal: lost.journal,
        witnessed: lost.witnessed,
        witnessed_at: lost.witnessed_at,
        found: lost.found,
        found_at: lost.found_at,
    };
    let mut records = genesis.batch(opening.head + 1).records;
    records.push(housekeeping(opening.head + 2, genesis.command, genesis.at, found.into()));
    let mut replay = Replay::from(opening.state);
    let views = replay.commit(&records)?;
    match store.append(&Batch { records, views, ..Batch::default() }).await {
        AppendOutcome::Committed { head, audit } => {
            Ok(Opening { state: replay.state, head, audit_head: audit, ..opening })
        }
        AppendOutcome::NotCommitted { why } | AppendOutcome::Unknown { why } => {
            Err(StoreError::Impossible(format!("the loss could not be recorded: {why}")))
        }
    }
}
