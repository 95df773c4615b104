//! What was counted, for `/metrics` (Prometheus text format 0.0.4). Every limit of the node has a number here.
//!
//! Counting is on the path of every request, so it finds its number without making a key: under a name the labels are
//! few, and are looked through in the order of their first use.
//!
//! Leaves out: a global registry. A node owns its numbers, so that two in one process (tests) do not mix.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
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

#[derive(Clone, Debug, Default)]
struct Numbers {
    counters: BTreeMap<&'static str, Family<u64>>,
    gauges: BTreeMap<&'static str, Family<i64>>,
    times: BTreeMap<&'static str, Family<Times>>,
}

/// The numbers of one name, by their labels.
#[derive(Clone, Debug)]
struct Family<T>(Vec<(Labels, T)>);

type Labels = Arc<[(String, String)]>;

impl<T> Default for Family<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Default> Family<T> {
    fn of(&mut self, labels: &[(&str, &str)]) -> &mut T {
        let found = self.0.iter().position(|(known, _)| are(known, labels));
        let at = found.unwrap_or_else(|| {
            let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            self.0.push((labels.collect(), T::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    /// Labels as the format writes them, in their order, each with its number.
    fn written(&self) -> Vec<(String, &T)> {
        let mut rows: Vec<_> = self.0.iter().map(|(labels, number)| (written(labels), number)).collect();
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        rows
    }
}

fn are(known: &[(String, String)], labels: &[(&str, &str)]) -> bool {
    known.len() == labels.len()
        && known.iter().zip(labels).all(|(known, label)| known.0 == label.0 && known.1 == label.1)
}

#[derive(Debug, Default, Clone)]
struct Times {
    buckets: [u64; BOUNDS_US.len()],
    count: u64,
    sum_us: u64,
}

impl Metrics {
    /// Counts one more of a counter, under these labels.
    pub fn count(&self, name: &'static str, labels: &[(&str, &str)]) {
        self.add(name, labels, 1);
    }

    /// Counts `more` of a counter, under these labels.
    pub fn add(&self, name: &'static str, labels: &[(&str, &str)], more: u64) {
        *self.held().counters.entry(name).or_default().of(labels) += more;
    }

    /// Counts several that differ in the value of one label.
    pub fn add_each<'a>(
        &self,
        name: &'static str,
        label: &str,
        counts: impl IntoIterator<Item = (&'a str, u64)>,
    ) {
        let mut numbers = self.held();
        let family = numbers.counters.entry(name).or_default();
        for (value, more) in counts {
            *family.of(&[(label, value)]) += more;
        }
    }

    /// Sets a number that goes up and down.
    pub fn set(&self, name: &'static str, labels: &[(&str, &str)], to: i64) {
        *self.held().gauges.entry(name).or_default().of(labels) = to;
    }

    /// Moves a number that goes up and down.
    pub fn shift(&self, name: &'static str, by: i64) {
        *self.held().gauges.entry(name).or_default().of(&[]) += by;
    }

    /// Records how long something took.
    pub fn took(&self, name: &'static str, labels: &[(&str, &str)], time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let mut numbers = self.held();
        let times = numbers.times.entry(name).or_default().of(labels);
        if let Some(bucket) = BOUNDS_US.iter().position(|bound| us <= *bound) {
            times.buckets[bucket] += 1;
        }
        times.count += 1;
        times.sum_us = times.sum_us.saturating_add(us);
    }

    /// A counter's value.
    pub fn counted(&self, name: &'static str, labels: &[(&str, &str)]) -> u64 {
        let numbers = self.held();
        let mut family = numbers.counters.get(name).into_iter().flat_map(|family| &family.0);
        family.find(|(known, _)| are(known, labels)).map_or(0, |(_, count)| *count)
    }

    /// All of it as text. Written from a copy: whoever counts does not wait for it.
    pub fn text(&self) -> String {
        let numbers = self.held().clone();
        let mut text = String::new();
        for (name, family) in &numbers.counters {
            kind(&mut text, name, "counter");
            family.written().iter().for_each(|(labels, value)| line(&mut text, name, labels, value));
        }
        for (name, family) in &numbers.gauges {
            kind(&mut text, name, "gauge");
            family.written().iter().for_each(|(labels, value)| line(&mut text, name, labels, value));
        }
        for (name, family) in &numbers.times {
            kind(&mut text, name, "histogram");
            family.written().iter().for_each(|(labels, times)| times.write(&mut text, name, labels));
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

fn kind(text: &mut String, name: &str, kind: &str) {
    let _ = writeln!(text, "# TYPE {name} {kind}");
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
fn written(labels: &[(String, String)]) -> String {
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
        metrics.add_each("ortoo_refused_total", "code", [("a\"b", 1), ("a\"b", 1)]);
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
