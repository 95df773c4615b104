//! The main job: an alarm on the steppe becomes an order on its way, and a console sees all of it.

use dispatch_core::kernel::kind::{IncidentState, OrderState};
use dispatch_core::response::alarm::AlarmState;
use dispatch_e2e::cast::{Crew, Operator, Scene, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::Node;
use serde_json::json;

#[tokio::test]
async fn an_alarm_becomes_an_order_and_is_closed() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    let mut console = Console::open(&node.client("watch")?).await?;

    // A known phone rings: its point is there before anybody answers.
    let alarm = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    let ringing = console.until("the ringing alarm", |console| console.alarm(alarm).cloned()).await?;
    assert_eq!(ringing.alarm.state, AlarmState::Ringing);
    assert_eq!(
        ringing.alarm.point.as_ref().map(dispatch_core::kernel::id::PointId::as_str),
        Some(scene.point.as_str())
    );
    let at = ringing.alarm.place.coord.expect("a registered point has a coordinate");
    assert_eq!((at.lon, at.lat), scene.at);
    assert_eq!(ringing.alarm.desk.as_str(), scene.desk);

    // Answered, classified: an incident with a recommendation that gives its reasons.
    let operator = Operator::sit(&node, &scene.seat)?;
    operator.answer(alarm).await?;
    let incident = operator.save_type(alarm, &scene.incident_type).await?;
    let born = console.until("the incident", |console| console.incident(incident).cloned()).await?;
    let recommendation = born.incident.recommendation.expect("an incident is born with a recommendation");
    let path = format!("/recommendations/{recommendation}");
    let advice: dispatch_core::kernel::recommendation::Recommendation =
        node.client("watch")?.get(&path).await?;
    let first = advice.ranked.first().expect("2,000 units, one must be free").clone();
    assert!(!first.needs_support || advice.ranked.len() > 1, "a unit of the desk's own is offered");
    let own = advice.ranked.iter().find(|ranked| !ranked.needs_support).expect("a unit of our own");
    let unit = own.candidate.unit.clone();

    // Sent, and carried through by the crew.
    let order = operator.dispatch(incident, unit.as_str(), Some(recommendation)).await?;
    let crew = Crew::board(&node, unit.as_str())?;
    for (word, state) in [
        ("delivered", OrderState::Delivered),
        ("signed", OrderState::Signed),
        ("enroute", OrderState::Enroute),
        ("on_scene", OrderState::OnScene),
        ("cleared", OrderState::Cleared),
    ] {
        crew.report(order, word).await?;
        console.until(word, |console| console.order_is(order, state)).await?;
    }

    // Not closed without an accepted result; then closed.
    let id = incident.to_string();
    let seen = operator.version("incidents", &id).await?;
    let early = operator
        .act("incidents", &id, "close", json!({ "expected_version": seen }))
        .await
        .expect_err("no result yet");
    assert_eq!(early.code(), Some("result_missing"));
    operator
        .act(
            "incidents",
            &id,
            "feedback",
            json!({ "kind": "result", "disposition": "resolved", "text": "好了" }),
        )
        .await?;
    let given = console
        .until("the feedback", |console| console.incident(incident)?.incident.feedback.first().cloned())
        .await?;
    let seen = operator.version("incidents", &id).await?;
    let review = json!({ "feedback": given.id, "accept": true, "expected_version": seen });
    operator.act("incidents", &id, "review", review).await?;
    let seen = operator.version("incidents", &id).await?;
    operator.act("incidents", &id, "close", json!({ "expected_version": seen })).await?;
    console
        .until("the close", |console| {
            (console.incident(incident)?.incident.state == IncidentState::Closed).then_some(())
        })
        .await?;
    node.finish(&[]).await
}
