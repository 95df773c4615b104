//! The one event of words: they are erased.

use crate::contexts::events;
use crate::kernel::about::About;
use crate::kernel::fact::Fact;
use crate::kernel::id::WordsId;
use crate::kernel::kind::ErasureReason;

events! {
    ($) words_events

    /// Text and salt of these words are gone.
    WordsErased "words_erased" {
        /// The words records that were erased.
        words: Vec<WordsId>,
        /// Why they were erased.
        reason: ErasureReason,
    }
}

impl Fact for WordsErased {
    fn about(&self) -> About {
        About { erases: self.words.clone(), ..About::nothing() }
    }
}
