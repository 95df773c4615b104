//! The order state machine as a table: from every state, what every report by a device and by an operator comes to.

use std::fmt::Write as _;

use OrderState::{
    Cleared, Declined, Delivered, Enroute, Expired, Failed, OnScene, Queued, Recalled, Sent, Signed, Staged,
};

use super::scene::{advance, dispatch};
use crate::command::{AdvanceOrder, RecallOrder, SignNotice};
use crate::kernel::id::OrderId;
use crate::kernel::kind::OrderState;
use crate::response::order::StampSource;
use crate::sample::Centre;

const STATES: [OrderState; 12] =
    [Queued, Sent, Delivered, Signed, Enroute, Staged, OnScene, Cleared, Declined, Failed, Recalled, Expired];

/// A centre with one order of N1 in a state.
fn order_in(state: OrderState) -> (Centre, OrderId) {
    let mut centre = Centre::new();
    let first = centre.incident_of("theft");
    let order = centre.order(first, "N1");
    match state {
        Sent => {}
        Queued => {
            let second = centre.incident_of("crash");
            let stacked = crate::command::Dispatch { stack: true, ..dispatch(second, &["N1"]) };
            let stacked = centre.orders(stacked).unwrap()[0];
            return (centre, stacked);
        }
        Recalled => {
            let recall = RecallOrder {
                order,
                expected_version: None,
                reason: crate::response::order::EndReason::Mistaken,
                words: None,
            };
            centre.send(Some("north-dispatch"), recall).unwrap();
            centre
                .say(
                    "N1",
                    SignNotice { order, source: StampSource::Device, at: None, voice: None, words: None },
                )
                .unwrap();
        }
        Expired => {
            centre.run(30_000 + 4 * 30_000);
        }
        reported => {
            centre.now = centre.now.plus_ms(1_000);
            centre.reach(order, reported);
        }
    }
    (centre, order)
}

fn outcome(from: OrderState, to: OrderState, source: StampSource) -> &'static str {
    let (mut centre, order) = order_in(from);
    assert_eq!(centre.the_order(order).state, from);
    centre.sound();
    let (stamps, beside) = (centre.the_order(order).stamps.len(), centre.now.plus_ms(1_000));
    centre.now = beside;
    let report = AdvanceOrder { source, ..advance(order, to) };
    let result = match source {
        StampSource::Device => centre.say("N1", report),
        _ => centre.send(Some("north-dispatch"), report),
    };
    centre.sound();
    let now = centre.the_order(order);
    match result {
        Err(_) => {
            assert_eq!((now.state, now.stamps.len()), (from, stamps), "a refusal changes nothing");
            "-"
        }
        Ok(_) if now.stamps.last().unwrap().beside => {
            assert_eq!(now.state, from, "what is kept beside changes nothing");
            "beside"
        }
        Ok(_) => {
            assert_eq!(now.state, to);
            "reached"
        }
    }
}

#[test]
fn every_report_in_every_state() {
    let mut table = String::new();
    for source in [StampSource::Device, StampSource::Operator] {
        let _ = writeln!(table, "by {source:?}");
        let _ = write!(table, "{:>10}", "");
        for to in STATES {
            let _ = write!(table, " {:>9}", format!("{to:?}"));
        }
        table.push('\n');
        for from in STATES {
            let _ = write!(table, "{:>10}", format!("{from:?}"));
            for to in STATES {
                let _ = write!(table, " {:>9}", outcome(from, to, source));
            }
            table.push('\n');
        }
    }
    insta::assert_snapshot!(table);
}
