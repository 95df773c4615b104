//! What a replay found: ours beside the log's, agreement, and everything that was not taken.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use dispatch_api::problem::Problem;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::interval::{IncidentIntervals, Summary};
use dispatch_store::Store;

use super::log::{Call, Log, Reject};
use super::player::{Agreement, Player, Refused};

/// What a replay found: ours beside the log's.
#[derive(Debug)]
pub struct Report {
    /// Rows of the file.
    pub rows: u64,
    /// Calls in it, those that could not be read included.
    pub calls: usize,
    /// Calls that became incidents.
    pub incidents: usize,
    /// What was not taken, a line each, by the rule that it breaks.
    pub broken: BTreeMap<String, Vec<String>>,
    /// Calls lost whole.
    pub calls_lost: usize,
    /// Response as the log has it.
    pub log_response: Option<Summary>,
    /// Response as we compute it.
    pub our_response: Option<Summary>,
    /// Processing as the log has it.
    pub log_processing: Option<Summary>,
    /// Processing as we compute it.
    pub our_processing: Option<Summary>,
    /// Calls of which response or processing differ by a second or more.
    pub different: usize,
    /// Recommendations beside what was done.
    pub agreement: Agreement,
    /// How many commands were sent.
    pub commands: u64,
    /// How many commits they went into.
    pub commits: u64,
}

impl Report {
    /// Compares what was played with the log.
    pub fn of<S: Store + Clone + 'static>(log: &Log, player: &Player<'_, S>) -> Self {
        let mut pairs = Vec::new();
        for (index, call) in log.calls.iter().enumerate() {
            if let Some(ours) = player.intervals.get(&index) {
                pairs.push((logged(call, |order| player.took(index, order)), *ours));
            }
        }
        let column =
            |pick: fn(&IncidentIntervals) -> Option<u32>,
             side: fn(&(IncidentIntervals, IncidentIntervals)) -> &IncidentIntervals| {
                Summary::of(pairs.iter().filter_map(|pair| pick(side(pair))).collect())
            };
        let same = |a: Option<u32>, b: Option<u32>| match (a, b) {
            (Some(a), Some(b)) => a.abs_diff(b) < 1_000,
            (a, b) => a == b,
        };
        let differs = |(log, ours): &&(IncidentIntervals, IncidentIntervals)| {
            !same(log.response_ms, ours.response_ms) || !same(log.processing_ms, ours.processing_ms)
        };
        let calls_lost = log.rejects.iter().filter(|reject| reject.whole_call).count();
        Self {
            rows: log.rows,
            calls: log.calls.len() + calls_lost,
            incidents: player.incidents(),
            broken: broken(&log.rejects, &player.refused),
            calls_lost: calls_lost + log.calls.len() - player.incidents(),
            log_response: column(|one| one.response_ms, |pair| &pair.0),
            our_response: column(|one| one.response_ms, |pair| &pair.1),
            log_processing: column(|one| one.processing_ms, |pair| &pair.0),
            our_processing: column(|one| one.processing_ms, |pair| &pair.1),
            different: pairs.iter().filter(differs).count(),
            agreement: player.agreement,
            commands: 0,
            commits: 0,
        }
    }

    /// Whether the replay holds: every call is an incident or listed, and ours equal the log's to the second.
    pub fn holds(&self) -> bool {
        self.incidents + self.calls_lost == self.calls && self.different == 0
    }

    /// The report as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut line = |words: String| {
            let _ = writeln!(text, "{words}");
        };
        line(format!(
            "rows {}, calls {} = incidents {} + not taken {}; commands {} in {} commits",
            self.rows, self.calls, self.incidents, self.calls_lost, self.commands, self.commits
        ));
        line("interval     source    count      mean       p50       p90       p95   (seconds)".to_owned());
        line(row("response", "the log", self.log_response));
        line(row("response", "Ortoo", self.our_response));
        line(row("processing", "the log", self.log_processing));
        line(row("processing", "Ortoo", self.our_processing));
        line(format!("calls that differ by a second or more: {}", self.different));
        let agreement = self.agreement;
        let percent = |part: u32| f64::from(part) * 100.0 / f64::from(agreement.compared.max(1));
        line(format!(
            "recommendation beside the unit really sent first ({} incidents; a unit stands at its last call, before its \
             first in the middle of its calls): first of its class {:.1} %, among the first three {:.1} %, offered {:.1} %",
            agreement.compared,
            percent(agreement.first),
            percent(agreement.first_three),
            percent(agreement.offered)
        ));
        let count: usize = self.broken.values().map(Vec::len).sum();
        line(format!("rows that break a rule: {count}"));
        for (rule, lines) in &self.broken {
            line(format!("{:>7}  {rule}", lines.len()));
        }
        for (rule, lines) in &self.broken {
            line(format!("{rule}:"));
            for said in lines {
                line(format!("  {said}"));
            }
        }
        text
    }
}

/// What was not taken by the rule it breaks: of the file the column, of the centre what was asked and the refusal's
/// code.
fn broken(rejects: &[Reject], refused: &[Refused]) -> BTreeMap<String, Vec<String>> {
    let mut broken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Reject { line, call, rule, .. } in rejects {
        let column = rule.split_once(':').map_or(rule.as_str(), |(column, _)| column);
        broken.entry(column.to_owned()).or_default().push(format!("line {line}: call {call}: {rule}"));
    }
    for Refused { line, call, act, refusal } in refused {
        let rule = format!("{act}: {}", Problem::refusal(refusal, None).code);
        broken.entry(rule).or_default().push(format!("line {line}: call {call}: {act}: {refusal}"));
    }
    broken
}

/// What the log itself says of a call, from its columns alone: an oracle that knows nothing of our state.
fn logged(call: &Call, took: impl Fn(usize) -> bool) -> IncidentIntervals {
    let taken = || call.orders.iter().enumerate().filter(|(index, _)| took(*index)).map(|(_, order)| order);
    let since = |at: Option<Time>| at.filter(|at| *at >= call.received).map(|at| at.ms_since(call.received));
    let in_time = |order: &&super::log::LoggedOrder| match (order.on_scene, order.cleared) {
        (Some(on_scene), Some(cleared)) => on_scene <= cleared,
        _ => true,
    };
    IncidentIntervals {
        answer_ms: Some(0),
        processing_ms: since(taken().map(|order| order.sent).min()),
        response_ms: since(taken().filter(in_time).filter_map(|order| order.on_scene).min()),
        feedback_ms: None,
        total_ms: None,
    }
}

fn row(interval: &str, source: &str, summary: Option<Summary>) -> String {
    let Some(summary) = summary else { return format!("{interval:<12} {source:<9} no values") };
    let seconds = |ms: u32| f64::from(ms) / 1_000.0;
    format!(
        "{interval:<12} {source:<9} {:>5} {:>9.1} {:>9.1} {:>9.1} {:>9.1}",
        summary.count,
        seconds(summary.mean_ms),
        seconds(summary.p50_ms),
        seconds(summary.p90_ms),
        seconds(summary.p95_ms)
    )
}
