//! An SOS that arrives twelve minutes late is heard: shown late with both times, pinned first, an incident at once.

use dispatch_core::kernel::kind::Priority;
use dispatch_e2e::cast::raise;
use dispatch_e2e::console::Console;
use dispatch_e2e::node::Node;
use serde_json::{Value, json};

const TWELVE_MINUTES_US: i64 = 12 * 60 * 1_000_000;

#[tokio::test]
async fn a_late_sos_is_heard() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let client = node.client("watch")?;
    let region: Value = client.get("/region").await?;
    let unit = region["units"].as_object().and_then(|units| units.keys().next().cloned()).expect("a unit");
    let mut console = Console::open(&client).await?;
    let now = now_us();
    let press = json!({
        "source": "sos", "unit": unit, "press": "press-1", "lon": 0.0, "lat": 0.0,
        "occurred_at": now - TWELVE_MINUTES_US,
    });
    let alarm = raise(&node, &press).await?;
    let heard = console.until("the SOS", |console| console.alarm(alarm).cloned()).await?;
    assert!(heard.alarm.late, "both times differ by twelve minutes");
    assert!(heard.alarm.received_at.0 - heard.alarm.occurred_at.0 >= TWELVE_MINUTES_US);
    assert!(heard.alarm.place.coord.is_some_and(|at| (at.lon, at.lat) != (0, 0)), "0,0 is nowhere");
    let incident =
        heard.alarm.outcome.and_then(|outcome| outcome.incident).expect("an SOS makes an incident at once");
    let born = console.until("the incident", |console| console.incident(incident).cloned()).await?;
    assert!(born.incident.sos);
    assert_eq!(born.incident.priority, Priority::P1);

    // The same press again is a repeat, not a second alarm.
    assert_eq!(raise(&node, &press).await?, alarm);
    node.finish(&[]).await
}

fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_micros()).expect("within range")
}
