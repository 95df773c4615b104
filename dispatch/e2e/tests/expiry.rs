//! What is over after a day and after a week: an ended incident leaves the screens and stays on record, an answer is kept
//! no longer, what was said is erased; and nothing of it while the clock is in doubt.
//!
//! Time passes as it does for a machine that is off: it is started again, and its clock is believed for up to a day.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use dispatch_api::client::ClientError;
use dispatch_core::kernel::id::{AlarmId, IncidentId};
use dispatch_e2e::cast::{Operator, Scene, key, raise};
use dispatch_e2e::console::Console;
use dispatch_e2e::deadline;
use dispatch_e2e::node::{Node, said};
use dispatch_e2e::wall_clock::WallClock;
use dispatch_store::{Witness, WitnessFile};
use serde_json::{Value, json};
use uuid::{NoContext, Timestamp, Uuid};

const DAY: i64 = 24 * 3_600;
/// How long a machine is off at a time.
const OFF: i64 = DAY - 600;
const DOUBT: &str = "clock_in_doubt";

/// A node on a machine that is switched off now and then.
struct Machine {
    node: Node,
    clock: WallClock,
    ahead: i64,
}

impl Machine {
    /// It was off for so many seconds.
    async fn off_for(&mut self, seconds: i64) -> anyhow::Result<()> {
        self.node.kill()?;
        another_start(self.node.data())?;
        self.ahead += seconds;
        self.clock.set_ahead(self.ahead)?;
        self.node.start_again().await?;
        let console = Console::open(&self.node.client("watch")?).await?;
        ensure!(console.is_degraded(DOUBT).is_none(), "{seconds} s are believed");
        // A row of this day: a clock is believed for a day from the last.
        raise(&self.node, &json!({ "source": "call" })).await?;
        Ok(())
    }
}

/// What is witnessed was witnessed on another start of the machine.
fn another_start(data: &Path) -> anyhow::Result<()> {
    let witness = Witness::read(data)?.context("a witness")?;
    WitnessFile::open(data)?.write(&Witness { boot: "before".into(), ..witness })?;
    Ok(())
}

/// A call that was answered, typed and cancelled; its incident, what was said, and the id of the answer.
async fn over(node: &Node, scene: &Scene) -> anyhow::Result<(AlarmId, IncidentId, String, Uuid)> {
    let call = json!({ "source": "call", "number": scene.number, "text": "smoke on the ridge" });
    let alarm = raise(node, &call).await?;
    let (operator, id) = (Operator::sit(node, &scene.seat)?, key());
    answer(node, scene, alarm, id).await?;
    let incident = operator.save_type(alarm, &scene.incident_type).await?;
    let seen = operator.version("incidents", &incident.to_string()).await?;
    let cancel = json!({ "reason": "nothing_found", "expected_version": seen });
    operator.act("incidents", &incident.to_string(), "cancel", cancel).await?;
    let seen: Value = node.client("watch")?.get(&format!("/alarms/{alarm}")).await?;
    let words = seen["words"][0].as_str().context("it has words")?.to_owned();
    Ok((alarm, incident, words, id))
}

/// An id made so many seconds from now.
fn made(ahead: i64) -> anyhow::Result<Uuid> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let then = now.checked_add_signed(ahead).context("a time")?;
    Ok(Uuid::new_v7(Timestamp::from_unix(NoContext, then, 0)))
}

async fn answer(node: &Node, scene: &Scene, alarm: AlarmId, id: Uuid) -> Result<bool, ClientError> {
    let seat = node.client(&scene.seat).expect("an address").with_seat(&scene.seat);
    Ok(seat.act("alarms", &alarm.to_string(), "answer", &json!({}), id).await?.repeated)
}

fn is_expired(error: &ClientError) -> bool {
    error.code() == Some("command_expired")
}

/// The code with which words are refused; none where they are given.
async fn refused(node: &Node, words: &str) -> anyhow::Result<Option<String>> {
    let read = node.client("watch")?.get::<Value>(&format!("/words/{words}?reason=test")).await;
    Ok(read.err().and_then(|error| error.code().map(str::to_owned)))
}

#[tokio::test]
async fn a_day_and_a_week_end_what_is_over() -> anyhow::Result<()> {
    let (data, tools) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let config = tools.path().join("ortoo.toml");
    std::fs::write(&config, "[keep]\nwords_days = 2\n")?;
    let clock = WallClock::new(tools.path())?;
    let args = ["serve", "--region", "xilingol", "--config", &config.to_string_lossy()];
    let node = Node::start_with(data.path(), &args, &clock.envs()?).await?;
    let scene = Scene::find(&node).await?;
    let (alarm, incident, words, answered) = over(&node, &scene).await?;
    let (call, called) = (json!({ "source": "call", "text": "help" }), key());
    let first = node.client("source")?.raise(&call, called).await?.named.alarm;
    let old = answer(&node, &scene, alarm, made(-8 * DAY)?).await;
    ensure!(old.as_ref().is_err_and(is_expired), "{old:?}");
    let mut machine = Machine { node, clock, ahead: 0 };

    // A clock that jumps is not believed, over a start of the machine neither: nothing is over.
    for is_started in [false, true] {
        if is_started {
            machine.node.kill()?;
            another_start(data.path())?;
        }
        machine.clock.set_ahead(8 * DAY)?;
        if is_started {
            machine.node.start_again().await?;
        }
        let node = &machine.node;
        let mut console = Console::open(&node.client("watch")?).await?;
        console.until("the doubt to be said", |console| console.is_degraded(DOUBT)).await?;
        ensure!(console.incident(incident).is_some(), "it ended today, as far as anybody knows");
        ensure!(answer(node, &scene, alarm, answered).await?, "its answer is kept");
        let old = answer(node, &scene, alarm, made(-8 * DAY)?).await;
        ensure!(old.as_ref().is_err_and(|error| !is_expired(error)), "nobody knows how old it is: {old:?}");
        ensure!(refused(node, &words).await?.is_none(), "and what was said");
    }
    machine.node.kill()?;
    machine.clock.set_ahead(0)?;
    machine.node.start_again().await?;

    machine.off_for(OFF).await?;
    let console = Console::open(&machine.node.client("watch")?).await?;
    ensure!(console.incident(incident).is_some(), "a day is not over");
    machine.off_for(1_200).await?;
    let mut console = Console::open(&machine.node.client("watch")?).await?;
    let is_gone = |console: &Console| console.incident(incident).is_none().then_some(());
    console.until("the incident to leave the screen", is_gone).await?;
    let kept: Value = machine.node.client("watch")?.get(&format!("/incidents/{incident}/timeline")).await?;
    let names = kept["items"].as_array().context("a timeline")?.iter().map(|it| it["event"]["name"].clone());
    let names: Vec<Value> = names.collect();
    ensure!(
        names.contains(&json!("incident_cancelled")) && names.contains(&json!("incident_archived")),
        "{names:?}"
    );
    ensure!(refused(&machine.node, &words).await?.is_none(), "words are kept for two days");

    machine.off_for(OFF).await?;
    let node = &machine.node;
    deadline::until("what was said to be erased", || async {
        Ok((refused(node, &words).await?.as_deref() == Some("words_erased")).then_some(()))
    })
    .await?;
    ensure!(answer(node, &scene, alarm, answered).await?, "an answer is kept for a week");
    let again = node.client("source")?.raise(&call, called).await?;
    ensure!(again.repeated && again.named.alarm == first, "so that a repeat rings once");

    for _ in 2..7 {
        machine.off_for(OFF).await?;
    }
    machine.off_for(7_200).await?;
    let node = &machine.node;
    // What is too old is forgotten with the next tick.
    deadline::until("the answer to be kept no more", || async {
        let old = answer(node, &scene, alarm, answered).await;
        Ok(old.is_err_and(|error| is_expired(&error)).then_some(()))
    })
    .await?;
    let rung = node.client("source")?.raise(&call, called).await?;
    ensure!(
        !rung.repeated && rung.named.alarm.is_some() && rung.named.alarm != first,
        "a call for help rings"
    );
    let younger = answer(node, &scene, alarm, made(machine.ahead - DAY)?).await;
    ensure!(
        younger.as_ref().is_err_and(|error| !is_expired(error)),
        "an id of this week is heard: {younger:?}"
    );
    machine.node.finish(&[]).await?;
    said(&["verify", "--data-dir", &data.path().to_string_lossy()])?;
    Ok(())
}
