//! The rules of docs/terms.md as the auditor reads them: for each command all that stands in its way.

mod alarm;
mod dispatch;
mod incident;
mod order;
mod register;
mod seat;
mod support;
mod technical;
mod unit;

use dispatch_core::command::{Command, Envelope};
use dispatch_core::kernel::id::{AlarmId, DeskId, IncidentId, OrderId, SeatId, UnitId};
use dispatch_core::kernel::kind::{Channel, IncidentState};
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::view::IncidentView;
use dispatch_writer::Request;

use super::tables::{Call, Guess, Life, Task};
use super::way::Way;

impl Guess {
    /// What stands in the way of a command at a time.
    pub(super) fn way(&self, request: &Request, at: Time) -> Way {
        let (envelope, archived) = (&request.envelope, request.archived.as_deref());
        let mut ruling = Ruling { guess: self, envelope, archived, at, way: Way::default() };
        ruling.rule();
        ruling.way
    }
}

/// One command being looked at.
struct Ruling<'g> {
    guess: &'g Guess,
    envelope: &'g Envelope,
    /// The incident it takes up again, as the read model had it.
    archived: Option<&'g IncidentView>,
    at: Time,
    way: Way,
}

impl<'g> Ruling<'g> {
    fn rule(&mut self) {
        match &self.envelope.command {
            // Never refused; a tick has nobody to be told.
            Command::RaiseAlarm(_) | Command::Tick(_) => {}
            Command::AnswerAlarm(it) => self.answer_alarm(it),
            Command::SaveAlarm(it) => self.save_alarm(it),
            Command::SettleAlarm(it) => self.settle_alarm(it),
            Command::CloseCallBack(it) => self.close_call_back(it),
            Command::RaiseTechnical(it) => self.raise_technical(it),
            Command::ShelveTechnical(it) => self.shelve_technical(it),
            Command::UnshelveTechnical(it) => self.unshelve_technical(it),
            Command::SuppressSource(it) => self.suppress_source(it),
            Command::UnsuppressSource(it) => self.unsuppress_source(it),
            Command::ClearTechnical(it) => self.clear_technical(it),
            Command::ClaimIncident(it) => self.claim_incident(it),
            Command::ClassifyIncident(it) => self.classify_incident(it),
            Command::MoveIncident(it) => self.move_incident(it),
            Command::NoteIncident(it) => self.note_incident(it),
            Command::LinkIncidents(it) => self.link_incidents(it),
            Command::MergeIncident(it) => self.merge_incident(it),
            Command::SplitIncident(it) => self.split_incident(it),
            Command::CancelIncident(it) => self.cancel_incident(it),
            Command::CloseIncident(it) => self.close_incident(it),
            Command::ReopenIncident(it) => self.reopen_incident(it),
            Command::RenewRecommendation(it) => self.renew_recommendation(it),
            Command::HandOverIncident(it) => self.hand_over_incident(it),
            Command::Dispatch(it) => self.dispatch(it),
            Command::StopAutomaticOrder(it) => self.stop_automatic_order(it),
            Command::AdvanceOrder(it) => self.advance_order(it),
            Command::RecallOrder(it) => self.recall_order(it),
            Command::SignNotice(it) => self.sign_notice(it),
            Command::ConfirmLife(it) => self.confirm_life(it),
            Command::ReleaseCaller(it) => self.release_caller(it),
            Command::GiveFeedback(it) => self.give_feedback(it),
            Command::ReviewFeedback(it) => self.review_feedback(it),
            Command::SetDuty(it) => self.set_duty(it),
            Command::SetService(it) => self.set_service(it),
            Command::ReportBack(it) => self.report_back(it),
            Command::RequestSupport(it) => self.request_support(it),
            Command::AnswerSupport(it) => self.answer_support(it),
            Command::EndSupport(it) => self.end_support(it),
            Command::HandOverShift(it) => self.hand_over_shift(it),
            Command::AnswerShift(it) => self.answer_shift(it),
            Command::AdoptRegion(it) => self.adopt_region(it),
            Command::RegisterUnit(it) => self.register_unit(it),
            Command::RetireUnit(it) => self.retire_unit(it),
            Command::RegisterPoint(it) => self.register_point(it),
            Command::RetirePoint(it) => self.retire_point(it),
            Command::SetTestWindow(it) => self.set_test_window(it),
            Command::SetAutomatic(it) => self.set_automatic(it),
            Command::SetTimers(it) => self.set_timers(it),
            Command::EraseWords(it) => self.erase_words(it),
        }
    }

    /// The seat that acts and its desk; it is in the way when there is none.
    fn acting(&mut self) -> Option<(&'g SeatId, &'g DeskId)> {
        let Some(named) = &self.envelope.seat else {
            self.way.bar("seat_required");
            return None;
        };
        let found = self.guess.seats.get_key_value(named);
        self.way.bar_if(found.is_none(), "unknown seat");
        found
    }

    /// A seat acts, or the node or a device of its own.
    fn seat_or_node(&mut self) -> Option<(&'g SeatId, &'g DeskId)> {
        if self.envelope.seat.is_none() && self.speaks_for_itself() {
            return None;
        }
        self.acting()
    }

    fn speaks_for_itself(&self) -> bool {
        matches!(self.envelope.channel, Channel::Device | Channel::System)
    }

    /// The seat's desk answers for it, or stands above.
    fn over(&mut self, responsible: &DeskId, area: &AreaPath) -> Option<(&'g SeatId, &'g DeskId)> {
        let acting = self.acting()?;
        let over = self.guess.is_over(acting.1, responsible, area);
        self.way.bar_if(!over, format!("other_desk {responsible}"));
        Some(acting)
    }

    fn over_life(&mut self, life: &Life) -> Option<(&'g SeatId, &'g DeskId)> {
        self.over(&life.desk, &life.area)
    }

    /// What lies in an area is acted on from where its alarms land; what lies nowhere, from anywhere.
    fn in_area(&mut self, area: &AreaPath) {
        let Some((_, desk)) = self.acting() else { return };
        if let Some(landing) = self.guess.landing(area).filter(|_| !area.0.is_empty()) {
            let over = self.guess.is_over(desk, landing, area);
            self.way.bar_if(!over, format!("other_desk {landing}"));
        }
    }

    fn call(&mut self, id: AlarmId) -> Option<&'g Call> {
        let found = self.guess.alarms.get(&id);
        self.way.bar_if(found.is_none(), "unknown alarm");
        found
    }

    /// An incident, ended or not.
    fn life(&mut self, field: &str, id: IncidentId) -> Option<&'g Life> {
        let found = self.guess.incidents.get(&id);
        self.way.bar_if(found.is_none(), format!("unknown {field}"));
        found
    }

    /// An incident that goes on.
    fn active(&mut self, field: &str, id: IncidentId) -> Option<&'g Life> {
        let life = self.life(field, id)?;
        let over = life.state != IncidentState::Active;
        self.way.bar_if(over, format!("incident_ended {field} {:?}", life.state));
        Some(life)
    }

    fn task(&mut self, id: OrderId) -> Option<&'g Task> {
        let found = self.guess.orders.get(&id);
        self.way.bar_if(found.is_none(), "unknown order");
        found
    }

    /// Only those concerned speak of an order: its unit, a device, a desk of its incident, the desk that gave it, that
    /// it was given to, or that commands its unit. The desk that does, if one does.
    fn speaks_of(&mut self, task: &Task) -> Option<&'g DeskId> {
        if self.envelope.seat.is_none() {
            self.is_itself(task.unit());
            return None;
        }
        let (_, desk) = self.acting()?;
        let responsible = self.guess.incidents.get(&task.incident).map_or(&task.desk, |life| &life.desk);
        let commands =
            task.unit().and_then(|unit| self.guess.units.get(unit)).is_some_and(|car| car.desk == *desk);
        let given = task.desk == *desk || task.target == Target::Desk(desk.clone());
        let concerned = commands || given || self.guess.is_over(desk, responsible, &task.area);
        self.way.bar_if(!concerned, format!("other_desk {responsible}"));
        Some(desk)
    }

    /// Only those concerned speak for a unit.
    fn speaks_for(&mut self, unit: &UnitId) {
        if self.envelope.seat.is_none() {
            return self.is_itself(Some(unit));
        }
        let Some((_, desk)) = self.acting() else { return };
        let Some(car) = self.guess.units.get(unit) else { return };
        let over = self.guess.is_over(desk, &car.desk, &car.entry.area);
        self.way.bar_if(!over, format!("other_desk {}", car.desk));
    }

    /// Without a seat a unit speaks for itself and for no other, and otherwise devices do.
    fn is_itself(&mut self, unit: Option<&UnitId>) {
        let name = self.envelope.actor.as_str();
        let own = unit.is_some_and(|unit| unit.as_str() == name);
        let other = !own && self.guess.units.keys().any(|unit| unit.as_str() == name);
        self.way.invalid_if(other, "actor", &Rule::OwnUnit);
        let may = own || self.speaks_for_itself();
        self.way.bar_if(!other && !may, "seat_required");
    }

    /// Words explain a reason that was given.
    fn explains(&mut self, words: bool, reason: bool) {
        self.way.invalid_if(words && !reason, "words", &Rule::ExplainReason);
    }

    /// The order by which a desk carries an incident on.
    fn given_to(&self, desk: &DeskId, incident: IncidentId) -> Option<OrderId> {
        let target = Target::Desk(desk.clone());
        self.guess.open_orders(incident).find(|(_, task)| task.target == target).map(|(id, _)| id)
    }

    /// What a unit holds is in the way.
    fn without_order(&mut self, unit: &UnitId) {
        let held = self.guess.held(unit);
        let first = held.active.or(held.divert);
        match first {
            Some(order) => self.way.bar(format!("unit_busy {unit} {order}")),
            // Which of several is named first the model does not say.
            None if !held.stacked.is_empty() => {
                self.way.sure.extend(held.stacked.iter().map(|order| format!("unit_busy {unit} {order}")));
            }
            None => {}
        }
    }
}
