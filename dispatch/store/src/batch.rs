//! What one commit carries. A batch is written whole or not at all (D4).

use dispatch_core::event::{ClockCorrected, Record};
use dispatch_core::kernel::id::{ActorId, CommandId, FeedbackId, Named, WordsId};
use dispatch_core::kernel::refusal::Refusal;
use dispatch_core::kernel::time::Time;
use dispatch_core::view::View;
use serde::{Deserialize, Serialize};

use crate::words::Words;

/// How long answers are kept (D6), microseconds.
pub(crate) const ANSWERS_KEPT_US: i64 = 7 * 86_400_000_000;

/// One commit. The records continue the journal without a gap: the first one's `seq` is the head plus one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Rows of the journal, in order. A batch of refusals alone has none.
    pub records: Vec<Record>,
    /// The entities the records changed, as they are after the last of them.
    pub views: Vec<View>,
    /// Answers to the commands of this batch, acceptances and refusals alike (D6).
    pub answers: Vec<StoredAnswer>,
    /// What was said or typed with these commands.
    pub words: Vec<Words>,
    /// Words whose text and salt go with this commit; a record of the batch says so.
    pub erase: Vec<WordsId>,
    /// Contents of region packages adopted by these records (D10).
    pub contents: Vec<Content>,
}

impl Batch {
    /// The head the journal must have for this batch to fit; none when the batch has no record.
    pub fn expected_head(&self) -> Option<u64> {
        self.records.first().map(|record| record.seq.saturating_sub(1))
    }

    /// The head after this batch; none when the batch has no record.
    pub fn head(&self) -> Option<u64> {
        self.records.last().map(|record| record.seq)
    }

    /// How far the clock was corrected with it, microseconds; 0 where it was not. What is kept for a while is kept as
    /// long as it would have been (D7).
    pub fn clock_moves(&self) -> i64 {
        let corrected = self.records.iter().filter_map(|record| record.event.get::<ClockCorrected>());
        corrected.map(ClockCorrected::moves).sum()
    }

    /// Why it cannot be written behind this head; none when it can.
    pub(crate) fn misfit(&self, head: u64) -> Option<String> {
        let fits = self.is_gapless() && self.expected_head().is_none_or(|expected| expected == head);
        (!fits).then(|| format!("the head is {head}, the batch continues {:?}", self.expected_head()))
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
            && self.answers.is_empty()
            && self.words.is_empty()
            && self.erase.is_empty()
            && self.contents.is_empty()
    }

    /// Whether the records follow each other without a gap.
    pub fn is_gapless(&self) -> bool {
        self.records.windows(2).all(|pair| pair[1].seq == pair[0].seq + 1)
    }
}

/// A region package, content-addressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its hash, hex, as `region_adopted` names it.
    pub hash: String,
    /// The package as it was adopted.
    pub bytes: Vec<u8>,
}

/// What a command was answered, kept for seven days and repeated for the same id (D6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Who sent the command.
    pub actor: ActorId,
    /// Its id, unique per actor.
    pub command: CommandId,
    /// Keyed hash of method, path and body: the same id with another body is a conflict.
    pub fingerprint: [u8; 32],
    /// What was answered.
    pub answer: Answer,
    /// When it was decided.
    pub at: Time,
}

/// The answer of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It was done; these are what it made or changed.
    Accepted(Accepted),
    /// Not done, and why.
    Refused(Refusal),
}

/// What a command made or changed, so that its sender needs not look for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Sequence of the last record it made; 0 when it made none.
    pub seq: u64,
    /// What it made, or else changed.
    #[serde(flatten)]
    pub named: Named,
    /// The feedback it gave or reviewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feedback: Option<FeedbackId>,
    /// The version now of the incident it changed, or of the alarm where there is no incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}
