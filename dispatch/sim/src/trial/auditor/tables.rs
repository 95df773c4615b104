//! What the auditor's model knows: a few flat tables, filled from events alone.

use std::collections::{BTreeMap, BTreeSet};

use dispatch_core::alarm::{AlarmSource, AlarmState};
use dispatch_core::event::{Event, Record};
use dispatch_core::id::{
    AlarmId, DeskId, FeedbackId, IncidentId, KindCode, OrderId, SeatId, TypeCode, UnitId,
};
use dispatch_core::incident::FeedbackKind;
use dispatch_core::order::{OrderState, Target};
use dispatch_core::place::{AreaPath, Place};
use dispatch_core::register::{Register, RunCard};
use dispatch_core::unit::Duty;
use dispatch_core::view::View;

/// A version, as views tell it after a commit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Version {
    told: u32,
    /// Touched since: it is what was told or more.
    touched: bool,
}

impl Version {
    /// Whether it may be this now.
    pub(super) fn may_be(self, actual: u32) -> bool {
        if self.touched || self.told == 0 { actual >= self.told } else { actual == self.told }
    }

    fn tell(&mut self, told: u32) {
        *self = Self { told, touched: false };
    }
}

/// An incident as the model has it.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub ended: bool,
    pub claimed_by: Option<SeatId>,
    pub results: BTreeMap<FeedbackId, bool>,
    pub version: Version,
    /// Who answers for it, and where it is.
    pub desk: DeskId,
    pub area: AreaPath,
    pub place: Place,
    pub incident_type: Option<TypeCode>,
}

/// An alarm as the model has it.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub state: AlarmState,
    pub version: Version,
    /// The unit whose SOS it is, and the incident that was made of it.
    pub caller: Option<UnitId>,
    pub incident: Option<IncidentId>,
    pub desk: DeskId,
    pub area: AreaPath,
}

/// An order as the model has it.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub incident: IncidentId,
    pub unit: Option<UnitId>,
    pub state: OrderState,
    /// Who gave it, and where.
    pub desk: DeskId,
    pub area: AreaPath,
    pub recalled: bool,
    pub version: Version,
}

impl Task {
    pub(super) fn is_open(&self) -> bool {
        use OrderState::{Delivered, Enroute, OnScene, Queued, Sent, Signed, Staged};
        matches!(self.state, Queued | Sent | Delivered | Signed | Enroute | Staged | OnScene)
    }
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Guess {
    pub alarms: BTreeMap<AlarmId, Call>,
    pub incidents: BTreeMap<IncidentId, Life>,
    pub orders: BTreeMap<OrderId, Task>,
    /// What units do, and which desk commands them.
    pub duties: BTreeMap<UnitId, Duty>,
    pub commanded: BTreeMap<UnitId, DeskId>,
    /// The desk above, and the area.
    desks: BTreeMap<DeskId, (Option<DeskId>, AreaPath)>,
    pub seats: BTreeMap<SeatId, DeskId>,
    pub classes: BTreeMap<UnitId, KindCode>,
    pub cards: Vec<RunCard>,
    pub sensitive: BTreeSet<TypeCode>,
}

impl Guess {
    /// Whether a unit has an order that is open, one of a state that counts as well.
    pub(super) fn holds(&self, unit: &UnitId, also: Option<OrderState>) -> bool {
        self.orders.values().any(|task| {
            task.unit.as_ref() == Some(unit)
                && task.is_open()
                && (task.state != OrderState::Queued || also == Some(OrderState::Queued))
        })
    }

    pub(super) fn has_open(&self, incident: IncidentId) -> bool {
        self.orders.values().any(|task| task.incident == incident && task.is_open())
    }

    pub(super) fn learn(&mut self, record: &Record) {
        match &record.event {
            Event::RegionAdopted { register, duties, .. } => self.adopt(register, duties),
            Event::AlarmRaised { alarm, .. } => {
                let (desk, area) = (alarm.desk.clone(), alarm.area.clone());
                let caller = alarm.unit.clone().filter(|_| alarm.source == AlarmSource::Sos);
                let (state, version) = (AlarmState::Ringing, Version::default());
                self.alarms.insert(alarm.id, Call { state, version, caller, incident: None, desk, area });
            }
            Event::AlarmAnswered { alarm, .. } => self.call(*alarm, |call| call.state = AlarmState::Answered),
            Event::AlarmSettled { alarm, outcome, .. } => self.call(*alarm, |call| {
                call.state = AlarmState::Settled;
                call.incident = outcome.incident;
            }),
            // A place may bring it to another desk: what its view says is believed.
            Event::AlarmSaved { alarm, .. }
            | Event::AlarmRepeated { alarm, .. }
            | Event::DuplicatesOffered { alarm, .. } => self.call(*alarm, |_| {}),
            Event::AlarmArchived { alarm, .. } => drop(self.alarms.remove(alarm)),
            Event::IncidentCreated { incident, .. } => {
                let (desk, area) = (incident.desk.clone(), incident.area.clone());
                let life = Life {
                    ended: false,
                    claimed_by: None,
                    results: BTreeMap::new(),
                    version: Version::default(),
                    desk,
                    area,
                    place: incident.place.clone(),
                    incident_type: incident.incident_type.clone(),
                };
                self.incidents.insert(incident.id, life);
            }
            Event::IncidentClaimed { incident, .. } => {
                let seat = record.seat.clone();
                self.touch(*incident, |life| life.claimed_by = seat);
            }
            Event::IncidentHandedOver { incident, desk, .. } => self.touch(*incident, |life| {
                life.claimed_by = None;
                life.desk = desk.clone();
            }),
            Event::IncidentMoved { incident, place, area, .. } => self.touch(*incident, |life| {
                life.area = area.clone();
                life.place = place.clone();
            }),
            Event::IncidentClassified { incident, incident_type, .. } => self.touch(*incident, |life| {
                life.incident_type = incident_type.clone().or(life.incident_type.take());
            }),
            Event::IncidentCancelled { incident, .. } | Event::IncidentClosed { incident } => {
                self.touch(*incident, |life| life.ended = true);
            }
            Event::IncidentArchived { incident, .. } => {
                self.incidents.remove(incident);
                self.orders.retain(|_, task| task.incident != *incident);
            }
            Event::IncidentNoted { incident, .. }
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
                let (desk, area) = (order.desk.clone(), order.area.clone());
                let (incident, state) = (order.incident, order.state);
                let (recalled, version) = (false, Version::default());
                self.orders.insert(order.id, Task { incident, unit, state, desk, area, recalled, version });
            }
            Event::OrderAdvanced { order, stamp, .. } if !stamp.beside => self.advance(*order, stamp.state),
            Event::OrderAdvanced { order, .. } => self.touch_of(*order),
            Event::OrderRecalled { order, .. } => {
                if let Some(task) = self.orders.get_mut(order) {
                    task.recalled = true;
                }
                self.touch_of(*order);
            }
            Event::OrderUnstacked { order } => self.advance(*order, OrderState::Sent),
            Event::DutySet { unit, duty, .. } => drop(self.duties.insert(unit.clone(), *duty)),
            // Whatever else is about something makes its version unsure.
            _ => self.touch_all(),
        }
    }

    fn advance(&mut self, order: OrderId, state: OrderState) {
        let Some(task) = self.orders.get_mut(&order) else { return };
        task.state = state;
        task.version.touched = true;
        let incident = task.incident;
        self.touch(incident, |_| {});
    }

    fn touch(&mut self, incident: IncidentId, change: impl FnOnce(&mut Life)) {
        if let Some(life) = self.incidents.get_mut(&incident) {
            life.version.touched = true;
            change(life);
        }
    }

    fn touch_of(&mut self, order: OrderId) {
        let Some(task) = self.orders.get_mut(&order) else { return };
        task.version.touched = true;
        let incident = task.incident;
        self.touch(incident, |_| {});
    }

    fn touch_all(&mut self) {
        self.incidents.values_mut().for_each(|life| life.version.touched = true);
        self.orders.values_mut().for_each(|task| task.version.touched = true);
        self.alarms.values_mut().for_each(|call| call.version.touched = true);
    }

    fn call(&mut self, alarm: AlarmId, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.alarms.get_mut(&alarm) {
            call.version.touched = true;
            change(call);
        }
    }

    fn adopt(&mut self, register: &Register, duties: &[(UnitId, Duty)]) {
        for (id, desk) in &register.desks {
            self.desks.insert(id.clone(), (desk.parent.clone(), desk.area.clone()));
        }
        self.seats.extend(register.seats.iter().map(|(id, seat)| (id.clone(), seat.desk.clone())));
        for (id, entry) in &register.units {
            self.commanded.insert(id.clone(), entry.desk.clone());
            self.duties.insert(id.clone(), Duty::OnCall);
            self.classes.insert(id.clone(), entry.class.clone());
        }
        self.cards.clone_from(&register.run_cards);
        let sensitive = register.types.iter().filter(|(_, known)| known.sensitive);
        self.sensitive = sensitive.map(|(code, _)| code.clone()).collect();
        self.duties.extend(duties.iter().cloned());
    }

    /// What views say of what a commit touched: versions, and where an alarm went.
    pub(super) fn look(&mut self, views: &[View]) {
        for view in views {
            match view {
                View::Incident(view) => {
                    if let Some(life) = self.incidents.get_mut(&view.incident.id) {
                        life.version.tell(view.incident.version);
                    }
                }
                View::Alarm(view) => {
                    if let Some(call) = self.alarms.get_mut(&view.alarm.id) {
                        (call.desk, call.area) = (view.alarm.desk.clone(), view.alarm.area.clone());
                        call.version.tell(view.alarm.version);
                    }
                }
                View::Order(view) => {
                    if let Some(task) = self.orders.get_mut(&view.order.id) {
                        task.version.tell(view.order.version);
                    }
                }
                _ => {}
            }
        }
    }

    /// Whether a desk may act on what another answers for in an area: its own, what lies below its area, and what a desk
    /// below it answers for.
    pub(super) fn is_over(&self, desk: &DeskId, responsible: &DeskId, area: &AreaPath) -> bool {
        let inside = |of: &AreaPath| !area.0.is_empty() && area.0.starts_with(&of.0);
        let mut above = self.desks.get(responsible).and_then(|(parent, _)| parent.as_ref());
        while let Some(next) = above.filter(|above| *above != desk) {
            above = self.desks.get(next).and_then(|(parent, _)| parent.as_ref());
        }
        desk == responsible || above.is_some() || self.desks.get(desk).is_some_and(|(_, of)| inside(of))
    }
}
