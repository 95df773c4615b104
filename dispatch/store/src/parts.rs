//! What one call to a database writes, as rows of its tables: made of a batch, or of rows that were kept elsewhere.

use std::collections::BTreeSet;

use crate::batch::{Batch, Content};
use crate::journal::{self, JournalRow};
use crate::row;
use crate::rows::{Rows, rows};

/// What one statement writes.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) journal: Vec<JournalRow>,
    pub(crate) model: Rows,
    pub(crate) answers: Vec<row::Answer>,
    pub(crate) words: Vec<row::Words>,
    pub(crate) erase: BTreeSet<String>,
    pub(crate) erased_at: i64,
    pub(crate) contents: Vec<Content>,
    pub(crate) clock_moves: i64,
}

impl Parts {
    /// Of a batch; the journal's rows are not hashed yet.
    pub(crate) fn of(node: u16, batch: &Batch) -> Self {
        let erase: BTreeSet<String> = batch.erase.iter().map(ToString::to_string).collect();
        let erased_at = batch.records.last().map_or(0, |record| record.recorded_at.0);
        let words = row::Words::of(batch).into_iter();
        // What is said and erased in one batch: the parts of one statement need not see each other's rows.
        let words = words.map(|it| if erase.contains(&it.id) { it.erased(erased_at) } else { it }).collect();
        Self {
            journal: journal::rows(node, &batch.records, &batch.words),
            model: rows(&batch.records, &batch.views),
            answers: batch.answers.iter().map(Into::into).collect(),
            words,
            erase,
            erased_at,
            contents: batch.contents.clone(),
            clock_moves: batch.clock_moves(),
        }
    }
}
