//! What a running centre shows of what it knows, asked as its users ask: consoles, readers, sources that repeat.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use dispatch_api::client::ClientError;
use dispatch_core::view::View;
use serde_json::{Value, json};

use super::past::Raised;
use crate::cast::{Scene, key};
use crate::console::Console;
use crate::deadline;
use crate::node::Node;

/// Repeats that are asked for.
const REPEATS: usize = 6;

/// Incidents whose whole story is read.
const STORIES: usize = 3;

/// What is seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The journal, a line a row.
    pub rows: Vec<String>,
    /// On a console, by kind and id.
    pub views: BTreeMap<String, Value>,
    /// What was said, by id; or the code it is refused with.
    pub words: BTreeMap<String, String>,
    /// Rows about an incident; none where they cannot be read.
    pub stories: BTreeMap<String, Vec<Value>>,
    /// What a repeated alarm is answered.
    pub repeats: BTreeMap<String, String>,
    /// What is said to be wrong: degraded modes, technical alarms, losses.
    pub told: BTreeSet<String>,
    /// A call for help was taken and is shown.
    pub takes_calls: bool,
}

/// Looks at everything.
pub async fn look(node: &Node, scene: &Scene, raised: &[Raised]) -> Result<Seen> {
    let mut seen = Seen::default();
    let client = node.client("watch")?;
    let console = Console::open(&client).await?;
    for view in console.views().filter(|view| !is_complaint(view)) {
        seen.views.insert(format!("{} {}", view.kind(), view.id()), serde_json::to_value(view)?);
    }
    seen.told.extend(told(node, &console).await?);
    for one in raised {
        let alarm: Result<Value, ClientError> = client.get(&format!("/alarms/{}", one.alarm)).await;
        let ids = alarm.as_ref().map(|alarm| alarm["words"].clone()).unwrap_or_default();
        for id in ids.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let read = client.get::<Value>(&format!("/words/{id}?reason=test")).await;
            seen.words.insert(id.to_owned(), said(read.map(|read| read.to_string())));
        }
    }
    let incidents = console.views().filter(|view| view.kind() == "incident").take(STORIES);
    for id in incidents.map(View::id).collect::<Vec<_>>() {
        let story = client.get::<Value>(&format!("/incidents/{id}/timeline")).await;
        let rows = story.ok().and_then(|story| story["items"].as_array().cloned());
        seen.stories.insert(id, rows.unwrap_or_default());
    }
    for one in raised.iter().rev().take(REPEATS) {
        let again = node.client(&one.actor)?.raise(&one.body, one.id).await;
        let again = again.map(|again| {
            let is_same = again.repeated && again.named.alarm == Some(one.alarm);
            if is_same { "the same" } else { "another" }.to_owned()
        });
        seen.repeats.insert(one.id.to_string(), said(again));
    }
    let mut console = Console::open(&client).await?;
    let press = json!({ "source": "point", "number": scene.number });
    match client.raise(&press, key()).await {
        Ok(receipt) => {
            let cry = receipt.named.alarm.context("a raised alarm has an id")?;
            console.until("the call for help to be shown", |console| console.alarm(cry).map(|_| ())).await?;
        }
        // Shown at once all the same, and said to be sent again.
        Err(error) if error.code() == Some("not_recorded") => {
            let is_shown = |console: &Console| (!console.unrecorded().is_empty()).then_some(());
            console.until("the call for help to be shown", is_shown).await?;
        }
        Err(error) => return Err(error.into()),
    }
    seen.takes_calls = true;
    for (proofs, cause) in
        [("ortoo_proofs_total", "store_damaged"), ("ortoo_mirror_proofs_total", "mirror_damaged")]
    {
        if proved(node, proofs).await? {
            console.until("the damage to be told", |console| is_told(console, cause)).await?;
        }
    }
    seen.told.extend(told(node, &Console::open(&client).await?).await?);
    Ok(seen)
}

/// What is said to be wrong is no part of what is kept.
fn is_complaint(view: &View) -> bool {
    matches!(view, View::Technical(_) | View::Loss(_))
}

/// Fields of a view that change by themselves as time goes on.
const OF_TIME: [&str; 2] = ["due", "overdue"];

/// The fields of a view that are not as they were.
fn changed(now: &Value, was: &Value) -> String {
    let fields = was.as_object().into_iter().chain(now.as_object()).flat_map(|fields| fields.keys());
    let fields: BTreeSet<_> = fields.filter(|name| now[*name] != was[*name]).map(String::as_str).collect();
    let kept = fields.into_iter().filter(|name| !OF_TIME.contains(name));
    kept.map(|name| format!("{name} {} (was {})", now[name], was[name])).collect::<Vec<_>>().join(", ")
}

fn version(view: &Value) -> Option<u64> {
    view["view"]["version"].as_u64()
}

fn said(read: Result<String, ClientError>) -> String {
    read.unwrap_or_else(|error| format!("refused: {}", error.code().unwrap_or("without a code")))
}

/// Proofs that may fail before no other is waited for: one does where the mirror is not written yet.
const FAILED: u32 = 3;

/// Waits until the node has proved what it keeps; whether it found damage.
async fn proved(node: &Node, proofs: &str) -> Result<bool> {
    deadline::until("the node to prove what it keeps", || async {
        let counted = metrics(node).await?;
        let count = |outcome: &str| {
            let line = format!("{proofs}{{outcome=\"{outcome}\"}} ");
            let count = counted.lines().find_map(|counted| counted.strip_prefix(&line)?.parse::<u32>().ok());
            count.unwrap_or_default()
        };
        let is_damaged = count("damaged") > 0;
        Ok((is_damaged || count("proved") > 0 || count("failed") >= FAILED).then_some(is_damaged))
    })
    .await
}

fn is_told(console: &Console, cause: &str) -> Option<()> {
    let mut technicals = console.views().filter_map(View::as_technical);
    technicals.any(|view| view.technical.cause == cause).then_some(())
}

async fn metrics(node: &Node) -> Result<String> {
    Ok(reqwest::get(format!("{}/metrics", node.base)).await?.text().await?)
}

/// Degraded modes, and what stands on a console as wrong.
async fn told(node: &Node, console: &Console) -> Result<BTreeSet<String>> {
    let mut told = BTreeSet::new();
    for line in metrics(node)
        .await?
        .lines()
        .filter(|line| line.starts_with("ortoo_degraded{") && line.ends_with(" 1"))
    {
        told.insert(line.split('"').nth(1).context("a degraded mode has a code")?.to_owned());
    }
    for view in console.views() {
        match view {
            View::Technical(view) => told.insert(view.technical.cause.clone()),
            View::Loss(_) => told.insert("a loss".to_owned()),
            _ => false,
        };
    }
    Ok(told)
}

impl Seen {
    /// What is not as it was and did not come to be so in order: what kind of thing, and which. Time goes on meanwhile: what
    /// is due runs out, rows are added, and views have another version then.
    pub fn differs(&self, truth: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if !self.rows.starts_with(&truth.rows) {
            let same = self.rows.iter().zip(&truth.rows).take_while(|(ours, was)| ours == was).count();
            found.push(format!("the journal, from row {} of {}", same + 1, truth.rows.len()));
        }
        for (id, was) in &truth.views {
            let Some(now) = self.views.get(id) else {
                found.push(format!("view {id} is gone"));
                continue;
            };
            let changed = changed(&now["view"], &was["view"]);
            if !changed.is_empty() && version(now) <= version(was) {
                found.push(format!("view {id}: {changed}"));
            }
        }
        let told_otherwise = truth
            .stories
            .iter()
            .filter(|(id, was)| self.stories.get(*id).is_none_or(|now| !now.starts_with(was)));
        found.extend(told_otherwise.map(|(id, _)| format!("story {id}")));
        for (kind, ours, was) in
            [("words", &self.words, &truth.words), ("repeat", &self.repeats, &truth.repeats)]
        {
            let changed = was.iter().filter(|(id, was)| ours.get(*id) != Some(was));
            found.extend(changed.map(|(id, was)| {
                let now = ours.get(id).map_or("gone", String::as_str);
                format!("{kind} {id}: {now:.200} (was {was:.200})")
            }));
        }
        found
    }

    /// Words that are given out and are not what was said.
    pub fn false_words(&self, truth: &Self) -> Vec<String> {
        let changed = self.words.iter().filter(|(id, text)| {
            !text.starts_with("refused: ") && truth.words.get(*id).is_some_and(|was| was != *text)
        });
        changed.map(|(id, text)| format!("{id}: {text}")).collect()
    }
}
