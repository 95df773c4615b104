//! Collects what is wrong, up to a limit that keeps a hopeless package from filling memory and screen.

use text::told;

use crate::fault::{Fault, Rule};

/// Faults reported of one package at most.
const FAULTS_MAX: usize = 500;

/// The faults found so far.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// A fault at a line of a file.
    pub(super) fn push(&mut self, file: &str, line: u64, field: &str, rule: Rule, detail: impl Into<String>) {
        if self.0.len() < FAULTS_MAX {
            // A file may be one line.
            let (file, field, detail) = (told(file), told(field), told(&detail.into()));
            self.0.push(Fault { file, line, field, rule, detail });
        }
    }

    /// A fault of a file as a whole.
    pub(super) fn of_file(&mut self, file: &str, rule: Rule, detail: impl Into<String>) {
        self.push(file, 0, "", rule, detail);
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All faults by file and line.
    pub(super) fn into_sorted(mut self) -> Vec<Fault> {
        self.0.sort_by(|a, b| (&a.file, a.line, &a.field).cmp(&(&b.file, b.line, &b.field)));
        self.0
    }
}
