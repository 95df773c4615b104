//! What a leader hears of its database and of whoever stands by: the degraded modes that come of it (D17), the alarms
//! another left, and that somebody else leads.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use dispatch_store::{Beat, Beats, Heard};
use tokio::sync::watch;

use crate::handed;
use crate::node::{Leaving, Node};

/// The database does not answer.
const UNREACHABLE: &str = "store_unreachable";
/// Nobody would take over.
const ALONE: &str = "no_standby";
/// Whoever is to stand by has so long to begin before that is said.
const ALONE_AFTER: Duration = Duration::from_secs(10);

/// Listens until the node stops.
pub async fn listen(node: Arc<Node>, beats: Beats, mut stop: watch::Receiver<bool>) {
    let mut heard = beats.heard.clone();
    let mut seen = Instant::now();
    loop {
        let last = heard.borrow_and_update().clone();
        match last {
            Heard::Leads(beat) => lead(&node, beat, &mut seen).await,
            Heard::Nothing(error) => {
                if node.degraded.set(UNREACHABLE, true) {
                    tracing::error!(error, "the database cannot be reached");
                    node.tell_degraded();
                }
            }
            Heard::Superseded => node.leave(Leaving::Superseded),
        }
        tokio::select! {
            _ = stop.changed() => return,
            next = heard.changed() => if next.is_err() { return },
        }
    }
}

async fn lead(node: &Arc<Node>, beat: Beat, seen: &mut Instant) {
    node.has_standby.store(beat.standby, Ordering::Release);
    if beat.standby {
        *seen = Instant::now();
    }
    let alone = node.config.standby && seen.elapsed() > ALONE_AFTER;
    let (reached, told) = (node.degraded.set(UNREACHABLE, false), node.degraded.set(ALONE, alone));
    if reached {
        tracing::info!("the database answers again");
    }
    if told && alone {
        tracing::warn!("nobody stands by");
    }
    if reached || told {
        node.tell_degraded();
    }
    if beat.handed
        && let Err(error) = handed::take_in(node).await
    {
        tracing::error!(
            error = format!("{error:#}"),
            "what was handed on was not taken in; it is tried again"
        );
    }
}
