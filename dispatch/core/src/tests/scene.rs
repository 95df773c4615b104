//! What most tests begin with: an alarm, an incident, an order.

use crate::command::{AdvanceOrder, Dispatch, GiveFeedback, RaiseAlarm, ReviewFeedback, SaveAlarm};
use crate::event::{AlarmRaised, Event, FeedbackGiven, IncidentCreated, OrderCreated, Record};
use crate::kernel::id::{AlarmId, FeedbackId, IncidentId, OrderId, UnitId};
use crate::kernel::kind::OrderState;
use crate::kernel::refusal::Refusal;
use crate::kernel::target::Target;
use crate::response::alarm::AlarmSource;
use crate::response::feedback::{Disposition, FeedbackKind};
use crate::response::incident::Incident;
use crate::response::order::{EndReason, Order, StampSource};
use crate::response::unit::Unit;
use crate::sample::{Centre, place};

pub(crate) fn save(alarm: AlarmId) -> SaveAlarm {
    SaveAlarm {
        alarm,
        expected_version: None,
        incident_type: None,
        priority: None,
        place: None,
        words: None,
        caller: None,
    }
}

pub(crate) fn dispatch(incident: IncidentId, units: &[&str]) -> Dispatch {
    Dispatch {
        incident,
        expected_version: None,
        targets: units.iter().map(|unit| Target::Unit((*unit).into())).collect(),
        recommendation: None,
        override_reason: None,
        words: None,
        stack: false,
        divert: false,
        confirmed: true,
        parent: None,
    }
}

pub(crate) fn advance(order: OrderId, state: OrderState) -> AdvanceOrder {
    AdvanceOrder {
        order,
        state,
        at: None,
        source: StampSource::Device,
        voice: None,
        reason: Some(EndReason::Other),
        words: None,
    }
}

/// Whether a command was refused because another desk answers for it.
pub(crate) fn is_of_desk<T>(refused: &Result<T, Refusal>, of: &str) -> bool {
    matches!(refused, Err(Refusal::OtherDesk { desk, .. }) if desk.as_str() == of)
}

/// The names of the events, in order.
pub(crate) fn names(records: &[Record]) -> Vec<&'static str> {
    records.iter().map(|record| record.event.name()).collect()
}

impl Centre {
    /// An alarm by voice call, ringing at the league's desk for want of a place.
    pub(crate) fn call(&mut self) -> AlarmId {
        self.alarm(RaiseAlarm::of(AlarmSource::Call))
    }

    pub(crate) fn alarm(&mut self, raise: RaiseAlarm) -> AlarmId {
        let records = self.send(None, raise).expect("an alarm is never refused");
        let Event::AlarmRaised(AlarmRaised { alarm, .. }) = &records[0].event else { panic!("{records:?}") };
        *alarm
    }

    /// An incident at a confirmed place of the northern banner.
    pub(crate) fn incident_of(&mut self, code: &str) -> IncidentId {
        self.incident_at(code, 1_152_000_000)
    }

    pub(crate) fn incident_at(&mut self, code: &str, lon_e7: i32) -> IncidentId {
        let placed = RaiseAlarm { trunk: Some("north".into()), ..RaiseAlarm::of(AlarmSource::Call) };
        let alarm = self.alarm(placed);
        let known = SaveAlarm {
            incident_type: Some(code.into()),
            place: Some(place(lon_e7, 441_000_000, Some("north-call"))),
            ..save(alarm)
        };
        let records = self.send(Some("north-call"), known).expect("the call-taker saves");
        let created = records.iter().find_map(|record| match &record.event {
            Event::IncidentCreated(IncidentCreated { incident, .. }) => Some(*incident),
            _ => None,
        });
        created.expect("a type and a place make an incident")
    }

    pub(crate) fn order(&mut self, incident: IncidentId, unit: &str) -> OrderId {
        self.orders(dispatch(incident, &[unit])).expect("the unit is free")[0]
    }

    pub(crate) fn orders(&mut self, dispatch: Dispatch) -> Result<Vec<OrderId>, Refusal> {
        let records = self.send(Some("north-dispatch"), dispatch)?;
        let created = records.iter().filter_map(|record| match &record.event {
            Event::OrderCreated(OrderCreated { order, .. }) => Some(*order),
            _ => None,
        });
        Ok(created.collect())
    }

    /// The unit of an order reports a state.
    pub(crate) fn reach(&mut self, order: OrderId, state: OrderState) -> Vec<Record> {
        let Target::Unit(unit) = self.state.orders()[&order].target.clone() else {
            panic!("an order to a unit")
        };
        self.say(unit.as_str(), advance(order, state)).expect("the unit may say so")
    }

    /// A result from the unit's desk, accepted.
    pub(crate) fn result(&mut self, incident: IncidentId) -> FeedbackId {
        let feedback = self.unreviewed(incident);
        let review = ReviewFeedback {
            incident,
            expected_version: None,
            feedback,
            accept: true,
            reason: None,
            words: None,
        };
        self.send(Some("north-dispatch"), review).expect("the responsible desk accepts");
        feedback
    }

    pub(crate) fn unreviewed(&mut self, incident: IncidentId) -> FeedbackId {
        let give = GiveFeedback {
            incident,
            order: None,
            kind: FeedbackKind::Result,
            disposition: Some(Disposition::Resolved),
            words: None,
        };
        let records = self.send(Some("north-dispatch"), give).expect("a result");
        let Event::FeedbackGiven(FeedbackGiven { feedback, .. }) = &records[0].event else {
            panic!("{records:?}")
        };
        *feedback
    }

    pub(crate) fn the_incident(&self, id: IncidentId) -> &Incident {
        &self.state.incidents()[&id]
    }

    pub(crate) fn the_order(&self, id: OrderId) -> &Order {
        &self.state.orders()[&id]
    }

    pub(crate) fn unit(&self, id: &str) -> &Unit {
        &self.state.units()[&UnitId::from(id)]
    }

    pub(crate) fn sound(&self) {
        assert_eq!(self.violations(), Vec::new());
    }
}
