//! Erasing words: the journal says that text and salt went.

use std::collections::BTreeSet;

use super::command::EraseWords;
use crate::decide::{Deciding, Decision};
use crate::event::WordsErased;
use crate::kernel::kind::ErasureReason;
use crate::kernel::refusal::{Refusal, Rule};

impl Deciding<'_> {
    /// The store drops text and salt; the journal only says that they went (D12).
    pub(crate) fn erase_words(&mut self, erase: &EraseWords) -> Decision {
        if erase.reason == ErasureReason::Retention && self.evidence.doubt.is_some() {
            return Err(Refusal::invalid("reason", Rule::ClockInDoubt));
        }
        if erase.reason == ErasureReason::Lost {
            return Err(Refusal::invalid("reason", Rule::NodeOnly));
        }
        let words: BTreeSet<_> = erase.words.iter().copied().collect();
        if words.is_empty() {
            return Err(Refusal::invalid("words", Rule::Missing));
        }
        self.push(WordsErased { words: words.into_iter().collect(), reason: erase.reason });
        Ok(())
    }
}
