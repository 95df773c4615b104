//! What a replay found: ours beside the log's, agreement, and everything that was not taken.

use std::fmt::Write as _;

use dispatch_core::interval::{IncidentIntervals, Summary};
use dispatch_core::time::Time;
use dispatch_store::Store;

use super::log::{Call, Log};
use super::player::{Agreement, Player, Refused};

/// The report.
#[derive(Debug)]
pub struct Report {
    /// Rows of the file.
    pub rows: u64,
    /// Calls in it, those that could not be read included.
    pub calls: usize,
    /// Calls that became incidents.
    pub incidents: usize,
    /// Calls that did not, with the rule; then orders and stamps that were not taken.
    pub unread: Vec<String>,
    /// The same, of the centre.
    pub refused: Vec<Refused>,
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
    /// Commands sent.
    pub commands: u64,
}

impl Report {
    /// Compares what was played with the log.
    pub fn of<S: Store>(log: &Log, player: &Player<'_, S>) -> Self {
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
        let unread = |reject: &super::log::Reject| {
            format!("line {}: call {}: {}", reject.line, reject.call, reject.rule)
        };
        Self {
            rows: log.rows,
            calls: log.calls.len() + calls_lost,
            incidents: player.incidents(),
            unread: log.rejects.iter().map(unread).collect(),
            refused: player.refused.clone(),
            calls_lost: calls_lost + log.calls.len() - player.incidents(),
            log_response: column(|one| one.response_ms, |pair| &pair.0),
            our_response: column(|one| one.response_ms, |pair| &pair.1),
            log_processing: column(|one| one.processing_ms, |pair| &pair.0),
            our_processing: column(|one| one.processing_ms, |pair| &pair.1),
            different: pairs.iter().filter(differs).count(),
            agreement: player.agreement,
            commands: 0,
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
            "rows {}, calls {} = incidents {} + not taken {}; commands {}",
            self.rows, self.calls, self.incidents, self.calls_lost, self.commands
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
        line(format!("rows that break a rule: {}", self.unread.len() + self.refused.len()));
        for unread in &self.unread {
            line(format!("  {unread}"));
        }
        for refused in &self.refused {
            line(format!(
                "  line {}: call {}: {}: {}",
                refused.line, refused.call, refused.act, refused.refusal
            ));
        }
        text
    }
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
