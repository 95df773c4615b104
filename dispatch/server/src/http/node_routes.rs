//! What the node says of itself: health, readiness, numbers, the description of its API.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, Response};
use axum::response::IntoResponse as _;
use dispatch_api::problem::Problem;
use dispatch_store::{Journal as _, StoreError};
use serde::Serialize;
use serde_json::{Value, json};

use super::keeper::{self, Asked};
use super::reply::{Refused, internal, json as json_reply, page, raw, tagged};
use crate::VERSION;
use crate::degraded::CLOCK_IN_DOUBT;
use crate::folder;
use crate::lead::Leaving;
use crate::mirror::{MIRROR_BEHIND, MIRROR_ON_SAME_DISK};
use crate::node::Node;
use crate::witness::TAIL_LOST;

/// Every degraded mode there is.
const DEGRADED_CODES: [&str; 12] = [
    CLOCK_IN_DOUBT,
    MIRROR_BEHIND,
    MIRROR_ON_SAME_DISK,
    "no_standby",
    "not_recording",
    "not_witnessed",
    "positions_thinned",
    "sink_behind",
    "sink_refused",
    "store_unreachable",
    TAIL_LOST,
    "tracks_behind",
];

const DOCS: &str = include_str!("docs.html");
const DOCS_SCRIPT: &str = include_str!("docs.js");

/// `GET /healthz`: the process lives.
pub async fn healthz() -> Response<Body> {
    raw(200, "text/plain; charset=utf-8", "ok")
}

/// What a node is among those of its database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It takes commands.
    Leader,
    /// It follows, and takes over.
    Standby,
}

/// `GET /readyz`: the node takes commands; else what is missing. And whatever is degraded: with a loss that stands calls
/// for help are taken, so that the node is ready.
pub async fn readyz(Shared(node): Shared<Arc<Node>>) -> Response<Body> {
    let mut missing = Vec::new();
    if !node.ready.load(Ordering::Acquire) {
        missing.push("opening".to_owned());
    }
    // One of two that does not reach the database may lead no longer.
    let lacks =
        |code: &String| code == "not_recording" || (code == "store_unreachable" && node.config.standby);
    missing.extend(node.degraded.list().into_iter().filter(lacks));
    let status = if missing.is_empty() { 200 } else { 503 };
    let (seq, degraded) = (node.state().seq, node.degraded.all());
    json_reply(status, &json!({"role": Role::Leader, "seq": seq, "missing": missing, "degraded": degraded}))
}

/// `GET /metrics`: every number of the node in the Prometheus text format 0.0.4.
pub async fn metrics(Shared(node): Shared<Arc<Node>>) -> Response<Body> {
    for (name, count) in
        [("ortoo_connections", node.room.connections()), ("ortoo_bodies_bytes", node.room.held())]
    {
        node.metrics.set(name, &[], i64::try_from(count).unwrap_or(i64::MAX));
    }
    node.metrics.set("ortoo_subscribers", &[], i64::try_from(node.hub.clients()).unwrap_or(i64::MAX));
    let (alarms, incidents, orders) = {
        let state = node.state();
        (state.alarms().len(), state.incidents().len(), state.orders().len())
    };
    for (kind, count) in [("alarm", alarms), ("incident", incidents), ("order", orders)] {
        node.metrics.set("ortoo_alive", &[("kind", kind)], i64::try_from(count).unwrap_or(i64::MAX));
    }
    node.metrics.set("ortoo_leads", &[], 1);
    writer_numbers(&node).await;
    let degraded = node.degraded.all();
    for code in DEGRADED_CODES {
        node.metrics.set("ortoo_degraded", &[("code", code)], degraded.iter().any(|it| it == code).into());
    }
    raw(200, "text/plain; version=0.0.4", node.metrics.text())
}

/// What the writer counted and what waits for it.
async fn writer_numbers(node: &Node) {
    let Some((counted, waiting)) = node.gate.ask(|writer| (writer.counters(), writer.gauges())).await else {
        return;
    };
    let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    for (what, count) in [
        ("accepted", counted.accepted),
        ("refused", counted.refused),
        ("repeated", counted.repeated),
        ("joined", counted.joined),
        ("conflict", counted.conflicts),
        ("expired", counted.expired),
        ("loss_not_accepted", counted.halted),
        ("commands_busy", counted.commands_busy),
        ("alarms_busy", counted.alarms_busy),
        ("positions_busy", counted.positions_busy),
        ("not_recorded", counted.not_recorded),
        ("unrecorded", counted.unrecorded),
        ("unrecorded_lost", counted.unrecorded_lost),
        ("reopened", counted.reopened),
        ("stray", counted.strays),
    ] {
        node.metrics.set("ortoo_writer", &[("what", what)], whole(count));
    }
    for (lane, count) in [
        ("alarms", waiting.alarms_waiting),
        ("commands", waiting.commands_waiting),
        ("open", waiting.open),
        ("unrecorded", waiting.unrecorded),
        ("records", waiting.records_open),
    ] {
        node.metrics.set("ortoo_waiting", &[("lane", lane)], i64::try_from(count).unwrap_or(i64::MAX));
    }
}

/// `GET /api/openapi.json`: the description of the API, `OpenAPI` 3.1.
pub async fn openapi(headers: HeaderMap) -> Response<Body> {
    let document = dispatch_api::openapi::document(VERSION).to_string();
    let tag = blake3::hash(document.as_bytes()).to_hex();
    tagged(&headers, &tag, "application/json", "no-cache", || document.into_bytes())
}

/// `POST /api/node/backup`: writes a whole copy of the journal and the tracks into a new folder among those of backups, while
/// the node goes on.
pub async fn backup(Shared(node): Shared<Arc<Node>>, request: Request) -> Response<Body> {
    match backed_up(&node, request).await {
        Ok(answer) => json_reply(200, &answer),
        Err(refused) => refused.into_response(),
    }
}

async fn backed_up(node: &Node, request: Request) -> Result<Value, Refused> {
    let Asked { seat, named } = Asked::read(node, request, "into").await?;
    let backups = node.config.backups();
    // Whatever is in it, callers' words among it, is for its owner.
    DirBuilder::new().recursive(true).mode(0o700).create(&backups).map_err(|error| internal(&error))?;
    let into =
        folder::place(&backups, &named, "backups").map_err(|outside| keeper::outside("into", outside))?;
    if into.exists() && !into.is_dir() {
        return Err(Problem::new(409, "backup", format!("{named} is there already and is no folder")).into());
    }
    let failed = |error: StoreError| match error {
        error @ (StoreError::Impossible(_) | StoreError::Unusable { .. }) => {
            Refused::from(Problem::new(409, "backup", error.to_string()))
        }
        other => internal(&other),
    };
    node.store.backup(&into).await.map_err(failed)?;
    node.tracks.backup(&into).await.map_err(failed)?;
    let (head, losses) = {
        let state = node.state();
        (state.seq, state.losses().values().cloned().collect::<Vec<_>>())
    };
    tracing::info!(seq = head, losses = losses.len(), %seat, into = %into.display(), "backed up");
    Ok(json!({"seq": head, "losses": losses}))
}

/// Yields the lead to whoever stands by, once what is in flight is committed.
pub async fn yield_lead(Shared(node): Shared<Arc<Node>>, headers: HeaderMap) -> Response<Body> {
    let seat = match keeper::asking(&node, &headers) {
        Ok(seat) => seat,
        Err(refused) => return refused.into_response(),
    };
    if !node.config.standby {
        let why = "this node has no other beside it: serve both with --standby";
        return Refused::from(Problem::new(409, "no_standby_pair", why)).into_response();
    }
    if !node.lead.has_standby() {
        let why = "nobody stands by: start the other node first";
        return Refused::from(Problem::new(409, "no_standby", why)).into_response();
    }
    tracing::info!(%seat, "the lead is yielded");
    node.lead.leave(Leaving::Yielded);
    json_reply(202, &json!({"seq": node.state().seq}))
}

/// `GET /api/docs`: the description of the API as a page for people.
pub async fn docs() -> Response<Body> {
    page(raw(200, "text/html; charset=utf-8", DOCS))
}

/// What that page runs: apart from it, so that no page of ours runs what stands in it.
pub async fn docs_script() -> Response<Body> {
    page(raw(200, "text/javascript; charset=utf-8", DOCS_SCRIPT))
}
