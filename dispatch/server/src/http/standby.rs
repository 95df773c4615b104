//! What a node answers while it stands by: who leads, and to everything else that it has to be asked there.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderValue, Response, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use dispatch_api::problem::Problem;
use serde_json::json;
use tokio::sync::watch;

use super::node_routes::{Role, healthz};
use super::reply::{Refused, json as json_reply, raw};
use crate::metrics::Metrics;

/// Seconds after which somebody leads again, most likely.
const RETRY_AFTER_S: u32 = 1;

/// What is known of the leader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Where it answers; none while nobody leads.
    pub leader: Option<String>,
    /// The journal was followed up to here.
    pub seq: u64,
}

/// What its routes answer from.
#[derive(Clone, Debug)]
pub struct Following {
    /// What was seen last.
    pub seen: watch::Receiver<Seen>,
    /// What was counted.
    pub metrics: Arc<Metrics>,
}

/// Everything a node answers while it stands by.
pub fn router(following: Following) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .fallback(elsewhere)
        .with_state(following)
}

/// A balancer sends nobody here.
async fn readyz(Shared(following): Shared<Following>) -> Response<Body> {
    let Seen { leader, seq } = following.seen.borrow().clone();
    json_reply(503, &json!({"role": Role::Standby, "leader": leader, "seq": seq, "missing": ["lead"]}))
}

async fn metrics(Shared(following): Shared<Following>) -> Response<Body> {
    let seq = following.seen.borrow().seq;
    following.metrics.set("ortoo_leads", &[], 0);
    following.metrics.set("ortoo_head", &[], i64::try_from(seq).unwrap_or(i64::MAX));
    raw(200, "text/plain; version=0.0.4", following.metrics.text())
}

/// The same request, to the leader: method and body stay what they are.
async fn elsewhere(Shared(following): Shared<Following>, request: Request) -> Response<Body> {
    let leader = following.seen.borrow().leader.clone();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let there = leader.and_then(|leader| HeaderValue::from_str(&format!("{leader}{path}")).ok());
    let Some(there) = there else {
        let why = "nobody leads at this moment; try again after 1 s";
        let problem = Problem::new(503, "no_leader", why).with("retry_after_s", RETRY_AFTER_S);
        return Refused::from(problem).into_response();
    };
    let problem = Problem::new(307, "not_leader", "this node stands by: ask the one that leads");
    let problem = problem.with("leader", there.to_str().unwrap_or_default());
    let mut response = Refused::from(problem).into_response();
    response.headers_mut().insert(header::LOCATION, there);
    response
}
