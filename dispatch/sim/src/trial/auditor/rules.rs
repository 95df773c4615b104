//! The rules of docs/terms.md as the auditor reads them: for each command all that stands in its way.

mod alarm;
mod dispatch;
mod incident;
mod order;
mod register;
mod reminder;
mod seat;
mod support;
mod technical;
mod unit;

use dispatch_core::command::{AcceptLoss, CorrectClock, Envelope, RaiseAlarm, RaiseTechnical, Tick};
use dispatch_core::kernel::id::{AlarmId, DeskId, IncidentId, OrderId, SeatId, UnitId};
use dispatch_core::kernel::kind::{Channel, IncidentState};
use dispatch_core::kernel::place::AreaPath;
use dispatch_core::kernel::refusal::Rule;
use dispatch_core::kernel::target::Target;
use dispatch_core::kernel::time::Time;
use dispatch_core::view::IncidentView;
use dispatch_writer::Request;

use super::tables::{Call, Guess, Life, Task};
use super::way::{Way, invalid};

impl Guess {
    /// What stands in the way of a command at a time.
    pub(super) fn way(&self, request: &Request, at: Time) -> Way {
        let (envelope, archived) = (&request.envelope, request.archived.as_deref());
        let mut ruling = Ruling { guess: self, envelope, archived, at, way: Way::default() };
        ruling.rule();
        ruling.way
    }
}

/// What is taken although nobody has accepted what is lost: calls for help, what breaks, what sets things right, and what
/// the node does itself.
pub(super) fn passes_halt(request: &Request) -> bool {
    let Envelope { channel, command, .. } = &request.envelope;
    *channel == Channel::System
        || command.get::<RaiseAlarm>().is_some()
        || command.get::<RaiseTechnical>().is_some()
        || command.get::<AcceptLoss>().is_some()
        || command.get::<CorrectClock>().is_some()
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
        dispatch_core::call_by_name!(self, &self.envelope.command);
    }

    /// Never refused.
    #[expect(clippy::unused_self, reason = "every command has a rule of one form")]
    fn raise_alarm(&self, _: &RaiseAlarm) {}

    /// Nobody to be told.
    #[expect(clippy::unused_self, reason = "every command has a rule of one form")]
    fn tick(&self, _: &Tick) {}

    /// Where the machine's clock was when it was decided the tables do not know; [`super::clock`] does.
    fn correct_clock(&mut self, _: &CorrectClock) {
        self.over_all();
        self.way.perhaps.insert("no_change".to_owned());
        self.way.perhaps.insert(invalid("ahead_ms", &Rule::ClockElsewhere { ahead_ms: 0 }));
    }

    /// A seat at the top says it, or somebody at the machine has the node do it.
    fn accept_loss(&mut self, it: &AcceptLoss) {
        if self.envelope.channel != Channel::System {
            self.over_all();
        }
        self.way.bar_if(!self.guess.losses.contains(&it.loss), "unknown loss");
    }

    /// The seat that acts and its desk; it is in the way when there is none.
    fn acting(&mut self) -> Option<(&'g SeatId, &'g DeskId)> {
        let Some(named) = &self.envelope.seat else {
            if !self.is_gone() {
                self.way.bar("seat_required");
            }
            return None;
        };
        let found = self.guess.seats.get_key_value(named);
        self.way.bar_if(found.is_none(), "unknown seat");
        found
    }

    /// A seat of a desk that nobody stands above.
    fn over_all(&mut self) {
        let Some((_, desk)) = self.acting() else { return };
        let above: Vec<&DeskId> =
            self.guess.desks.keys().filter(|other| self.guess.is_above(other, desk)).collect();
        let top = above.iter().find(|top| self.guess.desks[**top].parent.is_none());
        if let Some(top) = top {
            self.way.bar(format!("other_desk {top}"));
        }
    }

    /// The unit under whose name it is sent without a seat.
    fn unit_that_speaks(&self) -> Option<&UnitId> {
        let name = self.envelope.actor.as_str().strip_prefix("unit:")?;
        let units = self.guess.units.keys().chain(self.guess.retired.keys());
        units.into_iter().find(|unit| unit.as_str() == name).filter(|_| self.envelope.seat.is_none())
    }

    /// A unit that has left speaks no more.
    fn is_gone(&mut self) -> bool {
        let gone = self.unit_that_speaks().is_some_and(|unit| self.guess.retired.contains_key(unit));
        self.way.bar_if(gone, "unknown actor");
        gone
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

    /// Only those concerned speak of an order: its unit, a desk of its incident, the desk that gave it, that
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

    /// Without a seat a unit speaks for itself and for no other, and nobody else for it.
    fn is_itself(&mut self, unit: Option<&UnitId>) {
        if self.is_gone() {
            return;
        }
        let speaks = self.unit_that_speaks().cloned();
        let other = speaks.is_some() && speaks.as_ref() != unit;
        self.way.invalid_if(other, "actor", &Rule::OwnUnit);
        self.way.bar_if(speaks.is_none(), "seat_required");
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
