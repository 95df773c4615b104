//! Those who need the node: a source of alarms, an operator who asks from a seat, a console that shows what was raised.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use dispatch_api::client::{Client, Received, StreamClient};
use dispatch_api::stream::{ServerMessage, Subscribe};
use dispatch_core::view::View;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::outcome::Seen;
use crate::deadline;
use crate::node::Node;

/// Between two calls, and between two questions.
const APART: Duration = Duration::from_millis(50);
/// A call that is not answered so soon is not answered.
const PATIENCE: Duration = Duration::from_secs(15);

/// Those who need the node.
#[derive(Debug)]
pub struct Watch {
    source: Client,
    operator: Client,
    raised: BTreeSet<String>,
    shown: Arc<Mutex<BTreeSet<String>>>,
    console: JoinHandle<()>,
}

impl Watch {
    /// Opens the console.
    pub async fn open(node: &Node) -> anyhow::Result<Self> {
        let plain = Client::new(&node.base)?;
        let region: Value = plain.get("/region").await?;
        let seat =
            region["seats"].as_object().and_then(|seats| seats.keys().next()).context("a seat")?.clone();
        let operator = Client::new(&node.base)?.with_seat(&seat);
        let shown = Arc::new(Mutex::new(BTreeSet::new()));
        let console = tokio::spawn(watch(node.base.clone(), seat, shown.clone()));
        Ok(Self { source: plain, operator, raised: BTreeSet::new(), shown, console })
    }

    /// Calls and asks for a while.
    pub async fn during(&mut self, node: &Node, time: Duration) -> anyhow::Result<Seen> {
        let until = Instant::now() + time;
        let (asked, calls, held) = tokio::join!(
            ask(&self.operator, until),
            call(&self.source, until, &mut self.raised),
            hold(node, until)
        );
        let mut seen = calls;
        (seen.asked, seen.refused) = asked;
        seen.most_kib = held?;
        seen.answered.sort();
        Ok(seen)
    }

    /// What the node counts.
    pub async fn metrics(&self, node: &Node) -> anyhow::Result<String> {
        // From a seat, so that what an attack took of the address is not missing here.
        let text = reqwest::Client::new().get(format!("{}/metrics", node.base)).send().await?;
        Ok(text.error_for_status()?.text().await?)
    }

    /// Waits until the console has shown what was answered, and says how much it has not.
    pub async fn until_all_shown(&self) -> anyhow::Result<u64> {
        let missing = || {
            let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
            self.raised.difference(&shown).count() as u64
        };
        // What is missing after the deadline is a finding, not an error.
        let all =
            deadline::until("the console to show all calls", || async { Ok((missing() == 0).then_some(())) });
        let _ = all.await;
        Ok(missing())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.console.abort();
    }
}

async fn call(source: &Client, until: Instant, raised: &mut BTreeSet<String>) -> Seen {
    let mut seen = Seen::default();
    while Instant::now() < until {
        let began = Instant::now();
        let body = json!({"source": "sos", "text": "the fire is at the fence"});
        let raising = source.raise(&body, Uuid::now_v7());
        match tokio::time::timeout(PATIENCE, raising).await.map_err(anyhow::Error::from) {
            Ok(Ok(receipt)) => {
                seen.answered.push(began.elapsed());
                raised.extend(receipt.named.alarm.map(|alarm| alarm.to_string()));
            }
            Ok(Err(error)) => complain(&mut seen, &error),
            Err(error) => complain(&mut seen, &error),
        }
        tokio::time::sleep(APART).await;
    }
    seen
}

fn complain(seen: &mut Seen, error: &dyn std::fmt::Display) {
    seen.unanswered += 1;
    seen.first_complaint.get_or_insert_with(|| error.to_string());
}

async fn ask(operator: &Client, until: Instant) -> (u64, u64) {
    let (mut asked, mut refused) = (0, 0);
    while Instant::now() < until {
        match operator.get::<Value>("/alarms?limit=1").await {
            Ok(_) => asked += 1,
            Err(_) => refused += 1,
        }
        tokio::time::sleep(APART).await;
    }
    (asked, refused)
}

async fn hold(node: &Node, until: Instant) -> anyhow::Result<u32> {
    let mut most = 0;
    while Instant::now() < until {
        let status = std::fs::read_to_string(format!("/proc/{}/status", node.pid()))?;
        let held = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let held = held.and_then(|held| held.trim().strip_suffix("kB")).context("the kernel says it")?;
        most = most.max(held.trim().parse()?);
        tokio::time::sleep(APART).await;
    }
    Ok(most)
}

/// A console that comes again whenever its stream ends.
async fn watch(base: String, seat: String, shown: Arc<Mutex<BTreeSet<String>>>) {
    loop {
        if let Ok(stream) = StreamClient::open(&base).await {
            // Whatever ended it, the next stream begins with all there is.
            let _ = look(stream, &seat, &shown).await;
        }
        tokio::time::sleep(APART).await;
    }
}

async fn look(
    mut stream: StreamClient,
    seat: &str,
    shown: &Mutex<BTreeSet<String>>,
) -> Result<(), dispatch_api::client::ClientError> {
    stream.subscribe(Subscribe { seat: Some(seat.into()), ..Subscribe::default() }).await?;
    while let Some(received) = stream.next().await? {
        let views = match received {
            Received::Message(ServerMessage::Snapshot { views, .. }) => views,
            Received::Message(ServerMessage::Commit { deltas, .. }) => deltas,
            Received::Message(_) | Received::Frame(_) => continue,
        };
        let alarms = views.iter().filter(|view| view.kind() == "alarm").map(View::id);
        shown.lock().unwrap_or_else(PoisonError::into_inner).extend(alarms);
    }
    Ok(())
}
