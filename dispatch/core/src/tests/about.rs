//! What an event is about, where a table once forgot something.

use uuid::Uuid;

use crate::event::{Event, ShiftHandoverAccepted};
use crate::kernel::about::Fate;
use crate::kernel::id::{AlarmId, EntityId, HandoverId, IncidentId, OrderId, TimerKey};
use crate::kernel::place::AreaPath;

#[test]
fn a_shift_that_is_signed_for_names_all_that_goes_over() {
    let (incident, alarm, order) =
        (IncidentId(Uuid::from_u128(1)), AlarmId(Uuid::from_u128(2)), OrderId(Uuid::from_u128(3)));
    let accepted = Event::from(ShiftHandoverAccepted {
        handover: HandoverId(Uuid::from_u128(4)),
        from: "one".into(),
        to: "other".into(),
        area: AreaPath::default(),
        incidents: vec![incident],
        alarms: vec![alarm],
        orders: vec![order],
    });
    let about = accepted.about();
    for id in [EntityId::from(incident), alarm.into(), order.into()] {
        assert!(about.entities.contains(&(id.clone(), Fate::Changed)), "{id:?}");
        assert!(id.has_timeline());
    }
}

#[test]
fn a_timer_says_what_waits() {
    let order = OrderId(Uuid::from_u128(3));
    assert!(TimerKey::of_order(order).iter().all(|key| key.waits_for() == order.into()));
}
