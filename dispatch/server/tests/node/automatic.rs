//! Automatic orders over the wire: allowed by the top, announced on the stream, stopped or given.

use dispatch_api::client::StreamClient;
use dispatch_api::stream::{ServerMessage, Subscribe};
use dispatch_core::kernel::id::IncidentId;
use dispatch_core::response::automatic::{AutomaticEnd, AutomaticOrder};
use dispatch_core::view::View;
use serde_json::{Value, json};

use crate::support::{Bench, key, node, subscribed, until};

/// An incident of a type at a point, its place confirmed by the seat that saves it.
async fn confirmed(bench: &Bench, code: &str) -> (IncidentId, String) {
    let at = {
        let state = bench.running.node.state();
        state.register().points[&bench.point().as_str().into()].at
    };
    // From a known spot, so that it rings at the desk whose units are near.
    let (lon, lat) = (f64::from(at.lon) / 1e7, f64::from(at.lat) / 1e7);
    let call = json!({"source": "call", "lon": lon, "lat": lat});
    let alarm = bench.client().raise(&call, key()).await.unwrap().named.alarm.unwrap();
    let (desk, seat, seen) = {
        let state = bench.running.node.state();
        let (desk, seen) = (state.alarms()[&alarm].desk.clone(), state.alarms()[&alarm].version);
        let seat = state.register().seats.iter().find(|(_, seat)| seat.desk == desk).unwrap().0.clone();
        (desk, seat, seen)
    };
    let place = json!({"kind": "point", "coord": at, "source": "caller", "radius_m": 0,
        "confirmed_by": seat.as_str()});
    let saved = json!({"expected_version": seen, "incident_type": code, "place": place});
    let alarm = alarm.to_string();
    let at_seat = bench.client().with_seat(seat.as_str());
    let made = at_seat.act("alarms", &alarm, "save", &saved, key()).await.unwrap();
    (made.named.incident.unwrap(), desk.to_string())
}

/// What the stream tells of an incident's automatic order, once it is as looked for.
async fn told(
    stream: &mut StreamClient,
    incident: IncidentId,
    what: &str,
    is: impl Fn(&AutomaticOrder) -> bool,
) -> AutomaticOrder {
    until(stream, what, |message| {
        let ServerMessage::Commit { deltas, .. } = message else { return None };
        deltas.iter().find_map(|view| match view {
            View::Incident(view) if view.incident.id == incident => {
                view.incident.automatic.clone().filter(|automatic| is(automatic))
            }
            _ => None,
        })
    })
    .await
}

#[tokio::test]
async fn it_is_allowed_announced_stopped_and_given() {
    let bench = node().await;
    let (top, code) = {
        let node = &bench.running.node;
        let minute = node.region().calendar.local(node.now()).minute;
        let state = node.state();
        let top =
            state.register().desks.iter().find(|(_, desk)| desk.parent.is_none()).unwrap().0.to_string();
        // A type whose card one unit meets: who is sent is not what this is about.
        let plain = state.register().types.iter().find(|(code, entry)| {
            let card = dispatch_core::register::run_card::run_card(
                state.register(),
                Some(*code),
                &state.register().points[&bench.point().as_str().into()].area,
                minute,
                1,
            );
            !entry.weapon && !entry.sensitive && card.needs.iter().map(|need| need.count).sum::<u8>() == 1
        });
        (top, plain.expect("a type with a simple card").0.to_string())
    };
    let top = bench.dispatcher(&top);
    let allowed = json!({"countdown_ms": 5_000});
    top.act("types", &code, "automatic", &allowed, key()).await.unwrap();
    let region: Value = bench.client().get("/region").await.unwrap();
    assert_eq!(region["types"][&code]["automatic"]["countdown_ms"], 5_000);

    let interest = Subscribe { areas: Vec::new(), ..Subscribe::default() };
    let (mut stream, _) = subscribed(&bench.client(), interest).await;
    let (stopped, desk) = confirmed(&bench, &code).await;
    let shown = told(&mut stream, stopped, "the announcement", AutomaticOrder::counts).await;
    assert!(!shown.targets.is_empty() && shown.recommendation.is_some());
    let dispatcher = bench.dispatcher(&desk);
    dispatcher.act("incidents", &stopped.to_string(), "stop-automatic", &json!({}), key()).await.unwrap();
    let ended = told(&mut stream, stopped, "the end", |automatic| !automatic.counts()).await;
    assert_eq!(ended.ended, Some(AutomaticEnd::Stopped));

    let (given, _) = confirmed(&bench, &code).await;
    let ended = told(&mut stream, given, "the order", |automatic| automatic.ended.is_some()).await;
    assert_eq!((ended.ended, ended.refusal), (Some(AutomaticEnd::Given), None));
    let state = bench.running.node.state();
    assert!(state.incidents()[&stopped].orders.is_empty());
    let order = &state.orders()[&state.incidents()[&given].orders[0]];
    assert_eq!((order.seat.as_ref(), order.stamps[0].by.as_str()), (None, "system"));
}
