//! The first row of a journal: its id and its clock (D7). Also the envelope of what a store records by itself.

use dispatch_core::event::{Event, JournalOpened, Record};
use dispatch_core::kernel::id::{CommandId, JournalId};
use dispatch_core::kernel::kind::{Channel, Mode};
use dispatch_core::kernel::time::Time;
use uuid::{NoContext, Timestamp, Uuid};

use crate::batch::Batch;
use crate::store::{AppendOutcome, StoreError};

/// What the first row of a journal says (D7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// Id of the journal.
    pub journal: JournalId,
    /// The command the row is filed under.
    pub command: CommandId,
    /// `wall`, or `scaled:<origin µs>:<rate per mille>`.
    pub clock: String,
    /// When, by that clock.
    pub at: Time,
}

impl Genesis {
    /// A new journal on this clock.
    pub fn new(clock: impl Into<String>, at: Time) -> Self {
        Self { journal: JournalId(minted(at)), command: CommandId(minted(at)), clock: clock.into(), at }
    }

    /// A batch of the row alone, at a sequence.
    pub(crate) fn batch(&self, seq: u64) -> Batch {
        let opened = JournalOpened { journal: self.journal, clock: self.clock.clone() }.into();
        let record = housekeeping(seq, self.command, self.at, opened);
        Batch { records: vec![record], ..Batch::default() }
    }

    /// What came of writing it to an empty journal.
    pub(crate) fn written(outcome: AppendOutcome) -> Result<(), StoreError> {
        match outcome.committed() {
            Ok(_) => Ok(()),
            Err(why) => Err(StoreError::Impossible(format!("the first row could not be written: {why}"))),
        }
    }
}

/// The last millisecond a `UUIDv7` can name, of the year 10889.
const MINTED_MS_MAX: u64 = (1 << 48) - 1;

/// The last time a `UUIDv7` can be of.
pub const MINTED_MAX: Time = Time(((1 << 48) - 1) * 1_000);

/// A new `UUIDv7` of a moment of the node's time, or of the nearest to it that one can name: what the machine's clock shows
/// may be nothing of the kind (D7).
pub fn minted(at: Time) -> Uuid {
    let ms = u64::try_from(at.0.div_euclid(1_000)).unwrap_or(0).min(MINTED_MS_MAX);
    let nanos = u32::try_from(ms % 1_000 * 1_000_000).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, ms / 1_000, nanos))
}

/// A record of the centre's own doing.
pub(crate) fn housekeeping(seq: u64, command: CommandId, at: Time, event: Event) -> Record {
    Record {
        seq,
        command,
        desk: None,
        seat: None,
        actor: "system".into(),
        on_behalf_of: None,
        channel: Channel::System,
        mode: Mode::Actual,
        occurred_at: at,
        recorded_at: at,
        event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_minted_whatever_the_time() {
        let of = |at| minted(Time(at)).get_timestamp().map(|stamp| stamp.to_unix().0);
        for (at, seconds) in [
            (i64::MIN, 0),
            (-1, 0),
            (1_767_803_400_000_000, 1_767_803_400),
            (253_402_300_800_000_000, 253_402_300_800),
            (i64::MAX, MINTED_MS_MAX / 1_000),
        ] {
            assert_eq!(of(at), Some(seconds), "{at}");
            assert_ne!(minted(Time(at)), minted(Time(at)));
            assert_eq!(minted(Time(at)).get_version_num(), 7);
        }
    }
}
