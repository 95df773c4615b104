//! What goes on while inputs come without a pause.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dispatch_core::kernel::time::Time;
use dispatch_server::clock::{Clock, wall};
use dispatch_server::running::Beginning;
use serde_json::json;

use crate::support::{Bench, key, node_from, within};

/// A node whose clock runs ten times as fast, so that a timer runs out while somebody waits.
async fn fast_node() -> Bench {
    node_from(Beginning { clock: Some(Clock::scaled(wall(), 10_000)), ..Beginning::default() }, |_| {}).await
}

#[tokio::test]
async fn time_passes_under_a_load_without_a_pause() {
    let bench = fast_node().await;
    let over = Arc::new(AtomicBool::new(false));
    let askers: Vec<_> = (0..4)
        .map(|_| {
            let (node, over) = (bench.running.node.clone(), over.clone());
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    node.gate.ask(|_| ()).await;
                }
            })
        })
        .collect();
    bench.client().raise(&json!({"source": "call"}), key()).await.unwrap();
    within("the alarm nobody answers to escalate", async {
        while bench.running.node.state().timers().rows().all(|row| row.expired.is_none()) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    over.store(true, Ordering::Relaxed);
    for asker in askers {
        asker.await.unwrap();
    }
}

#[tokio::test]
async fn a_key_of_today_is_good_however_fast_the_node_lives() {
    // Ten days ahead of the wall at ten minutes a second.
    let ahead = Time(wall().0 + 10 * 86_400_000_000);
    let bench =
        node_from(Beginning { clock: Some(Clock::scaled(ahead, 600_000)), ..Beginning::default() }, |_| {})
            .await;
    let button = json!({"source": "button", "point": bench.point()});
    let incident = bench.client().raise(&button, key()).await.unwrap().named.incident.unwrap();
    let (desk, seen) = {
        let state = bench.running.node.state();
        (state.incidents()[&incident].desk.clone(), state.incidents()[&incident].version)
    };
    let version = json!({"expected_version": seen});
    let console = bench.dispatcher(desk.as_str());
    let claimed = console.act("incidents", &incident.to_string(), "claim", &version, key()).await;
    assert_eq!(claimed.unwrap().named.incident, Some(incident));
}
