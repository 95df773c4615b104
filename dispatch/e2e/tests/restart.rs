//! `kill -9` in the middle: everything acknowledged is there, commands may be repeated, the console goes on.

use std::collections::BTreeSet;

use dispatch_e2e::cast::{Operator, Scene, key, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::node::Node;
use serde_json::{Value, json};

#[tokio::test]
async fn nothing_acknowledged_is_lost() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    let mut console = Console::open(&node.client("watch")?).await?;

    let mut acknowledged = BTreeSet::new();
    for _ in 0..20 {
        acknowledged.insert(raise(&node, &json!({ "source": "point", "number": scene.number })).await?);
    }
    let repeated = key();
    let source = node.client("source")?;
    let body = json!({ "source": "call", "text": "牧场着火了" });
    let once = source.raise(&body, repeated).await?;
    let alarm = once.named.alarm.expect("an id");
    acknowledged.insert(alarm);
    console
        .until("all of them", |console| {
            acknowledged.iter().all(|id| console.alarm(*id).is_some()).then_some(())
        })
        .await?;
    let stood = console.seq;

    node.kill_and_restart().await?;

    // The same command again: the same answer, no second alarm.
    let again = node.client("source")?.raise(&body, repeated).await?;
    assert_eq!(again.named.alarm, Some(alarm));
    assert!(again.repeated);

    // A console that resumes, and one that is new, see the same.
    console.resume(&node.client("watch")?).await?;
    let operator = Operator::sit(&node, &scene.seat)?;
    let first = *acknowledged.first().expect("21 alarms");
    operator.answer(first).await?;
    console
        .until("the answer after the restart", |console| console.alarm(first)?.alarm.answered.clone())
        .await?;
    assert!(console.seq > stood);
    let fresh = Console::open(&node.client("watch")?).await?;
    for id in &acknowledged {
        assert!(fresh.alarm(*id).is_some(), "alarm {id} was acknowledged and is gone");
    }
    assert_eq!(fresh.ringing().len(), console.ringing().len());
    node.finish(&[]).await
}

#[tokio::test]
async fn units_stand_where_they_were_seen() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let mut node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let units: Value = node.client("watch")?.get("/units?status=patrolling&limit=1").await?;
    let unit = units["items"][0]["id"].as_str().expect("a unit on duty").to_owned();
    let home = &units["items"][0]["entry"]["home"];
    let degrees = |axis: &str| home[axis].as_f64().expect("a number") / 1e7;
    let fix = json!({
        "unit": unit, "lon": degrees("lon") + 0.3, "lat": degrees("lat") + 0.2,
        "fix_time": node.client("watch")?.get::<Value>(&format!("/units/{unit}")).await?["view"]["duty_since"],
    });
    node.client("device")?.positions(&[fix]).await?;
    let watch = node.client("watch")?;
    let path = format!("/units/{unit}");
    let stood = deadline::until("the fix in the index", || {
        let (watch, path) = (&watch, &path);
        async move {
            let seen: Value = watch.get(path).await?;
            Ok(seen["fix"]["at"].is_object().then_some(seen))
        }
    })
    .await?;
    let path = format!("/units/{unit}/track");
    deadline::until("the fix in the track", || {
        let (watch, path) = (&watch, &path);
        async move {
            let track: Value = watch.get(path).await?;
            Ok(track["points"].as_array().filter(|points| !points.is_empty()).map(|_| ()))
        }
    })
    .await?;

    node.kill_and_restart().await?;

    let again: Value = node.client("watch")?.get(&format!("/units/{unit}")).await?;
    assert_eq!(again["fix"], stood["fix"], "where it was, with the time it was there");
    // An SOS that knows no place is there too, and says how old that is.
    let press = json!({ "source": "sos", "unit": unit, "lon": 0.0, "lat": 0.0 });
    let alarm = raise(&node, &press).await?;
    let heard: Value = node.client("watch")?.get(&format!("/alarms/{alarm}")).await?;
    assert_eq!(heard["place"]["source"], "last_fix", "{heard}");
    assert_eq!(heard["place"]["coord"], stood["fix"]["at"]);
    assert!(heard["fix_age_ms"].is_u64());
    node.finish(&[]).await
}
