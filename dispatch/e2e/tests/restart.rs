//! `kill -9` in the middle: everything acknowledged is there, commands may be repeated, the console goes on.

use std::collections::BTreeSet;

use dispatch_e2e::cast::{Operator, Scene, key, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::Node;
use serde_json::json;

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
    let alarm = once.alarm.expect("an id");
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
    assert_eq!(again.alarm, Some(alarm));
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
