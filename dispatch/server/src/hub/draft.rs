//! A snapshot that is to be written. What it holds was looked up under the hub's lock; it is written outside of it, so
//! that others are shown what happens meanwhile.

use std::sync::Arc;

use dispatch_api::stream::ResetReason;
use dispatch_core::kernel::id::{EntityId, JournalId};
use dispatch_core::view::View;

use super::interest::Interest;
use super::{ClientId, commit};
use crate::truth::Truth;

/// What a snapshot holds, and who waits for it.
#[derive(Debug)]
pub struct Draft {
    /// The client that waits for it.
    pub client: ClientId,
    /// Its number: the client waits for no other.
    pub number: u64,
    /// What the client wants.
    pub interest: Arc<Interest>,
    /// Why the client begins anew, where it has to be told.
    pub reason: Option<ResetReason>,
    /// It replaces all the client holds.
    pub whole: bool,
    /// The journal it is of.
    pub journal: JournalId,
    /// The head it is of.
    pub head: u64,
    /// The views as JSON; none where they are as committed truth says.
    pub views: Vec<(EntityId, Option<Arc<str>>)>,
}

impl Draft {
    /// The whole message, as the client reads it.
    pub fn text(&self, truth: &Truth) -> String {
        let Self { journal, head, whole, views, .. } = self;
        let mut text =
            format!(r#"{{"type":"snapshot","journal_id":"{journal}","seq":{head},"whole":{whole},"views":["#);
        let mut first = true;
        for (id, held) in views {
            // What is gone since is left out: the commit that says so is on its way.
            let Some(json) = held.clone().or_else(|| as_truth_says(truth, id)) else { continue };
            if !std::mem::take(&mut first) {
                text.push(',');
            }
            text.push_str(&json);
        }
        text.push_str("]}");
        text
    }
}

/// A view out of committed truth. It is read under its lock and written as JSON outside of it: commits wait meanwhile.
fn as_truth_says(truth: &Truth, id: &EntityId) -> Option<Arc<str>> {
    let view = View::of(&truth.state(), id);
    view.map(|view| commit::json(&view))
}
