//! What came of it.

use std::fmt::Write as _;
use std::time::Duration;

use super::Attack;

/// What was seen for a while.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// How long each call for help waited for its answer, in ascending order.
    pub answered: Vec<Duration>,
    /// Calls that got no answer or another one.
    pub unanswered: u64,
    /// What they got.
    pub first_complaint: Option<String>,
    /// Questions of an operator at a seat that were answered.
    pub asked: u64,
    /// And those that were not.
    pub refused: u64,
    /// Most resident memory of the node, KiB.
    pub most_kib: u32,
}

/// One kind of attack.
#[derive(Clone, Debug)]
pub struct Row {
    /// The way the node was treated.
    pub attack: Attack,
    /// What was seen meanwhile.
    pub seen: Seen,
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Before.
    pub quiet: Seen,
    /// Each attack.
    pub rows: Vec<Row>,
    /// After them.
    pub after: Seen,
    /// Calls that were answered and that the console had not shown in the end.
    pub unshown: u64,
    /// Size of `/metrics` in the end.
    pub metrics_bytes: usize,
}

impl Seen {
    /// The time within which so many of a hundred were answered.
    pub fn within(&self, percent: usize) -> Duration {
        let last = self.answered.len().saturating_sub(1);
        self.answered.get(last * percent / 100).copied().unwrap_or_default()
    }

    fn line(&self, name: &str, quiet: Duration) -> String {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let (median, most) = (self.within(50), self.within(99));
        let ratio = most.as_secs_f64() / quiet.as_secs_f64().max(1e-6);
        format!(
            "{name:<22} {:>6} {:>10} {:>8.1} {:>8.1} {ratio:>7.1}x {:>6} {:>8} {:>8.0}",
            self.answered.len(),
            self.unanswered,
            ms(median),
            ms(most),
            self.asked,
            self.refused,
            f64::from(self.most_kib) / 1_024.0,
        )
    }
}

impl Outcome {
    /// As a table.
    pub fn table(&self) -> String {
        let quiet = self.quiet.within(99);
        let mut table = format!(
            "{:<22} {:>6} {:>10} {:>8} {:>8} {:>8} {:>6} {:>8} {:>8}\n",
            "", "calls", "unanswered", "p50 ms", "p99 ms", "p99", "asked", "refused", "MiB"
        );
        let rows = self.rows.iter().map(|row| (row.attack.name(), &row.seen));
        for (name, seen) in [("quiet", &self.quiet)].into_iter().chain(rows).chain([("after", &self.after)]) {
            let _ = writeln!(table, "{}", seen.line(name, quiet));
        }
        let _ = write!(table, "{} not shown; /metrics has {} bytes", self.unshown, self.metrics_bytes);
        table
    }

    /// What must not be, whatever the machine.
    pub fn findings(&self, most_mib: u32) -> Vec<String> {
        let mut findings = Vec::new();
        let rows = self.rows.iter().map(|row| (row.attack.name(), &row.seen));
        for (name, seen) in [("quiet", &self.quiet)].into_iter().chain(rows).chain([("after", &self.after)]) {
            if seen.unanswered > 0 {
                let why = seen.first_complaint.as_deref().unwrap_or("nothing");
                findings.push(format!("{name}: {} calls for help were not answered: {why}", seen.unanswered));
            }
            if seen.answered.is_empty() {
                findings.push(format!("{name}: no call for help was answered"));
            }
            if seen.refused > 0 {
                findings.push(format!("{name}: {} questions from a seat were refused", seen.refused));
            }
            if seen.most_kib / 1_024 > most_mib {
                findings.push(format!("{name}: the node held {} MiB", seen.most_kib / 1_024));
            }
        }
        if self.unshown > 0 {
            findings.push(format!("{} calls were answered and not shown", self.unshown));
        }
        if self.metrics_bytes > 200_000 {
            findings.push(format!("/metrics has {} bytes", self.metrics_bytes));
        }
        findings
    }
}
