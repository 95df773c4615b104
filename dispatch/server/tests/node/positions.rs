use dispatch_api::client::Received;
use dispatch_api::frame::{Frame, NO_FIX};
use dispatch_api::position::{Position, PositionsReceipt};
use dispatch_api::stream::Subscribe;
use dispatch_core::kernel::time::Time;
use dispatch_core::seek::live_map::UnitFix;
use serde_json::Value;

use crate::support::{Bench, node, node_with, start, subscribed, within};

fn fix(bench: &Bench, unit: &str, north: f64) -> Position {
    let home = bench.running.node.state().register().units[&unit.into()].home;
    Position {
        unit: unit.to_owned(),
        lon: home.lon_deg(),
        lat: home.lat_deg() + north,
        fix_time: Time(bench.running.node.now().0),
        speed_m_s: Some(10.0),
        heading_deg: Some(90.0),
        accuracy_m: None,
        device_time: None,
    }
}

#[tokio::test]
async fn a_fix_is_live_in_the_index_on_the_stream_and_in_the_track() {
    let bench = node_with(|config| config.stream.positions_ms = 50).await;
    let (client, unit) = (bench.client(), bench.unit());
    let slot = bench.running.node.state().register().units[&unit.as_str().into()].slot;
    let (mut stream, _) = subscribed(&client, Subscribe { positions: true, ..Subscribe::default() }).await;
    let at_home = within("the unit at its base", next_of(&mut stream, slot, |age| age == NO_FIX)).await;
    let moved = fix(&bench, &unit, 0.001);
    client.positions(&[&moved]).await.unwrap();
    let live = within("the unit's fix", next_of(&mut stream, slot, |age| age != NO_FIX)).await;
    assert_ne!((at_home.1, at_home.2), (live.1, live.2));
    let item: Value = client.get(&format!("/units/{unit}")).await.unwrap();
    assert_eq!(item["fix"]["at"]["lat"], live.2);
    within("the fix in the track", async {
        loop {
            let track: dispatch_api::question::Track =
                client.get(&format!("/units/{unit}/track")).await.unwrap();
            if let Some(point) = track.points.first() {
                assert_eq!((point.lon, point.lat), (live.1, live.2));
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    // Whoever lost every frame so far gets all of them again, whole.
    let (mut late, _) = subscribed(&client, Subscribe { positions: true, ..Subscribe::default() }).await;
    let again = within("the whole frame again", next_of(&mut late, slot, |_| true)).await;
    assert_eq!((again.1, again.2), (live.1, live.2));
}

/// Slot, longitude, latitude of a unit in the next frame in which its age is as wanted.
async fn next_of(
    stream: &mut dispatch_api::client::StreamClient,
    slot: u32,
    wanted: impl Fn(u16) -> bool,
) -> (u32, i32, i32) {
    loop {
        if let Some(Received::Frame(Frame { units, .. })) = stream.next().await.unwrap()
            && let Some(unit) = units.iter().find(|unit| unit.slot == slot && wanted(unit.age_s))
        {
            return (unit.slot, unit.lon, unit.lat);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_named_and_counted() {
    let bench = node().await;
    let good = serde_json::to_string(&fix(&bench, &bench.unit(), 0.0)).unwrap();
    let bad = good.replace("\"lat\":", "\"lat\":91,\"was\":");
    let stranger = good.replace(&bench.unit(), "nobody");
    let url = format!("{}/api/v1/positions?wait=true", bench.running.base());
    let http = reqwest::Client::new();
    let answer = http.post(&url).body(format!("{good}\n{bad}\n{stranger}\n")).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let receipt: PositionsReceipt = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!((receipt.received, receipt.queued, receipt.faulty), (3, 1, 2));
    let faults: Vec<_> = receipt.faults.iter().map(|fault| (fault.line, fault.field.as_str())).collect();
    assert_eq!(faults, [(2, "lat"), (3, "unit")], "a unit nobody knows is named at once");
    assert_eq!(receipt.verdicts.unwrap()["applied"], 1);
    let none = http.post(&url).body(bad).send().await.unwrap();
    assert_eq!(none.status(), 422);
    let many = http.post(&url).body(format!("{good}\n").repeat(10_001)).send().await.unwrap();
    assert_eq!(many.status(), 413, "before anything of it is taken");
    let metrics = bench.client().text("/metrics").await.unwrap();
    assert!(metrics.contains("ortoo_positions_total{verdict=\"faulty\"} 2"), "{metrics}");
    assert!(metrics.contains("ortoo_positions_total{verdict=\"unknown_unit\"} 1"), "{metrics}");
    assert!(metrics.contains("ortoo_positions_total{verdict=\"applied\"} 1"), "{metrics}");
}

#[tokio::test]
async fn what_was_taken_before_a_stop_is_kept() {
    let bench = node().await;
    let unit = bench.unit();
    let base = fix(&bench, &unit, 0.0);
    let node = bench.running.node.clone();
    // The node is told to stop before it has looked at any of them.
    for second in 0..20 {
        let lat = base.lat + f64::from(second) * 1e-5;
        let fix = UnitFix {
            unit: unit.as_str().into(),
            at: dispatch_core::Coord::from_degrees(base.lon, lat).unwrap(),
            fix_time: base.fix_time.plus_ms(second * 1_000),
            device_time: None,
            received_at: base.fix_time,
            speed_cm_s: 100,
            heading_deg: 0,
            accuracy_m: None,
        };
        node.gate.positions(vec![fix], false).await.unwrap();
    }
    let Bench { running, data } = bench;
    running.stop().await.unwrap();
    assert!(node.gate.positions(Vec::new(), false).await.is_err(), "nothing is taken after");
    drop(node);
    let again = start(&data, |_| {}).await;
    let (from, until) = (Time(0), Time(i64::MAX));
    let track = again.node.tracks.range(&unit.as_str().into(), from, until).await.unwrap();
    assert_eq!(track.len(), 20);
}
