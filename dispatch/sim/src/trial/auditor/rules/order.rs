//! Orders: they go forward and never back, and only those they concern report on them.

use std::cmp::Ordering;

use dispatch_core::command::{AdvanceOrder, ConfirmLife, RecallOrder, ReleaseCaller, SignNotice};
use dispatch_core::kernel::id::WordsId;
use dispatch_core::kernel::kind::OrderState;
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::response::order::{EndReason, StampSource, VoiceWay};

use super::Ruling;
use crate::trial::auditor::tables::Task;

/// What is kept of one order at most.
const STAMPS: usize = 64;
/// A console's clock is right to this, milliseconds.
const AHEAD_MS: u32 = 1_000;

/// What comes of a report.
#[derive(PartialEq, Eq)]
enum Report {
    GetsThere,
    KeptBeside,
    Impossible,
}

impl Ruling<'_> {
    pub(super) fn advance_order(&mut self, it: &AdvanceOrder) {
        use OrderState::{Declined, Expired, Failed, Queued, Recalled, Sent};
        let Some(task) = self.task(it.order) else { return };
        self.speaks_of(task);
        let reported = ![Queued, Sent, Recalled, Expired].contains(&it.state);
        self.way.invalid_if(!reported, "state", &Rule::NotAReport);
        self.is_said(it.source, it.voice);
        let must = matches!(it.state, Declined | Failed);
        self.way.invalid_if(must && it.reason.is_none(), "reason", &Rule::SayWhy);
        self.is_theirs(it.reason);
        self.is_then(task, it.at);
        let at = it.at.unwrap_or(self.at);
        match comes_of(task, it.state, it.source, at, self.at) {
            Report::GetsThere => {}
            Report::Impossible => {
                self.way.bar(format!("order_state {} {:?} {:?}", it.order, task.state, it.state));
            }
            Report::KeptBeside => {
                let by = &self.envelope.actor;
                let same = |(state, when, who, _): &(OrderState, Time, _, bool)| {
                    *state == it.state && *when == at && who == by
                };
                let again = task.said.len() >= STAMPS || task.said.iter().any(same);
                self.way.bar_if(again, "no_change");
            }
        }
    }

    /// Nobody speaks for the centre; what is heard is heard somehow, and an operator sits at a seat.
    fn is_said(&mut self, source: StampSource, voice: Option<VoiceWay>) {
        self.way.invalid_if(source == StampSource::System, "source", &Rule::NodeOnly);
        let seated = self.envelope.seat.is_some();
        self.way.bar_if(source != StampSource::Device && !seated, "seat_required");
        self.way.invalid_if(source == StampSource::Voice && voice.is_none(), "voice", &Rule::SayHow);
    }

    fn is_theirs(&mut self, reason: Option<EndReason>) {
        let own = matches!(reason, Some(EndReason::NotSigned | EndReason::Diverted));
        self.way.invalid_if(own, "reason", &Rule::NodeOnly);
    }

    /// What is typed at a seat happened after the order and before now.
    fn is_then(&mut self, task: &Task, at: Option<Time>) {
        let Some(at) = at.filter(|_| self.envelope.seat.is_some()) else { return };
        self.way.invalid_if(at < task.created_at.min(self.at), "at", &Rule::BeforeTheOrder);
        self.way.invalid_if(at > self.at.plus_ms(AHEAD_MS), "at", &Rule::LiesAhead);
    }

    pub(super) fn recall_order(&mut self, it: &RecallOrder) {
        let Some(task) = self.task(it.order) else { return };
        let desk = self.speaks_of(task);
        self.way.bar_if(self.envelope.seat.is_none(), "seat_required");
        self.way.seen("expected_version", it.expected_version, task.version);
        let to = OrderState::Recalled;
        self.way.bar_if(!task.is_open(), format!("order_state {} {:?} {to:?}", it.order, task.state));
        self.way.bar_if(task.recalled, "no_change");
        self.is_theirs(Some(it.reason));
        // Whoever was ordered does not call it back.
        let ordered =
            desk.is_some_and(|desk| task.target == Target::Desk(desk.clone()) && task.desk != *desk);
        self.way.bar_if(ordered, format!("other_desk {}", task.desk));
    }

    pub(super) fn sign_notice(&mut self, it: &SignNotice) {
        let Some(task) = self.task(it.order) else { return };
        self.speaks_of(task);
        self.is_said(it.source, it.voice);
        self.is_then(task, it.at);
        self.way.bar_if(!task.recalled && !task.supplement, "nothing_to_sign");
    }

    pub(super) fn confirm_life(&mut self, it: &ConfirmLife) {
        let Some(task) = self.task(it.order) else { return };
        self.speaks_of(task);
        self.is_said(it.source, it.voice);
        self.is_then(task, it.at);
        let out = task.is_taken_up() && task.unit().is_some();
        self.way.invalid_if(!out, "order", &Rule::SignedUnitOnly);
    }

    /// Whose number it is must be known, and may be heard.
    pub(super) fn release_caller(&mut self, it: &ReleaseCaller) {
        let Some(task) = self.task(it.order) else { return };
        let Some(life) = self.active("order", task.incident) else { return };
        self.over_life(life);
        self.way.seen("expected_version", it.expected_version, task.version);
        let out = task.is_open() && task.unit().is_some();
        self.way.invalid_if(!out, "order", &Rule::OpenOrderToUnit);
        self.way.invalid_if(life.silent, "order", &Rule::SilentCaller);
        let calls = life.alarms.iter().filter_map(|alarm| self.guess.alarms.get(alarm));
        let callers: Vec<WordsId> = calls.filter_map(|call| call.caller).collect();
        self.way.invalid_if(callers.is_empty(), "order", &Rule::CallerUnknown);
        self.way.bar_if(!callers.is_empty() && callers == task.caller, "no_change");
    }
}

/// Ahead, to its end, and on from where it staged; what a device says late is kept beside, and what an operator says is
/// never behind.
fn comes_of(task: &Task, to: OrderState, source: StampSource, at: Time, heard: Time) -> Report {
    use OrderState::{Declined, Enroute, Failed, OnScene, Queued, Sent, Signed, Staged};
    let rank = |state| match state {
        Queued | Sent => 0,
        OrderState::Delivered => 1,
        Signed => 2,
        Enroute => 3,
        Staged => 4,
        OnScene => 5,
        _ => 6,
    };
    let late = if source == StampSource::Device { Report::KeptBeside } else { Report::Impossible };
    match (task.state, to) {
        (Queued, _) => Report::Impossible,
        _ if !task.is_open() || task.state == to => Report::KeptBeside,
        (_, Declined) if task.is_taken_up() => Report::Impossible,
        (_, Declined | Failed) => Report::GetsThere,
        (Staged, Enroute) => {
            let reached = task.said.iter().rev().find(|(_, _, _, got_there)| *got_there);
            let since = reached.map_or(task.created_at, |(_, at, _, _)| *at);
            if source != StampSource::Device || at > since || at == heard { Report::GetsThere } else { late }
        }
        (from, to) => match rank(to).cmp(&rank(from)) {
            Ordering::Greater => Report::GetsThere,
            Ordering::Equal | Ordering::Less => late,
        },
    }
}
