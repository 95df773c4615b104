//! Limits: everything that waits has a bound, and every bound is counted when it is met (D11).

/// Limits of the writer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Alarms waiting to be decided. This lane is theirs alone.
    pub alarms_max: usize,
    /// Commands waiting to be decided or committed.
    pub commands_max: usize,
    /// Position batches taken between two drains.
    pub positions_max: usize,
    /// Fixes in one position batch; those beyond are refused.
    pub fixes_max: usize,
    /// Commands in one commit.
    pub batch_commands_max: usize,
    /// Records in one commit; a command is never split.
    pub batch_records_max: usize,
    /// Alarms kept while the journal cannot commit.
    pub unrecorded_max: usize,
    /// Days an answer is kept.
    pub answer_days: u16,
    /// Records between two snapshots.
    pub snapshot_rows: u64,
    /// Milliseconds a machine's clock in doubt has to be steady to be believed without anybody's word.
    pub clock_steady_ms: u32,
    /// Milliseconds it may be away at the most then.
    pub clock_near_ms: u32,
    /// Seconds named to a sender when there is no room.
    pub retry_after_s: u32,
    /// Milliseconds between two attempts to open the store again.
    pub reopen_ms: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            alarms_max: 4_096,
            commands_max: 8_192,
            positions_max: 1_024,
            fixes_max: 10_000,
            batch_commands_max: 64,
            batch_records_max: 512,
            unrecorded_max: 4_096,
            answer_days: 7,
            snapshot_rows: 10_000,
            clock_steady_ms: 600_000,
            clock_near_ms: 3_600_000,
            retry_after_s: 1,
            reopen_ms: 500,
        }
    }
}

impl Limits {
    /// How long an answer is kept, in microseconds.
    pub fn answer_us(&self) -> i64 {
        i64::from(self.answer_days) * 86_400_000_000
    }
}
