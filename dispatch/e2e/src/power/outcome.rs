//! What a run comes to.

use serde::Serialize;

use super::record::Recorded;
use crate::oracle::Tally;

/// Counts of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Writes, changes of names and flushes in the recording.
    pub steps: u64,
    /// Bytes written in it.
    pub bytes: u64,
    /// Cuts tried.
    pub cuts: u64,
    /// Commands acknowledged before a cut and looked for after it.
    pub acknowledged: u64,
    /// Commands refused before a cut and looked for after it.
    pub refused: u64,
    /// Commands sent once more after a cut, and answered as before.
    pub repeated: u64,
    /// Alarms raised after a cut.
    pub raised: u64,
    /// Journal rows proved by `ortoo verify`.
    pub rows: u64,
    /// Cuts after which the node said that something beside the journal was damaged.
    pub told: u64,
    /// Journals brought back from the mirror alone.
    pub recovered: u64,
    /// Rows that were flushed in those mirrors.
    pub mirrored: u64,
    /// Copies that were there and gave a journal.
    pub restored: u64,
    /// Acknowledged and not in the journal as told.
    pub lost: u64,
    /// In the journal more than once.
    pub doubled: u64,
    /// Everything that may not be, in words.
    pub findings: Vec<String>,
}

impl Outcome {
    /// Of no cut yet.
    pub fn of(recorded: &Recorded) -> Self {
        let recording = &recorded.recording;
        Self { steps: recording.steps.len() as u64, bytes: recording.length(), ..Self::default() }
    }

    /// Takes what the judge counted.
    pub fn take(&mut self, tally: &Tally) {
        (self.acknowledged, self.refused) = (tally.acknowledged, tally.refused);
        (self.lost, self.doubled, self.rows) = (tally.lost, tally.doubled, tally.rows);
    }

    /// Adds what another cut came to.
    pub fn add(&mut self, other: Self) {
        self.cuts += other.cuts;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.repeated += other.repeated;
        self.raised += other.raised;
        self.rows += other.rows;
        self.told += other.told;
        self.recovered += other.recovered;
        self.mirrored += other.mirrored;
        self.restored += other.restored;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.findings.extend(other.findings);
    }

    /// The table, one line a figure.
    pub fn table(&self) -> String {
        let rows = [
            ("steps recorded", self.steps),
            ("bytes of the recording", self.bytes),
            ("cuts", self.cuts),
            ("acknowledged commands looked for", self.acknowledged),
            ("refused commands looked for", self.refused),
            ("commands repeated, answered as before", self.repeated),
            ("alarms raised after a cut", self.raised),
            ("journal rows proved", self.rows),
            ("cuts with damage beside it, told", self.told),
            ("journals back from the mirror alone", self.recovered),
            ("rows flushed in those mirrors", self.mirrored),
            ("copies that gave a journal", self.restored),
            ("lost", self.lost),
            ("doubled", self.doubled),
            ("findings", self.findings.len() as u64),
        ];
        rows.map(|(what, count)| format!("{what:<38} {count:>10}")).join("\n")
    }
}
