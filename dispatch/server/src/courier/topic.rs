//! Which record is whose business: what a record tells of, and to whom it goes.

use dispatch_core::event::{AlarmAnswered, AlarmRaised, AlarmRepeated, AlarmSaved, AlarmSettled, CallBackClosed, FeedbackGiven, FeedbackReviewed, IncidentCancelled, IncidentClaimed, IncidentClassified, IncidentClosed, IncidentCreated, IncidentHandedOver, IncidentMerged, IncidentMoved, IncidentNoted, IncidentReopened, IncidentReplaced, IncidentSilenced, IncidentSplit, IncidentsLinked, NoticeSigned, OrderAdvanced, OrderCreated, OrderRecalled, OrderUnstacked};
use dispatch_core::event::{Event, Record};
use dispatch_core::kernel::id::{AlarmId, IncidentId, OrderId};

use crate::config::{Sink, Topic};

/// What a record tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Orders.
    pub orders: Vec<OrderId>,
    /// An alarm.
    pub alarm: Option<AlarmId>,
    /// An incident; an order's own is found with the order.
    pub incident: Option<IncidentId>,
    /// For whom.
    topics: &'static [Topic],
}

impl Subjects {
    /// What a sink is told of this record; none when it is not its business.
    pub fn for_sink(sink: &Sink, record: &Record) -> Option<Self> {
        let subjects = Self::of(&record.event);
        subjects.topics.iter().any(|topic| sink.events.contains(topic)).then_some(subjects)
    }

    /// What an event tells of.
    fn of(event: &Event) -> Self {
        match event {
            Event::OrderCreated(OrderCreated { order }) => Self::order(order.id),
            Event::OrderAdvanced(OrderAdvanced { order, .. })
            | Event::OrderUnstacked(OrderUnstacked { order })
            | Event::OrderRecalled(OrderRecalled { order, .. })
            | Event::NoticeSigned(NoticeSigned { order, .. }) => Self::order(*order),
            Event::AlarmRaised(AlarmRaised { alarm, .. }) => Self::alarm(alarm.id),
            Event::AlarmRepeated(AlarmRepeated { alarm, .. })
            | Event::AlarmAnswered(AlarmAnswered { alarm, .. })
            | Event::AlarmSaved(AlarmSaved { alarm, .. })
            | Event::AlarmSettled(AlarmSettled { alarm, .. })
            | Event::CallBackClosed(CallBackClosed { alarm, .. }) => Self::alarm(*alarm),
            Event::IncidentCreated(IncidentCreated { incident, .. }) => Self::incident(incident.id, &[]),
            Event::IncidentMoved(IncidentMoved { incident, notified, .. })
            | Event::IncidentNoted(IncidentNoted { incident, notified, .. })
            | Event::IncidentSilenced(IncidentSilenced { incident, notified }) => Self::incident(*incident, notified),
            Event::IncidentMerged(IncidentMerged { into, notified, .. }) => Self::incident(*into, notified),
            Event::IncidentSplit(IncidentSplit { new, .. }) => Self::incident(*new, &[]),
            Event::IncidentReplaced(IncidentReplaced { by, .. }) => Self::incident(*by, &[]),
            Event::IncidentClaimed(IncidentClaimed { incident, .. })
            | Event::IncidentClassified(IncidentClassified { incident, .. })
            | Event::IncidentsLinked(IncidentsLinked { incident, .. })
            | Event::IncidentCancelled(IncidentCancelled { incident, .. })
            | Event::IncidentClosed(IncidentClosed { incident })
            | Event::IncidentReopened(IncidentReopened { incident, .. })
            | Event::IncidentHandedOver(IncidentHandedOver { incident, .. })
            | Event::FeedbackGiven(FeedbackGiven { incident, .. })
            | Event::FeedbackReviewed(FeedbackReviewed { incident, .. }) => Self::incident(*incident, &[]),
            _ => Self::default(),
        }
    }

    fn order(id: OrderId) -> Self {
        Self { orders: vec![id], topics: &[Topic::Orders], ..Self::default() }
    }

    fn alarm(id: AlarmId) -> Self {
        Self { alarm: Some(id), topics: &[Topic::Alarms], ..Self::default() }
    }

    /// An incident; orders that were told of it (补充警情) make it the business of whoever is told of orders.
    fn incident(id: IncidentId, notified: &[OrderId]) -> Self {
        let topics: &[Topic] =
            if notified.is_empty() { &[Topic::Incidents] } else { &[Topic::Incidents, Topic::Orders] };
        Self { orders: notified.to_vec(), incident: Some(id), topics, ..Self::default() }
    }
}
