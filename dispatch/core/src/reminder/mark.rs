//! What reminders are looked for by.

use crate::kernel::id::{IncidentId, SeatId};
use crate::kernel::marked::Marked;
use crate::reminder::Reminder;

/// Something reminders are looked for by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReminderMark {
    /// The incident it is about.
    Of(IncidentId),
    /// The seat that is reminded.
    At(SeatId),
}

impl Marked for Reminder {
    type Mark = ReminderMark;

    fn marks(&self) -> impl Iterator<Item = ReminderMark> {
        [ReminderMark::Of(self.incident), ReminderMark::At(self.seat.clone())].into_iter()
    }
}
