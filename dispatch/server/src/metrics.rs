//! What was counted, for `/metrics` (Prometheus text format 0.0.4). Every limit of the node has a number here.
//!
//! Leaves out: a global registry. A node owns its numbers, so that two in one process (tests) do not mix.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the latency histogram, microseconds.
const BOUNDS_US: [u64; 14] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    5_000_000,
];

/// The numbers of one node.
#[derive(Debug, Default)]
pub struct Metrics {
    numbers: Mutex<Numbers>,
}

#[derive(Debug, Default)]
struct Numbers {
    counters: BTreeMap<(&'static str, String), u64>,
    gauges: BTreeMap<(&'static str, String), i64>,
    times: BTreeMap<(&'static str, String), Times>,
}

#[derive(Debug, Default, Clone)]
struct Times {
    buckets: [u64; BOUNDS_US.len()],
    count: u64,
    sum_us: u64,
}

impl Metrics {
    /// Counts one.
    pub fn count(&self, name: &'static str, labels: &[(&str, &str)]) {
        self.add(name, labels, 1);
    }

    /// Counts several.
    pub fn add(&self, name: &'static str, labels: &[(&str, &str)], more: u64) {
        let key = (name, written(labels));
        *self.held().counters.entry(key).or_default() += more;
    }

    /// Sets a number that goes up and down.
    pub fn set(&self, name: &'static str, labels: &[(&str, &str)], to: i64) {
        let key = (name, written(labels));
        self.held().gauges.insert(key, to);
    }

    /// Moves a number that goes up and down.
    pub fn shift(&self, name: &'static str, by: i64) {
        *self.held().gauges.entry((name, String::new())).or_default() += by;
    }

    /// Records how long something took.
    pub fn took(&self, name: &'static str, labels: &[(&str, &str)], time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let mut numbers = self.held();
        let times = numbers.times.entry((name, written(labels))).or_default();
        if let Some(bucket) = BOUNDS_US.iter().position(|bound| us <= *bound) {
            times.buckets[bucket] += 1;
        }
        times.count += 1;
        times.sum_us = times.sum_us.saturating_add(us);
    }

    /// A counter's value.
    pub fn counted(&self, name: &'static str, labels: &[(&str, &str)]) -> u64 {
        self.held().counters.get(&(name, written(labels))).copied().unwrap_or(0)
    }

    /// All of it as text.
    pub fn text(&self) -> String {
        let numbers = self.held();
        let mut text = String::new();
        let mut last = "";
        for ((name, labels), value) in &numbers.counters {
            kind(&mut text, &mut last, name, "counter");
            line(&mut text, name, labels, value);
        }
        for ((name, labels), value) in &numbers.gauges {
            kind(&mut text, &mut last, name, "gauge");
            line(&mut text, name, labels, value);
        }
        for ((name, labels), times) in &numbers.times {
            kind(&mut text, &mut last, name, "histogram");
            times.write(&mut text, name, labels);
        }
        text
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    fn write(&self, text: &mut String, name: &str, labels: &str) {
        let comma = if labels.is_empty() { "" } else { "," };
        let mut below = 0;
        for (bound, count) in BOUNDS_US.iter().zip(self.buckets) {
            below += count;
            let bound = Duration::from_micros(*bound).as_secs_f64();
            line(text, &format!("{name}_bucket"), &format!("{labels}{comma}le=\"{bound}\""), &below);
        }
        line(text, &format!("{name}_bucket"), &format!("{labels}{comma}le=\"+Inf\""), &self.count);
        let sum = Duration::from_micros(self.sum_us).as_secs_f64();
        line(text, &format!("{name}_sum"), labels, &sum);
        line(text, &format!("{name}_count"), labels, &self.count);
    }
}

fn kind<'a>(text: &mut String, last: &mut &'a str, name: &'a str, kind: &str) {
    if *last != name {
        *last = name;
        let _ = writeln!(text, "# TYPE {name} {kind}");
    }
}

fn line(text: &mut String, name: &str, labels: &str, value: &dyn std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = if labels.is_empty() {
        writeln!(text, "{name} {value}")
    } else {
        writeln!(text, "{name}{{{labels}}} {value}")
    };
}

/// Labels as the format writes them; values are our own words and codes, escaped all the same.
fn written(labels: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in labels {
        let comma = if text.is_empty() { "" } else { "," };
        let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let _ = write!(text, "{comma}{name}=\"{value}\"");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_prometheus_reads() {
        let metrics = Metrics::default();
        metrics.count("ortoo_refused_total", &[("code", "busy")]);
        metrics.add("ortoo_refused_total", &[("code", "a\"b")], 2);
        metrics.set("ortoo_subscribers", &[], 3);
        metrics.shift("ortoo_subscribers", -1);
        metrics.took("ortoo_commit_seconds", &[], Duration::from_micros(300));
        let text = metrics.text();
        assert!(
            text.contains("# TYPE ortoo_refused_total counter\nortoo_refused_total{code=\"a\\\"b\"} 2\n")
        );
        assert!(text.contains("ortoo_subscribers 2\n"));
        assert!(text.contains("ortoo_commit_seconds_bucket{le=\"0.00025\"} 0\n"));
        assert!(text.contains("ortoo_commit_seconds_bucket{le=\"0.0005\"} 1\n"));
        assert!(text.contains("ortoo_commit_seconds_count 1\n"));
        assert_eq!(metrics.counted("ortoo_refused_total", &[("code", "busy")]), 1);
    }
}
