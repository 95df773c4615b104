//! A machine's clock that is wrong (D7): for a moment, for long, and at a start. Timers go on, nothing is erased, every
//! console says so, and a person's word ends it.

use anyhow::ensure;
use dispatch_core::kernel::id::{AlarmId, TimerKey};
use dispatch_e2e::cast::{Operator, Scene, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::node::{Node, said};
use dispatch_e2e::wall_clock::WallClock;
use serde_json::{Value, json};

const DOUBT: &str = "clock_in_doubt";
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// What the log says when a mode begins or ends.
const SAID: &[&str] = &["degraded"];

/// Alarms ring for so long before somebody has to be told.
async fn short_timers(node: &Node, top: &Operator) -> anyhow::Result<()> {
    let mut timers: Value = node.client("engineer")?.get::<Value>("/region").await?["timers"].take();
    timers["answer_ms"] = json!([2_000, 2_000, 2_000]);
    top.act("register", "", "timers", json!({ "timers": timers })).await?;
    Ok(())
}

/// Somebody is told that an alarm is not answered.
fn is_told(alarm: AlarmId) -> impl Fn(&Console) -> Option<()> {
    move |console| {
        let overdue = &console.alarm(alarm)?.overdue;
        overdue.iter().any(|overdue| overdue.timer == TimerKey::Answer(alarm)).then_some(())
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_holds_no_timer_up() -> anyhow::Result<()> {
    let (data, tools) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let clock = WallClock::new(tools.path())?;
    let node = Node::start_with(data.path(), &["serve", "--region", "xilingol"], &clock.envs()?).await?;
    let scene = Scene::find(&node).await?;
    let top = Operator::sit(&node, &scene.top_seat)?;
    short_timers(&node, &top).await?;
    let mut console = Console::open(&node.client("engineer")?).await?;
    let press = json!({ "source": "point", "number": scene.number });
    for ahead in [30 * DAY, -HOUR, 1_100 * DAY] {
        let before = raise(&node, &press).await?;
        clock.set_ahead(ahead)?;
        console.until("the doubt to be said", |console| console.is_degraded(DOUBT)).await?;
        let seen = console.clock_ahead_ms().unwrap_or_default();
        ensure!(seen.abs_diff(ahead * 1_000) < 2_000, "{ahead} s are told as {seen} ms");
        let meanwhile = raise(&node, &press).await?;
        console.until("an alarm from before to be overdue", is_told(before)).await?;
        console.until("an alarm of the wrong time to be overdue", is_told(meanwhile)).await?;
        let received = |alarm| Some(console.alarm(alarm)?.alarm.received_at);
        let apart = received(meanwhile).zip(received(before)).map(|(later, first)| later.apart(first));
        ensure!(apart.is_some_and(|us| (0..60_000_000).contains(&us)), "{ahead}: {apart:?} us between them");
        clock.set_ahead(0)?;
        let is_right = |console: &Console| console.is_degraded(DOUBT).is_none().then_some(());
        console.until("the doubt to end", is_right).await?;
    }
    node.finish(SAID).await
}

#[tokio::test]
async fn a_start_by_a_wrong_clock_erases_nothing() -> anyhow::Result<()> {
    let (data, tools) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let clock = WallClock::new(tools.path())?;
    let mut node = Node::start_with(data.path(), &["serve", "--region", "xilingol"], &clock.envs()?).await?;
    let scene = Scene::find(&node).await?;
    let top = Operator::sit(&node, &scene.top_seat)?;
    short_timers(&node, &top).await?;
    let call =
        json!({ "source": "call", "number": scene.number, "text": "smoke on the ridge", "caller": "0479-1" });
    let alarm = raise(&node, &call).await?;
    let seen: Value = node.client("watch")?.get(&format!("/alarms/{alarm}")).await?;
    let words: Vec<&str> =
        [&seen["caller"], &seen["words"][0]].into_iter().filter_map(Value::as_str).collect();
    ensure!(words.len() == 2, "{seen}");

    for ahead in [1_100 * DAY, -1_100 * DAY] {
        node.kill()?;
        clock.set_ahead(ahead)?;
        node.start_again().await?;
        let mut console = Console::open(&node.client("engineer")?).await?;
        console.until("the doubt to be said", |console| console.is_degraded(DOUBT)).await?;
        let ring = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
        console.until("timers to go on", is_told(ring)).await?;
        are_readable(&node, &words).await?;
        let seen = console.clock_ahead_ms().unwrap_or_default();
        let elsewhere = top.act("clock", "", "correct", json!({ "ahead_ms": seen + 60_000 })).await;
        ensure!(elsewhere.is_err_and(|error| error.code() == Some("invalid")), "the clock is not there");
        top.act("clock", "", "correct", json!({ "ahead_ms": seen })).await?;
        let is_right = |console: &Console| console.is_degraded(DOUBT).is_none().then_some(());
        console.until("the word to end the doubt", is_right).await?;
        let ring = raise(&node, &json!({ "source": "point", "number": scene.number })).await?;
        console.until("timers to go on by the new time", is_told(ring)).await?;
        are_readable(&node, &words).await?;
    }
    // The hour's round looks at what has expired as soon as a node has started.
    node.kill()?;
    node.start_again().await?;
    are_readable(&node, &words).await?;
    node.finish(SAID).await?;
    said(&["verify", "--data-dir", data.path().to_str().unwrap_or_default()])?;
    Ok(())
}

async fn are_readable(node: &Node, words: &[&str]) -> anyhow::Result<()> {
    for id in words {
        node.client("watch")?.get::<Value>(&format!("/words/{id}?reason=test")).await?;
    }
    Ok(())
}
