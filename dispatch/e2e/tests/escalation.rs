//! An order nobody signs escalates: the seat, the shift lead, the parent desk.

use dispatch_core::kernel::id::TimerKey;
use dispatch_e2e::cast::{Operator, Scene, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::Node;
use serde_json::{Value, json};

#[tokio::test]
async fn an_unsigned_order_escalates_to_the_parent_desk() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    let client = node.client("engineer")?;

    // The region's own timers, made short: the escalation itself is what is tested.
    let mut timers: Value = client.get::<Value>("/region").await?["timers"].take();
    timers["signed_ms"] = json!([1_000, 1_000, 1_000]);
    timers["escalation_ms"] = json!(1_000);
    let operator = Operator::sit(&node, &scene.seat)?;
    let top = Operator::sit(&node, &scene.top_seat)?;
    top.act("register", "", "timers", json!({ "timers": timers })).await?;

    let mut console = Console::open(&client).await?;
    let alarm = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    operator.answer(alarm).await?;
    let incident = operator.save_type(alarm, &scene.incident_type).await?;
    let recommendation = console
        .until("the recommendation", |console| console.incident(incident)?.incident.recommendation)
        .await?;
    let advice: dispatch_core::kernel::recommendation::Recommendation =
        client.get(&format!("/recommendations/{recommendation}")).await?;
    let own = advice.ranked.iter().find(|ranked| !ranked.needs_support).expect("a unit of our own");
    let order = operator.dispatch(incident, own.candidate.unit.as_str(), Some(recommendation)).await?;

    let escalated = |level: u8| {
        move |console: &Console| {
            let view = console.order(order)?;
            let unsigned = view.overdue.iter().find(|overdue| overdue.timer == TimerKey::Signed(order))?;
            (unsigned.escalation.level >= level).then(|| unsigned.escalation.desk.clone())
        }
    };
    let own_desk = console.until("the seat to be named", escalated(0)).await?;
    assert_eq!(own_desk.as_str(), scene.desk);
    let parent = console.until("the parent desk to be named", escalated(2)).await?;
    assert_ne!(parent.as_str(), scene.desk);
    node.finish(&[]).await
}
