//! Which record is whose business: what a record tells of, and to whom it goes.

use std::collections::BTreeSet;

use dispatch_core::event::Record;
use dispatch_core::kernel::about::{About, Fate};
use dispatch_core::kernel::entity::EntityId;
use dispatch_core::kernel::id::{AlarmId, IncidentId, OrderId};

use crate::config::{Sink, Topic};

/// What a record tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subjects {
    /// Orders it is about, or that hear of it.
    pub orders: Vec<OrderId>,
    /// The alarm it is about, if it is about one.
    pub alarm: Option<AlarmId>,
    /// An incident; an order's own is found with the order.
    pub incident: Option<IncidentId>,
    /// For whom.
    topics: BTreeSet<Topic>,
}

impl Subjects {
    /// What a sink is told of this record; none when it is not its business.
    pub fn for_sink(sink: &Sink, record: &Record) -> Option<Self> {
        let subjects = Self::of(&record.event.about());
        subjects.topics.iter().any(|topic| sink.events.contains(topic)).then_some(subjects)
    }

    /// What an event tells of: its subject, and the orders that hear of it. What leaves live state tells nobody.
    fn of(about: &About) -> Self {
        let told = about.entities.iter().filter(|(_, fate)| *fate == Fate::Told);
        let mut subjects =
            Self { orders: told.filter_map(|(id, _)| id.as_order()).collect(), ..Self::default() };
        if !subjects.orders.is_empty() {
            subjects.topics.insert(Topic::Orders);
        }
        match about.entities.first() {
            None | Some((_, Fate::Gone(_) | Fate::Named)) => {}
            Some((id, Fate::Made | Fate::Changed | Fate::Told)) => subjects.add(id),
        }
        subjects
    }

    fn add(&mut self, subject: &EntityId) {
        match subject {
            EntityId::Alarm(id) => {
                self.alarm = Some(*id);
                self.topics.insert(Topic::Alarms);
            }
            EntityId::Incident(id) => {
                self.incident = Some(*id);
                self.topics.insert(Topic::Incidents);
            }
            EntityId::Order(id) => {
                self.orders = vec![*id];
                self.topics.insert(Topic::Orders);
            }
            EntityId::Unit(_)
            | EntityId::Technical(_)
            | EntityId::Suppression(_)
            | EntityId::Handover(_)
            | EntityId::Recommendation(_)
            | EntityId::Support(_)
            | EntityId::Point(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch_core::event::{
        AutomaticOrderEnded, Event, IncidentArchived, IncidentNoted, LifeConfirmed, TimerExpired,
    };
    use dispatch_core::kernel::id::WordsId;
    use dispatch_core::kernel::kind::Mode;
    use dispatch_core::kernel::place::AreaPath;
    use dispatch_core::kernel::time::Time;
    use dispatch_core::kernel::timer::{Climb, TimerKey};
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
        assert_eq!(topics(ended), [Topic::Incidents]);
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
        assert_eq!(topics(noted), [Topic::Orders, Topic::Incidents]);
    }

    #[test]
    fn an_order_that_is_overdue_or_alive_is_told() {
        let climb = Climb { level: 0, seat: None, desk: "desk".into() };
        assert_eq!(
            topics(TimerExpired { timer: TimerKey::Delivered(ORDER), climb, next_at: None }),
            [Topic::Orders]
        );
        let (at, source) = (Time(0), StampSource::Device);
        let said = Said { at, received_at: at, source, by: "U1".into(), voice: None, words: None };
        assert_eq!(topics(LifeConfirmed { order: ORDER, said }), [Topic::Orders]);
    }
}
