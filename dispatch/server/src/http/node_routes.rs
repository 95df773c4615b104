//! What the node says of itself: health, readiness, numbers, the description of its API.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Response};
use serde_json::json;

use super::reply::{json as json_reply, raw, tagged};
use crate::node::Node;

/// Version of the server, in the API's description and in `hello`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

const DOCS: &str = include_str!("docs.html");

/// The process lives.
pub async fn healthz() -> &'static str {
    "ok"
}

/// The node takes commands; else what is missing.
pub async fn readyz(Shared(node): Shared<Arc<Node>>) -> Response<Body> {
    let mut missing = Vec::new();
    if !node.ready.load(Ordering::Acquire) {
        missing.push("opening".to_owned());
    }
    missing.extend(node.degraded.list().into_iter().filter(|code| code == "not_recording"));
    if missing.is_empty() {
        return raw(200, "text/plain", "ready");
    }
    json_reply(503, &json!({"missing": missing}))
}

/// Prometheus text.
pub async fn metrics(Shared(node): Shared<Arc<Node>>) -> Response<Body> {
    node.metrics.set("ortoo_subscribers", &[], i64::try_from(node.hub.clients()).unwrap_or(i64::MAX));
    let (alarms, incidents, orders) = {
        let state = node.state();
        (state.alarms.len(), state.incidents.len(), state.orders.len())
    };
    for (kind, count) in [("alarm", alarms), ("incident", incidents), ("order", orders)] {
        node.metrics.set("ortoo_alive", &[("kind", kind)], i64::try_from(count).unwrap_or(i64::MAX));
    }
    for code in node.degraded.list() {
        node.metrics.set("ortoo_degraded", &[("code", &code)], 1);
    }
    raw(200, "text/plain; version=0.0.4", node.metrics.text())
}

/// The description of the API.
pub async fn openapi(headers: HeaderMap) -> Response<Body> {
    let document = dispatch_api::openapi::document(VERSION).to_string();
    let tag = blake3::hash(document.as_bytes()).to_hex();
    tagged(&headers, &tag, "application/json", "no-cache", || document.into_bytes())
}

/// The same as a page.
pub async fn docs() -> Response<Body> {
    raw(200, "text/html; charset=utf-8", DOCS)
}
