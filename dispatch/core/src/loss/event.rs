//! What has happened to losses 丢失. That one was found is recorded by the store, before anything else is.

use crate::contexts::events;
use crate::kernel::about::About;
use crate::kernel::fact::Fact;
use crate::kernel::id::{JournalId, LossId};
use crate::kernel::kind::vocabulary;
use crate::kernel::place::AreaPath;
use crate::kernel::time::Time;

vocabulary! {
    /// How a journal that was found differs from the one that was witnessed.
    LossKind {
        /// It is the one that was witnessed, and ends before the row that was.
        Shorter,
        /// It is another one, or went on otherwise.
        Another,
    }
}

events! {
    ($) loss_events

    /// The journal lacks what was witnessed of it; a `journal_opened` row before this one gives it another id.
    LossFound "loss_found" (Made loss) {
        /// Its id, given by the centre.
        loss: LossId,
        /// How the journal differs from the one that was witnessed.
        kind: LossKind,
        /// The journal that was witnessed.
        journal: JournalId,
        /// The row it had come to.
        witnessed: u64,
        /// When it had come there, microseconds UTC.
        witnessed_at: Time,
        /// The row at which the journal that was found ended.
        found: u64,
        /// When that row was recorded, microseconds UTC.
        found_at: Time,
    }
    /// Somebody goes on without what is lost.
    LossAccepted "loss_accepted" {
        /// The loss that is accepted.
        loss: LossId,
    }
}

impl Fact for LossAccepted {
    fn about(&self) -> About {
        About::ended(self.loss, &AreaPath::default())
    }
}
