//! Which record is whose business: what a record tells of, and to whom it goes.

use std::collections::BTreeSet;

use dispatch_core::event::Record;
use dispatch_core::kernel::about::{About, Fate};
use dispatch_core::kernel::id::{EntityId, OrderId};

use crate::config::{Sink, Topic};

/// The topic of orders, which hear of what is about their incident.
const ORDERS: Topic = Topic("orders");

/// What a record tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Orders it is about, or that hear of it.
    pub orders: Vec<OrderId>,
    /// What it is about beside orders, if sinks are told of that.
    pub entity: Option<EntityId>,
    /// For whom.
    topics: BTreeSet<Topic>,
}

impl Subjects {
    /// What a sink is told of this record; none when it is not its business.
    pub fn for_sink(sink: &Sink, record: &Record) -> Option<Self> {
        let subjects = Self::of(&record.event.about());
        subjects.topics.iter().any(|topic| sink.events.contains(topic)).then_some(subjects)
    }

    /// What an event tells of: its subject, and the orders that hear of it. What is put away tells nobody.
    fn of(about: &About) -> Self {
        let told = about.entities.iter().filter(|(_, fate)| *fate == Fate::Told);
        let mut subjects =
            Self { orders: told.filter_map(|(id, _)| id.as_order()).collect(), ..Self::default() };
        if !subjects.orders.is_empty() {
            subjects.topics.insert(ORDERS);
        }
        match about.entities.first() {
            None | Some((_, Fate::Gone(_) | Fate::Named)) => {}
            Some((id, Fate::Made | Fate::Changed | Fate::Told)) => subjects.add(id),
        }
        subjects
    }

    fn add(&mut self, subject: &EntityId) {
        let Some(topic) = subject.topic() else { return };
        self.topics.insert(Topic(topic));
        match subject.as_order() {
            Some(order) => self.orders = vec![order],
            None => self.entity = Some(subject.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_core::event::{
        AutomaticOrderEnded, Event, IncidentArchived, IncidentNoted, LifeConfirmed, TimerExpired,
    };
    use dispatch_core::kernel::id::{IncidentId, TimerKey, WordsId};
    use dispatch_core::kernel::kind::Mode;
    use dispatch_core::kernel::place::AreaPath;
    use dispatch_core::kernel::time::Time;
    use dispatch_core::kernel::timer::Escalation;
    use dispatch_core::response::automatic::AutomaticEnd;
    use dispatch_core::response::order::{Said, StampSource};
    use uuid::Uuid;

    const INCIDENT: IncidentId = IncidentId(Uuid::from_u128(1));
    const ORDER: OrderId = OrderId(Uuid::from_u128(2));

    fn topics(event: impl Into<Event>) -> Vec<Topic> {
        Subjects::of(&event.into().about()).topics.into_iter().collect()
    }

    #[test]
    fn everything_that_happens_to_an_incident_is_told_but_archiving() {
        let ended = AutomaticOrderEnded { incident: INCIDENT, why: AutomaticEnd::Stopped, refusal: None };
        assert_eq!(topics(ended), [Topic("incidents")]);
        let archived = IncidentArchived {
            incident: INCIDENT,
            area: AreaPath::default(),
            mode: Mode::Actual,
            alarms: Vec::new(),
            orders: vec![ORDER],
            recommendations: Vec::new(),
            supports: Vec::new(),
        };
        assert_eq!(topics(archived), []);
    }

    #[test]
    fn what_orders_are_told_is_the_business_of_both() {
        let noted = IncidentNoted {
            incident: INCIDENT,
            words: WordsId(Uuid::from_u128(3)),
            danger: true,
            caller_withdrew: false,
            notified: vec![ORDER],
        };
        assert_eq!(topics(noted), [Topic("incidents"), ORDERS]);
    }

    #[test]
    fn an_order_that_is_overdue_or_alive_is_told() {
        let escalation = Escalation { level: 0, seat: None, desk: "desk".into() };
        assert_eq!(
            topics(TimerExpired {
                timer: TimerKey::Delivered(ORDER),
                escalation,
                incident: None,
                next_at: None
            }),
            [ORDERS]
        );
        let (at, source) = (Time(0), StampSource::Device);
        let said = Said { at, received_at: at, source, by: "U1".into(), voice: None, words: None };
        assert_eq!(topics(LifeConfirmed { order: ORDER, said }), [ORDERS]);
    }
}
