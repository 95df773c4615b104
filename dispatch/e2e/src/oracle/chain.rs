//! One alarm's whole life, by the three who take part in it: a source raises it, an operator answers it, gives it a type,
//! sends a unit and closes it, the crew learns of its order from its terminal and carries it out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use dispatch_api::answer::Receipt;
use dispatch_api::client::Client;
use dispatch_core::kernel::id::OrderId;
use serde_json::{Value, json};

use super::chance::Chance;
use super::hand::{Hand, Path};
use super::ledger::Ledger;
use super::tally::Tally;
use crate::cast::Scene;

/// How often a terminal asks for its orders.
const GLANCE: Duration = Duration::from_millis(20);
/// Times it asks before the order is said to have been lost; the server may be away for most of them.
const GLANCES: u32 = 3_000;

/// What all chains share.
#[derive(Debug)]
pub struct Stage {
    /// Where the node answers.
    pub base: String,
    /// Who and where.
    pub scene: Scene,
    /// What is written down.
    pub ledger: Arc<Ledger>,
    /// Nothing new begins once it is set.
    pub healing: AtomicBool,
    /// Orders that reached their terminal and were carried out.
    pub delivered: AtomicU64,
    /// Lives lived to their end.
    pub closed: AtomicU64,
    /// Of the run.
    pub seed: u64,
}

impl Stage {
    /// Nothing has happened yet.
    pub fn new(base: String, scene: Scene, ledger: Arc<Ledger>, seed: u64) -> Self {
        let (healing, delivered, closed) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
        Self { base, scene, ledger, healing, delivered, closed, seed }
    }

    /// Counts what came of it.
    pub fn count(&self, tally: &mut Tally) {
        tally.orders = self.delivered.load(Ordering::Relaxed);
        tally.closed = self.closed.load(Ordering::Relaxed);
        tally.requests = self.ledger.requests();
    }
}

/// Lives one after another, until the run heals.
pub async fn live(stage: Arc<Stage>, number: u64) -> Result<()> {
    let hand = |who: &str, part: u64| {
        let actor = format!("{who}-{number}");
        anyhow::Ok(Hand::new(
            Client::new(&stage.base)?,
            &actor,
            &stage.ledger,
            Chance::new(stage.seed, number * 8 + part),
        ))
    };
    let mut source = hand("source", 1)?;
    let seat = Client::new(&stage.base)?.with_seat(&stage.scene.seat);
    let name = format!("operator-{number}");
    let mut operator = Hand::new(seat, &name, &stage.ledger, Chance::new(stage.seed, number * 8 + 2));
    while !stage.healing.load(Ordering::Relaxed) {
        one(&stage, &mut source, &mut operator, number).await.with_context(|| format!("chain {number}"))?;
    }
    Ok(())
}

async fn one(stage: &Stage, source: &mut Hand, operator: &mut Hand, number: u64) -> Result<()> {
    let body = json!({ "source": "point", "number": stage.scene.number, "text": "羊圈着火" });
    let raised = done(source.send(Path::Alarm, &body).await, "raise")?;
    let alarm = raised.named.alarm.context("a raised alarm has an id")?.to_string();
    done(operator.send(Path::Act("alarms", &alarm, "answer"), &json!({})).await, "answer")?;
    // Answered already: refused for what it is, and never to be found in the journal.
    let twice = operator.send(Path::Act("alarms", &alarm, "answer"), &json!({})).await;
    ensure!(twice.is_err(), "an alarm was answered twice");
    let saved = with_version(
        operator,
        "alarms",
        &alarm,
        "save",
        |seen| json!({ "incident_type": stage.scene.incident_type, "expected_version": seen }),
    )
    .await?;
    let incident = saved.named.incident.context("a saved type makes an incident")?.to_string();
    if let Some((unit, order)) = dispatch(operator, &incident).await? {
        drive(stage, number, &unit, order).await?;
        stage.delivered.fetch_add(1, Ordering::Relaxed);
    }
    close(operator, &incident).await?;
    stage.closed.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

/// Sends the first unit of our own that is free; none when all that are near were taken by others.
async fn dispatch(operator: &mut Hand, incident: &str) -> Result<Option<(String, OrderId)>> {
    let seen = operator.ask(&format!("/incidents/{incident}")).await;
    let recommendation = seen["recommendation"].as_str().context("a recommendation")?.to_owned();
    let advice = operator.ask(&format!("/recommendations/{recommendation}")).await;
    let ranked = advice["ranked"].as_array().cloned().unwrap_or_default();
    for one in ranked.iter().filter(|one| one["needs_support"] != true) {
        let unit = one["candidate"]["unit"].as_str().context("a unit")?;
        let sent = with_version_or_code(operator, "incidents", incident, "dispatch", |seen| {
            json!({ "expected_version": seen, "targets": [{ "unit": unit }],
                    "recommendation": recommendation, "confirmed": true })
        })
        .await;
        if let Ok(receipt) = sent {
            let order = receipt.named.orders.first().copied().context("a dispatch names its order")?;
            return Ok(Some((unit.to_owned(), order)));
        }
    }
    Ok(None)
}

/// The crew knows only what its terminal shows: an order that does not get there is never carried out.
async fn drive(stage: &Stage, number: u64, unit: &str, order: OrderId) -> Result<()> {
    let client = Client::new(&stage.base)?.with_channel("device");
    let mut crew =
        Hand::new(client, &format!("unit:{unit}"), &stage.ledger, Chance::new(stage.seed, number * 8 + 3));
    let wanted = order.to_string();
    let mut glances = 0;
    loop {
        let shown = crew.ask(&format!("/units/{unit}/orders")).await;
        let has = |one: &Value| one["id"] == wanted.as_str();
        if shown["orders"].as_array().into_iter().flatten().any(has) {
            break;
        }
        glances += 1;
        ensure!(
            glances < GLANCES,
            "order {wanted} was acknowledged and never reached the terminal of {unit}"
        );
        tokio::time::sleep(GLANCE).await;
    }
    for state in ["delivered", "signed", "enroute", "on_scene", "cleared"] {
        let body = json!({ "state": state, "source": "device" });
        done(crew.send(Path::Act("orders", &wanted, "advance"), &body).await, state)?;
    }
    Ok(())
}

async fn close(operator: &mut Hand, incident: &str) -> Result<()> {
    let result = json!({ "kind": "result", "disposition": "resolved", "text": "好了" });
    let given = done(operator.send(Path::Act("incidents", incident, "feedback"), &result).await, "feedback")?;
    let feedback = given.feedback.context("feedback has an id")?;
    with_version(
        operator,
        "incidents",
        incident,
        "review",
        |seen| json!({ "feedback": feedback, "accept": true, "expected_version": seen }),
    )
    .await?;
    with_version(operator, "incidents", incident, "close", |seen| json!({ "expected_version": seen }))
        .await?;
    Ok(())
}

async fn with_version(
    operator: &mut Hand,
    collection: &str,
    id: &str,
    act: &str,
    body: impl Fn(&Value) -> Value,
) -> Result<Receipt> {
    done(with_version_or_code(operator, collection, id, act, body).await, act)
}

/// Looks at the version and acts on it; once more whenever somebody, or time, came between.
async fn with_version_or_code(
    operator: &mut Hand,
    collection: &str,
    id: &str,
    act: &str,
    body: impl Fn(&Value) -> Value,
) -> Result<Receipt, String> {
    loop {
        let seen = operator.ask(&format!("/{collection}/{id}")).await;
        match operator.send(Path::Act(collection, id, act), &body(&seen["version"])).await {
            Err(code) if code == "stale" => {}
            answer => return answer,
        }
    }
}

fn done(answer: Result<Receipt, String>, what: &str) -> Result<Receipt> {
    match answer {
        Ok(receipt) => Ok(receipt),
        Err(code) => bail!("{what} was refused: {code}"),
    }
}
