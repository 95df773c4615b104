//! Two consoles reach for one alarm: one wins, the other is told who did.

use dispatch_e2e::cast::{Operator, Scene, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::Node;
use serde_json::json;

#[tokio::test]
async fn one_of_two_wins() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let node = Node::start(data.path(), &["serve", "--region", "xilingol"]).await?;
    let scene = Scene::find(&node).await?;
    let alarm = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
    let one = Operator::sit(&node, &scene.seat)?;
    let other = Operator::sit(&node, &scene.other_seat)?;
    let (first, second) = tokio::join!(one.answer(alarm), other.answer(alarm));
    let refused = match (first, second) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        both => anyhow::bail!("exactly one must win: {both:?}"),
    };
    assert_eq!(refused.code(), Some("already_answered"));
    let mut console = Console::open(&node.client("watch")?).await?;
    let answered =
        console.until("the answer", |console| console.alarm(alarm)?.alarm.answered.clone()).await?;
    assert!([&scene.seat, &scene.other_seat].iter().any(|seat| seat.as_str() == answered.1.as_str()));
    node.finish(&[]).await
}
