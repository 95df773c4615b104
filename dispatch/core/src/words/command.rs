//! The one command on words: to erase them.

use crate::contexts::commands;
use crate::kernel::id::WordsId;
use crate::kernel::kind::ErasureReason;

commands! {
    ($) words_commands

    /// Erases text and salt of words; the journal says so.
    EraseWords erase_words (post "words" "erase"; text No; by Administrator over Region) {
        /// The words records that are erased.
        words: Vec<WordsId>,
        /// Why they are erased.
        reason: ErasureReason,
    }
}
