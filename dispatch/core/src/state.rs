//! The state of the centre: everything that is alive, in ordered maps. Made only by applying records in order; the
//! same records make the same bytes.
//!
//! Each context keeps a part of its own, which nobody else can write; what it keeps it shows by queries on [`State`] in
//! its `state.rs`.

use serde::{Deserialize, Serialize};

use crate::kernel::id::JournalId;
use crate::kernel::time::Time;
use crate::kernel::timetable::Timetable;

macro_rules! state_of {
    ($( [$($at:tt)*] $commands:ident $events:ident keeps { $($field:ident : $kept:ty)? } shows { $($shows:tt)* } )*) => {
        /// Name of the format a state is written in: a number, which rises when a part changes inside, and the parts.
        /// Two states, or their hashes, are compared only if it is the same (D5).
        pub const FORMAT: &str = concat!("4", $($( " ", stringify!($field), )?)*);

        /// Everything alive at one point of the journal.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct State {
            /// The journal it was made from; none before the first row.
            pub journal: Option<JournalId>,
            /// Sequence of the last record applied.
            pub seq: u64,
            /// Time of the last record applied: time never runs back (D7).
            pub now: Time,
            $($( pub(crate) $field: $kept, )?)*
            /// What is due and when; each context sets and ends timers on its own entities.
            pub(crate) timers: Timetable,
        }
    };
}
contexts! { state_of }

impl State {
    /// What is due and when.
    pub fn timers(&self) -> &Timetable {
        &self.timers
    }
    /// What is due and when, for tests that set up what no event makes.
    #[cfg(any(test, feature = "sample"))]
    pub fn timers_mut(&mut self) -> &mut Timetable {
        &mut self.timers
    }
}
