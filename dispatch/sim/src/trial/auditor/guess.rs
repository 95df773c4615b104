//! The auditor's own model of the centre, from whose tables it says of each decision whether it may be. An
//! acceptance must break no rule it knows; a refusal must name a rule that really stands in the way. It learns what was
//! done from events, and judges before it learns. A refusal by a rule it does not know counts as not predicted, and fails the
//! run.

use std::collections::BTreeMap;
use std::sync::Arc;

use dispatch_core::alarm::AlarmState;
use dispatch_core::command::{Command, Dispatch};
use dispatch_core::event::Record;
use dispatch_core::id::{AlarmId, DeskId, IncidentId, OrderId, SeatId};
use dispatch_core::order::{OrderState, StampSource, Target};
use dispatch_core::refusal::{Refusal, Rule};
use dispatch_core::unit::Duty;
use dispatch_store::{Answer, Batch};
use dispatch_writer::Request;

use super::Key;
use super::book::renamed;
use super::doubt::OVERLAP;
use super::tables::{Call, Guess, Life, Task, Version};
use crate::trial::report::Report;

/// What the model says of a decision.
enum Verdict {
    /// So it has to be.
    Agrees,
    /// It knows no rule for this.
    Unknown,
    /// It may not be.
    Wrong(&'static str),
}

use Verdict::{Agrees, Unknown, Wrong};

fn wrong_unless(holds: bool, rule: &'static str) -> Verdict {
    if holds { Agrees } else { Wrong(rule) }
}

impl Guess {
    /// Follows a batch, decision by decision.
    pub(super) fn follow(
        &mut self,
        batch: &Batch,
        bodies: &BTreeMap<Key, Vec<Arc<Request>>>,
        report: &mut Report,
    ) -> Result<(), String> {
        let mut records = batch.records.iter().peekable();
        // Time passed between two decisions: what a refusal rests on may be from before or after.
        let mut ticked = false;
        for stored in &batch.answers {
            let key = (stored.actor.clone(), stored.command);
            let own = |record: &Record| (record.actor.clone(), record.command) == key;
            if matches!(stored.answer, Answer::Accepted(_)) {
                while let Some(record) = records.next_if(|record| !own(record)) {
                    ticked = true;
                    self.learn(record);
                }
            } else {
                ticked |= batch.records.iter().any(|record| record.actor.as_str() == "system");
            }
            let request = body(bodies, &key, stored.fingerprint);
            let verdict = match request {
                None => return Err(format!("D6: {key:?} was decided and never sent")),
                Some(request) => self.judge(request, &stored.answer),
            };
            match verdict {
                Agrees => report.predicted += 1,
                Wrong(rule) if !ticked => {
                    let name = request.map_or("", |request| request.envelope.command.name());
                    return Err(format!("D5: {rule}: {name} {key:?} is answered {:?}", stored.answer));
                }
                Unknown | Wrong(_) => {
                    let name = request.map_or("", |request| request.envelope.command.name());
                    *report.unpredicted.entry(format!("{name} {}", said(&stored.answer))).or_default() += 1;
                }
            }
            while let Some(record) = records.next_if(|record| own(record)) {
                self.learn(record);
            }
        }
        records.for_each(|record| self.learn(record));
        self.look(&batch.views);
        Ok(())
    }

    fn judge(&self, request: &Request, answer: &Answer) -> Verdict {
        let envelope = &request.envelope;
        match answer {
            Answer::Refused(refusal) => self.may_refuse(&envelope.command, envelope.seat.as_ref(), refusal),
            Answer::Accepted(_) => self.may_accept(&envelope.command, envelope.seat.as_ref()),
        }
    }

    fn may_accept(&self, command: &Command, seat: Option<&SeatId>) -> Verdict {
        match command {
            Command::AnswerAlarm(it) => {
                self.over_call(it.alarm, seat, |call| call.state == AlarmState::Ringing)
            }
            Command::SaveAlarm(it) => {
                self.over_call(it.alarm, seat, |call| call.state != AlarmState::Settled)
            }
            Command::SettleAlarm(it) => {
                self.over_call(it.alarm, seat, |call| call.state != AlarmState::Settled)
            }
            Command::ClaimIncident(it) => self.over(it.incident, it.expected_version, seat, |life| {
                life.claimed_by.is_none() || it.take_over && life.claimed_by.as_ref() != seat
            }),
            Command::Dispatch(it) => self.may_dispatch(it, seat),
            Command::AdvanceOrder(it) => {
                self.over_order(it.order, seat, |task| may_advance(task.state, it.state, it.source))
            }
            Command::RecallOrder(it) => self.over_order(it.order, seat, |task| {
                task.is_open()
                    && !task.recalled
                    && it.expected_version.is_some_and(|seen| task.version.may_be(seen))
            }),
            Command::CancelIncident(it) => {
                self.over(it.incident, it.expected_version, seat, |_| !self.has_open(it.incident))
            }
            Command::CloseIncident(it) => self.over(it.incident, it.expected_version, seat, |life| {
                !self.has_open(it.incident) && life.results.values().any(|accepted| *accepted)
            }),
            Command::ReviewFeedback(it) => self.over(it.incident, it.expected_version, seat, |life| {
                self.desk_of(seat) == Some(&life.desk) && life.results.contains_key(&it.feedback)
            }),
            Command::GiveFeedback(it) => {
                let active = self.incidents.get(&it.incident).is_some_and(|life| !life.ended);
                wrong_unless(active, "feedback is about what is active")
            }
            Command::SetDuty(it) => {
                let idle = it.duty != Duty::Off || !self.holds(&it.unit, None);
                let changes = self.duties.get(&it.unit) != Some(&it.duty);
                wrong_unless(idle && changes, "a unit with an order stays on duty")
            }
            Command::RaiseAlarm(_) | Command::AdoptRegion(_) => Agrees,
            _ => Unknown,
        }
    }

    fn may_dispatch(&self, dispatch: &Dispatch, seat: Option<&SeatId>) -> Verdict {
        let desk = self.desk_of(seat);
        if dispatch.stack && dispatch.divert {
            return Wrong("an order is stacked or diverts");
        }
        let Some(life) = self.incidents.get(&dispatch.incident) else {
            return Wrong("an incident that is dispatched to is there");
        };
        if !dispatch.confirmed && !self.doubts(life, dispatch).is_empty() {
            return Wrong("doubt asks for a second key");
        }
        for target in &dispatch.targets {
            let Target::Unit(unit) = target else { continue };
            if self.duties.get(unit) == Some(&Duty::Off) {
                return Wrong("a unit off duty takes no order");
            }
            if self.commanded.get(unit) != desk {
                return Wrong("a unit of another desk is asked for");
            }
            if self.is_forbidden(life, unit) {
                return Wrong("a class that is forbidden is not sent");
            }
            if self.holds(unit, None) && !dispatch.stack && !dispatch.divert {
                return Wrong("a unit has one active order");
            }
        }
        self.over(dispatch.incident, dispatch.expected_version, seat, |_| true)
    }

    fn may_refuse(&self, command: &Command, seat: Option<&SeatId>, refusal: &Refusal) -> Verdict {
        match (refusal, command) {
            (_, Command::RaiseAlarm(_)) => Wrong("a call for help is never refused"),
            (Refusal::OtherDesk { .. }, command) => match self.answers_for(command, seat) {
                Some(does) => wrong_unless(!does, "the desk answers for it"),
                None => Unknown,
            },
            (Refusal::AlreadyAnswered { .. }, Command::AnswerAlarm(it)) => {
                let state = self.alarms.get(&it.alarm).map(|call| call.state);
                wrong_unless(state == Some(AlarmState::Answered), "it was not answered")
            }
            (Refusal::AlarmSettled { .. }, command) => {
                let state = alarm_of(command).and_then(|alarm| Some(self.alarms.get(&alarm)?.state));
                wrong_unless(state == Some(AlarmState::Settled), "it was not settled")
            }
            (Refusal::ClaimedByOther { .. } | Refusal::NoChange, Command::ClaimIncident(it)) => {
                let by = self.incidents.get(&it.incident).and_then(|life| life.claimed_by.as_ref());
                let own = by == seat;
                let so = by.is_some() && own == matches!(refusal, Refusal::NoChange);
                wrong_unless(so, "nobody has claimed it")
            }
            (Refusal::IncidentEnded { .. }, command) => {
                let life = incident_of(command).and_then(|incident| self.incidents.get(&incident));
                wrong_unless(life.is_some_and(|life| life.ended), "it is active")
            }
            (Refusal::UnitBusy { unit, .. }, Command::Dispatch(_) | Command::SetDuty(_)) => {
                wrong_unless(self.holds(unit, Some(OrderState::Queued)), "the unit holds no order")
            }
            (Refusal::UnitOffDuty { unit }, _) => {
                wrong_unless(self.duties.get(unit) == Some(&Duty::Off), "the unit is on duty")
            }
            (Refusal::UnitOfOtherDesk { unit, .. }, Command::Dispatch(_)) => {
                wrong_unless(self.commanded.get(unit) != self.desk_of(seat), "the unit is the desk's own")
            }
            (Refusal::NoChange, Command::SetDuty(it)) => {
                wrong_unless(self.duties.get(&it.unit) == Some(&it.duty), "something would change")
            }
            (Refusal::OrdersOpen { .. }, Command::CancelIncident(_) | Command::CloseIncident(_)) => {
                let open = incident_of(command).is_some_and(|incident| self.has_open(incident));
                wrong_unless(open, "no order is open")
            }
            (Refusal::ResultMissing, Command::CloseIncident(it)) => {
                let life = self.incidents.get(&it.incident);
                let accepted = life.is_some_and(|life| life.results.values().any(|accepted| *accepted));
                wrong_unless(!accepted, "a result was accepted")
            }
            (Refusal::OrderState { .. }, Command::AdvanceOrder(it)) => {
                let task = self.orders.get(&it.order);
                let may = task.is_none_or(|task| may_advance(task.state, it.state, it.source));
                wrong_unless(!may, "it may go there")
            }
            (Refusal::OrderState { .. } | Refusal::NoChange, Command::RecallOrder(it)) => {
                let task = self.orders.get(&it.order);
                let so = task.is_some_and(|task| !task.is_open() || task.recalled);
                wrong_unless(so, "it can be recalled")
            }
            (Refusal::Stale { expected, actual, .. }, command) => {
                let Some(version) = self.version_of(command) else { return Unknown };
                let so = seen_by(command) == Some(*expected) && expected != actual && version.may_be(*actual);
                wrong_unless(so, "what was seen is what is")
            }
            (Refusal::Invalid { rule: Rule::VersionMissing, .. }, command) => {
                wrong_unless(seen_by(command).is_none(), "it names what was seen")
            }
            (Refusal::Invalid { rule: Rule::StackOrDivert, .. }, Command::Dispatch(it)) => {
                wrong_unless(it.stack && it.divert, "it does not ask for both")
            }
            (Refusal::ClassForbidden { unit, .. }, Command::Dispatch(it)) => {
                let life = self.incidents.get(&it.incident);
                let so = life.is_some_and(|life| self.is_forbidden(life, unit));
                wrong_unless(so, "its class may be sent")
            }
            (Refusal::ConfirmationNeeded { because }, Command::Dispatch(it)) => {
                let Some(life) = self.incidents.get(&it.incident) else { return Unknown };
                let said = because.iter().map(String::as_str).filter(|word| *word != OVERLAP).collect();
                let so = !it.confirmed && self.doubts(life, it) == said;
                wrong_unless(so, "the doubt that is named is there, and no other")
            }
            _ => Unknown,
        }
    }

    /// An active incident that a seat answers for, seen as it is, of which this holds.
    fn over(
        &self,
        incident: IncidentId,
        seen: Option<u32>,
        seat: Option<&SeatId>,
        holds: impl Fn(&Life) -> bool,
    ) -> Verdict {
        let Some(life) = self.incidents.get(&incident).filter(|life| !life.ended) else {
            return Wrong("an ended incident is not acted on");
        };
        if !seen.is_some_and(|seen| life.version.may_be(seen)) {
            return Wrong("whoever acts has seen what it is");
        }
        let answers = self.desk_of(seat).is_some_and(|desk| self.is_over(desk, &life.desk, &life.area));
        wrong_unless(answers && holds(life), "the guards of the act hold")
    }

    fn over_call(&self, alarm: AlarmId, seat: Option<&SeatId>, holds: impl Fn(&Call) -> bool) -> Verdict {
        let Some(call) = self.alarms.get(&alarm) else { return Wrong("an alarm that is acted on is there") };
        let answers = self.desk_of(seat).is_some_and(|desk| self.is_over(desk, &call.desk, &call.area));
        wrong_unless(
            answers && holds(call),
            "an alarm is answered once, and settled once, by a desk that answers for it",
        )
    }

    fn over_order(&self, order: OrderId, seat: Option<&SeatId>, holds: impl Fn(&Task) -> bool) -> Verdict {
        let Some(task) = self.orders.get(&order) else { return Wrong("an order that is acted on is there") };
        let answers = seat.is_none() || self.answers_for_order(task, seat);
        wrong_unless(answers && holds(task), "an order goes its way, reported by whom it concerns")
    }

    /// A desk acts on orders of its incidents, on those it gave, and on those of units it commands.
    fn answers_for_order(&self, task: &Task, seat: Option<&SeatId>) -> bool {
        let Some(desk) = self.desk_of(seat) else { return false };
        let responsible = self.incidents.get(&task.incident).map_or(&task.desk, |life| &life.desk);
        let commands = task.unit.as_ref().and_then(|unit| self.commanded.get(unit)) == Some(desk);
        commands || task.desk == *desk || self.is_over(desk, responsible, &task.area)
    }

    /// Whether the desk of a seat answers for what a command is about; none where the model does not say.
    fn answers_for(&self, command: &Command, seat: Option<&SeatId>) -> Option<bool> {
        let desk = self.desk_of(seat)?;
        if let Some(alarm) = alarm_of(command) {
            let call = self.alarms.get(&alarm)?;
            return Some(self.is_over(desk, &call.desk, &call.area));
        }
        if let Some(incident) = incident_of(command) {
            let life = self.incidents.get(&incident)?;
            // Feedback is accepted by the responsible desk itself.
            let alone = matches!(command, Command::ReviewFeedback(_));
            return Some(*desk == life.desk || !alone && self.is_over(desk, &life.desk, &life.area));
        }
        let order = match command {
            Command::AdvanceOrder(it) => it.order,
            Command::RecallOrder(it) => it.order,
            _ => return None,
        };
        Some(self.answers_for_order(self.orders.get(&order)?, seat))
    }

    /// The version of what a command is about.
    fn version_of(&self, command: &Command) -> Option<Version> {
        if let Command::RecallOrder(it) = command {
            return self.orders.get(&it.order).map(|task| task.version);
        }
        let call = alarm_of(command).and_then(|alarm| self.alarms.get(&alarm));
        let life = incident_of(command).and_then(|incident| self.incidents.get(&incident));
        call.map(|call| call.version).or(life.map(|life| life.version))
    }

    fn desk_of(&self, seat: Option<&SeatId>) -> Option<&DeskId> {
        self.seats.get(seat?)
    }
}

/// What an answer says, in a word.
fn said(answer: &Answer) -> String {
    match answer {
        Answer::Accepted(_) => "accepted".to_owned(),
        Answer::Refused(refusal) => {
            let text = format!("{refusal:?}");
            text.split([' ', '{']).next().unwrap_or_default().to_owned()
        }
    }
}

/// The body a decision was made of: the command's own, or that of an alarm which was given an id of its own.
fn body<'a>(
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

/// Where an order may go, as TERMS has it: ahead, to its end, and back from the stage; what is behind or over is kept
/// beside.
fn may_advance(from: OrderState, to: OrderState, source: StampSource) -> bool {
    use OrderState::{Cleared, Declined, Delivered, Enroute, Failed, OnScene, Queued, Sent, Signed, Staged};
    let rank = |state| match state {
        Sent => 0,
        Delivered => 1,
        Signed => 2,
        Enroute => 3,
        Staged => 4,
        OnScene => 5,
        _ => 6,
    };
    match (from, to) {
        (Queued, _) => false,
        (Staged, Enroute) | (Sent | Delivered, Declined) | (_, Failed | Cleared) => true,
        (_, Declined) => rank(from) == 6,
        _ if rank(from) == 6 => true,
        _ if rank(to) > rank(from) => true,
        // An operator corrects nothing backwards; a device's messages come in any order.
        _ => source == StampSource::Device || from == to,
    }
}

/// The version whoever sent a command says to have seen.
fn seen_by(command: &Command) -> Option<u32> {
    match command {
        Command::SaveAlarm(it) => it.expected_version,
        Command::SettleAlarm(it) => it.expected_version,
        Command::ClaimIncident(it) => it.expected_version,
        Command::Dispatch(it) => it.expected_version,
        Command::RecallOrder(it) => it.expected_version,
        Command::CancelIncident(it) => it.expected_version,
        Command::CloseIncident(it) => it.expected_version,
        Command::ReviewFeedback(it) => it.expected_version,
        _ => None,
    }
}

fn alarm_of(command: &Command) -> Option<AlarmId> {
    match command {
        Command::AnswerAlarm(it) => Some(it.alarm),
        Command::SaveAlarm(it) => Some(it.alarm),
        Command::SettleAlarm(it) => Some(it.alarm),
        _ => None,
    }
}

fn incident_of(command: &Command) -> Option<IncidentId> {
    match command {
        Command::ClaimIncident(it) => Some(it.incident),
        Command::Dispatch(it) => Some(it.incident),
        Command::CancelIncident(it) => Some(it.incident),
        Command::CloseIncident(it) => Some(it.incident),
        Command::GiveFeedback(it) => Some(it.incident),
        Command::ReviewFeedback(it) => Some(it.incident),
        _ => None,
    }
}
