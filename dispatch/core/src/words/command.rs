//! What can be asked about wordss.

use crate::contexts::commands;
use crate::kernel::id::WordsId;
use crate::kernel::kind::ErasureReason;

commands! {
    ($) words_commands

    /// Erases text and salt of words; the journal says so.
    ///
    /// Erases words: text and salt go, the journal says so (D12).
    EraseWords erase_words (post "words" "erase"; text No; by Administrator) {
        /// Which.
        words: Vec<WordsId>,
        /// Why.
        reason: ErasureReason,
    }
}
