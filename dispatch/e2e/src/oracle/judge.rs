//! The judge: what the journal holds against what was written down.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use dispatch_core::kernel::id::{ActorId, CommandId};
use serde::Deserialize;

use super::ledger::{CommandFate, Entry, Key, Ledger};
use super::tally::Tally;

/// A row of the journal, as far as it matters here.
#[derive(Debug, Deserialize)]
struct Row {
    seq: u64,
    command: CommandId,
    actor: ActorId,
}

/// What the journal was seen to hold.
#[derive(Debug, Default)]
pub struct Judge {
    head: u64,
    rows: BTreeMap<Key, Vec<u64>>,
}

impl Judge {
    /// Sequence of the last row seen.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Reads rows that were added, as `ortoo journal` prints them. What was there before is there still: `ortoo verify`
    /// proves that by its chain.
    pub fn read(&mut self, printed: &str, ledger: &Ledger) -> Result<()> {
        for line in printed.lines() {
            let row: Row =
                serde_json::from_str(line).with_context(|| format!("a row of the journal: {line}"))?;
            if row.seq != self.head + 1 {
                ledger.finds(format!("row {} follows row {}", row.seq, self.head));
            }
            self.head = row.seq;
            self.rows.entry((row.actor, row.command)).or_default().push(row.seq);
        }
        Ok(())
    }

    /// Compares the two. Every acknowledged command is there once, with the rows it was told; no refused one is; an
    /// unknown one is there once or not at all; and whoever waited for an answer before sending the next finds the two
    /// in that order.
    pub fn compare(&self, ledger: &Ledger, tally: &mut Tally) {
        let entries = ledger.entries();
        (tally.acknowledged, tally.refused, tally.unknown) = (0, 0, 0);
        let mut last: BTreeMap<&ActorId, Vec<(usize, u64)>> = BTreeMap::new();
        for (key, entry) in &entries {
            let rows = self.rows.get(key).map_or(&[][..], Vec::as_slice);
            if rows.windows(2).any(|pair| pair[1] != pair[0] + 1) {
                tally.doubled += 1;
                ledger
                    .finds(format!("{} {key:?} is in the journal more than once: rows {rows:?}", entry.what));
            }
            self.compare_one(key, entry, rows, ledger, tally);
            if let (CommandFate::Acknowledged { .. }, Some(first)) = (&entry.fate, rows.first()) {
                last.entry(&key.0).or_default().push((entry.turn, *first));
            }
        }
        for (actor, mut order) in last {
            order.sort_unstable();
            if order.windows(2).any(|pair| pair[1].1 <= pair[0].1) {
                ledger.finds(format!("the commands of {actor} are not in the order they were sent in"));
            }
        }
    }

    fn compare_one(&self, key: &Key, entry: &Entry, rows: &[u64], ledger: &Ledger, tally: &mut Tally) {
        let Entry { what, fate, .. } = entry;
        match fate {
            CommandFate::Acknowledged { seq } => {
                tally.acknowledged += 1;
                if *seq > 0 && rows.last() != Some(seq) {
                    tally.lost += 1;
                    ledger.finds(format!(
                        "{what} {key:?} was acknowledged with row {seq}; the journal, up to row {}, holds {rows:?}",
                        self.head
                    ));
                }
            }
            CommandFate::Refused { code } => {
                tally.refused += 1;
                if !rows.is_empty() {
                    ledger.finds(format!("{what} {key:?} was refused as {code} and is in rows {rows:?}"));
                }
            }
            CommandFate::Unknown => tally.unknown += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn row(seq: u64, actor: &str, command: Uuid) -> String {
        format!(r#"{{"seq":{seq},"actor":"{actor}","command":"{command}","more":1}}"#)
    }

    fn judged(rows: &[String], fates: &[(Uuid, CommandFate)]) -> (Vec<String>, Tally) {
        let ledger = Ledger::default();
        for (id, fate) in fates {
            let key = ledger.open("a", *id, "act");
            ledger.answered(&key, fate.clone());
        }
        let (mut judge, mut tally) = (Judge::default(), Tally::default());
        judge.read(&rows.join("\n"), &ledger).unwrap();
        judge.compare(&ledger, &mut tally);
        (ledger.findings(), tally)
    }

    #[test]
    fn what_is_as_it_was_said_is_found_so() {
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let rows = [row(1, "a", a), row(2, "a", a), row(3, "other", b)];
        let fates = [
            (a, CommandFate::Acknowledged { seq: 2 }),
            (b, CommandFate::Refused { code: "x".into() }),
            (c, CommandFate::Unknown),
        ];
        let (findings, tally) = judged(&rows, &fates);
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!((tally.acknowledged, tally.refused, tally.unknown), (1, 1, 1));
    }

    #[test]
    fn everything_that_may_not_be_is_found() {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let said = |seq| CommandFate::Acknowledged { seq };
        let lost = judged(&[], &[(a, said(1))]);
        assert!(lost.0[0].contains("acknowledged") && lost.1.lost == 1, "{lost:?}");
        let twice = judged(&[row(1, "a", a), row(2, "a", b), row(3, "a", a)], &[(a, said(3)), (b, said(2))]);
        assert!(twice.0[0].contains("more than once") && twice.1.doubled == 1, "{twice:?}");
        let refused = judged(&[row(1, "a", a)], &[(a, CommandFate::Refused { code: "busy_unit".into() })]);
        assert!(refused.0[0].contains("refused as busy_unit"), "{refused:?}");
        let gap = judged(&[row(1, "a", a), row(3, "a", b)], &[(a, said(1)), (b, said(3))]);
        assert!(gap.0[0].contains("row 3 follows row 1"), "{gap:?}");
        let order = judged(&[row(1, "a", b), row(2, "a", a)], &[(a, said(2)), (b, said(1))]);
        assert!(order.0[0].contains("not in the order"), "{order:?}");
    }

    #[test]
    fn an_answer_that_changes_is_found() {
        let ledger = Ledger::default();
        let key = ledger.open("a", Uuid::from_u128(1), "act");
        ledger.answered(&key, CommandFate::Acknowledged { seq: 1 });
        ledger.answered(&key, CommandFate::Acknowledged { seq: 1 });
        assert!(ledger.findings().is_empty());
        ledger.answered(&key, CommandFate::Acknowledged { seq: 9 });
        assert_eq!(ledger.findings().len(), 1);
    }
}
