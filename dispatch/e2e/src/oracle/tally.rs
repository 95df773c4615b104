//! What a run comes to.

use serde::Serialize;

/// Counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Kills of the server alone.
    pub server_kills: u64,
    /// Kills of the database alone.
    pub database_kills: u64,
    /// Kills of both at once.
    pub both_kills: u64,
    /// Requests sent, retries and repeats included.
    pub requests: u64,
    /// Commands acknowledged.
    pub acknowledged: u64,
    /// Commands refused.
    pub refused: u64,
    /// Commands nothing definite is known of: at the end there are none.
    pub unknown: u64,
    /// Commands whose fate was unknown at the moment of a kill, over all kills.
    pub unknown_at_kills: u64,
    /// Acknowledged and not in the journal as told.
    pub lost: u64,
    /// In the journal more than once.
    pub doubled: u64,
    /// Orders that reached their terminal and were carried out.
    pub orders: u64,
    /// Incidents that went from alarm to close.
    pub closed: u64,
    /// Commits consoles received without a gap.
    pub commits_seen: u64,
    /// Journal rows proved by `ortoo verify`, chain and state, at the end of each centre.
    pub rows: u64,
    /// Everything that may not be, in words.
    pub findings: Vec<String>,
}

impl Tally {
    /// Kills in all.
    pub fn kills(&self) -> u64 {
        self.server_kills + self.database_kills + self.both_kills
    }

    /// Adds what another centre of the same run came to.
    pub fn add(&mut self, other: Self) {
        self.server_kills += other.server_kills;
        self.database_kills += other.database_kills;
        self.both_kills += other.both_kills;
        self.requests += other.requests;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.unknown_at_kills += other.unknown_at_kills;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.orders += other.orders;
        self.closed += other.closed;
        self.commits_seen += other.commits_seen;
        self.rows += other.rows;
        self.findings.extend(other.findings);
    }

    /// The table, one line a figure.
    pub fn table(&self) -> String {
        let rows = [
            ("kills of the server", self.server_kills),
            ("kills of the database", self.database_kills),
            ("kills of both", self.both_kills),
            ("requests, retries included", self.requests),
            ("commands acknowledged", self.acknowledged),
            ("commands refused", self.refused),
            ("commands in the open at a kill", self.unknown_at_kills),
            ("commands still unknown at the end", self.unknown),
            ("orders that reached their terminal", self.orders),
            ("incidents lived to their close", self.closed),
            ("commits seen by consoles, no gap", self.commits_seen),
            ("journal rows proved", self.rows),
            ("lost", self.lost),
            ("doubled", self.doubled),
            ("findings", self.findings.len() as u64),
        ];
        rows.map(|(what, count)| format!("{what:<36} {count:>10}")).join("\n")
    }
}
