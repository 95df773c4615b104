//! Sink delivery: what leaves the centre is driven from the journal (D9). For each sink one task reads committed records
//! after the sink's durable cursor, sends what the sink is told of, in order, and moves the cursor when the receiver has
//! confirmed. A crash anywhere sends something again, never nothing: at least once, under a key that repeats share.
//!
//! Nothing waits for a delivery, and a delivery waits for nobody but its receiver.

mod payload;
mod topic;
mod trouble;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::http::HeaderMap;
use dispatch_core::event::{JournalOpened, Record};
use dispatch_core::kernel::id::JournalId;
use dispatch_store::{
    AnyStore, Deliveries as _, Delivery, DeliveryState, History as _, SinkCursor, StoreError,
};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use self::payload::SinkPayload;
use self::topic::Subjects;
use self::trouble::{Trouble, Troubles};
use self::webhook::{Verdict, Webhook};
use crate::changes::Changes;
use crate::clock::wall;
use crate::config::Sink;
use crate::degraded::Degraded;
use crate::fault::{self, Point};
use crate::gate::Gate;
use crate::metrics::Metrics;
use crate::truth::Truth;

/// Records read at once.
const PAGE: u32 = 256;
/// Rows the cursor may be ahead of what is kept of it, as long as none of them was sent.
const UNKEPT_MAX: u64 = 256;
/// Confirmed deliveries kept together: one write for all of them, and at most so many repeats after a crash.
const KEPT_TOGETHER: usize = 32;
/// Cause of the technical alarm: nobody can say where a sink stands.
const SINK_LOST: &str = "sink_lost";
/// A commit that nobody told of is found after so long.
const GLANCE: Duration = Duration::from_secs(1);
/// A receiver that refuses is asked so often in all before it is believed.
const REFUSALS: u32 = 3;
/// Failed attempts of one delivery until the sink is said to be behind.
const BEHIND_ATTEMPTS: u32 = 3;
/// Age of what is sent from which on the sink is said to be behind, milliseconds.
const BEHIND_MS: u32 = 30_000;

/// What of the node deliveries work on.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where records are read and cursors kept.
    pub store: AnyStore,
    /// How far the journal has come, and the time.
    pub truth: Truth,
    /// The way of raising a technical alarm.
    pub gate: Arc<Gate>,
    /// Woken by what is committed.
    pub changes: Arc<Changes>,
    /// Told of sinks in trouble.
    pub degraded: Arc<Degraded>,
    /// Deliveries are counted here.
    pub metrics: Arc<Metrics>,
}

/// The delivery to one sink.
#[derive(Debug)]
pub struct SinkDelivery {
    parts: Parts,
    troubles: Arc<Troubles>,
    sink: Sink,
    webhook: Webhook,
    /// Everything up to here needs nothing more.
    cursor: SinkCursor,
    /// How much of that the store knows.
    kept: u64,
    /// Deliveries that ended and are not kept yet.
    ended: Vec<Delivery>,
    /// The delivery that was tried before the node was started again.
    tried: Option<Delivery>,
    stop: watch::Receiver<bool>,
}

/// The node stops.
#[derive(Debug)]
struct Stopped;

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error("the node stops")]
    Stopped,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Stopped> for Interrupted {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// Finds where each sink stands, before anything more is committed. A sink nobody heard of begins at the head: what
/// happened before is not its business, everything from now on is.
pub async fn begin(
    parts: &Parts,
    sinks: &[Sink],
    stop: &watch::Receiver<bool>,
) -> anyhow::Result<Vec<SinkDelivery>> {
    let (journal, head) = {
        let state = parts.truth.state();
        (state.journal.context("the journal has no first row")?, state.seq)
    };
    let troubles = Arc::new(Troubles::default());
    let mut deliveries = Vec::new();
    for sink in sinks {
        let name = sink.name.as_str();
        let found = match parts.store.deliveries(name).await {
            Ok(found) => found,
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(sink = name, %error, "nobody can say where a sink stands; it begins anew at the head");
                parts.gate.tell_beside(SINK_LOST);
                None
            }
            Err(error) => return Err(error).with_context(|| format!("read where sink {name} stands")),
        };
        let (cursor, tried) = if let Some(mut stand) = found {
            (stand.cursor, stand.outstanding.pop())
        } else {
            let cursor = SinkCursor { journal, seq: head };
            parts.store.deliver(name, &[], cursor).await.with_context(|| format!("begin sink {name}"))?;
            (cursor, None)
        };
        let webhook = Webhook::new(sink, sink.key()?).with_context(|| format!("prepare sink {name}"))?;
        tracing::info!(sink = name, after = cursor.seq, head, "delivers");
        deliveries.push(SinkDelivery {
            parts: parts.clone(),
            troubles: troubles.clone(),
            sink: sink.clone(),
            webhook,
            cursor,
            kept: cursor.seq,
            ended: Vec::new(),
            tried,
            stop: stop.clone(),
        });
    }
    Ok(deliveries)
}

impl SinkDelivery {
    /// Delivers until the node stops.
    pub async fn run(mut self) {
        loop {
            match self.round().await {
                Ok(()) => {}
                Err(Interrupted::Stopped) => break,
                Err(Interrupted::Store(error)) => {
                    if self.trouble(Trouble::Behind, true) {
                        tracing::warn!(sink = self.sink.name.as_str(), %error, "the journal cannot be read for a sink");
                    }
                    if self.pause(self.backoff(1)).await.is_err() {
                        break;
                    }
                }
            }
        }
        // What is not kept now is sent again after the next start, under the same key.
        if let Err(error) = self.keep().await {
            tracing::warn!(sink = self.sink.name.as_str(), %error, "what a sink confirmed was not kept");
        }
    }

    /// What is committed after the cursor, then waits for more.
    async fn round(&mut self) -> Result<(), Interrupted> {
        let records = self.parts.store.records(self.cursor.seq, PAGE).await?;
        for record in &records {
            if let Some(opened) = record.event.get::<JournalOpened>() {
                self.cursor.journal = opened.journal;
            }
            if let Some(subjects) = Subjects::for_sink(&self.sink, record) {
                self.deliver(record, &subjects).await?;
            }
            self.cursor.seq = record.seq;
            if self.ended.len() >= KEPT_TOGETHER || self.cursor.seq - self.kept >= UNKEPT_MAX {
                self.keep().await?;
            }
        }
        self.count_behind();
        if records.len() < PAGE as usize {
            if !self.ended.is_empty() {
                self.keep().await?;
            }
            self.trouble(Trouble::Behind, false);
            let more = self.parts.changes.beyond(self.cursor.seq);
            tokio::select! {
                _ = self.stop.wait_for(|stopped| *stopped) => return Err(Interrupted::Stopped),
                _ = timeout(GLANCE, more) => {}
            }
        }
        Ok(())
    }

    /// Sends one record until the receiver has it or will never want it.
    async fn deliver(&mut self, record: &Record, subjects: &Subjects) -> Result<(), Interrupted> {
        let tried = self.tried.take().filter(|tried| tried.seq == record.seq);
        let mut attempts = tried.map_or(0, |tried| tried.attempts);
        let (mut failures, mut refusals) = (0, 0);
        let key = delivery_key(self.cursor.journal, record.seq, self.sink.name.as_str());
        loop {
            let payload = SinkPayload::of(&self.parts.store, self.cursor.journal, record, subjects).await?;
            let late = self.parts.truth.now().ms_since(record.recorded_at) > BEHIND_MS;
            if late {
                self.trouble(Trouble::Behind, true);
            }
            attempts += 1;
            let verdict = self.post(&key, &payload).await?;
            let (state, status) = match verdict {
                Verdict::Confirmed(status) => {
                    self.trouble(Trouble::Behind, late);
                    self.trouble(Trouble::Refused, false);
                    (DeliveryState::Confirmed, Some(status))
                }
                Verdict::Refused(status) if refusals + 1 >= REFUSALS => {
                    self.trouble(Trouble::Refused, true);
                    let sink = self.sink.name.as_str();
                    tracing::error!(sink, seq = record.seq, status, "a delivery was refused for good");
                    (DeliveryState::Refused, Some(status))
                }
                Verdict::Refused(status) => {
                    refusals += 1;
                    (DeliveryState::Waiting, Some(status))
                }
                Verdict::Again(status) => (DeliveryState::Waiting, status),
            };
            self.count(state);
            let delivery = Delivery { seq: record.seq, state, attempts, status, at: self.parts.truth.now() };
            if state != DeliveryState::Waiting {
                self.ended.push(delivery);
                return Ok(());
            }
            failures += 1;
            if failures >= BEHIND_ATTEMPTS {
                self.trouble(Trouble::Behind, true);
            }
            self.ended.push(delivery);
            self.keep().await?;
            self.count_behind();
            self.pause(self.backoff(failures)).await?;
        }
    }

    async fn post(&mut self, key: &str, payload: &SinkPayload) -> Result<Verdict, Stopped> {
        let began = std::time::Instant::now();
        let verdict = tokio::select! {
            _ = self.stop.wait_for(|stopped| *stopped) => return Err(Stopped),
            verdict = self.webhook.post(key, wall().0.div_euclid(1_000_000), payload) => verdict,
        };
        let labels = [("sink", self.sink.name.as_str())];
        self.parts.metrics.took("ortoo_sink_seconds", &labels, began.elapsed());
        // As if its answer had been lost on the way.
        Ok(if fault::at(Point::Deliver).await { Verdict::Again(None) } else { verdict })
    }

    /// Keeps what ended, and the cursor; it is never cancelled half-way.
    async fn keep(&mut self) -> Result<(), StoreError> {
        if self.ended.is_empty() && self.kept == self.cursor.seq {
            return Ok(());
        }
        self.parts.store.deliver(self.sink.name.as_str(), &self.ended, self.cursor).await?;
        self.ended.clear();
        self.kept = self.cursor.seq;
        Ok(())
    }

    async fn pause(&mut self, time: Duration) -> Result<(), Stopped> {
        tokio::select! {
            _ = self.stop.wait_for(|stopped| *stopped) => Err(Stopped),
            () = sleep(time) => Ok(()),
        }
    }

    /// How long is waited after so many failures in a row.
    fn backoff(&self, failures: u32) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let wait_ms = self.sink.retry_ms.saturating_mul(doubled).min(self.sink.retry_max_ms);
        Duration::from_millis(u64::from(wait_ms))
    }

    /// A trouble began or ended; true when that is news to the operators, who are told.
    fn trouble(&self, trouble: Trouble, on: bool) -> bool {
        let any = self.troubles.set(trouble, self.sink.name.as_str(), on);
        let news = self.parts.degraded.set(trouble.code(), any);
        if news {
            if any {
                tracing::warn!(sink = self.sink.name.as_str(), code = trouble.code(), "degraded");
            }
            self.parts.degraded.tell();
        }
        news
    }

    fn count(&self, state: DeliveryState) {
        let outcome = match state {
            DeliveryState::Waiting => "failed",
            DeliveryState::Confirmed => "confirmed",
            DeliveryState::Refused => "refused",
        };
        let labels = [("sink", self.sink.name.as_str()), ("outcome", outcome)];
        self.parts.metrics.count("ortoo_sink_deliveries_total", &labels);
    }

    fn count_behind(&self) {
        let behind = self.parts.truth.state().seq.saturating_sub(self.cursor.seq);
        let labels = [("sink", self.sink.name.as_str())];
        self.parts.metrics.set("ortoo_sink_behind_rows", &labels, i64::try_from(behind).unwrap_or(i64::MAX));
    }
}

/// The key that every repeat of a delivery has: journal, row, sink. A restored journal numbers its rows again under
/// another id, so a row after a restore is never taken for one before it.
fn delivery_key(journal: JournalId, seq: u64, sink: &str) -> String {
    format!("{journal}-{seq}-{sink}")
}

/// Whether a request is a delivery of the sinks of a journal, come back to its node under whatever name: it would be told of it,
/// and so on without end.
pub fn is_own(journal: Option<JournalId>, headers: &HeaderMap) -> bool {
    let key = headers.get(webhook::DELIVERY).and_then(|key| key.to_str().ok());
    key.zip(journal).is_some_and(|(key, journal)| key.starts_with(&format!("{journal}-")))
}
