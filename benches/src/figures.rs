//! Times into percentiles, figures into goals, the machine into a line.

use serde::Serialize;
use std::time::Duration;

/// What a series of timings comes to, nanoseconds.
#[derive(Clone, Debug, Serialize)]
pub struct Timing {
    /// Median.
    pub p50_ns: f64,
    /// 99th percentile.
    pub p99_ns: f64,
    /// Mean.
    pub mean_ns: f64,
    /// Slowest over fastest median among the rounds, less one: how much the machine moved meanwhile.
    pub drift: f64,
    /// Median of each round.
    pub medians_ns: Vec<f64>,
}

impl Timing {
    /// How many times as long as `other` this takes: the median over rounds that ran side by side, so that a
    /// machine that was slower for a while was slower for both.
    #[must_use]
    pub fn over(&self, other: &Self) -> f64 {
        let pairs = self.medians_ns.iter().zip(&other.medians_ns);
        median(&pairs.map(|(mine, theirs)| mine / theirs).collect::<Vec<_>>())
    }
}

/// Timings taken in rounds that alternate with those of the peers.
#[derive(Clone, Debug, Default)]
pub struct Rounds {
    rounds: Vec<Vec<f64>>,
}

impl Rounds {
    /// Begins another round.
    pub fn begin(&mut self) {
        self.rounds.push(Vec::new());
    }

    /// Adds the time of `count` operations measured together.
    pub fn add(&mut self, time: Duration, count: u32) {
        if let Some(round) = self.rounds.last_mut() {
            round.push(time.as_secs_f64() * 1e9 / f64::from(count));
        }
    }

    /// Percentiles over all rounds; `None` without a timing.
    pub fn timing(&self) -> Option<Timing> {
        let mut all: Vec<f64> = self.rounds.concat();
        all.sort_by(f64::total_cmp);
        let medians_ns: Vec<f64> =
            self.rounds.iter().filter(|round| !round.is_empty()).map(|round| median(round)).collect();
        let fastest = medians_ns.iter().copied().fold(f64::INFINITY, f64::min);
        let count = u32::try_from(all.len()).ok().filter(|count| *count > 0)?;
        Some(Timing {
            p50_ns: all[all.len() / 2],
            p99_ns: all[all.len() * 99 / 100],
            mean_ns: all.iter().sum::<f64>() / f64::from(count),
            drift: medians_ns.iter().copied().fold(0.0, f64::max) / fastest - 1.0,
            medians_ns,
        })
    }
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One goal and what was measured for it.
#[derive(Clone, Debug, Serialize)]
pub struct Goal {
    /// Number in the project's list of goals, and what it demands.
    pub what: String,
    /// The figure measured.
    pub measured: f64,
    /// The figure demanded.
    pub demanded: f64,
    /// Whether less is better.
    pub at_most: bool,
    /// Whether it was reached.
    pub met: bool,
}

impl Goal {
    /// A figure that should be at least so high.
    pub fn at_least(what: String, measured: f64, demanded: f64) -> Self {
        Self { what, measured, demanded, at_most: false, met: measured >= demanded }
    }

    /// A figure that should be at most so high.
    pub fn at_most(what: String, measured: f64, demanded: f64) -> Self {
        Self { what, measured, demanded, at_most: true, met: measured <= demanded }
    }

    /// One line of the printed report.
    pub fn line(&self) -> String {
        let verdict = if self.met { "met    " } else { "NOT MET" };
        let sign = if self.at_most { "<=" } else { ">=" };
        format!("{verdict} {:<64} {:>9.2}  (goal {sign} {})", self.what, self.measured, self.demanded)
    }
}

/// The machine as the operating system names it, and how busy it was.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Processor model.
    pub processor: String,
    /// Processors this process may use.
    pub processors: usize,
    /// Load average of the last minute, before the run.
    pub load: String,
}

impl Machine {
    /// This machine, now.
    pub fn here() -> Self {
        let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let model = read("/proc/cpuinfo").lines().find_map(|line| {
            line.strip_prefix("model name").map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned())
        });
        Self {
            processor: model.unwrap_or_else(|| "unknown".into()),
            processors: std::thread::available_parallelism().map_or(1, usize::from),
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
        }
    }
}
