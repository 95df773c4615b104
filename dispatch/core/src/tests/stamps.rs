//! Which stamps count in reports.

use super::scene::advance;
use crate::command::AdvanceOrder;
use crate::kernel::kind::OrderState;
use crate::kernel::time::Time;
use crate::response::interval::reached;
use crate::response::order::StampSource;
use crate::sample::Centre;

const SKEW_MS: u32 = 600_000;
const SEAT: Option<&str> = Some("north-dispatch");

/// An operator types that the unit arrived, then its device says when it did.
fn arrived(device_ms: i64) -> (Centre, crate::kernel::id::OrderId, Time) {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    centre.now = centre.now.plus_ms(3_600_000);
    let typed = AdvanceOrder { source: StampSource::Operator, ..advance(order, OrderState::OnScene) };
    centre.send(SEAT, typed).unwrap();
    let at = Time(centre.now.0 + device_ms * 1_000);
    let own = AdvanceOrder { at: Some(at), ..advance(order, OrderState::OnScene) };
    centre.now = centre.now.plus_ms(60_000);
    centre.say("N1", own).unwrap();
    (centre, order, at)
}

#[test]
fn a_device_is_preferred_within_the_skew_limit_only() {
    let (near, order, at) = arrived(-300_000);
    assert_eq!(reached(near.the_order(order), OrderState::OnScene, SKEW_MS), Some(at));
    let (far, order, at) = arrived(-900_000);
    let typed = far.the_order(order).stamp(OrderState::OnScene).unwrap().at;
    assert_ne!(typed, at);
    assert_eq!(reached(far.the_order(order), OrderState::OnScene, SKEW_MS), Some(typed));
}

#[test]
fn what_is_heard_after_the_end_is_kept_and_not_counted() {
    let (mut centre, order, _) = arrived(0);
    centre.reach(order, OrderState::Cleared);
    centre.reach(order, OrderState::Enroute);
    let order = centre.the_order(order);
    assert!(order.stamps.last().unwrap().beside);
    assert_eq!(reached(order, OrderState::Enroute, SKEW_MS), None);
}

#[test]
fn a_device_with_a_wrong_clock_counts_from_when_it_was_heard() {
    let mut centre = Centre::new();
    let incident = centre.incident_of("theft");
    let order = centre.order(incident, "N1");
    let ages_ago = AdvanceOrder { at: Some(Time(0)), ..advance(order, OrderState::Signed) };
    centre.say("N1", ages_ago).unwrap();
    assert_eq!(centre.the_order(order).stamps.last().unwrap().at, Time(0), "kept as it was said");
    assert_eq!(reached(centre.the_order(order), OrderState::Signed, SKEW_MS), Some(centre.now));
}
