//! The auditor's own model of the centre: a few flat tables, from which it says of each decision whether it may be. An
//! acceptance must break no rule it knows; a refusal must name a rule that really stands in the way. It learns what was
//! done from events, and judges before it learns. A refusal by a rule it does not know counts as not predicted.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::alarm::AlarmState;
use dispatch_core::command::Command;
use dispatch_core::event::{Event, Record};
use dispatch_core::id::{AlarmId, FeedbackId, IncidentId, OrderId, SeatId, UnitId};
use dispatch_core::incident::FeedbackKind;
use dispatch_core::order::{OrderState, StampSource, Target};
use dispatch_core::refusal::Refusal;
use dispatch_core::unit::Duty;
use dispatch_core::view::View;
use dispatch_store::{Answer, Batch};
use dispatch_writer::Request;

use super::Key;
use super::book::renamed;
use crate::trial::report::Report;
use std::sync::Arc;

/// An incident as the model has it.
#[derive(Clone, Debug, Default)]
struct Life {
    ended: bool,
    claimed_by: Option<SeatId>,
    results: BTreeMap<FeedbackId, bool>,
    /// As views tell it after a commit; not known within one that touches it.
    version: Option<u32>,
}

/// An order as the model has it.
#[derive(Clone, Debug)]
struct Task {
    incident: IncidentId,
    unit: Option<UnitId>,
    state: OrderState,
}

impl Task {
    fn is_open(&self) -> bool {
        use OrderState::{Delivered, Enroute, OnScene, Queued, Sent, Signed, Staged};
        matches!(self.state, Queued | Sent | Delivered | Signed | Enroute | Staged | OnScene)
    }
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Guess {
    alarms: BTreeMap<AlarmId, AlarmState>,
    incidents: BTreeMap<IncidentId, Life>,
    orders: BTreeMap<OrderId, Task>,
    off_duty: BTreeSet<UnitId>,
}

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
        for view in &batch.views {
            if let View::Incident(view) = view {
                self.life(view.incident.id).version = Some(view.incident.version);
            }
        }
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
            Command::AnswerAlarm(it) => wrong_unless(
                self.alarms.get(&it.alarm) == Some(&AlarmState::Ringing),
                "an alarm is answered once, while it rings",
            ),
            Command::SaveAlarm(it) => wrong_unless(self.is_open(it.alarm), "a settled alarm is not saved"),
            Command::SettleAlarm(it) => wrong_unless(self.is_open(it.alarm), "an alarm is settled once"),
            Command::ClaimIncident(it) => self.on(it.incident, it.expected_version, |life| {
                life.claimed_by.is_none() || life.claimed_by.as_ref() == seat || it.take_over
            }),
            Command::Dispatch(it) => {
                for target in &it.targets {
                    if let Target::Unit(unit) = target {
                        if self.off_duty.contains(unit) {
                            return Wrong("a unit off duty takes no order");
                        }
                        if self.holds(unit, None) && !it.stack && !it.divert {
                            return Wrong("a unit has one active order");
                        }
                    }
                }
                self.on(it.incident, it.expected_version, |_| true)
            }
            Command::AdvanceOrder(it) => match self.orders.get(&it.order) {
                Some(task) => {
                    wrong_unless(may_advance(task.state, it.state, it.source), "an order goes its way")
                }
                None => Wrong("an order that is advanced is there"),
            },
            Command::RecallOrder(it) => wrong_unless(
                self.orders.get(&it.order).is_some_and(Task::is_open),
                "what has ended is not recalled",
            ),
            Command::CancelIncident(it) => {
                self.on(it.incident, it.expected_version, |_| !self.has_open(it.incident))
            }
            Command::CloseIncident(it) => self.on(it.incident, it.expected_version, |life| {
                !self.has_open(it.incident) && life.results.values().any(|accepted| *accepted)
            }),
            Command::GiveFeedback(it) => self.on(it.incident, None, |_| true),
            Command::ReviewFeedback(it) => {
                self.on(it.incident, it.expected_version, |life| life.results.contains_key(&it.feedback))
            }
            Command::RaiseAlarm(_) | Command::SetDuty(_) | Command::AdoptRegion(_) => Agrees,
            _ => Unknown,
        }
    }

    fn may_refuse(&self, command: &Command, seat: Option<&SeatId>, refusal: &Refusal) -> Verdict {
        if matches!(command, Command::RaiseAlarm(_)) {
            return Wrong("a call for help is never refused");
        }
        match (refusal, command) {
            (Refusal::AlreadyAnswered { .. }, Command::AnswerAlarm(it)) => {
                wrong_unless(self.alarms.get(&it.alarm) == Some(&AlarmState::Answered), "it was not answered")
            }
            (Refusal::AlarmSettled { .. }, command) => match alarm_of(command) {
                Some(alarm) => {
                    wrong_unless(self.alarms.get(&alarm) == Some(&AlarmState::Settled), "it was not settled")
                }
                None => Unknown,
            },
            (Refusal::ClaimedByOther { .. }, Command::ClaimIncident(it)) => {
                let other = self.incidents.get(&it.incident).and_then(|life| life.claimed_by.as_ref());
                wrong_unless(other.is_some() && other != seat, "nobody else has claimed it")
            }
            (Refusal::IncidentEnded { .. }, command) => match incident_of(command) {
                Some(incident) => {
                    wrong_unless(self.incidents.get(&incident).is_some_and(|life| life.ended), "it is active")
                }
                None => Unknown,
            },
            (Refusal::UnitBusy { unit, .. }, Command::Dispatch(_)) => {
                wrong_unless(self.holds(unit, Some(OrderState::Queued)), "the unit holds no order")
            }
            (Refusal::UnitOffDuty { unit }, _) => {
                wrong_unless(self.off_duty.contains(unit), "the unit is on duty")
            }
            (Refusal::OrdersOpen { .. }, Command::CancelIncident(_) | Command::CloseIncident(_)) => {
                let open = incident_of(command).is_some_and(|incident| self.has_open(incident));
                wrong_unless(open, "no order is open")
            }
            (Refusal::ResultMissing, Command::CloseIncident(it)) => {
                let results = self.incidents.get(&it.incident).map(|life| &life.results);
                let accepted = results.is_some_and(|results| results.values().any(|accepted| *accepted));
                wrong_unless(!accepted, "a result was accepted")
            }
            (Refusal::OrderState { .. }, Command::AdvanceOrder(it)) => match self.orders.get(&it.order) {
                Some(task) => wrong_unless(!may_advance(task.state, it.state, it.source), "it may go there"),
                None => Wrong("an order that is not there has no state"),
            },
            (Refusal::Stale { expected, .. }, command) => {
                let known = incident_of(command).and_then(|incident| self.incidents.get(&incident)?.version);
                match known {
                    Some(version) => wrong_unless(version != *expected, "what was seen is what is"),
                    None => Unknown,
                }
            }
            _ => Unknown,
        }
    }

    /// An active incident, seen as it is, of which this holds.
    fn on(&self, incident: IncidentId, seen: Option<u32>, holds: impl Fn(&Life) -> bool) -> Verdict {
        let Some(life) = self.incidents.get(&incident) else {
            return Wrong("an incident that is acted on is there");
        };
        if life.ended {
            return Wrong("an ended incident is not acted on");
        }
        if let (Some(seen), Some(version)) = (seen, life.version)
            && seen != version
        {
            return Wrong("whoever acts has seen what it is");
        }
        wrong_unless(holds(life), "the guards of the act hold")
    }

    fn is_open(&self, alarm: AlarmId) -> bool {
        self.alarms.get(&alarm).is_some_and(|state| *state != AlarmState::Settled)
    }

    /// Whether a unit has an order that is open, one of a state that counts as well.
    fn holds(&self, unit: &UnitId, also: Option<OrderState>) -> bool {
        self.orders.values().any(|task| {
            task.unit.as_ref() == Some(unit)
                && task.is_open()
                && (task.state != OrderState::Queued || also == Some(OrderState::Queued))
        })
    }

    fn has_open(&self, incident: IncidentId) -> bool {
        self.orders.values().any(|task| task.incident == incident && task.is_open())
    }

    fn life(&mut self, incident: IncidentId) -> &mut Life {
        self.incidents.entry(incident).or_default()
    }

    fn learn(&mut self, record: &Record) {
        match &record.event {
            Event::AlarmRaised { alarm, .. } => drop(self.alarms.insert(alarm.id, AlarmState::Ringing)),
            Event::AlarmAnswered { alarm, .. } => drop(self.alarms.insert(*alarm, AlarmState::Answered)),
            Event::AlarmSettled { alarm, .. } => drop(self.alarms.insert(*alarm, AlarmState::Settled)),
            Event::AlarmArchived { alarm, .. } => drop(self.alarms.remove(alarm)),
            Event::IncidentCreated { incident, .. } => {
                drop(self.incidents.insert(incident.id, Life::default()))
            }
            Event::IncidentClaimed { incident, .. } => {
                let seat = record.seat.clone();
                self.touch(*incident, |life| life.claimed_by = seat);
            }
            Event::IncidentHandedOver { incident, .. } => {
                self.touch(*incident, |life| life.claimed_by = None)
            }
            Event::IncidentCancelled { incident, .. } | Event::IncidentClosed { incident } => {
                self.touch(*incident, |life| life.ended = true);
            }
            Event::IncidentArchived { incident, .. } => {
                self.incidents.remove(incident);
                self.orders.retain(|_, task| task.incident != *incident);
            }
            Event::IncidentClassified { incident, .. }
            | Event::IncidentMoved { incident, .. }
            | Event::IncidentNoted { incident, .. }
            | Event::IncidentSilenced { incident, .. }
            | Event::AutomaticOrderAnnounced { incident, .. }
            | Event::AutomaticOrderEnded { incident, .. } => self.touch(*incident, |_| {}),
            Event::FeedbackGiven { incident, feedback } => {
                let result = (feedback.kind == FeedbackKind::Result).then_some(feedback.id);
                self.touch(*incident, |life| life.results.extend(result.map(|id| (id, false))));
            }
            Event::FeedbackReviewed { incident, feedback, accepted, .. } => {
                self.touch(*incident, |life| life.results.extend([(*feedback, *accepted)]));
            }
            Event::OrderCreated { order } => {
                let unit = match &order.target {
                    Target::Unit(unit) => Some(unit.clone()),
                    _ => None,
                };
                self.touch(order.incident, |_| {});
                self.orders.insert(order.id, Task { incident: order.incident, unit, state: order.state });
            }
            Event::OrderAdvanced { order, stamp, .. } if !stamp.beside => self.advance(*order, stamp.state),
            Event::OrderAdvanced { order, .. } | Event::OrderRecalled { order, .. } => {
                if let Some(incident) = self.orders.get(order).map(|task| task.incident) {
                    self.touch(incident, |_| {});
                }
            }
            Event::OrderUnstacked { order } => self.advance(*order, OrderState::Sent),
            Event::DutySet { unit, duty, .. } => {
                if *duty == Duty::Off {
                    self.off_duty.insert(unit.clone());
                } else {
                    self.off_duty.remove(unit);
                }
            }
            // Whatever else is about something makes its version unsure.
            _ => self.incidents.values_mut().for_each(|life| life.version = None),
        }
    }

    fn advance(&mut self, order: OrderId, state: OrderState) {
        let Some(task) = self.orders.get_mut(&order) else { return };
        task.state = state;
        let incident = task.incident;
        self.touch(incident, |_| {});
    }

    fn touch(&mut self, incident: IncidentId, change: impl FnOnce(&mut Life)) {
        let life = self.life(incident);
        life.version = None;
        change(life);
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
        (Staged, Enroute) => true,
        (Sent | Delivered, Declined) => true,
        (_, Declined) => rank(from) == 6,
        (_, Failed | Cleared) => true,
        _ if rank(from) == 6 => true,
        _ if rank(to) > rank(from) => true,
        // An operator corrects nothing backwards; a device's messages come in any order.
        _ => source == StampSource::Device || from == to,
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
