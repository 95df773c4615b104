//! The auditor's own model of the centre at work: it follows each batch decision by decision, says of each whether it may
//! be, and only then learns from its events what was done.

use std::collections::BTreeMap;
use std::sync::Arc;

use dispatch_core::event::{RecommendationRecorded, Record};
use dispatch_core::kernel::time::Time;
use dispatch_store::{Answer, Batch, StoredAnswer};
use dispatch_writer::Request;

use super::Key;
use super::book::renamed;
use super::clock::moves;
use super::rows::{is_meant, is_whole};
use super::rules::passes_halt;
use super::tables::Guess;
use super::way::name;
use crate::trial::report::Report;

type Found = Result<(), String>;

impl Guess {
    /// Follows a batch, decision by decision.
    pub(super) fn follow(
        &mut self,
        batch: &Batch,
        bodies: &BTreeMap<Key, Vec<Arc<Request>>>,
        report: &mut Report,
    ) -> Found {
        let mut rows = &batch.records[..];
        // Answers of a batch that corrects the clock have its time, those before the correction too.
        let at = |stored: &StoredAnswer, rows: &[Record]| stored.at.moved(-moves(rows));
        let mut accepted = Vec::new();
        for stored in &batch.answers {
            let key = (stored.actor.clone(), stored.command);
            let Some(request) = body(bodies, &key, stored.fingerprint) else {
                return Err(format!("D6: {key:?} was decided and never sent"));
            };
            if matches!(stored.answer, Answer::Accepted(_)) {
                while rows.first().is_some_and(|row| of(row) != key) {
                    rows = self.follow_block(rows, None)?;
                }
                self.judge(request, stored, at(stored, rows))?;
                rows = self.follow_block(rows, Some(request))?;
                *report.accepted.entry(request.envelope.command.name()).or_default() += 1;
                accepted.push(request);
            } else if let Err(found) = self.judge(request, stored, at(stored, rows)) {
                // Time may have passed before it: then it rests on what that made.
                self.after_ticks(rows)?.ok_or(found)?.judge(request, stored, stored.at)?;
            }
            report.predicted += 1;
        }
        while !rows.is_empty() {
            rows = self.follow_block(rows, None)?;
        }
        is_whole(batch, &accepted)?;
        self.look(&batch.views)
    }

    fn judge(&self, request: &Request, stored: &StoredAnswer, at: Time) -> Found {
        if self.is_halted() && !passes_halt(request) {
            let name = request.envelope.command.name();
            return Err(format!("D5: {name} is decided, and nobody has accepted what is lost"));
        }
        let way = self.way(request, at);
        let command = request.envelope.command.name();
        let who = (&stored.actor, stored.command);
        match &stored.answer {
            Answer::Accepted(_) if way.sure.is_empty() => Ok(()),
            Answer::Accepted(_) => {
                Err(format!("D5: {command} {who:?} is accepted and breaks {:?}", way.sure))
            }
            Answer::Refused(refusal) if way.allows(refusal) => Ok(()),
            Answer::Refused(refusal) => {
                Err(format!("D5: {command} {who:?} is refused by `{}` and breaks {way:?}", name(refusal)))
            }
        }
    }

    /// What is known once the ticks are done that come next, if any does.
    fn after_ticks(&self, mut rows: &[Record]) -> Result<Option<Self>, String> {
        let ticked = |rows: &[Record]| rows.first().is_some_and(|row| row.actor.as_str() == "system");
        if !ticked(rows) {
            return Ok(None);
        }
        let mut later = self.clone();
        while ticked(rows) {
            rows = later.follow_block(rows, None)?;
        }
        Ok(Some(later))
    }

    /// Looks at the rows of one command and learns from them; the rows behind them.
    fn follow_block<'r>(
        &mut self,
        rows: &'r [Record],
        request: Option<&Request>,
    ) -> Result<&'r [Record], String> {
        let Some(first) = rows.first() else { return Ok(rows) };
        let length = rows.iter().take_while(|row| of(row) == of(first)).count();
        let (block, rest) = rows.split_at(length);
        for row in block {
            if let Some(recorded) = row.event.get::<RecommendationRecorded>() {
                self.is_examined(&recorded.recommendation(), row, request)?;
            }
        }
        is_meant(block, request)?;
        for row in block {
            self.is_row(row, request)?;
            self.learn(row);
        }
        Ok(rest)
    }
}

fn of(row: &Record) -> Key {
    (row.actor.clone(), row.command)
}

/// The body a decision was made of: the command's own, or that of an alarm which was given an id of its own.
pub(super) fn body<'a>(
    bodies: &'a BTreeMap<Key, Vec<Arc<Request>>>,
    key: &Key,
    fingerprint: [u8; 32],
) -> Option<&'a Request> {
    let own = bodies.get(key).into_iter().flatten();
    let given = bodies.iter().filter(|(known, _)| known.0 == key.0).flat_map(|(known, bodies)| {
        bodies.iter().filter(move |request| renamed(known, request.fingerprint) == *key)
    });
    own.chain(given).find(|request| request.fingerprint == fingerprint).map(AsRef::as_ref)
}
