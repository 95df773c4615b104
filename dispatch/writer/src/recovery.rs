//! When a commit fails or nobody knows whether it did: every waiting answer becomes `NotRecorded`, state and masks are
//! rebuilt from what the store holds, ids of unknown outcome are looked up, and only then does the node decide again.
//! Meanwhile alarms are shown as not recorded and kept (D3).

use std::collections::BTreeSet;
use std::sync::Arc;

use dispatch_core::event::{AlarmRaised, AlarmRepeated};
use dispatch_core::kernel::id::{AlarmId, Minter};
use dispatch_core::kernel::time::Time;
use dispatch_core::response::alarm::AlarmState;
use dispatch_core::state::State;
use dispatch_core::view::AlarmView;
use dispatch_store::{Opening, StoreError, StoredAnswer};

use crate::draft::{Draft, Flight};
use crate::lanes::Waiting;
use crate::message::{Output, Reply, Unrecorded};
use crate::writer::{Key, Open, Writer};

/// How far the recovery has come.
#[derive(Debug)]
pub(crate) struct Recovery {
    /// The batch whose outcome nobody knows.
    doubtful: Option<Flight>,
    /// What the store opened with, while ids are looked up.
    opening: Option<Box<Opening>>,
    /// The head that was durable before.
    durable: u64,
    /// When to try again to open the store, if the last try failed.
    again_at: Option<Time>,
    /// Alarms shown that no journal knows.
    foreseen: BTreeSet<AlarmId>,
}

impl Writer {
    /// A batch failed. Everything that waits is answered; alarms are kept and shown.
    pub(crate) fn fail(&mut self, mut flight: Flight, doubtful: bool, now: Time) {
        self.failures += 1;
        let durable = flight.prev;
        let draft = std::mem::take(&mut self.draft);
        let failed = std::mem::take(&mut flight.alarms);
        let waiting = self.lanes.drain().filter(|waiting| waiting.request.is_alarm());
        let mut alarms: Vec<Waiting> = draft.alarms.into_iter().chain(waiting).collect();
        // One that fails again and again lets the others pass.
        let place = if self.failures > 1 { alarms.len() } else { 0 };
        alarms.splice(place..place, failed);
        alarms.extend(std::mem::take(&mut self.unrecorded));
        // The first failure is tried again at once, those after it when some time has passed.
        let again_at = (self.failures > 1).then(|| now.plus_ms(self.limits.reopen_ms));
        self.recovery = Some(Recovery {
            doubtful: doubtful.then_some(flight),
            opening: None,
            durable,
            again_at,
            foreseen: BTreeSet::new(),
        });
        self.outputs.push_back(Output::Degraded { code: "not_recording", on: true });
        for open in std::mem::take(&mut self.open).into_values() {
            for token in open.tokens {
                self.counters.not_recorded += 1;
                self.answer(token, Reply::NotRecorded);
            }
        }
        self.waiters = 0;
        for alarm in alarms {
            self.keep(alarm, now);
        }
        if again_at.is_none() {
            self.outputs.push_back(Output::Reopen);
        }
    }

    /// A request while nothing can be committed: an alarm is kept and shown, and every sender is told.
    pub(crate) fn turn_away(&mut self, waiting: Waiting, now: Time) {
        let token = waiting.request.token;
        if waiting.request.is_alarm() {
            self.keep(waiting, now);
        }
        self.counters.not_recorded += 1;
        self.answer(token, Reply::NotRecorded);
    }

    /// Shows an alarm as not recorded and keeps it. One too many is shown all the same, and counted; its sender was
    /// told that it is not recorded.
    fn keep(&mut self, mut alarm: Waiting, now: Time) {
        let kept = self.unrecorded.len() < self.limits.unrecorded_max;
        let (actor, command) = alarm.key();
        if !alarm.shown
            && let Some(view) = self.foresee(&alarm, now)
        {
            alarm.shown = true;
            self.counters.unrecorded += 1;
            let words = alarm.request.words.clone();
            self.outputs.push_back(Output::Unrecorded(Unrecorded {
                actor,
                command,
                alarm: view,
                words,
                kept,
            }));
        } else if !kept {
            // It was shown while there was room: whoever holds it for later comers lets it go.
            self.outputs.push_back(Output::Recorded { actor, command });
        }
        if !kept {
            self.counters.unrecorded_lost += 1;
            return;
        }
        // Its place among the open keeps the same id with another body out.
        let open = Open { fingerprint: alarm.request.fingerprint, tokens: Vec::new() };
        self.open.insert(alarm.key(), open);
        self.unrecorded.push_back(alarm);
    }

    /// The alarm as the core makes it: gathered and decided as it will be, and applied to the speculative state, which
    /// is thrown away when the store returns, so that a repeat finds the alarm it repeats.
    fn foresee(&mut self, waiting: &Waiting, now: Time) -> Option<AlarmView> {
        let envelope = &waiting.request.envelope;
        let born = AlarmId(Minter::new(&envelope.actor, envelope.id).mint());
        let mut id = self.state.alarms().contains_key(&born).then_some(born);
        if id.is_none() {
            let at = self.clock.at(waiting.received);
            let evidence = dispatch_core::gather(&self.state, &self.live_map, envelope, at, waiting.local);
            // An alarm is never refused.
            for event in dispatch_core::decide(&self.state, &evidence, envelope, at).unwrap_or_default() {
                let raised = event.get::<AlarmRaised>().map(|raised| raised.alarm);
                let repeated = event.get::<AlarmRepeated>().map(|repeated| repeated.alarm);
                id = raised.or(repeated).or(id);
                let record = dispatch_core::record(&self.state, envelope, event, self.state.seq + 1, now);
                dispatch_core::apply(&mut self.state, &record);
            }
        }
        let id = id?;
        let recovery = self.recovery.as_mut()?;
        if id == born {
            recovery.foreseen.insert(id);
        }
        let mut view = AlarmView::new(&self.state, self.state.alarms().get(&id)?);
        if recovery.foreseen.contains(&id) {
            // Its incident and its number are not there before the journal has them: it rings until then.
            let alarm = &mut view.alarm;
            (alarm.version, alarm.state) = (0, AlarmState::Ringing);
            alarm.number.clear();
            (alarm.outcome, alarm.settled_at) = (None, None);
        }
        Some(view)
    }

    /// Opens the store again when it is time to.
    pub(crate) fn try_again(&mut self, now: Time) {
        if let Some(recovery) = &mut self.recovery
            && recovery.again_at.is_some_and(|at| at <= now)
        {
            recovery.again_at = None;
            self.outputs.push_back(Output::Reopen);
        }
    }

    /// The store was opened again, or could not be.
    pub(crate) fn reopened(&mut self, opening: Result<Box<Opening>, StoreError>, now: Time) {
        let reopen_ms = self.limits.reopen_ms;
        let Some(recovery) = &mut self.recovery else {
            self.counters.strays += 1;
            return;
        };
        let Ok(opening) = opening else {
            recovery.again_at = Some(now.plus_ms(reopen_ms));
            return;
        };
        let Some(flight) = &recovery.doubtful else { return self.resume(*opening, &[]) };
        let keys: Vec<Key> = flight.batch.answers.iter().map(|it| (it.actor.clone(), it.command)).collect();
        recovery.opening = Some(opening);
        self.outputs.push_back(Output::Lookup(keys));
    }

    /// What became of the ids of unknown outcome.
    pub(crate) fn found(&mut self, found: Result<Vec<Option<StoredAnswer>>, StoreError>, now: Time) {
        let reopen_ms = self.limits.reopen_ms;
        let Some(recovery) = &mut self.recovery else {
            self.counters.strays += 1;
            return;
        };
        match (found, recovery.opening.take()) {
            (Ok(found), Some(opening)) => {
                let found: Vec<StoredAnswer> = found.into_iter().flatten().collect();
                self.resume(*opening, &found);
            }
            // Whatever was opened is too old by now.
            _ => recovery.again_at = Some(now.plus_ms(reopen_ms)),
        }
    }

    /// State and masks are what the store holds; the node decides again, kept alarms first.
    fn resume(&mut self, opening: Opening, found: &[StoredAnswer]) {
        let Some(recovery) = self.recovery.take() else { return };
        let before = std::mem::replace(&mut self.state, opening.state);
        self.draft = Draft::default();
        self.memory = opening.answers.into_iter().chain(found.iter().cloned()).collect();
        self.rebuild_masks(&before);
        self.counters.reopened += 1;
        self.settle_doubt(recovery, found);
        self.clock.not_before(self.state.now);
        self.outputs.push_back(Output::Degraded { code: "not_recording", on: false });
        self.careful = self.unrecorded.len().max(1);
        self.queue_unrecorded();
    }

    /// Puts kept alarms into their lane as far as it has room.
    pub(crate) fn queue_unrecorded(&mut self) {
        while let Some(alarm) = self.unrecorded.pop_front() {
            let key = alarm.key();
            if self.memory.knows(&key) {
                // It was committed after all.
                self.open.remove(&key);
                let (actor, command) = key;
                self.outputs.push_back(Output::Recorded { actor, command });
            } else if let Err(alarm) = self.lanes.push(alarm, &self.limits) {
                self.unrecorded.push_front(*alarm);
                return;
            }
        }
    }

    /// Units that only the lost records knew leave the index; all others stand as state says.
    fn rebuild_masks(&mut self, before: &State) {
        for (id, entry) in &before.register().units {
            if self.state.register().units.get(id).is_none_or(|kept| kept.slot != entry.slot) {
                self.live_map.live.remove(entry.slot);
            }
        }
        self.live_map.sync_all(&self.state);
    }

    /// Shows the doubtful batch if it was committed. A head that is neither before nor after it means that the journal
    /// went on without this writer: everything shown is replaced.
    fn settle_doubt(&mut self, recovery: Recovery, found: &[StoredAnswer]) {
        let head = self.state.seq;
        let committed = recovery.doubtful.filter(|flight| match flight.batch.head() {
            Some(reached) => reached == head,
            None => head == recovery.durable && !found.is_empty(),
        });
        // A correction that was lost never was.
        let is_corrected = committed.as_ref().is_some_and(|flight| flight.batch.clock_moves() != 0);
        if let Some(before) = self.uncorrected.take().filter(|_| !is_corrected) {
            self.clock.undo(&before);
        }
        match committed {
            Some(flight) => {
                self.counters.unknown_committed += 1;
                self.committed(flight);
            }
            None if head != recovery.durable => {
                self.outputs.push_back(Output::Reset(Arc::new(self.state.clone())));
            }
            None => {}
        }
    }
}
