//! What trials came to.

use std::collections::BTreeMap;

use dispatch_core::command::Command;
use dispatch_core::event::Event;

use super::strikes::{Point, Strike};

/// Time is nobody's command.
const NOT_ASKED: [&str; 1] = ["tick"];

/// What a disk has to lose in a run of many seeds.
const LOST: [&str; 7] = [
    "lost answers",
    "lost a row",
    "lost rows",
    "lost all",
    "lost a correction",
    "lost while halted",
    "lost twice",
];

/// How somebody has to be answered in a run of many seeds because of that: turned away until a loss is accepted, or decided
/// once more.
const ANSWERED: [&str; 3] = ["halted", "anew", "call anew"];

/// How many of the commands and events that happened least are named.
const RAREST: usize = 8;

/// Counts of one trial or of many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Seeds that were run.
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
    /// Commands accepted, by name.
    pub accepted: BTreeMap<&'static str, u64>,
    /// Rows of the journals, by event.
    pub events: BTreeMap<&'static str, u64>,
    /// Rows in the journals.
    pub rows: u64,
    /// Processes that were killed.
    pub kills: u64,
    /// What failed how, and how often.
    pub faults: BTreeMap<(&'static str, &'static str), u64>,
    /// Rules that were broken: the seed, and the rule with what broke it.
    pub violations: Vec<(u64, String)>,
}

impl Report {
    /// Adds the counts of another report to this one.
    pub fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.simulated_ms += other.simulated_ms;
        self.steps += other.steps;
        self.commands += other.commands;
        self.requests += other.requests;
        self.predicted += other.predicted;
        self.rows += other.rows;
        self.kills += other.kills;
        for (name, count) in other.accepted {
            *self.accepted.entry(name).or_default() += count;
        }
        for (name, count) in other.events {
            *self.events.entry(name).or_default() += count;
        }
        for (kind, count) in other.answers {
            *self.answers.entry(kind).or_default() += count;
        }
        for (fault, count) in other.faults {
            *self.faults.entry(fault).or_default() += count;
        }
        self.violations.extend(other.violations);
    }

    /// What never happened and has to: failures by point and kind, commands that were accepted, events.
    pub fn never(&self) -> Vec<String> {
        let all = Point::ALL.into_iter().flat_map(|point| Strike::ALL.map(|strike| (point, strike)));
        let faults = all.map(|(point, strike)| (point.name(), strike.name()));
        let faults = faults.chain(LOST.map(|how| ("disk", how)));
        let faults = faults.filter(|fault| !self.faults.contains_key(fault));
        let faults = faults.map(|(what, how)| format!("{what} {how}"));
        let commands = Command::NAMES.iter().filter(|name| !NOT_ASKED.contains(name));
        let commands = commands.filter(|name| !self.accepted.contains_key(**name));
        let events = Event::NAMES.iter().filter(|name| !self.events.contains_key(**name));
        let answers = ANSWERED.iter().filter(|kind| !self.answers.contains_key(**kind));
        faults.chain(commands.chain(events).chain(answers).map(ToString::to_string)).collect()
    }

    /// The counts as a table for people, one line each.
    pub fn table(&self) -> String {
        let minutes = self.simulated_ms / 60_000;
        let mut lines = vec![
            format!("seeds {:>38}", self.seeds),
            format!("simulated hours {:>28}", format!("{}.{:02}", minutes / 60, minutes % 60 * 100 / 60)),
            format!("steps audited {:>30}", self.steps),
            format!("commands, and requests with repeats {:>8} {:>8}", self.commands, self.requests),
            format!("decisions predicted {:>24}", self.predicted),
            format!(
                "kinds of commands accepted {:>17} of {}",
                self.accepted.len(),
                Command::NAMES.len() - NOT_ASKED.len()
            ),
            format!("journal rows {:>31}", self.rows),
            format!("kinds of events {:>28} of {}", self.events.len(), Event::NAMES.len()),
            format!("processes killed {:>27}", self.kills),
        ];
        let count = |(kind, count): (&&str, &u64)| format!("{kind} {count}");
        lines.push(format!("answers: {}", self.answers.iter().map(count).collect::<Vec<_>>().join(", ")));
        let fault = |((what, how), count): (&(&str, &str), &u64)| format!("{what} {how} {count}");
        lines.push(format!("faults: {}", self.faults.iter().map(fault).collect::<Vec<_>>().join(", ")));
        let mut rarest: Vec<_> = self.accepted.iter().chain(&self.events).collect();
        rarest.sort_by_key(|(_, count)| **count);
        let rarest: Vec<_> = rarest.into_iter().take(RAREST).map(count).collect();
        lines.push(format!("rarest: {}", rarest.join(", ")));
        lines.push(format!("violations {:>33}", self.violations.len()));
        lines.join("\n")
    }
}
