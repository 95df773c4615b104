//! One commit, encoded once: each view as JSON, with what it said of itself before and now. What one interest gets of
//! it is put together from these parts.

use std::sync::Arc;

use dispatch_core::kernel::id::JournalId;
use dispatch_core::kernel::time::Time;
use dispatch_core::view::{Gone, View};

use super::interest::{Interest, Mark};

/// A commit in parts.
#[derive(Debug)]
pub struct Encoded {
    /// The head before it.
    pub prev: u64,
    /// The head after it.
    pub seq: u64,
    /// When it was decided.
    pub at: Time,
    /// Whether the register changed.
    pub register: bool,
    /// What it changed.
    pub items: Vec<Item>,
}

/// One entity a commit changed.
#[derive(Debug)]
pub struct Item {
    /// Its view now; none when it left live state.
    pub now: Option<(Arc<str>, Arc<Mark>)>,
    /// What it said of itself before.
    pub was: Option<Arc<Mark>>,
    /// What those get for whom it is gone.
    pub gone: Arc<str>,
}

impl Encoded {
    /// Bytes it holds, roughly.
    pub fn bytes(&self) -> usize {
        let of = |item: &Item| item.gone.len() + item.now.as_ref().map_or(0, |(json, _)| json.len()) + 200;
        self.items.iter().map(of).sum::<usize>() + 100
    }

    /// The deltas for one interest, without brackets; none when nothing of it is wanted.
    pub fn deltas(&self, interest: &Interest) -> Option<String> {
        let mut deltas = String::new();
        for item in &self.items {
            let json = match &item.now {
                Some((json, mark)) if interest.covers(mark) => json,
                _ if item.was.as_ref().is_some_and(|mark| interest.covers(mark)) => &item.gone,
                _ => continue,
            };
            if !deltas.is_empty() {
                deltas.push(',');
            }
            deltas.push_str(json);
        }
        (self.register || !deltas.is_empty()).then_some(deltas)
    }

    /// The message for those who stand at `prev`.
    pub fn message(&self, journal: JournalId, prev: u64, deltas: &str) -> String {
        let register = if self.register { r#","register":true"# } else { "" };
        format!(
            r#"{{"type":"commit","journal_id":"{journal}","prev":{prev},"seq":{},"at":{},"deltas":[{deltas}]{register}}}"#,
            self.seq, self.at.0
        )
    }
}

/// A view as JSON.
pub fn json(view: &View) -> Arc<str> {
    serde_json::to_string(view).expect("views have string keys and finite numbers only").into()
}

/// What those get for whom an entity is gone.
pub fn gone(of: &str, id: &str, was: &Mark) -> Arc<str> {
    json(&View::Gone(Gone { of: of.into(), id: id.into(), area: was.area.clone() }))
}
