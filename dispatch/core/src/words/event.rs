//! What has happened to wordss.

use crate::contexts::events;
use crate::kernel::about::About;
use crate::kernel::fact::Fact;
use crate::kernel::id::WordsId;
use crate::kernel::kind::ErasureReason;

events! {
    ($) words_events

    /// Text and salt of these words are gone.
    WordsErased "words_erased" {
        /// Which.
        words: Vec<WordsId>,
        /// Why.
        reason: ErasureReason,
    }
}

impl Fact for WordsErased {
    fn about(&self) -> About {
        About { erases: self.words.clone(), ..About::nothing() }
    }
}
