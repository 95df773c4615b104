//! What trials came to.

use std::collections::BTreeMap;

use dispatch_core::fault_point::{Point, Strike};

/// Counts of one trial or of many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Seeds run.
    pub seeds: u64,
    /// Simulated time, milliseconds.
    pub simulated_ms: u64,
    /// Inputs and outputs looked at.
    pub steps: u64,
    /// Commands sent, repeats not counted.
    pub commands: u64,
    /// Requests handed in, repeats counted.
    pub requests: u64,
    /// Answers by kind.
    pub answers: BTreeMap<&'static str, u64>,
    /// Decisions the auditor's own model agreed with.
    pub predicted: u64,
    /// Decisions it knows no rule for, by command and what it was answered.
    pub unpredicted: BTreeMap<String, u64>,
    /// Rows in the journals.
    pub rows: u64,
    /// Processes that were killed.
    pub kills: u64,
    /// What failed how, and how often.
    pub faults: BTreeMap<(&'static str, &'static str), u64>,
    /// What may not be: the seed, and the rule with what broke it.
    pub violations: Vec<(u64, String)>,
}

impl Report {
    /// Adds another.
    pub fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.simulated_ms += other.simulated_ms;
        self.steps += other.steps;
        self.commands += other.commands;
        self.requests += other.requests;
        self.predicted += other.predicted;
        self.rows += other.rows;
        self.kills += other.kills;
        for (what, count) in other.unpredicted {
            *self.unpredicted.entry(what).or_default() += count;
        }
        for (kind, count) in other.answers {
            *self.answers.entry(kind).or_default() += count;
        }
        for (fault, count) in other.faults {
            *self.faults.entry(fault).or_default() += count;
        }
        self.violations.extend(other.violations);
    }

    /// Points and kinds of failure that never befell.
    pub fn never(&self) -> Vec<(Point, Strike)> {
        let all = Point::ALL.into_iter().flat_map(|point| Strike::ALL.map(|strike| (point, strike)));
        all.filter(|(point, strike)| !self.faults.contains_key(&(point.name(), strike.name()))).collect()
    }

    /// For people.
    pub fn table(&self) -> String {
        let minutes = self.simulated_ms / 60_000;
        let mut lines = vec![
            format!("seeds {:>38}", self.seeds),
            format!("simulated hours {:>28}", format!("{}.{:02}", minutes / 60, minutes % 60 * 100 / 60)),
            format!("steps audited {:>30}", self.steps),
            format!("commands, and requests with repeats {:>8} {:>8}", self.commands, self.requests),
            format!(
                "decisions predicted, and without a rule {:>4} {:>6}",
                self.predicted,
                self.unpredicted.values().sum::<u64>()
            ),
            format!("journal rows {:>31}", self.rows),
            format!("processes killed {:>27}", self.kills),
        ];
        let count = |(kind, count): (&&str, &u64)| format!("{kind} {count}");
        lines.push(format!("answers: {}", self.answers.iter().map(count).collect::<Vec<_>>().join(", ")));
        let fault = |((what, how), count): (&(&str, &str), &u64)| format!("{what} {how} {count}");
        lines.push(format!("faults: {}", self.faults.iter().map(fault).collect::<Vec<_>>().join(", ")));
        let without = |(what, count): (&String, &u64)| format!("{what} {count}");
        let without: Vec<_> = self.unpredicted.iter().map(without).collect();
        if !without.is_empty() {
            lines.push(format!("without a rule: {}", without.join(", ")));
        }
        lines.push(format!("violations {:>33}", self.violations.len()));
        lines.join("\n")
    }
}
