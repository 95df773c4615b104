//! Bugs that can be planted to see whether the proof catches them: each is one that somebody may make in good faith.
//!
//! Without the feature `planted`, which is never a default and which a test of the shipped binary demands to be absent,
//! [`is`] is a constant and nothing of a bug is left after compilation.

/// A bug that can be planted, named by what goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// An acceptance leaves before its batch is committed.
    AnswerBeforeCommit,
    /// A refusal leaves before the batch it rests on is committed.
    SpeculativeRefusal,
    /// A batch of unknown outcome is taken for lost, and its sequence numbers are used again.
    ReusedSequence,
    /// A batch of unknown outcome is sent again without looking whether it was committed.
    AppliedTwice,
    /// An acceptance is kept without the row that recognises its repeat.
    LostAnswer,
    /// A unit that is on its way elsewhere is given a second order.
    UnitTakenTwice,
    /// A snapshot leaves out what one event made.
    ShortSnapshot,
    /// The epoch is read before the rows are written instead of being held by the same statement.
    PlainFence,
    /// The embedded database does not wait for the disk.
    UnsyncedCommit,
    /// A sink's cursor passes what was not confirmed.
    SkippingCursor,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::AnswerBeforeCommit,
        Self::SpeculativeRefusal,
        Self::ReusedSequence,
        Self::AppliedTwice,
        Self::LostAnswer,
        Self::UnitTakenTwice,
        Self::ShortSnapshot,
        Self::PlainFence,
        Self::UnsyncedCommit,
        Self::SkippingCursor,
    ];
}

#[cfg(feature = "planted")]
mod chosen {
    use std::sync::OnceLock;

    use super::Bug;

    static CHOSEN: OnceLock<Option<Bug>> = OnceLock::new();

    impl Bug {
        /// The bug of this name, as `Debug` writes it.
        pub fn named(name: &str) -> Option<Self> {
            Self::ALL.into_iter().find(|bug| format!("{bug:?}") == name)
        }
    }

    /// Whether this bug was planted: the one that `ORTOO_PLANTED` names, and no other.
    pub fn is(bug: Bug) -> bool {
        #[expect(clippy::disallowed_methods, reason = "no build that is used has this")]
        let asked = || std::env::var("ORTOO_PLANTED").ok().and_then(|name| Bug::named(&name));
        *CHOSEN.get_or_init(asked) == Some(bug)
    }
}

#[cfg(feature = "planted")]
pub use chosen::is;

/// Whether this bug was planted: never.
#[cfg(not(feature = "planted"))]
pub const fn is(_: Bug) -> bool {
    false
}
