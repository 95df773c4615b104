//! What the writer counts, for metrics. Every limit that is met and everything that is turned away has a counter.

/// Counts since the writer was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Commands accepted and committed.
    pub accepted: u64,
    /// Commands refused by decision, committed as refusals.
    pub refused: u64,
    /// Answers repeated from memory.
    pub repeated: u64,
    /// Repeats that waited for the commit of the first.
    pub joined: u64,
    /// The same id with another body.
    pub conflicts: u64,
    /// Ids older than ids are kept.
    pub expired: u64,
    /// Commands turned away because their lane was full.
    pub commands_busy: u64,
    /// Alarms turned away because their own lane was full.
    pub alarms_busy: u64,
    /// Position batches turned away.
    pub positions_busy: u64,
    /// Fixes beyond the limit of one batch.
    pub fixes_over_limit: u64,
    /// Fixes looked at.
    pub fixes: u64,
    /// Fixes that are live.
    pub fixes_live: u64,
    /// Batches that were committed.
    pub commits: u64,
    /// Records that were committed.
    pub records: u64,
    /// Batches not committed.
    pub not_committed: u64,
    /// Batches whose outcome was unknown.
    pub unknown: u64,
    /// Batches of unknown outcome that turned out committed.
    pub unknown_committed: u64,
    /// Requests turned away because the journal has lost something that nobody has accepted.
    pub halted: u64,
    /// Requests answered `NotRecorded`.
    pub not_recorded: u64,
    /// Alarms shown before they could be recorded.
    pub unrecorded: u64,
    /// Alarms that could not even be kept for recording; their senders were told.
    pub unrecorded_lost: u64,
    /// Times state was rebuilt.
    pub reopened: u64,
    /// Outcomes of batches that were not in flight; each is a fault of the driver.
    pub strays: u64,
}

/// What waits now, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// Alarms waiting to be decided.
    pub alarms_waiting: usize,
    /// Commands waiting to be decided.
    pub commands_waiting: usize,
    /// Requests decided or waiting, not answered yet.
    pub open: usize,
    /// Alarms kept until the journal takes them.
    pub unrecorded: usize,
    /// Answers kept to be repeated.
    pub answers: usize,
    /// Records decided and not committed yet.
    pub records_open: usize,
    /// Whether the journal takes commits.
    pub recording: bool,
    /// Whether the machine's clock is in doubt.
    pub clock_in_doubt: bool,
}
