//! A machine's clock that is wrong (D7): for a moment, for long, and at a start. Timers go on, nothing is erased, every
//! console says so, and a person's word ends it.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
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

/// What a broken clock may show: seconds since 1970.
const NOWHERE: [(&str, i64); 5] = [
    ("1900", -2_208_988_800),
    ("1969-12-31", -43_200),
    ("9999-12-31", 253_402_214_400),
    ("10000", 253_402_300_800),
    ("250000", 7_827_000_000_000),
];

#[tokio::test]
async fn a_call_is_taken_whatever_the_clock_shows() -> anyhow::Result<()> {
    let tools = tempfile::tempdir()?;
    let clock = WallClock::new(tools.path())?;
    for (what, shows) in NOWHERE {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let ahead = shows - i64::try_from(now)?;
        // Under way, at a start of a centre that knows better, and at the first start of all.
        let (lived, new) = (tempfile::tempdir()?, tempfile::tempdir()?);
        clock.set_ahead(0)?;
        let mut node =
            Node::start_with(lived.path(), &["serve", "--region", "xilingol"], &clock.envs()?).await?;
        let scene = Scene::find(&node).await?;
        let press = json!({ "source": "point", "number": scene.number });
        let call = json!({ "source": "call", "number": scene.number, "text": "smoke on the ridge" });
        let mut console = Console::open(&node.client("engineer")?).await?;
        clock.set_ahead(ahead)?;
        console.until(what, |console| console.is_degraded(DOUBT)).await?;
        for round in 0..2 {
            raise(&node, &press).await.with_context(|| format!("{what}, {round}"))?;
            let called =
                reqwest::Client::new().post(format!("{}/api/v1/alarms", node.base)).json(&call).send();
            let called = called.await.with_context(|| format!("{what}, {round}, without an id"))?;
            ensure!(called.status().is_success(), "{what}, {round}: {}", called.text().await?);
            node.kill_and_restart().await.with_context(|| format!("{what}, {round}"))?;
        }
        node.finish(SAID).await?;
        let mut node =
            Node::start_with(new.path(), &["serve", "--region", "xilingol"], &clock.envs()?).await?;
        raise(&node, &press).await.with_context(|| format!("{what}, new"))?;
        node.kill_and_restart().await.with_context(|| format!("{what}, new"))?;
        raise(&node, &press).await.with_context(|| format!("{what}, new"))?;
        node.finish(SAID).await?;
        for data in [lived.path(), new.path()] {
            said(&["verify", "--data-dir", data.to_str().unwrap_or_default()])?;
        }
    }
    Ok(())
}

async fn are_readable(node: &Node, words: &[&str]) -> anyhow::Result<()> {
    for id in words {
        node.client("watch")?.get::<Value>(&format!("/words/{id}?reason=test")).await?;
    }
    Ok(())
}
