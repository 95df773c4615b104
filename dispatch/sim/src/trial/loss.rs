//! A disk that loses the end of what was written, the witness beside it, and how the journal goes on: under another id,
//! halted until somebody accepts what is lost. Whoever had an answer that is lost sends again.

use dispatch_core::command::{AcceptLoss, Envelope};
use dispatch_core::kernel::id::{JournalId, LossId};
use dispatch_core::kernel::kind::Channel;
use dispatch_core::kernel::time::Time;
use dispatch_store::loss::go_on_as;
use dispatch_store::witness::lacks;
use dispatch_store::{Custody as _, Genesis, Opening, StoreError, Witness};
use dispatch_writer::Input;
use futures_util::FutureExt as _;

use super::agenda::What;
use super::hand::Letter;
use super::world::World;

/// How likely the end is lost where a process dies, and where it dies while a loss stands.
const LOST: f64 = 0.05;
const LOST_AGAIN: f64 = 0.2;
/// How likely a process dies between the rows that tell of a loss and their witness.
const TOLD_TWICE: f64 = 0.2;
/// How likely somebody sends again what was answered and is lost, if they have nothing else to do.
const SENT_AGAIN: f64 = 0.7;
/// And within what time.
const SENT_AGAIN_MS: u32 = 20_000;
/// So many commits are lost at most where it is some.
const SOME: usize = 30;

/// A store of a trial answers at once.
fn at_once<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    answer.now_or_never().unwrap_or_else(|| Err(StoreError::Impossible("a store in memory waits".into())))
}

impl World {
    /// The start of the machine, by name.
    pub(super) fn boot(&self) -> String {
        self.booted.0.to_string()
    }

    /// A row is witnessed beside the journal.
    pub(super) fn witness_row(&mut self, journal: Option<JournalId>, head: u64) {
        let (Some(journal), Ok(Some(audit))) = (journal, at_once(self.store.audit_of(head))) else {
            return self.auditor.broken(&format!("D4: row {head} of {journal:?} is there"));
        };
        let (boot, since_boot, time) = match self.witness.take() {
            Some(before) => (before.boot, before.since_boot, before.time),
            None => (String::new(), 0, Time(0)),
        };
        self.witness = Some(Witness { journal, head, audit, boot, since_boot, time });
    }

    /// And what time it is.
    pub(super) fn witness_time(&mut self, since_boot: i64, time: Time) {
        let boot = self.boot();
        if let Some(witness) = &mut self.witness {
            (witness.boot, witness.since_boot, witness.time) = (boot, since_boot, time);
        }
    }

    /// The disk loses the end of what was written now and then.
    pub(super) fn lose_end(&mut self) {
        let is_halted = self.auditor.is_halted();
        if self.strikes.healed || !self.luck.happens(if is_halted { LOST_AGAIN } else { LOST }) {
            return;
        }
        let written = self.auditor.written();
        let last = written.len().saturating_sub(1);
        let corrected = written.iter().rposition(|batch| batch.clock_moves() != 0);
        let left = match self.luck.below(8) {
            0..3 => last,
            3..5 => last.saturating_sub(self.luck.below(SOME)),
            5 => corrected.unwrap_or(last),
            6 => self.luck.below(last.max(1)),
            _ => 1,
        };
        // The region was adopted first.
        let left = left.max(1);
        let Some(gone) = written.get(left..).filter(|gone| !gone.is_empty()) else { return };
        let is_moved = gone.iter().any(|batch| batch.clock_moves() != 0);
        let how = match gone.iter().map(|batch| batch.records.len()).sum::<usize>() {
            0 => "lost answers",
            _ if left == 1 => "lost all",
            1 => "lost a row",
            _ => "lost rows",
        };
        self.strikes.count("disk", how);
        if is_moved {
            self.strikes.count("disk", "lost a correction");
        }
        if is_halted {
            self.strikes.count("disk", "lost while halted");
        }
        // The first row of the journal is a commit as well.
        self.store.cut_now(left + 1);
        for (client, request) in self.auditor.set_back(left) {
            if self.hands[client].sending().is_none() && self.luck.happens(SENT_AGAIN) {
                let (envelope, words) = (request.envelope.clone(), request.words.clone());
                self.hands[client].take(Letter { envelope, fingerprint: request.fingerprint, words });
                let (token, when) = (self.token(), self.soon(SENT_AGAIN_MS));
                self.hands[client].sent(token);
                self.agenda.at(when, 0, What::GiveUp { client, token });
            }
        }
        self.delivery.set_back(self.auditor.head());
    }

    /// What a process begins with: where the journal lacks what was witnessed, that goes on record first. None where the
    /// process does not live to see it witnessed.
    pub(super) fn without_what_is_lost(&mut self, opening: Opening, at: Time) -> Option<Opening> {
        let Some(witness) = self.witness.clone() else { return Some(opening) };
        let Witness { journal, head, audit, time, .. } = witness;
        let from = usize::try_from(opening.head).unwrap_or(usize::MAX);
        let genesis = Genesis {
            journal: JournalId(self.command_id().0),
            command: self.command_id(),
            ..Genesis::new(opening.clock.clone(), at.max(opening.state.now))
        };
        let id = LossId(self.command_id().0);
        let recorded = at_once(lacks(&self.store, journal, head, &audit, time)).and_then(|lost| match lost {
            None => Ok((opening, false)),
            Some(lost) => {
                let opening = at_once(go_on_as(&self.store, opening, &lost, &genesis, id))?;
                Ok((opening, true))
            }
        });
        let (opening, is_lost) = match recorded {
            Ok(recorded) => recorded,
            Err(error) => {
                self.auditor.broken(&format!("D5: a loss goes on record: {error}"));
                return None;
            }
        };
        if !is_lost {
            return Some(opening);
        }
        let rows = self.store.records_now().unwrap_or_default();
        self.auditor.gone_on(rows.get(from..).unwrap_or_default());
        if !self.strikes.healed && self.luck.happens(TOLD_TWICE) {
            self.strikes.count("disk", "lost twice");
            let again = self.soon(1_000);
            self.agenda.at(again, 0, What::Begin);
            return None;
        }
        Some(opening)
    }

    /// Somebody at the machine goes on without what is lost, and says so until it is done.
    pub(super) fn accept(&mut self) {
        let Some(process) = &self.process else { return };
        let Some(loss) = process.truth.losses().keys().next().copied() else { return };
        let envelope = Envelope {
            id: self.command_id(),
            actor: "engineer".into(),
            on_behalf_of: None,
            seat: None,
            channel: Channel::System,
            occurred_at: None,
            command: AcceptLoss { loss }.into(),
        };
        let mut fingerprint = [1; 32];
        fingerprint[..8].copy_from_slice(&self.minted.to_be_bytes());
        let token = self.token();
        let request = Letter { envelope, fingerprint, words: Vec::new() }.request(token);
        self.auditor.sent(&request, None);
        self.hand_in(Input::Command(Box::new(request)));
        let again = self.soon(5_000);
        self.agenda.at(again, self.life, What::Accept);
    }
}
